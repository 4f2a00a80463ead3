"""The calls below pycrdt's public API do what the public ones do."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Doc, Map

from tinybase_widget import Store, YjsPersister, create_doc
from tinybase_widget.persisters import _yjs_calls
from tinybase_widget.persisters._yjs_calls import PUBLIC, Calls, chosen_calls
from tinybase_widget.persisters._yjs_wire import read_state_vector

DIRECT = chosen_calls()
BOTH = pytest.mark.parametrize("calls", [DIRECT, PUBLIC], ids=["direct", "public"])


def never() -> bool:
    return False


class Replica:
    """A Store and a document that are kept alike by one kind of calls."""

    def __init__(self, calls: Calls, monkeypatch: pytest.MonkeyPatch, client_id: int) -> None:
        for module in ("_yjs_layout", "_yjs_observing"):
            monkeypatch.setattr(f"tinybase_widget.persisters.{module}.chosen_calls", lambda: calls)
        self.doc = create_doc(client_id)
        self.store = Store()
        self.errors: list[Exception] = []
        self.updates: list[bytes] = []
        self.persister = YjsPersister(self.store, self.doc, on_ignored_error=self.errors.append)
        self.persister.start_auto_persisting()
        self.doc.observe(lambda event: self.updates.append(event.update))

    @property
    def json(self) -> Any:
        return self.doc.get("tinybase", type=Map).to_py()


def work(one: Replica, other: Replica) -> None:
    """Do all that a persister does."""
    store = one.store
    store.set_tables({"t": {str(n): {"a": n, "b": f"zoë {n}"} for n in range(100)}})
    store.set_values({"v": True, "w": None})
    store.set_cell("t", "5", "a", 0.5).set_cell("t", "5", "new", "x\ud800").del_cell("t", "6", "a")
    store.set_row("t", "named", {"c": {"deep": [1]}}).del_row("t", "7").set_table(
        "u", {"r": {"b": 0}}
    )
    store.set_cell("u", "r", "a", 1).del_table("u").set_cell("u", "s", "a", 2).del_value("w")
    with store.transaction():
        for number in range(200, 300):
            store.set_cell("t", f"r{number}", "a", number)
    for each, source in ((other, one), (one, other)):
        each.doc.apply_update(source.doc.get_update(each.doc.get_state()))
        each.persister.flush()
        each.store.set_cell("t", "8", "a", "met")
    other.doc.get("tinybase", type=Map)["t"]["t"]["9"]["strange"] = Map({"x": 1})
    one.doc.apply_update(other.doc.get_update(one.doc.get_state()))
    other.persister.reread()


def test_this_pycrdt_is_called_directly() -> None:
    assert DIRECT is not PUBLIC


def test_both_kinds_of_calls_do_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = []
    for calls in (DIRECT, PUBLIC):
        replicas = [Replica(calls, monkeypatch, client_id) for client_id in (1, 2)]
        work(*replicas)
        outcomes.append(
            [
                (
                    replica.json,
                    read_state_vector(replica.doc.get_state()),
                    # pycrdt puts clients and deletions into an order that differs from run to run
                    [sorted(update) for update in replica.updates],
                    replica.store.get_content(),
                    replica.persister.get_stats(),
                    list(map(type, replica.errors)),
                )
                for replica in replicas
            ]
        )
    direct, public = outcomes
    assert direct == public
    assert len(direct[0][2]) > 10


@BOTH
def test_a_store_that_is_edited_inside_a_transaction_of_the_document_joins_it(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = Replica(calls, monkeypatch, 1)
    replica.store.set_row("t", "r", {"a": 1, "b": 1})
    replica.updates.clear()
    with replica.doc.transaction():
        replica.store.set_cell("t", "r", "a", 2)
        replica.store.set_cell("t", "r", "b", 2)
        assert replica.updates == []
    assert len(replica.updates) == 1
    assert replica.json["t"] == {"t": {"r": {"a": 2, "b": 2}}}


@BOTH
def test_an_update_that_makes_no_sense_is_an_error_and_the_document_goes_on(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = Replica(calls, monkeypatch, 1)
    with pytest.raises(ValueError, match="Cannot decode update"):
        replica.persister.apply_update(b"\x01\x02\x03nonsense")
    replica.store.set_cell("t", "r", "a", 1)
    assert replica.json["t"] == {"t": {"r": {"a": 1}}}


@BOTH
def test_an_update_can_be_applied_inside_a_transaction_of_the_document(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (Replica(calls, monkeypatch, client_id) for client_id in (1, 2))
    one.store.set_cell("t", "r", "a", 1)
    with other.doc.transaction():
        other.persister.apply_update(one.doc.get_update())
        assert other.updates == []
    assert other.store.get_tables() == {"t": {"r": {"a": 1}}}


@BOTH
def test_a_store_that_is_edited_in_an_observer_of_the_document_is_saved_after_it(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (Replica(calls, monkeypatch, client_id) for client_id in (1, 2))
    for replica in (one, other):
        replica.store.set_row("t", "r", {"a": 0, "seen": False})

    def look(_: object) -> None:
        one.store.set_cell("t", "r", "seen", True)

    one.doc.observe(look)
    other.store.set_cell("t", "r", "a", 1)
    one.persister.apply_update(other.doc.get_update(one.doc.get_state()))
    one.persister.flush()
    assert one.json["t"] == {"t": {"r": {"a": 1, "seen": True}}}
    assert one.errors == []


@BOTH
@pytest.mark.parametrize("kind", ["observe", "observe_document"])
def test_what_an_observer_raises_is_raised_when_the_transaction_is_over(
    calls: Calls, kind: str
) -> None:
    doc: Doc[Any] = Doc()
    root = doc.get("root", type=Map)

    def fail(_: Any) -> None:
        raise KeyError("one's own")

    if kind == "observe":
        calls.observe(root, fail, never)
    else:
        calls.observe_document(doc, fail)
    with pytest.raises(Exception, match="Observer callback error") as raised:
        root["a"] = 1
    assert "one's own" in str(getattr(raised.value, "exceptions", ()))
    assert root.to_py() == {"a": 1}


@BOTH
def test_a_deaf_observer_is_not_called(calls: Calls) -> None:
    doc: Doc[Any] = Doc()
    root = doc.get("root", type=Map)
    heard: list[Any] = []
    deaf = True
    calls.observe(root, heard.append, lambda: deaf)
    root["a"] = 1
    assert heard == []
    deaf = False
    root["a"] = 2
    assert len(heard) == 1


@BOTH
def test_an_observer_can_read_the_document_but_not_write(calls: Calls) -> None:
    doc: Doc[Any] = Doc()
    root = doc.get("root", type=Map)
    seen: list[Any] = []

    def look(_: Any) -> None:
        seen.append(root["a"])
        seen.append(calls.get(calls.map_of(root), calls.reading(doc), "a"))
        try:
            calls.insert(calls.map_of(root), calls.writing(doc), "b", 1)
        except RuntimeError:
            seen.append("refused")

    calls.observe(root, look, never)
    root["a"] = 1
    assert seen == [1, 1, "refused"]
    assert root.to_py() == {"a": 1}


@BOTH
def test_there_is_nothing_to_write_in_without_a_transaction(calls: Calls) -> None:
    doc: Doc[Any] = Doc()
    root = doc.get("root", type=Map)
    if calls is PUBLIC:  # each of its calls opens one
        calls.insert(calls.map_of(root), calls.writing(doc), "a", 1)
        assert root.to_py() == {"a": 1}
    else:
        with pytest.raises(RuntimeError, match="no transaction"):
            calls.writing(doc)


def test_a_failing_observer_of_a_saved_cell_is_reported_and_the_next_is_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replica = Replica(DIRECT, monkeypatch, 1)
    replica.store.set_cell("t", "r", "a", 1)

    def fail(_: Any) -> None:
        raise KeyError("one's own")

    subscription = replica.doc.observe(fail)
    replica.store.set_cell("t", "r", "a", 2)
    assert "one's own" in str([getattr(error, "exceptions", ()) for error in replica.errors])
    replica.doc.unobserve(subscription)
    replica.store.set_cell("t", "r", "a", 3)
    assert replica.json["t"] == {"t": {"r": {"a": 3}}}
    assert len(replica.errors) == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"size": lambda _map, _transaction: 7},
        {"no_key": LookupError},
        {"reading": lambda _doc: 0},
        {"observe": lambda map_, _listener, _is_deaf: map_.observe_deep(lambda _: None)},
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_a_pycrdt_that_does_otherwise_is_called_through_its_public_api(
    broken: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_yjs_calls, "_make_direct", lambda: DIRECT._replace(**broken))
    assert chosen_calls.__wrapped__() is PUBLIC


def test_a_pycrdt_that_lacks_something_is_called_through_its_public_api(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_yjs_calls, "import_module", lambda _: object())
    assert chosen_calls.__wrapped__() is PUBLIC
