"""load_frame: which rows, columns and cells a frame becomes, and what it refuses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tinybase_widget import Store, load_frame
from tinybase_widget.store import IgnoredWarning

BERLIN = ZoneInfo("Europe/Berlin")
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}

each_library = pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)


def loaded(df: Any, **options: Any) -> Any:
    """Give the table that a frame becomes."""
    store = Store()
    load_frame(store, "t", df, **options)
    return store.get_table("t")


def cells(df: Any) -> list[Any]:
    """Give the cells of a frame's column `c`."""
    return [row["c"] for row in loaded(df).values()]


# Cells


@each_library
def test_numbers_booleans_and_text_are_cells_as_they_are(make: Any) -> None:
    table = loaded(make({"i": [1, -2], "f": [0.5, 2.0], "b": [True, False], "s": ["a", ""]}))
    assert table == {
        "0": {"i": 1, "f": 0.5, "b": True, "s": "a"},
        "1": {"i": -2, "f": 2, "b": False, "s": ""},
    }
    assert [type(cell) for cell in table["1"].values()] == [int, int, bool, str]


@each_library
def test_what_is_missing_is_no_cell(make: Any) -> None:
    table = loaded(make({"f": [0.5, None], "s": [None, "a"], "d": [None, date(2026, 1, 1)]}))
    assert table == {"0": {"f": 0.5}, "1": {"s": "a", "d": "2026-01-01"}}


@each_library
@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (date(2026, 11, 23), "2026-11-23"),
        (date(1, 1, 1), "0001-01-01"),
        (datetime(2026, 11, 23, 7, 46, 52), "2026-11-23T07:46:52"),  # noqa: DTZ001
        (datetime(2026, 11, 23, 7, 46, 52, 1000), "2026-11-23T07:46:52.001"),  # noqa: DTZ001
        (datetime(2026, 7, 1, 9, tzinfo=BERLIN), "2026-07-01T07:00:00Z"),
        (datetime(2026, 7, 1, 9, tzinfo=timezone.utc), "2026-07-01T09:00:00Z"),
        (time(7, 46, 52), "07:46:52"),
        (time(7, 46, 52, 5), "07:46:52.000005"),
        (timedelta(days=1, hours=2, seconds=-1), "P1DT1H59M59S"),
        (timedelta(milliseconds=-1500), "-PT1.5S"),
        (timedelta(0), "PT0S"),
        (Decimal("12.50"), "12.50"),
        (b"\x00\xff", "AP8="),
        (2**53 - 1, 2**53 - 1),
        (2**53, "9007199254740992"),
        (-(2**63), "-9223372036854775808"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        ("\ufffd broken", ["\ufffd broken"]),
        ("\ufffc", ["\ufffc"]),
        ("\ufffc!", "\ufffc!"),
        ([1, None, 3], [1, None, 3]),
        ({"a": 1, "b": ["x"]}, {"a": 1, "b": ["x"]}),
    ],
)
def test_a_value_of_each_type_has_its_cell(make: Any, value: Any, cell: Any) -> None:
    assert cells(make({"c": [value]})) == [cell]


@pytest.mark.parametrize("make", [pl.DataFrame, pa.table], ids=["polars", "pyarrow"])
def test_nan_that_is_not_missing_is_its_name(make: Any) -> None:
    assert cells(make({"c": [float("nan"), 0.5]})) == ["NaN", 0.5]


def test_nan_of_pandas_is_missing() -> None:
    assert loaded(pd.DataFrame({"c": [float("nan"), 0.5], "d": [1, 2]}))["0"] == {"d": 1}


def test_moments_of_a_column_sort_as_texts() -> None:
    moments = [datetime(2026, 1, 1, tzinfo=BERLIN) + timedelta(seconds=i / 2) for i in range(5)]
    texts = cells(pl.DataFrame({"c": moments}))
    assert texts == sorted(texts)
    assert texts[:2] == ["2025-12-31T23:00:00.000Z", "2025-12-31T23:00:00.500Z"]


def test_nanoseconds_are_kept() -> None:
    times = pd.Series(pd.to_datetime(["2026-01-01T00:00:00.000000001"]))
    assert cells(pd.DataFrame({"c": times})) == ["2026-01-01T00:00:00.000000001"]


def test_a_fixed_offset_and_a_zone_with_an_underscore_are_read() -> None:
    times = pd.to_datetime(["2026-01-01T00:00:00+01:00"])
    frame = pd.DataFrame({"c": times, "d": times.tz_convert("America/New_York")})
    store = Store()
    schema = load_frame(store, "t", frame)
    assert (schema["c"][2], schema["d"][2]) == ("+01:00", "America/New_York")
    assert store.get_row("t", "0") == dict.fromkeys("cd", "2025-12-31T23:00:00Z")


