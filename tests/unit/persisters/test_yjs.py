"""The Yjs persister between Python Stores."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Doc, Map

from tinybase_widget import Store, YjsPersister, create_doc
from tinybase_widget.persisters import _yjs_wire as wire

TABLES = {"pets": {"fido": {"species": "dog", "price": 5}}}


class Replica:
    """A Store, a document and a persister that loads and saves by itself."""

    def __init__(self, client_id: int | None = None, tables: Any = None) -> None:
        self.doc = create_doc(client_id)
        self.store = Store()
        self.errors: list[Exception] = []
        self.persister = YjsPersister(self.store, self.doc, on_ignored_error=self.errors.append)
        if tables:
            self.store.set_tables(tables)
            self.persister.start_auto_persisting(start_save_first=True)
        else:
            self.persister.start_auto_persisting()
        self.updates: list[bytes] = []
        self.doc.observe(lambda event: self.updates.append(event.update))

    @property
    def json(self) -> Any:
        return self.doc.get("tinybase", type=Map).to_py()

    @property
    def clients(self) -> dict[int, int]:
        return wire.read_state_vector(self.doc.get_state())

    def content(self) -> Any:
        return self.store.get_tables(), self.store.get_values()


def sync(*replicas: Replica) -> None:
    for _ in range(3):
        for one in replicas:
            for other in replicas:
                if one is not other:
                    one.doc.apply_update(other.doc.get_update(one.doc.get_state()))
                    one.persister.flush()


def test_a_new_document_has_a_client_id_of_32_bits() -> None:
    assert all(create_doc().client_id < 2**32 for _ in range(50))


def test_saving_gives_the_document_tinybases_layout() -> None:
    replica = Replica()
    replica.store.set_tables(TABLES).set_values({"open": True})
    assert replica.json == {"t": TABLES, "v": {"open": True}}


def test_an_object_is_in_the_document_as_tinybase_writes_it() -> None:
    replica = Replica()
    replica.store.set_cell("t", "r", "c", {"a": [1]})
    assert replica.json["t"]["t"]["r"]["c"] == '\ufffd{"a":[1]}'


def test_an_object_is_an_object_again_when_it_was_loaded() -> None:
    one = Replica()
    one.store.set_cell("t", "r", "c", {"a": [1]})
    store = Store()
    YjsPersister(store, one.doc).load()
    assert store.get_cell("t", "r", "c") == {"a": [1]}


def test_one_cell_is_one_small_change() -> None:
    replica = Replica(tables={"t": {str(n): {"a": n, "b": n} for n in range(1000)}})
    replica.store.set_cell("t", "500", "a", "new")
    assert len(replica.updates) == 1
    assert len(replica.updates[0]) < 50


def test_a_row_added_to_a_large_table_is_one_small_change() -> None:
    replica = Replica(tables={"t": {str(n): {"a": n, "b": n} for n in range(1000)}})
    replica.store.set_row("t", "1000", {"a": 1})
    assert len(replica.updates) == 1
    assert len(replica.updates[0]) < 150


def test_a_transaction_is_one_change() -> None:
    replica = Replica()
    with replica.store.transaction():
        for number in range(10):
            replica.store.set_cell("t", str(number), "a", number)
    assert len(replica.updates) == 1


def test_what_arrives_is_not_sent_back() -> None:
    one, other = Replica(), Replica()
    one.store.set_tables(TABLES).set_value("v", 1)
    sync(one, other)
    assert other.updates
    other.updates.clear()
    one.store.set_cell("pets", "fido", "price", 6)
    before = one.doc.get_state()
    sync(one, other)
    assert other.store.get_cell("pets", "fido", "price") == 6
    assert one.doc.get_state() == before == other.doc.get_state()


def test_listeners_hear_a_remote_change_as_one_transaction() -> None:
    one, other = Replica(), Replica()
    one.store.set_tables(TABLES)
    sync(one, other)
    heard: list[Any] = []
    other.store.add_tables_listener(lambda store: heard.append(store.get_tables()))
    with one.store.transaction():
        one.store.set_cell("pets", "fido", "price", 6)
        one.store.set_cell("pets", "felix", "price", 7)
    sync(one, other)
    assert heard == [{"pets": {"fido": {"species": "dog", "price": 6}, "felix": {"price": 7}}}]


def test_deletions_arrive() -> None:
    one, other = Replica(), Replica()
    one.store.set_tables({"t": {"1": {"a": 1, "b": 2}, "2": {"a": 1}}, "u": {"1": {"a": 1}}})
    one.store.set_values({"v": 1, "w": 2})
    sync(one, other)
    one.store.del_cell("t", "1", "a").del_row("t", "2").del_table("u").del_value("v")
    sync(one, other)
    assert one.content() == other.content() == ({"t": {"1": {"b": 2}}}, {"w": 2})


def test_what_was_deleted_can_be_made_again() -> None:
    one, other = Replica(), Replica()
    one.store.set_tables(TABLES)
    sync(one, other)
    one.store.del_tables()
    sync(one, other)
    assert other.store.get_tables() == {}
    other.store.set_tables(TABLES)
    sync(one, other)
    assert one.store.get_tables() == TABLES


def test_the_same_data_loaded_twice_is_there_once() -> None:
    tables = {
        "t": {str(n): {"a": n} for n in range(344)},
        "named": {f"r{n}": {"a": n} for n in range(50)},
    }
    one, other = Replica(tables=tables), Replica(tables=tables)
    state = one.doc.get_state()
    sync(one, other)
    assert one.content() == other.content() == (tables, {})
    assert wire.read_state_vector(state) == one.clients


def test_loading_the_same_data_again_takes_no_edit_back() -> None:
    tables = {"t": {str(n): {"a": n, "b": "x"} for n in range(50)}}
    for client_id in range(1, 20):
        edited = Replica(10, tables)
        edited.store.set_cell("t", "7", "a", "edited").del_row("t", "8")
        restarted = Replica(client_id if client_id != 10 else 100, tables)
        sync(edited, restarted)
        for replica in (edited, restarted):
            assert replica.store.get_cell("t", "7", "a") == "edited"
            assert not replica.store.has_row("t", "8")


def test_loading_the_same_rows_again_one_by_one_takes_no_edit_back() -> None:
    for client_id in range(1, 20):
        edited, restarted = Replica(10), Replica(client_id if client_id != 10 else 100)
        for replica in (edited, restarted):
            for number in range(20):
                replica.store.set_row("t", f"r{number}", {"a": number, "b": "x"})
        edited.store.set_cell("t", "r7", "a", "edited").del_row("t", "r8")
        sync(edited, restarted)
        for replica in (edited, restarted):
            assert replica.store.get_cell("t", "r7", "a") == "edited"
            assert not replica.store.has_row("t", "r8")


def test_rows_made_one_by_one_stay_few_client_ids() -> None:
    replica = Replica()
    for number in range(1000):
        replica.store.set_row("t", f"r{number}", {"a": number})
    assert len(replica.clients) < 300
    assert replica.store.get_row_count("t") == len(replica.json["t"]["t"]) == 1000


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_rows_made_one_by_one_on_two_sides_are_all_there_whatever_the_order(
    first: int, second: int
) -> None:
    one, other = Replica(first), Replica(second)
    for number in range(300):
        one.store.set_row("t", f"r{number}", {"a": number, "one": 1})
        other.store.set_row("t", f"r{299 - number}", {"a": 299 - number, "other": 2})
    sync(one, other)
    assert one.content() == other.content()
    for number in range(300):
        row = one.store.get_row("t", f"r{number}")
        assert row == {"a": number, "one": 1, "other": 2}


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_different_content_made_before_they_met_is_united(first: int, second: int) -> None:
    one = Replica(first, {"t": {"1": {"a": 1}, "x": {"p": 1, "only": 1}}, "left": {"1": {"a": 1}}})
    other = Replica(
        second, {"t": {"2": {"a": 2}, "x": {"q": 2}, "y": {"q": 2}}, "right": {"1": {"a": 1}}}
    )
    sync(one, other)
    assert one.content() == other.content()
    tables = one.store.get_tables()
    assert tables["t"]["1"] == {"a": 1}
    assert tables["t"]["2"] == {"a": 2}
    assert tables["t"]["x"] == {"p": 1, "only": 1, "q": 2}
    assert tables["t"]["y"] == {"q": 2}
    assert set(tables) == {"t", "left", "right"}


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_an_empty_newcomer_wipes_nothing(first: int, second: int) -> None:
    full, empty = Replica(first, TABLES), Replica(second)
    sync(full, empty)
    assert full.content() == empty.content() == (TABLES, {})


def test_saving_an_empty_store_wipes_no_document_that_it_never_loaded() -> None:
    full = Replica(tables=TABLES)
    newcomer = YjsPersister(Store(), full.doc)
    newcomer.save()
    assert full.json["t"] == TABLES


def test_saving_after_loading_deletes_what_the_store_deleted_meanwhile() -> None:
    full = Replica(tables=TABLES)
    store = Store()
    persister = YjsPersister(store, full.doc).load()
    store.del_cell("pets", "fido", "price")
    persister.save()
    assert full.json["t"] == {"pets": {"fido": {"species": "dog"}}}


def test_a_row_added_on_one_side_survives_the_deletion_of_its_table_on_the_other() -> None:
    one, other = Replica(1), Replica(2)
    one.store.set_tables(TABLES)
    sync(one, other)
    one.store.del_table("pets")
    other.store.set_row("pets", "felix", {"species": "cat"})
    sync(one, other)
    assert one.content() == other.content() == ({"pets": {"felix": {"species": "cat"}}}, {})


def test_a_conflict_on_a_cell_goes_to_the_higher_client_id() -> None:
    one, other = Replica(1), Replica(2)
    one.store.set_tables(TABLES)
    sync(one, other)
    one.store.set_cell("pets", "fido", "price", 1)
    other.store.set_cell("pets", "fido", "price", 2)
    sync(one, other)
    assert one.store.get_cell("pets", "fido", "price") == 2
    assert other.store.get_cell("pets", "fido", "price") == 2


def test_a_container_that_a_stranger_puts_over_ours_costs_no_cell() -> None:
    ours, stranger = Replica(5, TABLES), create_doc(2**32 - 1)
    root = stranger.get("tinybase", type=Map)
    root["t"] = Map({"pets": Map({"rex": Map({"species": "dog"})})})
    root["v"] = Map({"open": True})
    ours.doc.apply_update(stranger.get_update())
    ours.persister.flush()
    united = {"pets": {**TABLES["pets"], "rex": {"species": "dog"}}}
    assert ours.content() == (united, {"open": True})
    assert ours.json == {"t": united, "v": {"open": True}}


def test_what_a_listener_changes_while_a_remote_change_arrives_is_saved() -> None:
    one, other = Replica(), Replica()
    one.store.set_tables(TABLES)
    sync(one, other)

    def count(store: Store) -> None:
        store.set_value("seen", lambda seen: (seen or 0) + 1)

    other.store.add_cell_listener("pets", None, None, count, mutator=True)
    one.store.set_cell("pets", "fido", "price", 6)
    sync(one, other)
    assert one.store.get_values() == other.store.get_values() == {"seen": 1}


@pytest.mark.parametrize("put_back", ["one cell", "a row", "a value"])
def test_what_a_listener_puts_back_while_a_remote_change_arrives_is_saved(put_back: str) -> None:
    one, other = Replica(), Replica()
    one.store.set_tables(TABLES).set_value("open", True)
    sync(one, other)
    before = one.content()

    def put_cell_back(store: Store) -> None:
        store.set_cell("pets", "fido", "price", before[0]["pets"]["fido"]["price"])

    def delete_row(store: Store) -> None:
        store.del_row("pets", "rex")

    def put_value_back(store: Store) -> None:
        store.set_value("open", True)

    if put_back == "one cell":
        other.store.add_cell_listener("pets", "fido", "price", put_cell_back, mutator=True)
        one.store.set_cell("pets", "fido", "price", 600)
    elif put_back == "a row":
        other.store.add_row_listener("pets", "rex", delete_row, mutator=True)
        one.store.set_row("pets", "rex", {"price": 7})
    else:
        other.store.add_value_listener("open", put_value_back, mutator=True)
        one.store.set_value("open", False)
    sync(one, other)
    assert one.content() == other.content() == before


def test_what_a_schema_refuses_of_a_remote_change_is_left_to_the_others() -> None:
    one, other = Replica(), Replica()
    other.store.set_tables_schema({"pets": {"price": {"type": "number"}}})
    one.store.set_tables({"pets": {"fido": {"price": 5}}})
    sync(one, other)
    one.store.set_cell("pets", "fido", "price", "dear")
    with pytest.warns(UserWarning, match="price"):
        sync(one, other)
    assert one.store.get_tables() == {"pets": {"fido": {"price": "dear"}}}
    assert other.store.get_tables() == {"pets": {"fido": {"price": 5}}}


def test_a_document_without_the_layout_is_reported_and_left_alone() -> None:
    doc: Doc[Any] = create_doc()
    doc.get("tinybase", type=Map)["t"] = "not a map"
    errors: list[Exception] = []
    store = Store().set_value("mine", 1)
    YjsPersister(store, doc, on_ignored_error=errors.append).start_auto_persisting()
    assert [str(error) for error in errors] == ["tinybase:1", "tinybase:1"]
    assert doc.get("tinybase", type=Map).to_py()["t"] == "not a map"
    assert store.get_values() == {"mine": 1}


@pytest.mark.parametrize(
    ("text", "sent"), [("\ud800", "?"), ("a\udc00b", "a?b"), ("\ud83d\udc27", "🐧")]
)
def test_text_that_utf_8_cannot_carry_is_mended_and_stops_nothing_else(
    text: str, sent: str
) -> None:
    tables = {"t": {"1": {"a": text, "b": "fine"}, "2": {"a": "fine"}}}
    one, other = Replica(tables=tables), Replica()
    one.store.set_cell("t", "2", "late", text).set_cell("t", text, text, text)
    one.store.set_value(text, text).set_cell("t", "2", "a", "after")
    sync(one, other)
    assert other.content() == (
        {
            "t": {
                "1": {"a": sent, "b": "fine"},
                "2": {"a": "after", "late": sent},
                sent: {sent: sent},
            }
        },
        {sent: sent},
    )
    assert one.errors == other.errors == []


def test_a_panic_in_the_document_is_an_ignored_error_like_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Panic(BaseException):
        pass

    def panic(*_: Any) -> None:
        raise Panic("no more")

    replica = Replica()
    monkeypatch.setattr(replica.persister._content, "write_changes", panic)
    replica.store.set_value("v", 1)
    assert [str(error) for error in replica.errors] == ["pycrdt gave up on an operation: no more"]
    assert replica.store.get_values() == {"v": 1}


def test_what_waited_for_a_container_that_a_save_makes_reaches_the_store() -> None:
    one, other = Replica(), Replica()
    one.store.set_table("t", {"1": {"a": 1}})
    before = one.doc.get_state()
    one.store.set_cell("t", "1", "b", 2)
    other.doc.apply_update(one.doc.get_update(before))
    assert other.store.get_tables() == {}
    other.store.set_table("t", {"1": {"a": 1}})
    other.persister.flush()
    assert other.store.get_tables() == {"t": {"1": {"a": 1, "b": 2}}}


def test_another_root_map_is_another_place_in_the_same_document() -> None:
    doc = create_doc()
    one, other = Store().set_tables(TABLES), Store().set_value("v", 1)
    YjsPersister(one, doc, "one").start_auto_persisting(start_save_first=True)
    YjsPersister(other, doc, "other").start_auto_persisting(start_save_first=True)
    assert doc.get("one", type=Map).to_py() == {"t": TABLES, "v": {}}
    assert doc.get("other", type=Map).to_py() == {"t": {}, "v": {"v": 1}}


def test_rows_and_columns_come_out_of_a_document_in_an_order_that_is_always_the_same() -> None:
    full = Replica(tables={"t": {row: {"b": 1, "a": 2} for row in ("10", "x", "9", "b")}})
    store = Store()
    YjsPersister(store, full.doc).load()
    assert store.get_row_ids("t") == ["9", "10", "b", "x"]
    assert store.get_cell_ids("t", "x") == ["a", "b"]


def test_many_rows_cost_few_client_ids() -> None:
    tables = {
        "numbered": {str(n): {"a": n} for n in range(20_000)},
        "named": {f"r{n}": {"a": n} for n in range(20_000)},
    }
    assert len(Replica(tables=tables).clients) < 200


def test_a_destroyed_persister_hears_nothing_more() -> None:
    one, other = Replica(), Replica()
    other.persister.destroy()
    one.store.set_tables(TABLES)
    sync(one, other)
    assert other.store.get_tables() == {}
