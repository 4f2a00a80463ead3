"""Where the row ids of a frame come from, and how they come back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from tinybase_widget import Store, load_frame, to_frame

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}

each_library = pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)


def loaded(df: Any, **options: Any) -> Store:
    """Give a Store with a table of a frame."""
    store = Store()
    load_frame(store, "t", df, **options)
    return store


@each_library
def test_rows_are_counted(make: Any) -> None:
    assert loaded(make({"a": [5, 6]})).get_row_ids("t") == ["0", "1"]


@pytest.mark.parametrize(
    ("index", "row_ids"),
    [
        (["fido", ""], ["fido", ""]),
        ([7, -3], ["7", "-3"]),
        (pd.RangeIndex(2, 6, 2), ["2", "4"]),
        (
            pd.to_datetime(["2026-01-01", "2026-01-02"]),
            ["2026-01-01T00:00:00", "2026-01-02T00:00:00"],
        ),
        ([date(2026, 1, 1), date(2026, 1, 2)], ["2026-01-01", "2026-01-02"]),
        (pd.Categorical(["b", "a"]), ["b", "a"]),
        ([Decimal("1.0"), Decimal(2)], ["1.0", "2"]),
        ([2**60, 1], [str(2**60), "1"]),
        (["\ufffd", "\ufffc"], ["\ufffd", "\ufffc"]),
    ],
)
def test_the_index_of_pandas_names_the_rows(index: Any, row_ids: list[str]) -> None:
    frame = pd.DataFrame({"a": [5, 6]}, index=index)
    store = loaded(frame)
    assert store.get_row_ids("t") == row_ids
    assert_frame_equal(to_frame(store, "t"), frame)


def test_rows_that_were_filtered_keep_their_ids() -> None:
    frame = pd.DataFrame({"a": range(10)})
    assert loaded(frame[frame.a % 4 == 1]).get_row_ids("t") == ["1", "5", "9"]


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (
            [0, 0],
            r"^rows 0 and 1 have the id '0' in the index; number the rows with df.reset_index",
        ),
        (["a", None], r"^row 1 has no id in the index"),
        (pd.to_datetime(["2026-01-01", None]), r"^row 1 has no id in the index"),
    ],
)
def test_an_index_that_names_no_row_or_two_alike_is_refused(index: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        loaded(pd.DataFrame({"a": [5, 6]}, index=pd.Index(index)))


@pytest.mark.parametrize(
    "index", [[0.5, 1.5], [True, False], [b"a", b"b"], [(1,), 2], [1, "1"], [1j, 2j]]
)
def test_an_index_of_what_makes_no_id_is_refused(index: Any) -> None:
    frame = pd.DataFrame({"a": [5, 6]}, index=pd.Index(index, tupleize_cols=False))
    with pytest.raises(TypeError, match=r"the index .*; number the rows with df.reset_index"):
        loaded(frame)


def test_an_index_of_several_levels_is_refused() -> None:
    frame = pd.DataFrame({"a": [5]}, index=pd.MultiIndex.from_tuples([(1, 2)]))
    with pytest.raises(ValueError, match=r"index has 2 levels; .*: df\.reset_index\(\)$"):
        loaded(frame)


@each_library
def test_a_column_may_name_the_rows(make: Any) -> None:
    store = loaded(make({"a": [5, 6], "name": ["fido", "rex"]}), row_id="name")
    assert store.get_table("t") == {"fido": {"a": 5}, "rex": {"a": 6}}
    back = to_frame(store, "t", "polars")
    assert back.to_dict(as_series=False) == {"a": [5, 6], "name": ["fido", "rex"]}


def test_a_column_that_is_not_there_can_name_no_rows() -> None:
    with pytest.raises(
        ValueError, match=r"^there is no column 'id' for the row ids; there are 'a'"
    ):
        loaded(pl.DataFrame({"a": [1]}), row_id="id")


def test_a_column_that_names_two_rows_alike_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^rows 1 and 2 have the id 'b' in the column 'id'"):
        loaded(pl.DataFrame({"id": ["a", "b", "b"]}), row_id="id")


def test_a_column_of_ids_comes_back_with_its_dtype() -> None:
    frame = pl.DataFrame({"id": pl.Series([3, 1], dtype=pl.UInt8), "a": [5, 6]})
    assert to_frame(loaded(frame, row_id="id"), "t").equals(frame)


def test_an_index_with_a_name_is_a_column_in_other_libraries() -> None:
    frame = pd.DataFrame({"a": [5]}, index=pd.Index([7], name="id", dtype="int16"))
    back = to_frame(loaded(frame), "t", "polars")
    assert back.equals(pl.DataFrame({"id": pl.Series([7], dtype=pl.Int16), "a": [5]}))


def test_an_index_without_one_is_left_out_there() -> None:
    frame = pd.DataFrame({"a": [5]}, index=["fido"])
    assert to_frame(loaded(frame), "t", "pyarrow").column_names == ["a"]


def test_row_ids_are_the_index_in_pandas() -> None:
    store = Store().set_table("t", {"fido": {"a": 5}})
    assert list(to_frame(store, "t", "pandas").index) == ["fido"]


def test_row_ids_that_count_are_an_index_that_counts() -> None:
    store = Store().set_table("t", {"0": {"a": 5}, "1": {"a": 6}})
    assert to_frame(store, "t", "pandas").index.equals(pd.RangeIndex(2))
    store.del_row("t", "0")
    assert list(to_frame(store, "t", "pandas").index) == [1]


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_row_ids_can_be_put_into_a_column(backend: str) -> None:
    store = Store().set_table("t", {"fido": {"a": 5}})
    frame = to_frame(store, "t", backend, row_id="name")
    assert list(map(str, frame["name"])) == ["fido"]


def test_a_column_of_that_name_is_in_the_way() -> None:
    store = Store().set_table("t", {"fido": {"name": 5}})
    with pytest.raises(ValueError, match=r"^table 't' has a column 'name' of its own"):
        to_frame(store, "t", "polars", row_id="name")


def test_rows_that_were_added_since_make_text_of_the_ids() -> None:
    store = loaded(pd.DataFrame({"a": [5]}, index=pd.Index([7], name="id")))
    store.set_row("t", "0mq3x9k2a-z", {"a": 6})
    frame = to_frame(store, "t")
    assert list(frame.index) == ["7", "0mq3x9k2a-z"]
    assert (frame.index.name, list(frame.a)) == ("id", [5, 6])


def test_ints_of_numpy_name_rows() -> None:
    frame = pd.DataFrame({"a": [5]}, index=pd.Index([np.int64(4)], dtype=object))
    assert loaded(frame).get_row_ids("t") == ["4"]