def test_in_nested_values_the_forms_are_the_same() -> None:
    value = {"d": [date(2026, 1, 1)], "n": {"x": Decimal("0.10"), "i": 2**60, "f": float("inf")}}
    assert cells(pl.DataFrame({"c": [value]})) == [
        {"d": ["2026-01-01"], "n": {"x": "0.10", "i": str(2**60), "f": "Infinity"}}
    ]


@each_library
def test_dictionaries_and_enums_are_their_texts(make: Any) -> None:
    columns = {
        pd.DataFrame: pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True),
        pl.DataFrame: pl.Series(["b", "a"], dtype=pl.Enum(["b", "a"])),
        pa.table: pa.array(["b", "a"]).dictionary_encode(),
    }
    assert cells(make({"c": columns[make]})) == ["b", "a"]


def test_a_mixed_column_of_pandas_keeps_each_cell() -> None:
    values = ["a", 1, 0.5, True, None, [1], {"x": None}]
    frame = pd.DataFrame({"c": pd.Series(values, dtype=object), "d": range(7)})
    assert [row.get("c") for row in loaded(frame).values()] == values


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1, 2j], r"row '1': 2j: there is no cell for this complex"),
        ([None, {1, 2}], r"row '1': \{1, 2\}: there is no cell for this set"),
        (["a", date(2026, 1, 1)], r"row '1': datetime.date\(2026, 1, 1\): there is no cell for"),
        ([1, "a", 2**53], r"row '2': 9007199254740992: beyond 2\^53"),
        (["a", float("inf")], r"row '1': inf: it is not finite, and its column has more"),
        ([1, "\ufffd"], r"row '1': '\ufffd': a Store reserves this text"),
        ([[1], [object]], r"row '1': \[<class 'object'>\]: there is no cell for this type"),
        ([{1: 2}], r"row '0': \{1: 2\}: keys of an object are strings"),
        ([2**127], r"row '0': 170141183460469231731687303715884105728: an int has 128 bits"),
        (
            [datetime(2026, 1, 1, tzinfo=BERLIN), datetime(2026, 1, 1, tzinfo=timezone.utc)],
            r"row '1': .*datetimes of a column have one zone",
        ),
    ],
)
def test_objects_that_no_cell_can_hold_are_refused(values: list[Any], reason: str) -> None:
    frame = pd.DataFrame({"c": pd.Series(values, dtype=object)})
    with pytest.raises(TypeError, match=f"^the frame can't become a table: column 'c', {reason}"):
        loaded(frame)


def test_years_that_texts_of_dates_do_not_have_are_refused() -> None:
    frame = pl.DataFrame({"c": pl.Series([None, 0, 3_000_000]).cast(pl.Date), "d": [1, 2, 3]})
    with pytest.raises(TypeError, match=r"column 'c', row '2': .* not in the years 1 to 9999"):
        loaded(frame)


def test_nested_values_without_a_form_are_refused() -> None:
    table = pa.table({"c": pa.array([None, [b"ab"]], pa.list_(pa.binary(2))), "d": [1, 2]})
    with pytest.raises(TypeError, match=r"column 'c', row '1': .* JSON has no form"):
        loaded(table)


def test_nothing_changes_when_a_frame_is_refused() -> None:
    store = Store().set_table("t", {"0": {"a": 1}})
    with pytest.raises(TypeError):
        load_frame(store, "t", pd.DataFrame({"a": [2], "c": [object()]}))
    assert store.get_tables() == {"t": {"0": {"a": 1}}}


# Names


@pytest.mark.parametrize(
    "name", ["", "__proto__", "constructor", "<b>", "\u202e", "a\nb", "\ufffd"]
)
@each_library
def test_a_column_may_have_any_text_as_its_name(make: Any, name: str) -> None:
    assert loaded(make({name: [1]})) == {"0": {name: 1}}


def test_ints_as_names_become_their_digits() -> None:
    assert loaded(pd.DataFrame(np.array([[1, 2]]))) == {"0": {"0": 1, "1": 2}}


@pytest.mark.parametrize("label", [None, 0.5, True, ("a", "b"), date(2026, 1, 1)])
def test_other_names_are_refused(label: Any) -> None:
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.Index(["a", label], dtype=object, tupleize_cols=False)
    with pytest.raises(TypeError, match=r"a column's name is a string or an int, not .*astype"):
        loaded(frame)


@pytest.mark.parametrize(
    "df",
    [
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[1, 2]], columns=[1, "1"]),
        pa.table([[1], [2]], names=["a", "a"]),
    ],
    ids=["pandas", "int and text", "pyarrow"],
)
def test_two_columns_of_one_name_are_refused(df: Any) -> None:
    with pytest.raises(ValueError, match=r"^two columns have the name .*; give each its own$"):
        loaded(df)


