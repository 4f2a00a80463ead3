"""One existing cell that is set: what most transactions are, which take a shorter way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.store.recording import names
from tinybase_widget.store import MISSING, Store
from tinybase_widget.store._encoded import add_saver, apply_encoded_changes, does_as_told

if TYPE_CHECKING:
    from collections.abc import Callable


def fido() -> Store:
    return Store().set_row("pets", "fido", {"age": 3, "toys": ["ball"]}).set_value("open", True)


def changes_of(store: Store) -> list[Any]:
    heard: list[Any] = []
    store.add_did_finish_transaction_listener(
        lambda store: heard.append(store.get_transaction_changes())
    )
    return heard


def test_listeners_to_the_end_hear_what_changed() -> None:
    store = fido()
    heard = changes_of(store)
    store.set_cell("pets", "fido", "age", 4)
    assert heard == [[{"pets": {"fido": {"age": 4}}}, {}, 1]]


def test_listeners_to_the_end_hear_of_a_cell_that_is_set_to_what_it_is() -> None:
    store = fido()
    heard = changes_of(store)
    store.set_cell("pets", "fido", "age", 3)
    assert heard == [[{}, {}, 1]]


def test_listeners_to_the_end_are_told_the_old_cell_too() -> None:
    store = fido()
    heard: list[Any] = []
    store.add_did_finish_transaction_listener(
        lambda store: heard.append(store.get_transaction_log().changed_cells)
    )
    store.set_cell("pets", "fido", "age", 4)
    assert heard == [{"pets": {"fido": {"age": (3, 4)}}}]


def test_the_next_transaction_tells_nothing_of_the_one_before() -> None:
    store = fido()
    heard = changes_of(store)
    store.set_cell("pets", "fido", "age", 4).set_value("open", False)
    assert heard[1] == [{}, {"open": False}, 1]


def test_an_object_is_told_as_it_is_kept_or_as_it_was_set() -> None:
    store = fido()
    heard: list[Any] = []
    store.add_did_finish_transaction_listener(
        lambda store: heard.extend(store.get_transaction_changes(encoded=each) for each in (1, 0))
    )
    store.set_cell("pets", "fido", "toys", {"ball": 1})
    encoded, plain = (
        [{"pets": {"fido": {"toys": each}}}, {}, 1] for each in ('\ufffd{"ball":1}', {"ball": 1})
    )
    assert heard == [encoded, plain]


def test_a_deleted_cell_is_told_as_missing() -> None:
    store = fido()
    heard = changes_of(store)
    store.del_cell("pets", "fido", "age")
    assert heard == [[{"pets": {"fido": {"age": MISSING}}}, {}, 1]]


def test_cell_listeners_are_called_before_those_to_the_end() -> None:
    store = fido()
    called, (cell, end) = names("cell", "end")
    store.add_did_finish_transaction_listener(end)
    store.add_cell_listener(None, None, None, cell)
    store.set_cell("pets", "fido", "age", 4)
    assert called == ["cell", "end"]


def test_a_failing_cell_listener_keeps_none_to_the_end_from_being_called() -> None:
    store = fido()
    called, (end,) = names("end")

    def fail(*_: Any) -> None:
        raise KeyError("cell")

    def fail_too(*_: Any) -> None:
        raise ValueError("end")

    store.add_cell_listener(None, None, None, fail)
    store.add_did_finish_transaction_listener(fail_too)
    store.add_did_finish_transaction_listener(end)
    with pytest.raises(KeyError, match="cell"):
        store.set_cell("pets", "fido", "age", 4)
    assert called == ["end"]
    assert store.get_cell("pets", "fido", "age") == 4


def test_a_listener_to_the_end_cannot_write() -> None:
    store = fido()
    store.add_did_finish_transaction_listener(
        lambda store: store.set_cell("pets", "fido", "age", 9)
    )
    with pytest.warns(UserWarning, match="ignored"):
        store.set_cell("pets", "fido", "age", 4)
    assert store.get_cell("pets", "fido", "age") == 4


@pytest.mark.parametrize("stage", ["start", "will_finish"])
def test_listeners_to_other_stages_are_called_as_ever(stage: str) -> None:
    store = fido()
    called, (earlier, end) = names("earlier", "end")
    getattr(store, f"add_{stage}_transaction_listener")(earlier)
    store.add_did_finish_transaction_listener(end)
    store.set_cell("pets", "fido", "age", 4)
    assert called == ["earlier", "end"]


def test_a_saver_is_told_of_one_cell_by_its_ids() -> None:
    store = fido()
    told: list[Any] = []
    add_saver(store, lambda _: told.append("all"), lambda *cell: told.append(cell))
    store.set_cell("pets", "fido", "age", 4)
    store.set_cell("pets", "fido", "new", 4)
    with store.transaction():
        store.set_cell("pets", "fido", "age", 5)
    assert told == [("pets", "fido", "age", 4), "all", "all"]


def test_a_saver_that_is_deleted_is_told_nothing() -> None:
    store = fido()
    told: list[Any] = []
    saver = add_saver(store, lambda _: told.append("all"), lambda *cell: told.append(cell))
    store.del_listener(saver).set_cell("pets", "fido", "age", 4)
    assert told == []


def test_what_nobody_adds_to_does_as_told() -> None:
    store = fido()
    assert does_as_told(store)
    store.add_cell_listener(None, None, None, lambda: None)
    store.add_did_finish_transaction_listener(lambda: None)
    assert does_as_told(store)


def test_a_store_with_a_schema_or_a_mutator_may_do_more_than_it_is_told() -> None:
    assert not does_as_told(Store().set_values_schema({"v": {"type": "number", "default": 1}}))
    assert not does_as_told(Store().set_tables_schema({"t": {"c": {"type": "number"}}}))
    store = Store()
    listener_id = store.add_cell_listener(None, None, None, lambda: None, mutator=True)
    assert not does_as_told(store)
    assert does_as_told(store.del_listener(listener_id))


def applied(
    apply: Callable[[Store, list[Any]], object], changes: list[Any], *, cell_by_cell: bool = False
) -> tuple[str, list[Any]]:
    """Return what comes of changes and what listeners hear; a mutator makes a Store go slowly."""
    store = fido()
    heard = changes_of(store)
    store.add_cell_listener(None, None, None, lambda _, *args: heard.append(args[:5]))
    store.add_row_ids_listener(None, lambda _, table_id: heard.append(table_id))
    if cell_by_cell:
        store.add_tables_listener(lambda: None, mutator=True)
    apply(store, changes)
    return store.get_json(), heard


@pytest.mark.parametrize(
    "changes",
    [
        [{"pets": {"fido": {"age": 4}}}, {}, 1],
        [{"pets": {"fido": {"age": 4.0}}}, {}, 1],
        [{"pets": {"fido": {"toys": '\ufffd["cat"]'}}}, {}, 1],
        [{"pets": {"fido": {"age": MISSING}}}, {}, 1],
        [{"pets": {"fido": MISSING}}, {}, 1],
        [{"pets": MISSING}, {}, 1],
        [{"pets": {"felix": {"age": 2.0, "toys": '\ufffd{"a":1}'}}}, {"open": MISSING}, 1],
        [{"plants": {"fern": {"price": 1.5}, "oak": {"price": 2.0}}}, {"closed": 1}, 1],
        [{"plants": {"fern": {"price": 1.5, "gone": MISSING}, "oak": MISSING}}, {}, 1],
    ],
)
def test_changes_are_applied_the_same_in_every_way(changes: list[Any]) -> None:
    slow = applied(Store.apply_changes, changes, cell_by_cell=True)
    assert applied(Store.apply_changes, changes) == slow
    assert applied(apply_encoded_changes, changes) == slow
    assert len(slow[1]) > 1


def test_applied_changes_are_not_shared_with_whoever_gave_them() -> None:
    given: list[Any] = [{"plants": {"fern": {"price": 1.5}}}, {}, 1]
    store = Store().apply_changes(given).set_cell("plants", "fern", "price", 2.5)
    assert given == [{"plants": {"fern": {"price": 1.5}}}, {}, 1]
    assert store.get_cell("plants", "fern", "price") == 2.5
