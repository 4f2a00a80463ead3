"""The types of listeners: one for each kind, with the arguments that the Store gives."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import tinybase_widget.store
from tinybase_widget.store import Store

KINDS = [
    name.removeprefix("add_").removesuffix("_listener")
    for name in dir(Store)
    if name.startswith("add_") and name.endswith("_listener")
]


def type_of(kind: str) -> Any:
    if kind.endswith("_transaction"):
        kind = "transaction"
    name = "".join(map(str.capitalize, kind.split("_"))) + "Listener"
    return getattr(tinybase_widget.store, name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_store_gives_as_many_arguments_as_the_type_of_its_listener_has(kind: str) -> None:
    given: list[int] = []
    store = Store()
    add = getattr(store, f"add_{kind}_listener")
    ids = [name for name in inspect.signature(add).parameters if name.endswith("_id")]
    if kind == "sorted_row_ids":
        add("t", "c", False, 0, None, lambda *args: given.append(len(args)))
    else:
        add(*(None for _ in ids), lambda *args: given.append(len(args)))
    if kind == "invalid_cell":
        store.set_cell("t", "r", "c", object())
    if kind == "invalid_value":
        store.set_value("v", object())
    store.set_cell("t", "r", "c", 1).set_value("v", 1)
    expected = len(inspect.signature(type_of(kind).__call__).parameters) - 1
    assert set(given) == {expected}


def test_there_are_23_kinds_and_three_of_transactions_share_a_type() -> None:
    assert len(KINDS) == 25
    assert len({type_of(kind) for kind in KINDS}) == 23
