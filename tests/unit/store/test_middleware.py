from __future__ import annotations

from typing import Any

import pytest

from tinybase_widget.store import MISSING, Hooks, Store


def with_hooks(**hooks: Any) -> Store:
    store = Store().set_tables({"t": {"r": {"c": 1}}}).set_value("v", 1)
    store._set_middleware(Hooks(**hooks))
    return store


def test_a_hook_changes_what_is_set() -> None:
    store = with_hooks(will_set_cell=lambda *args: args[3] + 1)
    assert store.set_cell("t", "r", "c", 5).get_cell("t", "r", "c") == 6


def test_a_hook_prevents_what_is_set() -> None:
    store = with_hooks(will_set_cell=lambda *_: MISSING)
    assert store.set_cell("t", "r", "c", 5).get_cell("t", "r", "c") == 1


def test_a_hook_that_sets_no_cell_is_checked() -> None:
    store = with_hooks(will_set_cell=lambda *_: float("nan"))
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    assert store.set_cell("t", "r", "c", 5).get_cell("t", "r", "c") == 1


def test_a_hook_gets_a_copy() -> None:
    seen: list[Any] = []

    def keep(_table_id: str, _row_id: str, row: Any) -> Any:
        seen.append(row)
        return row

    store = with_hooks(will_set_row=keep)
    store.set_row("t", "r", {"c": 2})
    seen[0]["c"] = 3
    assert store.get_cell("t", "r", "c") == 2


def test_set_cell_offers_the_whole_row_where_asked_to() -> None:
    store = with_hooks(
        will_set_row=lambda *args: {**args[2], "d": 9}, has_will_set_row_callbacks=lambda: True
    )
    assert store.set_cell("t", "r", "e", 2).get_row("t", "r") == {"c": 1, "e": 2, "d": 9}


@pytest.mark.parametrize(
    ("hook", "method", "args"),
    [
        ("will_del_tables", "del_tables", ()),
        ("will_del_table", "del_table", ("t",)),
        ("will_del_row", "del_row", ("t", "r")),
        ("will_del_cell", "del_cell", ("t", "r", "c")),
        ("will_del_values", "del_values", ()),
        ("will_del_value", "del_value", ("v",)),
    ],
)
def test_a_hook_prevents_a_deletion(hook: str, method: str, args: Any) -> None:
    store = with_hooks(**{hook: lambda *_: False})
    before = store.get_content()
    assert getattr(store, method)(*args).get_content() == before
    store._set_middleware(Hooks(**{hook: lambda *_: None}))
    assert getattr(store, method)(*args).get_content() != before


def test_changes_can_be_changed_before_they_are_applied() -> None:
    store = with_hooks(will_apply_changes=lambda changes, _encoded: [{}, changes[1], 1])
    store.apply_changes([{"t": MISSING}, {"v": 2}, 1])
    assert store.get_content() == ({"t": {"r": {"c": 1}}}, {"v": 2})
