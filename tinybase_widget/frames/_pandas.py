"""Frames of pandas.

pandas has several dtypes for most things. A column that was loaded has its own again. For others it
is NumPy's where nothing is missing, and else the one that knows missing values: whole numbers do
not become floats. What pandas has no dtype for is Python's objects: dates, times, decimals, bytes,
lists and dictionaries.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tinybase_widget.frames._dtypes import resolve
from tinybase_widget.frames._extra import making
from tinybase_widget.frames._pyarrow import make_array
from tinybase_widget.frames._texts import PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinybase_widget.frames._building import Values

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NOT_A_TIME = -(2**63)  # NumPy's NaT
_STRINGS_SINCE = 3  # the version of pandas whose strings are a dtype of their own


def make_frame(
    columns: Mapping[str, Values],
    labels: Sequence[Any],
    index: tuple[Values, Any] | None,
    row_count: int,
) -> Any:
    """Return a pandas.DataFrame.

    Args:
        columns: The columns.
        labels: What to call them.
        index: What the index holds, and its name; None: it counts.
        row_count: How many rows there are.

    Raises:
        ValueError: pandas can't make one of the columns.
    """
    pd: Any = import_module("pandas")
    rows = pd.RangeIndex(row_count) if index is None else _index(pd, *index)
    data = {}
    for i, (name, column) in enumerate(columns.items()):
        with making("pandas", name, column.dtype):
            array = _array(pd, column)
            data[i] = pd.Series(array, index=rows, dtype=array.dtype)  # objects stay objects
    frame = pd.DataFrame(data, index=rows)
    frame.columns = pd.Index(list(labels))
    return frame


def _index(pd: Any, column: Values, name: Any) -> Any:
    if resolve(column.dtype)[1].startswith("Int"):
        numbers = column.values
        if numbers == list(range(len(numbers))):
            return pd.RangeIndex(len(numbers), name=name)
    array = _array(pd, column)
    return pd.Index(array, dtype=array.dtype, name=name)


def _array(pd: Any, column: Values) -> Any:  # noqa: PLR0911 - for each kind of dtype
    """Return an array of pandas or NumPy."""
    np: Any = import_module("numpy")
    values = column.values
    dtype = column.native
    if dtype is None:
        dtype = _default(pd, column)
    if isinstance(dtype, pd.ArrowDtype):
        return pd.arrays.ArrowExtensionArray(make_array(column, dtype.pyarrow_dtype))
    if isinstance(dtype, pd.CategoricalDtype):
        return _categories(pd, dtype, objects(column))
    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, pd.DatetimeTZDtype):
        instants = _times(np, values, f"datetime64[{dtype.unit}]")
        return pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(dtype.tz).array
    if not isinstance(dtype, np.dtype):
        return pd.array(values, dtype=dtype)
    if kind in "mM":
        return _times(np, values, dtype)
    if kind == "f":
        return np.array([np.nan if value is None else value for value in values], dtype=dtype)
    if kind in "iub":
        if None in values:
            return pd.array(values, dtype=_nullable(dtype.name))
        return np.array(values, dtype=dtype)
    array = np.empty(len(values), dtype=object)
    array[:] = objects(column)
    return array


def _times(np: Any, values: Sequence[int | None], dtype: Any) -> Any:
    numbers = [_NOT_A_TIME if value is None else value for value in values]
    return np.array(numbers, dtype="int64").view(dtype)


def _categories(pd: Any, dtype: Any, values: list[Any]) -> Any:
    new = set(values) - {None} - set(dtype.categories)
    if new:
        added = [value for value in dict.fromkeys(values) if value in new]
        dtype = pd.CategoricalDtype([*dtype.categories, *added], dtype.ordered)
    return pd.Categorical(values, dtype=dtype)


def _default(pd: Any, column: Values) -> Any:  # noqa: PLR0911 - one for each dtype
    np: Any = import_module("numpy")
    dtype, name = resolve(column.dtype)
    if name == "Datetime":
        unit = f"datetime64[{dtype.time_unit}]"
        zone = dtype.time_zone
        return np.dtype(unit) if zone is None else pd.DatetimeTZDtype(dtype.time_unit, zone)
    if name == "Duration":
        return np.dtype(f"timedelta64[{dtype.time_unit}]")
    if name == "Enum":
        return pd.CategoricalDtype(list(dtype.categories), ordered=True)
    if name == "Categorical":
        return pd.CategoricalDtype(list(dict.fromkeys(filter(_is_there, column.values))))
    if name == "String" and int(pd.__version__.partition(".")[0]) >= _STRINGS_SINCE:
        return pd.api.types.pandas_dtype("str")
    if name in {"Int128", "UInt128"}:
        return np.dtype(object)
    if name == "Boolean":
        return np.dtype(bool)
    if name.startswith(("Int", "UInt", "Float")):
        return np.dtype(name.lower())
    return np.dtype(object)


def _is_there(value: Any) -> bool:
    return value is not None


def _nullable(name: str) -> str:
    return "boolean" if name == "bool" else name.replace("uint", "UInt").replace("int", "Int")


def objects(column: Values) -> list[Any]:
    """Return a column's values as Python's own: dates in the place of numbers of days."""
    make = _object_maker(column.dtype)
    if make is None:
        return column.values
    return [None if value is None else make(value) for value in column.values]


def _object_maker(dtype: Any) -> Callable[[Any], Any] | None:  # noqa: PLR0911
    dtype, name = resolve(dtype)
    if name in {"List", "Array"}:
        item = _or_none(_object_maker(dtype.inner))
        return item and (lambda items: list(map(item, items)))
    if name == "Struct":
        members = {field.name: _or_none(_object_maker(field.dtype)) for field in dtype.fields}
        return lambda struct: {
            key: make(struct[key]) if (make := members[key]) else struct[key] for key in struct
        }
    if name == "Map":
        key_of, value_of = _or_none(_object_maker(dtype.key)), _or_none(_object_maker(dtype.value))
        return lambda pairs: [
            (key_of(key) if key_of else key, value_of(value) if value_of else value)
            for key, value in pairs
        ]
    if name == "Date":
        return lambda days: date(1970, 1, 1) + timedelta(days)
    if name == "Time":
        return _time
    if name == "Duration":
        return lambda number: timedelta(microseconds=_microseconds(number, dtype.time_unit))
    if name == "Datetime":
        zone = dtype.time_zone
        return lambda number: _datetime(_microseconds(number, dtype.time_unit), zone)
    return None


def _or_none(make: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    return make and (lambda value: None if value is None else make(value))


def _time(nanoseconds: int) -> time:
    return (_EPOCH + timedelta(microseconds=_microseconds(nanoseconds, "ns"))).time()


def _datetime(microseconds: int, zone: str | None) -> datetime:
    moment = _EPOCH + timedelta(microseconds=microseconds)
    if zone is None:
        return moment.replace(tzinfo=None)
    return moment if zone == "UTC" else moment.astimezone(ZoneInfo(zone))


def _microseconds(number: int, unit: str) -> int:
    count, rest = divmod(number * PER_SECOND["us"], PER_SECOND[unit])
    if rest:
        raise ValueError("here it has Python's objects, which know no nanoseconds")
    return count
