"""A TableView of a frame."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.unit.widgets.conftest import _mock_comms  # noqa: F401 - for every test here
from tinybase_widget import Room, Store, TableView, to_frame

COLUMNS = {"species": ["dog", "cat"], "price": [5, None]}
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}


@pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)
def test_it_shows_a_frame(make: Any) -> None:
    view = TableView(make(COLUMNS))
    assert view.table_id == "table"
    assert view.store.get_table("table") == {
        "0": {"species": "dog", "price": 5},
        "1": {"species": "cat"},
    }
    assert '<th scope="row">0</th><td>dog</td><td>5</td>' in view.snapshot


def test_the_table_and_room_may_be_named() -> None:
    view = TableView(pl.DataFrame(COLUMNS), "pets", room="zoo")
    assert (view.table_id, view.room.name) == ("pets", "zoo")
    assert view.store.get_table_ids() == ["pets"]


def test_two_views_of_a_frame_have_a_store_each() -> None:
    frame = pl.DataFrame(COLUMNS)
    assert TableView(frame).store is not TableView(frame).store


def test_the_frame_stays_as_it_was_and_comes_back_edited() -> None:
    frame = pd.DataFrame({"species": ["dog", "cat"], "price": pd.array([5, 6], dtype="int8")})
    view = TableView(frame)
    view.store.set_cell("table", "0", "price", 7)
    assert list(frame.price) == [5, 6]
    edited = to_frame(view.store, view.table_id)
    assert (list(edited.price), dict(edited.dtypes)) == ([7, 6], dict(frame.dtypes))


def test_columns_show_in_the_frames_order_even_if_its_first_row_misses_some() -> None:
    frame = pl.DataFrame({"a": [None, 1], "b": [2, 3], "c": [None, None]})
    assert TableView(frame).columns == ["a", "b", "c"]


def test_where_no_cell_is_missing_new_columns_show_too() -> None:
    assert TableView(pl.DataFrame({"a": [1], "b": [2]})).columns is None


def test_columns_may_be_chosen() -> None:
    frame = pl.DataFrame({"a": [None, 1], "b": [2, 3]})
    assert TableView(frame, columns=["b"]).columns == ["b"]


def test_an_index_with_a_name_is_no_column() -> None:
    frame = pd.DataFrame({"a": [None, 1.5], "b": [2, 3]}, index=pd.Index(["x", "y"], name="id"))
    view = TableView(frame)
    assert (view.columns, view.store.get_row_ids("table")) == (["a", "b"], ["x", "y"])


def test_a_table_id_that_is_no_string_is_refused() -> None:
    with pytest.raises(TypeError, match=r'a table id is a string such as "pets", not 5'):
        TableView(pl.DataFrame(COLUMNS), 5)  # type: ignore[arg-type]


def test_a_store_needs_a_table_id() -> None:
    with pytest.raises(TypeError, match=r'a table id is a string such as "pets", not None'):
        TableView(Store())


def test_a_room_of_another_store_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shares another Store"):
        TableView(pl.DataFrame(COLUMNS), "pets", Room("zoo", Store()))


@pytest.mark.parametrize("given", [pd.Series([1]), pl.Series([1]), pa.array([1])])
def test_a_series_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^a frame is one of pandas, polars"):
        TableView(given)


def test_an_empty_frame_shows_its_columns() -> None:
    view = TableView(pl.DataFrame({"a": [], "b": []}))
    assert (view.columns, view.store.get_tables()) == (["a", "b"], {})
