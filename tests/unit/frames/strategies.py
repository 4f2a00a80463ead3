"""Hypothesis strategies for frames of polars, pyarrow and pandas: every dtype, missing values."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st
from polars.testing.parametric import dataframes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Make = Callable[[Sequence[Any]], Any]

ZONES = ("UTC", "Europe/Berlin", "America/New_York")
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
INT_BITS = (8, 16, 32, 64)

# Years that every unit can tell: nanoseconds of 64 bits reach from 1677 to 2262.
EPOCH, FIRST, LAST = (datetime(year, 1, 1) for year in (1970, 1700, 2250))  # noqa: DTZ001

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["\ufffd", "\ufffc", "\ufffd[1]", "NaN", "5", "__proto__", "<b>", "\u202eabc", "👩‍🚀"]
)
edges_of_floats = st.integers(-5, 5).map(float) | st.sampled_from([2.0**53, -1e300])
# 0.0 for -0.0: a cell's zero has no sign.
floats = (st.floats() | edges_of_floats).map(lambda number: number + 0.0)
floats_of_32_bits = st.floats(width=32).map(lambda number: number + 0.0)
names = st.sampled_from(["a", "B c", "", "__proto__", "constructor", "0", "é", "\ufffd", "<i>"])


def ints(bits: int, *, signed: bool = True) -> st.SearchStrategy[int]:
    """Ints of so many bits, those at the limits and at JavaScript's among them."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    edges = [low, high, 0, *(n for n in (2**53, 2**53 - 1, -(2**53)) if low <= n <= high)]
    return st.integers(low, high) | st.sampled_from(edges)


def moments(unit: str) -> st.SearchStrategy[int]:
    """Numbers of units since 1970, whole seconds and days among them."""
    low, high = (int((each - EPOCH).total_seconds()) for each in (FIRST, LAST))
    second = UNITS[unit]
    return st.one_of(
        st.integers(low * second, high * second),
        st.integers(low, high).map(lambda seconds: seconds * second),
        st.integers(-1000, 1000).map(lambda days: days * 86_400 * second),
    )


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    """Decimals that a dtype of so many digits can have."""
    limit = 10**precision - 1
    return st.integers(-limit, limit).map(lambda n: Decimal(f"{n}e-{scale}"))


@st.composite
def polars_frames(draw: st.DrawFn) -> pl.DataFrame:
    """Frames of polars, of all its dtypes but objects; a column numbers the rows."""
    frame: pl.DataFrame = draw(
        dataframes(
            max_cols=3, max_size=5, excluded_dtypes=[pl.Object, pl.Extension], allow_chunks=False
        )
    )
    numbers = pl.int_range(frame.height, dtype=pl.Int64, eager=True).alias("row")
    return pl.DataFrame([*frame.get_columns(), numbers])


def _arrow_columns() -> list[tuple[Any, Any]]:
    """Types of Arrow, with strategies for what they have: units of time as whole numbers."""
    columns: list[tuple[Any, Any]] = [
        (pa.bool_(), st.booleans()),
        (pa.float32(), floats_of_32_bits),
        (pa.float64(), floats),
        (pa.string(), text),
        (pa.large_string(), text),
        (pa.string_view(), text),
        (pa.dictionary(pa.int8(), pa.string()), text),
        (pa.binary(), st.binary(max_size=4)),
        (pa.binary(2), st.binary(min_size=2, max_size=2)),
        (pa.date32(), st.dates()),
        (pa.date64(), st.dates()),
        (pa.time32("s"), st.integers(0, 86_399)),
        (pa.time32("ms"), st.integers(0, 86_399_999)),
        (pa.time64("us"), st.integers(0, 86_399_999_999)),
        (pa.time64("ns"), st.integers(0, 86_399_999_999_999)),
        (pa.decimal128(38, 10), decimals(38, 10)),
        (pa.decimal256(50, 2), decimals(50, 2)),
        (pa.null(), st.none()),
    ]
    for bits in INT_BITS:
        columns.append((getattr(pa, f"int{bits}")(), ints(bits)))
        columns.append((getattr(pa, f"uint{bits}")(), ints(bits, signed=False)))
    for unit in UNITS:
        columns.append((pa.duration(unit), st.integers(-(10**13), 10**13)))
        columns += [(pa.timestamp(unit, zone), moments(unit)) for zone in (None, *ZONES)]
    return columns


ARROW_COLUMNS = _arrow_columns()
# What narwhals has no name for has no form inside of a nested column.
_ONLY_ON_TOP = (pa.binary(2), pa.date64(), pa.decimal256(50, 2), pa.null(), pa.string_view())


