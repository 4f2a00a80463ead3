from __future__ import annotations

from typing import Any

import pytest

from tests.unit.store.recording import Recorder, names
from tinybase_widget.store import MISSING, Store


def test_wildcards_hear_of_every_id() -> None:
    store, recorder = Store(), Recorder()
    store.add_cell_listener(None, "fido", None, lambda _, *args: recorder(_, *args[:5]))
    store.set_cell("pets", "fido", "age", 3).set_cell("pets", "felix", "age", 2)
    assert recorder.heard == [("pets", "fido", "age", 3, MISSING)]


def test_listeners_to_ids_are_called_before_those_to_wildcards() -> None:
    store = Store()
    called, listeners = names("***", "p**", "pf*", "pfa", "**a")
    for path, listener in zip(
        [(None,) * 3, ("p", None, None), ("p", "f", None), ("p", "f", "a"), (None, None, "a")],
        listeners,
        strict=True,
    ):
        store.add_cell_listener(*path, listener)
    store.set_cell("p", "f", "a", 1)
    store.set_cell("p", "f", "a", 2)
    assert called == ["pfa", "pf*", "p**", "**a", "***"] * 2


def test_kinds_are_called_in_order() -> None:
    kinds = [
        "has_tables", "table_ids", "has_table", "table_cell_ids", "has_table_cell", "row_count",
        "row_ids", "has_row", "cell_ids", "has_cell", "cell", "row", "table", "tables",
    ]  # fmt: skip
    wildcards = {"has_tables": 0, "table_ids": 0, "tables": 0, "has_table_cell": 2, "has_row": 2}
    wildcards |= {"cell_ids": 2, "row": 2, "has_cell": 3, "cell": 3}
    store = Store()
    called, listeners = names(*kinds)
    for kind, listener in reversed(list(zip(kinds, listeners, strict=True))):
        getattr(store, f"add_{kind}_listener")(*[None] * wildcards.get(kind, 1), listener)
    store.set_cell("pets", "fido", "age", 3)
    assert called == kinds


def test_a_listener_gets_as_many_arguments_as_it_accepts() -> None:
    store = Store()
    heard: list[Any] = []
    store.add_cell_listener(None, None, None, lambda: heard.append(0))
    store.add_cell_listener(None, None, None, lambda _, table_id: heard.append(table_id))
    store.add_cell_listener(None, None, None, lambda *args: heard.append(len(args)))
    store.add_cell_listener(None, None, None, lambda _, *_args, key="k": heard.append(key))
    store.set_cell("pets", "fido", "age", 3)
    assert heard == [0, "pets", 7, "k"]


def test_a_method_of_python_itself_can_listen() -> None:
    store = Store()
    heard: list[Any] = []
    store.add_tables_listener(heard.append)
    store.set_cell("pets", "fido", "age", 3)
    assert heard == [store]


def test_a_mutator_writes_in_the_same_transaction() -> None:
    store, recorder = Store(), Recorder()
    store.add_cell_listener(
        None, None, "age",
        lambda store, table_id, row_id, _, age: store.set_cell(table_id, row_id, "old", age > 9),
        True,
    )  # fmt: skip
    store.add_row_listener(
        None, None, lambda store, *args: recorder(store, store.get_row(*args[:2]))
    )
    store.set_cell("pets", "fido", "age", 10)
    assert recorder.heard == [({"age": 10, "old": True},)]


def test_a_listener_that_raises_is_heard_after_the_change() -> None:
    store = Store()

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    store.add_tables_listener(fail)
    with pytest.raises(ZeroDivisionError):
        store.set_cell("pets", "fido", "age", 3)
    assert store.get_cell("pets", "fido", "age") == 3


def test_a_mutator_that_raises_rolls_back() -> None:
    store = Store()

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    store.add_tables_listener(fail, True)
    with pytest.raises(ZeroDivisionError):
        store.set_cell("pets", "fido", "age", 3)
    assert not store.has_tables()


