"""Every public method with every kind of wrong argument in every place.

Nothing but a TypeError may come of it, nothing may break, and what was there stays readable.
"""

from __future__ import annotations

import inspect
import json
import threading
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget.store import MISSING, IgnoredWarning, Store

if TYPE_CHECKING:
    from collections.abc import Callable

# What each argument should be, by its name.
GOOD: dict[str, Any] = {
    "table_id": "pets",
    "row_id": "fido",
    "cell_id": "age",
    "value_id": "open",
    "cell": 4,
    "value": True,
    "row": {"age": 4},
    "partial_row": {"age": 4},
    "table": {"fido": {"age": 4}},
    "tables": {"pets": {"fido": {"age": 4}}},
    "values": {"open": False},
    "partial_values": {"open": False},
    "content": ({"pets": {"fido": {"age": 4}}}, {"open": False}),
    "changes": [{"pets": {"fido": {"age": 4}}}, {}, 1],
    "tables_schema": {"pets": {"age": {"type": "number"}}},
    "values_schema": {"open": {"type": "boolean"}},
    "tables_json": "{}",
    "values_json": "{}",
    "tables_and_values_json": "[{},{}]",
    "listener": lambda *_: None,
    "listener_id": "0",
    "callback": lambda *_: None,
    "actions": lambda: None,
    "sorter": lambda one, two: one - two,
}
FOOLS: dict[str, Any] = {
    "None": None,
    "MISSING": MISSING,
    "True": True,
    "an int": 5,
    "a huge int": 10**400,
    "a float": 5.5,
    "nan": float("nan"),
    "empty text": "",
    "reserved text": "\ufffd{}",
    "bytes": b"bytes",
    "a list": [1],
    "an empty list": [],
    "an empty dictionary": {},
    "a dictionary of ints": {1: 2},
    "a dictionary of dictionaries": {"a": {"b": None}},
    "a dictionary of tuples": {("a",): {("b",): 1}},
    "a set": {1},
    "an object": object(),
    "a type": list,
    "a function of too many": lambda _1, _2, _3: None,
}
METHODS = [
    name
    for name, method in inspect.getmembers(Store, inspect.isfunction)
    if not name.startswith("_")
]
# These leave a transaction open by intent.
OPENING = {"start_transaction"}


def pets() -> Store:
    store = Store().set_table("pets", {"fido": {"age": 3}, "felix": {"age": 2}})
    return store.set_value("open", True)


def check_is_sound(store: Store) -> None:
    """Check that a Store agrees with itself, and is neither locked nor in a transaction."""
    tables, values = store.get_content()
    for table_id, table in tables.items():
        found: dict[str, int] = {}
        store.for_each_table_cell(table_id, found.__setitem__)
        assert found == Counter(cell_id for row in table.values() for cell_id in row)
    assert [list(each) for each in json.loads(store.get_json())] == [list(tables), list(values)]
    assert store._depth == 0
    free: list[bool] = []

    def try_lock() -> None:
        free.append(store.lock.acquire(timeout=60))
        store.lock.release()

    thread = threading.Thread(target=try_lock)
    thread.start()
    thread.join()
    assert free == [True]
    for listener_id in range(5):
        store.del_listener(str(listener_id))
    store.del_schema().set_cell("proof", "r", "c", 1)
    assert store.get_cell("proof", "r", "c") == 1


@pytest.mark.parametrize("fool", FOOLS)
@pytest.mark.parametrize("name", METHODS)
def test_a_wrong_argument_breaks_nothing(name: str, fool: str) -> None:
    parameters = list(inspect.signature(getattr(Store, name)).parameters.values())[1:]
    for wrong in parameters:
        store = pets()
        arguments = {
            each.name: GOOD.get(each.name, each.default)
            for each in parameters
            if each.kind is not each.VAR_KEYWORD
        } | {wrong.name: FOOLS[fool]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IgnoredWarning)
            try:
                getattr(store, name)(**arguments)
            except TypeError:
                pass
            finally:
                if name in OPENING:
                    store.finish_transaction()
        check_is_sound(store)


@pytest.mark.parametrize("wrong", [None, 5.5, True, b"pets", ["pets"], object()])
def test_what_is_no_id_is_a_type_error(wrong: Any) -> None:
    calls: list[Callable[[Store], object]] = [
        lambda store: store.get_cell(wrong, "fido", "age"),
        lambda store: store.set_cell("pets", wrong, "age", 1),
        lambda store: store.set_cell("pets", "fido", wrong, 1),
        lambda store: store.set_value(wrong, 1),
        lambda store: store.del_table(wrong),
        lambda store: store.has_row("pets", wrong),
        lambda store: store.get_sorted_row_ids(wrong),
    ]
    for call in calls:
        with pytest.raises(TypeError, match="an id must be a string or an int"):
            call(pets())


def test_a_wrong_id_inside_tables_changes_nothing() -> None:
    store = pets()
    with pytest.raises(TypeError, match="an id must be"):
        store.set_tables({"pets": {"fido": {"age": 1}}, 5.5: {"fido": {"age": 1}}})
    assert store.get_table("pets") == {"fido": {"age": 3}, "felix": {"age": 2}}


@pytest.mark.parametrize("wrong", [None, 5, "text", [], MISSING])
def test_what_cannot_be_called_cannot_listen(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a listener must be callable"):
        pets().add_cell_listener(None, None, None, wrong)


def test_wrong_changes_change_nothing() -> None:
    store = pets()
    with pytest.raises(TypeError, match="changes must be"):
        store.apply_changes([{"pets": {"fido": {"age": 9}}, "plants": None}, {}, 1])
    assert store.get_cell("pets", "fido", "age") == 3
