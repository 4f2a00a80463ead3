from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.unit.store.recording import Recorder, names
from tinybase_widget.store import MISSING, Store


def fido() -> Store:
    return Store().set_row("pets", "fido", {"age": 3, "toys": ["ball"]}).set_value("open", True)


def test_listeners_hear_once_of_a_transaction() -> None:
    store, recorder = fido(), Recorder()
    store.add_cell_listener(None, None, "age", lambda _, *args: recorder(_, *args[:5]))
    with store.transaction():
        store.set_cell("pets", "fido", "age", 4)
        store.set_cell("pets", "fido", "age", 5)
    assert recorder.heard == [("pets", "fido", "age", 5, 3)]


def test_listeners_do_not_hear_of_what_was_changed_back() -> None:
    store, recorder = fido(), Recorder()
    store.add_tables_listener(recorder)
    with store.transaction():
        store.set_cell("pets", "fido", "age", 4)
        store.set_cell("pets", "fido", "age", 3)
    assert recorder.heard == []


def test_nested_transactions_are_one() -> None:
    store, recorder = fido(), Recorder()
    store.add_values_listener(lambda *_: recorder(store))
    with store.transaction():
        store.set_value("open", 1)
        with store.transaction():
            store.set_value("open", 2)
        assert recorder.heard == []
    assert recorder.heard == [()]


def test_the_context_manager_gives_the_store() -> None:
    store = fido()
    with store.transaction() as same:
        assert same is store


@pytest.mark.parametrize("way", ["context manager", "callable"])
def test_an_exception_rolls_back_and_goes_on(way: str) -> None:
    store = fido()
    before = store.get_content()

    def fail() -> None:
        store.set_cell("pets", "fido", "age", 4).del_table("pets").set_value("open", False)
        store.set_tables({"plants": {"rose": {"color": "red"}}})
        raise ZeroDivisionError

    if way == "callable":
        with pytest.raises(ZeroDivisionError):
            store.transaction(fail)
    else:
        with pytest.raises(ZeroDivisionError), store.transaction():
            fail()
    assert store.get_content() == before


def test_objects_come_back_in_a_rollback() -> None:
    """TinyBase 10.0.1 loses them."""
    store = fido()
    with store.transaction(do_rollback=lambda _: True):
        store.set_cell("pets", "fido", "toys", []).set_cell("pets", "fido", "age", 4)
    assert store.get_row("pets", "fido") == {"age": 3, "toys": ["ball"]}


def test_do_rollback_sees_changes_and_log() -> None:
    store = fido()
    seen: list[Any] = []

    def do_rollback(store: Store) -> bool:
        seen.extend([store.get_transaction_changes(), store.get_transaction_log()])
        return True

    store.transaction(lambda: store.set_cell("pets", "fido", "age", 4), do_rollback)
    changes, log = seen
    assert changes == [{"pets": {"fido": {"age": 4}}}, {}, 1]
    assert log.changed_cells == {"pets": {"fido": {"age": (3, 4)}}}
    assert store.get_cell("pets", "fido", "age") == 3


def test_schemas_come_back_in_a_rollback() -> None:
    store = fido().set_values_schema({"open": {"type": "boolean"}})
    with store.transaction(do_rollback=lambda _: True):
        store.del_schema().set_tables_schema(
            {
                "pets": {
                    "age": {"type": "number"},
                    "toys": {"type": "array"},
                    "name": {"type": "string", "default": "?"},
                }
            }
        )
    assert store.get_schema_json() == '[{},{"open":{"type":"boolean"}}]'
    assert store.get_row("pets", "fido") == {"age": 3, "toys": ["ball"]}


def test_an_exception_caught_inside_still_rolls_the_whole_back() -> None:
    store = fido()
    with store.transaction():
        store.set_cell("pets", "fido", "age", 4)
        with pytest.raises(ZeroDivisionError), store.transaction():
            raise ZeroDivisionError
    assert store.get_cell("pets", "fido", "age") == 3