def nested(dtype: Any, values: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    """A type of Arrow, or lists, structs or maps of it."""
    items = st.none() | values
    lists = st.lists(items, max_size=2)
    struct = pa.struct([("a", dtype), ("b c", pa.list_(dtype))])
    return st.sampled_from(
        [
            (dtype, values),
            (dtype, values),
            (pa.list_(dtype), lists),
            (pa.large_list(pa.list_(dtype)), st.lists(st.none() | lists, max_size=2)),
            (pa.list_(dtype, 2), st.lists(items, min_size=2, max_size=2)),
            (struct, st.fixed_dictionaries({"a": items, "b c": st.none() | lists})),
            (
                pa.map_(pa.string(), dtype),
                st.dictionaries(text, items, max_size=2).map(lambda each: list(each.items())),
            ),
        ]
    )


@st.composite
def arrow_tables(draw: st.DrawFn) -> Any:
    """Tables of pyarrow, of all types that it shares with others; a column numbers the rows."""
    count = draw(st.integers(0, 4))
    columns = {}
    for name in draw(st.lists(names, max_size=3, unique=True)):
        dtype, values = draw(st.sampled_from(ARROW_COLUMNS))
        if dtype not in _ONLY_ON_TOP:
            dtype, values = draw(nested(dtype, values))
        cells = draw(st.lists(st.none() | values, min_size=count, max_size=count))
        columns[name] = pa.array(cells, type=dtype)
    return pa.table({**columns, "row": pa.array(range(count), pa.int64())})


def _array(dtype: Any) -> Make:
    return lambda values: pd.array(list(values), dtype=dtype)


def _floats(dtype: str) -> Make:
    return lambda values: np.array([np.nan if v is None else v for v in values], dtype=dtype)


def _times(dtype: str) -> Make:
    return lambda values: np.array([-(2**63) if v is None else v for v in values], "int64").view(
        dtype
    )


def _zoned(unit: str, zone: str) -> Make:
    times = _times(f"datetime64[{unit}]")
    return lambda values: pd.DatetimeIndex(times(values)).tz_localize("UTC").tz_convert(zone).array


def _objects(values: Sequence[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _pandas_objects() -> list[tuple[Make, Any]]:
    moment = st.datetimes(FIRST, LAST)
    berlin = moment.map(
        lambda each: each.replace(tzinfo=timezone.utc).astimezone(ZoneInfo("Europe/Berlin"))
    )
    json = st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.just(0.5) | text,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
        max_leaves=4,
    )
    kinds = [
        text,
        st.booleans(),
        ints(128),
        floats.filter(lambda each: each == each),  # noqa: PLR0124 - not NaN, which is missing
        st.dates(),
        moment,
        berlin,
        st.times(),
        st.timedeltas(timedelta(-90_000), timedelta(90_000)),
        st.binary(max_size=3),
        st.decimals(allow_nan=False),
        st.decimals(places=2, allow_nan=False, allow_infinity=False),
        st.lists(json, max_size=2) | st.dictionaries(text, json, max_size=2),
        st.sampled_from(["a", "", "5", True, False, 5, -1, 0.5]),
    ]
    return [(_objects, st.none() | values) for values in kinds]


def _pandas_columns() -> list[tuple[Make, Any]]:
    """What makes an array, and strategies for what it has; None is missing."""
    columns: list[tuple[Make, Any]] = [
        (partial(np.array, dtype="bool"), st.booleans()),
        (_floats("float32"), st.none() | floats_of_32_bits),
        (_floats("float64"), st.none() | floats),
        (_array("boolean"), st.none() | st.booleans()),
        (_array("Float64"), st.none() | st.floats(allow_nan=False)),
        (_array("string"), st.none() | text),
        (_array("string[pyarrow]"), st.none() | text),
        (_array("int64[pyarrow]"), st.none() | ints(64)),
        (_array("category"), st.none() | text),
        (_array("category"), st.none() | st.integers(-3, 3)),
        (_array("category"), st.none() | st.dates()),
        (_array(pd.CategoricalDtype(["c", "b", "a"], ordered=True)), st.sampled_from("abc")),
        (_array(pd.ArrowDtype(pa.date32())), st.none() | st.dates()),
        (_array(pd.ArrowDtype(pa.list_(pa.int64()))), st.none() | st.lists(ints(64), max_size=2)),
    ]
    for bits in INT_BITS:
        for signed in (True, False):
            name, values = f"{'' if signed else 'U'}Int{bits}", ints(bits, signed=signed)
            columns.append((partial(np.array, dtype=name.lower()), values))
            columns.append((_array(name), st.none() | values))
    for unit in UNITS:
        columns.append((_times(f"timedelta64[{unit}]"), st.none() | st.integers(-(10**9), 10**9)))
        columns.append((_times(f"datetime64[{unit}]"), st.none() | moments(unit)))
        columns += [(_zoned(unit, zone), st.none() | moments(unit)) for zone in ZONES]
    return columns + _pandas_objects()


PANDAS_COLUMNS = _pandas_columns()
INDEXES: list[Callable[[int], Any]] = [
    pd.RangeIndex,
    lambda rows: pd.RangeIndex(3, rows * 2 + 3, 2),
    lambda rows: pd.Index(range(rows, 0, -1), name="id"),
    lambda rows: pd.Index([f"r{i}" for i in range(rows)], name="name"),
    lambda rows: pd.date_range("2026", periods=rows, tz="Europe/Berlin", name="day", unit="us"),
]


@st.composite
def pandas_frames(draw: st.DrawFn) -> pd.DataFrame:
    """Frames of pandas, of its own dtypes, Arrow's and objects; a column numbers the rows."""
    count = draw(st.integers(0, 4))
    index = draw(st.sampled_from(INDEXES))(count)
    columns = {}
    for name in draw(st.lists(names | st.integers(1, 3), max_size=3, unique=True)):
        make, values = draw(st.sampled_from(PANDAS_COLUMNS))
        array = make(draw(st.lists(values, min_size=count, max_size=count)))
        columns[name] = pd.Series(array, index=index, dtype=array.dtype)
    return pd.DataFrame({**columns, "row": pd.Series(range(count), index, "int64")}, index=index)