def test_names_of_several_levels_are_refused() -> None:
    frame = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))
    with pytest.raises(ValueError, match=r"one name each, and this frame's have 2, such as \('a'"):
        loaded(frame)


# Sizes


@each_library
def test_a_frame_without_rows_empties_the_table(make: Any) -> None:
    store = Store().set_table("t", {"0": {"a": 1}})
    load_frame(store, "t", make({"a": []}))
    assert store.get_tables() == {}


@each_library
def test_a_frame_without_columns_empties_the_table(make: Any) -> None:
    assert loaded(make({})) == {}


def test_rows_of_nothing_but_missing_values_are_left_out_with_a_warning() -> None:
    frame = pd.DataFrame({"a": [1, None, 3, None], "b": [None, None, "x", None]})
    with pytest.warns(IgnoredWarning, match=r"^2 of the frame's rows .* 't' .*: '1', '3'$"):
        assert loaded(frame) == {"0": {"a": 1}, "2": {"a": 3, "b": "x"}}


def test_ten_thousand_columns_become_cells() -> None:
    frame = pl.DataFrame({f"c{i}": [i, None] for i in range(10_000)}).with_columns(row=pl.lit(1))
    table = loaded(frame)
    assert (len(table["0"]), table["0"]["c9999"], table["1"]) == (10_001, 9999, {"row": 1})


def test_a_table_is_replaced() -> None:
    store = Store().set_table("t", {"0": {"a": 1, "old": 2}, "9": {"a": 3}})
    load_frame(store, "t", pl.DataFrame({"a": [5]}))
    assert store.get_tables() == {"t": {"0": {"a": 5}}}


def test_listeners_hear_of_the_cells_that_changed() -> None:
    store = Store().set_table("t", {"0": {"a": 1}, "1": {"a": 2}})
    heard: list[Any] = []
    store.add_cell_listener("t", None, None, lambda *args: heard.append(args[2:6]))
    load_frame(store, "t", pl.DataFrame({"a": [1, 3]}))
    assert heard == [("1", "a", 3, 2)]


def test_a_schema_of_the_store_has_its_say() -> None:
    store = Store().set_tables_schema(
        {
            "t": {
                "a": {"type": "number"},
                "l": {"type": "array"},
                "d": {"type": "string", "default": ""},
            }
        }
    )
    with pytest.warns(IgnoredWarning, match=r"'x' was not set at table 't', row '0', cell 'b'"):
        load_frame(store, "t", pl.DataFrame({"a": [1], "l": [[1, 2]], "b": ["x"]}))
    assert store.get_table("t") == {"0": {"a": 1, "l": [1, 2], "d": ""}}


# What it takes


def test_lazy_frames_are_collected() -> None:
    assert loaded(pl.LazyFrame({"a": [1]})) == {"0": {"a": 1}}


def test_frames_of_narwhals_are_taken() -> None:
    nw = pytest.importorskip("narwhals")
    assert loaded(nw.from_native(pd.DataFrame({1: [1]}))) == {"0": {"1": 1}}


@pytest.mark.parametrize(
    "given", [None, {"a": [1]}, [{"a": 1}], pd.Series([1]), pl.Series([1]), pa.array([1])]
)
def test_what_is_no_frame_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^a frame is one of pandas, polars, .*; .* is none$"):
        load_frame(Store(), "t", given)


def test_what_is_no_store_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^load_frame fills a table of a Store; 5 is none$"):
        load_frame(5, "t", pl.DataFrame())  # type: ignore[arg-type]


def test_a_table_id_that_is_no_string_is_refused() -> None:
    with pytest.raises(TypeError, match=r'^a table id is a string such as "pets", not 5$'):
        load_frame(Store(), 5, pl.DataFrame())  # type: ignore[arg-type]


def test_which_cell_ids_a_table_has_is_known_as_if_it_was_set_cell_by_cell() -> None:
    frame = pl.DataFrame(
        {"a": [None, None, 1], "b": [None, 2, None], "c": [None, 3, 3], "d": [None] * 3},
        schema_overrides={"d": pl.Int64},
    )
    store = Store()
    with pytest.warns(UserWarning, match="nothing but missing values"):
        load_frame(store, "t", frame)
    assert store.get_table_cell_ids("t") == ["b", "c", "a"]
    assert store.del_cell("t", "1", "b").get_table_cell_ids("t") == ["c", "a"]
    assert store.del_cell("t", "1", "c").get_table_cell_ids("t") == ["c", "a"]
    assert store.del_row("t", "2").get_table_cell_ids("t") == []