def test_get_cell_change_tells_of_any_cell() -> None:
    store = Store().set_row("pets", "fido", {"age": 3, "color": "brown"})
    seen: list[Any] = []

    def listen(_: Store, get_cell_change: Any) -> None:
        seen.extend(get_cell_change("pets", "fido", cell) for cell in ("age", "color", "name"))

    store.add_tables_listener(listen)
    store.set_cell("pets", "fido", "age", 4)
    assert seen == [(True, 3, 4), (False, "brown", "brown"), (False, MISSING, MISSING)]


def test_get_value_change_tells_of_any_value() -> None:
    store = Store().set_value("open", True)
    seen: list[Any] = []
    store.add_values_listener(lambda _, change: seen.extend([change("open"), change("x")]))
    store.del_value("open")
    assert seen == [(True, True, MISSING), (False, MISSING, MISSING)]


def test_objects_arrive_decoded() -> None:
    store, recorder = Store().set_cell("t", "r", "c", [1]), Recorder()
    store.add_cell_listener(None, None, None, lambda _, *args: recorder(_, *args[3:5]))
    store.set_cell("t", "r", "c", 2).set_cell("t", "r", "c", {"a": 1})
    assert recorder.heard == [(2, [1]), ({"a": 1}, 2)]


def test_a_listener_that_is_deleted_meanwhile_is_not_called() -> None:
    store = Store()
    called: list[str] = []
    store.add_tables_listener(lambda store: store.del_listener("1"))
    store.add_tables_listener(lambda: called.append("second"))
    store.set_cell("t", "r", "c", 1)
    assert called == []


def test_a_listener_that_is_added_meanwhile_to_the_same_place_is_called() -> None:
    store = Store()
    called: list[str] = []
    store.add_tables_listener(
        lambda store: called or store.add_tables_listener(lambda: called.append("new"))
    )
    store.set_cell("t", "r", "c", 1)
    assert called == ["new"]


def test_ids_of_deleted_listeners_are_given_again() -> None:
    store = Store()
    ids = [store.add_tables_listener(lambda: None) for _ in range(3)]
    store.del_listener("1")
    assert [*ids, store.add_tables_listener(lambda: None)] == ["0", "1", "2", "1"]


def test_call_listener_calls_for_everything_that_wildcards_stand_for() -> None:
    store, recorder = Store().set_tables({"t": {"r": {"a": 1, "b": 2}}}), Recorder()
    listener_id = store.add_cell_listener("t", None, None, recorder)
    store.call_listener(listener_id)
    assert recorder.heard == [("t", "r", "a", 1, 1, None), ("t", "r", "b", 2, 2, None)]


def test_unknown_listener_ids_are_ignored() -> None:
    assert Store().del_listener("9").call_listener("9").get_listener_stats()["cell"] == 0


def test_stats_count_listeners_and_mutators() -> None:
    store = Store()
    store.add_cell_listener(None, None, None, lambda: None)
    store.add_cell_listener("t", None, None, lambda: None, True)
    store.add_did_finish_transaction_listener(lambda: None)
    stats = store.get_listener_stats()
    assert (stats["cell"], stats["row"], stats["transaction"]) == (2, 0, 1)


def test_invalid_cells_are_listed_by_cell() -> None:
    store, recorder = Store(), Recorder()
    store.add_invalid_cell_listener(None, None, None, recorder)
    with store.transaction():
        store.set_cell("t", "r", "c", 2**53).set_cell("t", "r", "c", "\ufffc")
    assert recorder.heard == [("t", "r", "c", [2**53, "\ufffc"])]


def test_a_row_that_is_none_is_reported_without_a_cell_id() -> None:
    store, recorder = Store(), Recorder()
    store.add_invalid_cell_listener(None, None, None, recorder)
    store.set_row("t", "r", {})
    assert recorder.heard == [("t", "r", None, [MISSING])]