def test_callable_transactions_give_what_their_actions_give() -> None:
    assert Store().transaction(lambda: "done") == "done"


def test_stages_come_in_order() -> None:
    store = fido()
    called, (start, mutator, will, cell, did) = names("start", "mutator", "will", "cell", "did")
    store.add_did_finish_transaction_listener(did)
    store.add_cell_listener(None, None, None, cell)
    store.add_will_finish_transaction_listener(will)
    store.add_cell_listener(None, None, None, mutator, True)
    store.add_start_transaction_listener(start)
    store.set_cell("pets", "fido", "age", 4)
    assert called == ["start", "mutator", "will", "cell", "did"]


def test_changes_name_the_highest_level_that_was_deleted() -> None:
    store = Store().set_tables(
        {"a": {"r": {"c": 1}}, "b": {"r": {"c": 1}, "s": {"c": 1}}, "c": {"r": {"c": 1, "d": 1}}}
    )
    store.set_value("v", 1)
    with store.transaction():
        store.del_table("a").del_row("b", "r").del_cell("c", "r", "d").del_value("v")
        changes = store.get_transaction_changes()
    assert changes == [
        {"a": MISSING, "b": {"r": MISSING}, "c": {"r": {"d": MISSING}}},
        {"v": MISSING},
        1,
    ]


def test_changes_carry_objects_as_they_are_kept() -> None:
    store = Store()
    with store.transaction():
        store.set_cell("t", "r", "c", {"a": 1})
        assert store.get_transaction_changes()[0] == {"t": {"r": {"c": '\ufffd{"a":1}'}}}
        assert store.get_transaction_changes(encoded=False)[0] == {"t": {"r": {"c": {"a": 1}}}}


def test_changes_bring_another_store_to_the_same_content() -> None:
    source = fido()
    copy = Store().set_content(source.get_content())
    source.add_did_finish_transaction_listener(
        lambda store: copy.apply_changes(store.get_transaction_changes())
    )
    with source.transaction():
        source.set_cell("pets", "fido", "toys", {"ball": 1}).add_row("pets", {"age": 1})
        source.del_cell("pets", "fido", "age").set_table("plants", {"rose": {"color": "red"}})
    source.del_table("plants").del_values()
    assert copy.get_content() == source.get_content()


def test_a_table_that_is_written_to_after_it_was_set_is_in_the_changes_once() -> None:
    store = Store()
    with store.transaction():
        store.set_table("t", {"r": {"c": 1}, "s": {"c": 2}})
        store.set_cell("t", "r", "c", 3).del_row("t", "s").add_row("t", {"c": 4})
        changes = store.get_transaction_changes()
        log = store.get_transaction_log()
    assert changes[0] == {"t": {"r": {"c": 3}, "0": {"c": 4}}}
    assert log.changed_cells == {"t": {"r": {"c": (MISSING, 3)}, "0": {"c": (MISSING, 4)}}}


def test_finishing_what_was_not_started_does_nothing() -> None:
    assert Store().finish_transaction().get_tables() == {}


def test_other_threads_wait_for_the_end_of_a_transaction() -> None:
    store = fido()
    started, seen = threading.Event(), []

    def read() -> None:
        started.set()
        seen.append(store.get_cell("pets", "fido", "age"))

    with store.transaction():
        store.set_cell("pets", "fido", "age", 4)
        thread = threading.Thread(target=read)
        thread.start()
        assert started.wait(60)
        store.set_cell("pets", "fido", "age", 5)
    thread.join(60)
    assert seen == [5]


def test_threads_do_not_lose_each_others_increments() -> None:
    store = Store().set_cell("t", "r", "c", 0)

    def increment() -> None:
        for _ in range(500):
            store.set_cell("t", "r", "c", lambda old: old + 1)

    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert store.get_cell("t", "r", "c") == 2000
