"""From a column of a frame to cells.

Numbers, booleans and text are cells as they are, nested values are arrays and objects, and the rest
becomes text (`_texts`). Three things that a cell can't be have a form that their column's dtype
tells from all others: an int beyond 2^53 is its digits, a float that is not finite its name in
JavaScript, and a text that a Store reserves (it begins with U+FFFD, or is U+FFFC) an array of it.

Cells are made in the form in which a Store keeps them, a whole column at a time.
"""

from __future__ import annotations

from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.frames._dtypes import has_temporal, physical, resolve
from tinybase_widget.frames._extra import narwhals
from tinybase_widget.frames._objects import NotACellError, refine
from tinybase_widget.frames._texts import (
    bytes_text,
    date_text,
    datetime_texts,
    decimal_text,
    duration_text,
    time_texts,
)
from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import MAX_INT, UNDEFINED, encode, is_reserved

if TYPE_CHECKING:
    from collections.abc import Callable

_AS_THEY_ARE = frozenset({"Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "Boolean"})
_TEXT = frozenset({"String", "Categorical", "Enum"})
_NESTED = frozenset({"List", "Array", "Struct", "Map", "Object", "Unknown"})


class Column(NamedTuple):
    """A column of cells.

    Attributes:
        cells: A cell for each row, in the form in which it is kept; None where it is missing.
        absent: For each row, whether its cell is missing; None: no one is.
        dtype: The column's dtype; where the frame has objects, what they are.
        has_json: Whether objects or arrays may be among the cells.
    """

    cells: list[Any]
    absent: list[bool] | None
    dtype: Any
    has_json: bool


def read_column(series: Any) -> Column:
    """Read a column.

    Args:
        series: A Series of narwhals.

    Raises:
        NotACellError: A value has no form as a cell; its position is a row's.
    """
    values, absent, dtype = read_values(series)
    try:
        cells = _cells(values, dtype)
    except ValueError:
        raise _located(_first_error(values, dtype), absent) from None
    name = resolve(dtype)[1]
    has_json = name in _NESTED or (name in _TEXT and cells is not values)
    if absent is not None:
        present = iter(cells)
        cells = [None if is_absent else next(present) for is_absent in absent]
    return Column(cells, absent, dtype, has_json)


def read_values(series: Any) -> tuple[list[Any], list[bool] | None, Any]:
    """Read the values that are not missing, which rows miss one, and the dtype."""
    dtype, name = resolve(_zoned(series) or series.dtype)
    missing = series.is_null()
    absent = missing.to_list() if missing.any() else None
    if has_temporal(dtype):
        present = series.drop_nulls()
        if name not in {"Date", "Datetime", "Duration"}:
            # Arrow has times in seconds, which it won't make whole numbers of 64 bits at once.
            present = present.cast(dtype)
        return present.cast(physical(dtype)).to_list(), absent, dtype
    values = series.to_list()
    if absent is not None:
        values = list(compress(values, map(not_, absent)))
    if name in {"Object", "Unknown"} or (name in _TEXT and not set(map(type, values)) <= {str}):
        try:
            values, dtype = (refine(values)) if values else (values, dtype)
        except NotACellError as error:
            raise _located(error, absent) from None
    return values, absent, dtype


def _zoned(series: Any) -> Any:
    """Return the dtype of a pandas column whose zone's name narwhals can't read, such as Etc/UTC+1.

    None: it is any other column.
    """
    own = getattr(series.to_native(), "dtype", None)
    zone, unit = getattr(own, "tz", None), getattr(own, "unit", None)
    if zone is None or unit is None:
        return None
    return narwhals().Datetime(unit, str(zone).removeprefix("UTC") or "UTC")


def _located(error: NotACellError, absent: list[bool] | None) -> NotACellError:
    """Give an error the position that its value has among all rows."""
    if absent is not None:
        present = [row for row, is_absent in enumerate(absent) if not is_absent]
        error.position = present[error.position]
    return error


def _first_error(values: list[Any], dtype: Any) -> NotACellError:
    for position, value in enumerate(values):
        try:
            _cells([value], dtype)
        except ValueError as error:  # noqa: PERF203 - one of them fails
            return NotACellError(position, value, error)
    raise AssertionError("a column has an error, and none of its values")


def _cells(values: list[Any], dtype: Any) -> list[Any]:  # noqa: PLR0911 - one for each dtype
    """Make cells of a column's values, in the form in which they are kept."""
    dtype, name = resolve(dtype)
    if name in _AS_THEY_ARE or not values:
        return values
    if name in _TEXT:
        return _text_cells(values)
    if name.startswith(("Int", "UInt")):
        return _int_cells(values)
    if name.startswith("Float"):
        return _float_cells(values)
    if name == "Datetime":
        return datetime_texts(values, dtype.time_unit, utc=dtype.time_zone is not None)
    if name == "Time":
        return time_texts(values)
    cells = list(map(_item_maker(dtype), values))
    if name in _NESTED:
        return list(map(_encoded, cells))
    return cells


def _encoded(cell: Any) -> Any:
    """Return an array or object in the form in which it is kept; others as they are."""
    if not isinstance(cell, (dict, list)):
        return cell
    raw = encode(cell)
    if raw is MISSING:
        raise ValueError("there are things in it for which JSON has no form")
    return raw


def _text_cells(texts: list[str]) -> list[str]:
    if max(texts) < UNDEFINED:
        return texts
    return [str(encode([text])) if is_reserved(text) else text for text in texts]


def _int_cells(numbers: list[int]) -> list[Any]:
    if max(numbers) <= MAX_INT and min(numbers) >= -MAX_INT:
        return numbers
    return list(map(_int_cell, numbers))


def _int_cell(number: int) -> int | str:
    return number if -MAX_INT <= number <= MAX_INT else str(number)


def _float_cells(numbers: list[float]) -> list[Any]:
    cells: list[Any] = numbers
    total = sum(numbers)
    if total - total != 0:
        return list(map(_float_cell, numbers))
    for position in compress(range(len(numbers)), map(float.is_integer, numbers)):
        cells[position] = _float_cell(numbers[position])
    return cells


def _float_cell(number: float) -> float | str:
    if number.is_integer():
        return int(number) if -MAX_INT <= number <= MAX_INT else number
    if number - number == 0:
        return number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"  # noqa: PLR0124


def _item_maker(dtype: Any) -> Callable[[Any], Any]:  # noqa: PLR0911 - one for each dtype
    """Return what makes a cell, or what JSON has inside of one, of a value."""
    dtype, name = resolve(dtype)
    if name in {"List", "Array"}:
        item = _or_null(_item_maker(dtype.inner))
        return lambda items: [item(each) for each in items]
    if name == "Struct":
        members = {field.name: _or_null(_item_maker(field.dtype)) for field in dtype.fields}
        return lambda struct: {key: member(struct[key]) for key, member in members.items()}
    if name == "Map":
        key_of, value_of = _item_maker(dtype.key), _or_null(_item_maker(dtype.value))
        return lambda pairs: [
            [key_of(key), value_of(value)]
            for key, value in (pairs.items() if isinstance(pairs, dict) else pairs)
        ]
    if name == "Datetime":
        unit, utc = dtype.time_unit, dtype.time_zone is not None
        return lambda instant: datetime_texts([instant], unit, utc=utc)[0]
    if name == "Time":
        return lambda clock: time_texts([clock])[0]
    if name == "Duration":
        return lambda duration: duration_text(duration, dtype.time_unit)
    if name.startswith("Float"):
        return _float_cell
    if name.startswith(("Int", "UInt")):
        return _int_cell
    makers: dict[str, Callable[[Any], Any]] = {
        "Date": date_text,
        "Decimal": decimal_text,
        "Binary": bytes_text,
    }
    return makers.get(name, _same)


def _or_null(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else make(value)


def _same(value: Any) -> Any:
    return value
