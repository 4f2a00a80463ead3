"""What makes a Store a good Python object."""

from __future__ import annotations

import copy
import gc
import importlib
import pickle
import sys
import weakref
from typing import Any

import numpy as np
import pytest

from tinybase_widget.store import MISSING, Store


def content() -> Store:
    store = Store().set_tables_schema({"t": {"c": {"type": ["number", "array"], "default": [0]}}})
    store.set_values_schema({"v": {"type": "boolean"}})
    return store.set_tables({"t": {"r": {"c": 1}, "s": {"c": [1]}}}).set_value("v", True)


def pickled(store: Store) -> Store:
    return pickle.loads(pickle.dumps(store))  # type: ignore[no-any-return] # noqa: S301


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_has_content_and_schemas(clone: Any) -> None:
    store = content()
    twin = clone(store)
    assert twin.get_content() == store.get_content()
    assert twin.get_schema_json() == store.get_schema_json()
    assert twin.get_table_cell_ids("t") == ["c"]


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_is_independent(clone: Any) -> None:
    store = content()
    heard: list[Any] = []
    store.add_tables_listener(heard.append)
    twin = clone(store)
    twin.set_cell("t", "r", "c", 2).del_row("t", "s")
    assert store.get_table("t") == {"r": {"c": 1}, "s": {"c": [1]}}
    assert heard == []


def test_missing_is_falsy_and_the_only_one_of_its_kind() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"
    assert pickle.loads(pickle.dumps(MISSING)) is copy.deepcopy(MISSING) is MISSING  # noqa: S301


def test_a_dropped_store_is_freed_at_once() -> None:
    store = content()
    store.add_cell_listener(None, None, None, lambda: None)
    store.add_sorted_row_ids_listener("t", "c", False, 0, None, lambda: None)
    with store.transaction():
        store.set_cell("t", "r", "c", 2)
    reference = weakref.ref(store)
    gc.disable()
    try:
        del store
        assert reference() is None
    finally:
        gc.enable()


def test_the_repr_counts() -> None:
    assert repr(content()) == "<Store tables={'t': 2 rows} values=1>"


def test_the_html_shows_rows_and_escapes_them() -> None:
    html = Store().set_cell("t", "r", "c", "<b>").set_value("v", "<i>")._repr_html_()
    assert "&lt;b&gt;" in html
    assert "&lt;i&gt;" in html
    assert "<b>" not in html


def test_the_html_of_a_large_table_is_small() -> None:
    store = Store().set_table("t", {f"r{i}": {"c": i} for i in range(1000)})
    assert len(store._repr_html_()) < 5000
    assert "990 more rows" in store._repr_html_()


def test_the_html_of_large_content_is_small_however_it_is_large() -> None:
    store = Store().set_table("t", {f"r{i}": {"c": i} for i in range(11)})
    store.set_cell("t", "r0", "long", "x" * 100_000)
    assert "<p>1 more row</p>" in store._repr_html_()
    store.set_row("wide", "r", {f"c{i}": i for i in range(10_000)})
    store.set_tables({**store.get_tables(), **{f"t{i}": {"r": {"c": 1}} for i in range(1_008)}})
    store.set_values({f"v{i}": i for i in range(12)})
    html = store._repr_html_()
    assert len(html) < 10_000
    for said in ("x…", "9,970 more columns", "1,000 more tables", "2 more values"):
        assert said in html


@pytest.mark.parametrize(
    ("scalar", "cell"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.float64(2.0), 2),
        (np.bool_(True), True),
        (np.str_("text"), "text"),
    ],
)
def test_numpy_scalars_are_their_python_values(scalar: Any, cell: Any) -> None:
    kept = Store().set_row("t", "r", {"c": scalar}).get_cell("t", "r", "c")
    assert kept == cell
    assert type(kept) is type(cell)


def test_numpy_ints_are_ids() -> None:
    assert Store().set_cell("t", np.int64(1), "c", 1).get_row_ids("t") == ["1"]


@pytest.mark.parametrize("scalar", [np.datetime64("2026-01-01"), np.float64("nan"), np.array(1)])
def test_other_numpy_things_are_no_cells(scalar: Any) -> None:
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    assert not store.set_cell("t", "r", "c", scalar).has_tables()


def test_numpy_scalars_inside_objects_are_their_python_values() -> None:
    store = Store().set_cell("t", "r", "c", {"a": np.int64(1), "b": [np.float64(0.5)]})
    assert store.get_cell("t", "r", "c") == {"a": 1, "b": [0.5]}


def test_pandas_rows_can_be_set() -> None:
    pandas: Any = importlib.import_module("pandas")
    frame = pandas.DataFrame({"name": ["a", "b"], "count": [1, 2]})
    store = Store().set_table("t", {i: row.to_dict() for i, row in frame.iterrows()})
    assert store.get_table("t") == {"0": {"name": "a", "count": 1}, "1": {"name": "b", "count": 2}}


def test_missing_values_of_pandas_are_no_cells() -> None:
    pandas: Any = importlib.import_module("pandas")
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    assert not store.set_cell("t", "r", "c", pandas.NA).has_tables()


def test_a_lone_surrogate_survives_json() -> None:
    store = Store().set_cell("t", "r", "c", "\ud800")
    text = store.get_json()
    text.encode()
    assert Store().set_json(text).get_cell("t", "r", "c") == "\ud800"


def test_deeply_nested_things_are_no_cells() -> None:
    nested: Any = []
    for _ in range(sys.getrecursionlimit() + 10):
        nested = [nested]
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    assert not store.set_cell("t", "r", "c", nested).has_tables()


def test_things_that_hold_themselves_are_no_cells() -> None:
    circle: list[Any] = []
    circle.append(circle)
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    assert not store.set_cell("t", "r", "c", circle).has_tables()
