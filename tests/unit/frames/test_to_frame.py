"""to_frame: which dtypes a table's columns have, whoever knows of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from tinybase_widget import Store, load_frame, to_frame


def made(cells: list[Any], backend: str = "polars", dtype: Any = None) -> Any:
    """Give the column `c` that cells become; MISSING rows have another column only."""
    store = Store().set_table("t", {i: {"c": cell, "row": i} for i, cell in enumerate(cells)})
    return to_frame(store, "t", backend, schema=None if dtype is None else {"c": dtype})["c"]


# Nobody has said a dtype


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([True, None], pl.Boolean),
        ([1, 2**53 - 1], pl.Int64),
        ([1, 0.5], pl.Float64),
        (["a", "2026-01-01"], pl.String),
        ([[1], [], [None]], pl.List(pl.Int64)),
        ([[], []], pl.List(pl.String)),
        ([{"a": 1}, {"b": [0.5]}], pl.Struct({"a": pl.Int64, "b": pl.List(pl.Float64)})),
        ([None, None], pl.Null),
    ],
)
def test_a_column_has_the_dtype_that_holds_its_cells(cells: list[Any], dtype: Any) -> None:
    column = made(cells)
    assert column.dtype == dtype
    assert len(column) == len(cells)


def test_a_column_of_several_types_is_text() -> None:
    cells = ["a", 1, 0.5, True, None, [1, "b"], {"x": None}]
    texts = ["a", "1", "0.5", "true", None, '[1,"b"]', '{"x":null}']
    assert made(cells).to_list() == texts
    assert made(cells, "pyarrow").to_pylist() == texts


def test_a_column_of_several_types_is_objects_in_pandas() -> None:
    cells = ["a", 1, 0.5, True, None, [1, "b"], {"x": None}]
    column = made(cells, "pandas")
    assert (list(column), column.dtype) == (cells, object)


def test_cells_that_are_missing_are_null() -> None:
    store = Store().set_table("t", {"0": {"a": 1}, "1": {"b": "x"}})
    assert to_frame(store, "t", "polars").to_dict(as_series=False) == {
        "a": [1, None],
        "b": [None, "x"],
    }


def test_whole_numbers_stay_whole_in_pandas_where_one_is_missing() -> None:
    store = Store().set_table("t", {"0": {"a": 1, "b": True}, "1": {"c": "x"}})
    frame = to_frame(store, "t", "pandas")
    assert [str(dtype) for dtype in frame.dtypes[["a", "b"]]] == ["Int64", "boolean"]


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_a_table_that_is_not_there_is_an_empty_frame(backend: str) -> None:
    frame = to_frame(Store(), "t", backend)
    assert frame.shape == (0, 0)


# A schema says them


@pytest.mark.parametrize(
    ("cell", "dtype", "value"),
    [
        ("2026-11-23", "Date", date(2026, 11, 23)),
        ("2026-11-23 07:46", ["Datetime", "us", None], datetime(2026, 11, 23, 7, 46)),  # noqa: DTZ001
        ("2026-11-23", ["Datetime", "ms", None], datetime(2026, 11, 23)),  # noqa: DTZ001
        (
            "2026-11-23T07:46:52.5+01:00",
            ["Datetime", "us", "UTC"],
            datetime(2026, 11, 23, 6, 46, 52, 500_000, tzinfo=timezone.utc),
        ),
        ("07:46", "Time", time(7, 46)),
        ("-P1DT2H3M4.5S", ["Duration", "us"], -timedelta(1, 7384.5)),
        ("12.5", ["Decimal", 10, 2], Decimal("12.50")),
        (12, ["Decimal", 10, 2], Decimal("12.00")),
        ("AP8=", "Binary", b"\x00\xff"),
        ("9007199254740993", "Int64", 2**53 + 1),
        ("5", "Int8", 5),
        ("Infinity", "Float64", float("inf")),
        (5, "Float32", 5.0),
        (["\ufffd"], "String", "\ufffd"),
        ("a", ["Enum", ["b", "a"]], "a"),
        ([["2026-01-01"], None], ["List", ["List", "Date"]], [[date(2026, 1, 1)], None]),
        (
            {"d": "PT1S"},
            ["Struct", {"d": ["Duration", "ms"], "x": "Int8"}],
            {"d": timedelta(0, 1), "x": None},
        ),
        ([1, 2], nw.Array(nw.UInt8, 2), [1, 2]),
        ("2026-11-23", nw.Date, date(2026, 11, 23)),
    ],
)
def test_a_cell_is_read_as_its_dtype(cell: Any, dtype: Any, value: Any) -> None:
    assert made([cell], dtype=dtype).to_list() == [value]


@pytest.mark.parametrize(
    ("cell", "dtype", "reason"),
    [
        ("x", "Int64", "it is no whole number"),
        (0.5, "Int64", "it is no whole number"),
        (True, "Int64", "it is no whole number"),
        (300, "Int8", "the dtype goes from -128 to 127"),
        (-1, "UInt8", "the dtype goes from 0 to 255"),
        ("9" * 41, "Int128", "it is no whole number"),
        ("nan", "Float64", "it is no number"),
        (1, "Boolean", "it is neither true nor false"),
        (1, "String", "it is no text"),
        (["a", "b"], "String", "it is no text"),
        ("c", ["Enum", ["b", "a"]], "the categories are 'b', 'a'"),
        ("2026-02-30", "Date", "day"),
        ("2026-01-01T00:00:00", "Date", "a date is written as 2026-11-23"),
        (5, "Date", "a date is written as 2026-11-23"),
        ("٢٠٢٦-01-01", "Date", "a date is written as 2026-11-23"),
        ("2026-01-01T24:00:00", ["Datetime", "us", None], "a clock shows from"),
        ("2026-01-01T00:00:00Z", ["Datetime", "us", None], "has neither Z nor an offset"),
        ("2026-01-01T00:00:00", ["Datetime", "us", "UTC"], "ends with Z or its offset"),
        ("2026-01-01T00:00:00.0001", ["Datetime", "ms", None], "finer than the column's unit, ms"),
        ("25:00:00", "Time", "a clock shows from"),
        ("P", ["Duration", "us"], "a duration is written as"),
        ("P1DT", ["Duration", "us"], "a duration is written as"),
        ("12,50", ["Decimal", 10, 2], "a decimal is written as 12.50"),
        ("1.234", ["Decimal", 10, 2], "more than the dtype's 2 digits after the point"),
        ("123456789", ["Decimal", 10, 2], "more than the dtype's 10 digits"),
        ("no base64!", "Binary", "bytes are written in base64"),
        (1, ["List", "Int64"], "it is no array"),
        (["x"], ["List", "Int64"], "it is no whole number"),
        ([1], ["Array", "Int64", 2], "arrays of this column have 2 items"),
        ({"b": 1}, ["Struct", {"a": "Int64"}], "objects of this column have 'a'"),
        ([1], ["Map", "String", "Int64"], "a map is an array of arrays of two"),
    ],
)
def test_a_cell_of_another_dtype_is_an_error_that_names_it(
    cell: Any, dtype: Any, reason: str
) -> None:
    with pytest.raises(
        ValueError, match=r"^table 't', column 'c' is not all .*: row '1' has "
    ) as told:
        made([None, cell], dtype=dtype)
    assert reason in str(told.value)
    assert "Change the cell, or give a schema" in str(told.value)


@pytest.mark.parametrize(
    "dtype",
    ["int", "", 5, None, [], ["Int64", 1], ["List"], ["Datetime", "h"], {"a": "Int64"}, object],
)
def test_what_is_no_dtype_is_refused(dtype: Any) -> None:
    with pytest.raises(TypeError, match=r'a dtype is a name such as "Int64", or a list such as'):
        to_frame(Store(), "t", "polars", schema={"c": dtype})


@pytest.mark.parametrize("schema", ["Int64", ["Int64"], {5: "Int64"}])
def test_what_is_no_schema_is_refused(schema: Any) -> None:
    with pytest.raises(TypeError, match=r"a schema gives dtypes by column"):
        to_frame(Store(), "t", "polars", schema=schema)


def test_columns_come_in_the_order_of_the_schema_and_others_after_them() -> None:
    store = Store().set_table("t", {"0": {"a": 1, "b": 2, "c": 3}})
    frame = to_frame(store, "t", "polars", schema={"x": "Date", "c": "Int8"})
    assert dict(frame.schema) == {"x": pl.Date, "c": pl.Int8, "a": pl.Int64, "b": pl.Int64}
    assert frame.row(0) == (None, 3, 1, 2)


# It remembers them


FRAME = pd.DataFrame(
    {
        "i": pd.array([1, 2, 3], dtype="int8"),
        "d": pd.to_datetime(["2026-01-01", None, "2026-01-03"])
        .tz_localize("Europe/Berlin")
        .as_unit("us"),
        "c": pd.Categorical(["a", "b", "a"], categories=["b", "a"]),
        "o": [date(2026, 1, 1), None, date(2026, 1, 3)],
    }
)


def test_edits_keep_the_dtypes() -> None:
    store = Store()
    load_frame(store, "t", FRAME)
    store.set_cell("t", "0", "i", 5).del_row("t", "1").set_cell(
        "t", "2", "d", "2026-07-01T00:00:00Z"
    )
    frame = to_frame(store, "t")
    assert dict(frame.dtypes) == dict(FRAME.dtypes)
    assert list(frame.i) == [5, 3]
    assert list(frame.d) == [FRAME.d[0], pd.Timestamp("2026-07-01", tz="UTC")]


def test_a_cell_that_was_deleted_makes_ints_of_pandas_nullable() -> None:
    store = Store()
    load_frame(store, "t", FRAME)
    store.del_cell("t", "0", "i")
    column = to_frame(store, "t").i
    assert (str(column.dtype), column.isna().tolist()) == ("Int8", [True, False, False])


def test_a_category_that_is_new_is_added() -> None:
    store = Store()
    load_frame(store, "t", FRAME)
    store.set_cell("t", "0", "c", "z")
    assert list(to_frame(store, "t").c.cat.categories) == ["b", "a", "z"]


def test_a_column_that_is_new_comes_last() -> None:
    store = Store()
    load_frame(store, "t", FRAME)
    store.set_cell("t", "0", "new", 0.5)
    frame = to_frame(store, "t")
    assert list(frame.columns) == [*FRAME.columns, "new"]
    assert str(frame.dtypes["new"]) == "float64"


def test_a_column_without_cells_keeps_its_place_and_dtype() -> None:
    frame = pl.DataFrame({"a": pl.Series([None], dtype=pl.Date), "b": [1]})
    store = Store()
    load_frame(store, "t", frame)
    assert to_frame(store, "t").equals(frame)
    assert to_frame(store, "t").schema == frame.schema


def test_a_table_that_was_emptied_keeps_its_columns() -> None:
    store = Store()
    load_frame(store, "t", FRAME)
    store.del_table("t")
    frame = to_frame(store, "t")
    assert (len(frame), dict(frame.dtypes)) == (0, dict(FRAME.dtypes))


def test_the_last_frame_that_was_loaded_counts() -> None:
    store = Store()
    load_frame(store, "t", FRAME)
    load_frame(store, "t", pl.DataFrame({"x": [1]}))
    assert to_frame(store, "t").equals(pl.DataFrame({"x": [1]}))


def test_each_table_has_its_own() -> None:
    store = Store()
    load_frame(store, "t", FRAME)
    load_frame(store, "u", pl.DataFrame({"x": pl.Series([1], dtype=pl.Int8)}))
    assert_frame_equal(to_frame(store, "t"), FRAME)
    assert to_frame(store, "u").schema == {"x": pl.Int8}


def test_a_schema_stands_in_for_what_is_remembered() -> None:
    store = Store()
    schema = load_frame(store, "t", FRAME)
    store.set_cell("t", "0", "i", "five")
    with pytest.raises(ValueError, match=r"column 'i' is not all Int8: row '0' has 'five'"):
        to_frame(store, "t")
    frame = to_frame(store, "t", "polars", schema={**schema, "i": "Object"})
    assert frame["i"].to_list() == ["five", "2", "3"]
    assert frame.schema["d"] == pl.Datetime("us", "Europe/Berlin")


def test_the_schema_fits_into_a_value_for_another_kernel() -> None:
    store = Store()
    frame = pl.DataFrame({"name": ["fido"], "born": [date(2026, 1, 1)], "price": [Decimal("1.50")]})
    store.set_value("pets", load_frame(store, "pets", frame, row_id="name"))
    other = Store().set_json(store.get_json())
    back = to_frame(other, "pets", "polars", row_id="name", schema=other.get_value("pets"))
    assert (back.schema, back.rows()) == (frame.schema, frame.rows())


def test_ints_as_names_come_back() -> None:
    store = Store()
    frame = pd.DataFrame([[1, 2]])
    load_frame(store, "t", frame)
    assert_frame_equal(to_frame(store, "t"), frame)
    assert to_frame(store, "t", "polars").columns == ["0", "1"]


# What it makes, and of what


def test_the_library_is_that_of_the_frame() -> None:
    for df in (pl.DataFrame({"a": [1]}), pa.table({"a": [1]}), pd.DataFrame({"a": [1]})):
        store = Store()
        load_frame(store, "t", df)
        assert type(to_frame(store, "t")) is type(df)


def test_a_library_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"frames of pandas, polars, pyarrow; not of 'spark'$"):
        to_frame(Store(), "t", "spark")


def test_a_dtype_that_the_library_does_not_have_is_an_error_that_names_the_column() -> None:
    with pytest.raises(ValueError, match=r"^pyarrow can't make column 'c' a Int128: "):
        made([1], "pyarrow", "Int128")


def test_what_is_no_store_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^to_frame reads a table of a Store; 5 is none$"):
        to_frame(5, "t")  # type: ignore[arg-type]


def test_what_is_remembered_goes_with_the_store() -> None:
    from tinybase_widget.frames._remembered import _frames  # noqa: PLC0415

    store = Store()
    load_frame(store, "t", FRAME)
    assert store in _frames
    before = len(_frames)
    del store
    assert len(_frames) == before - 1
