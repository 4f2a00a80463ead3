"""What a column of Python objects holds: one kind of thing, or anything that JSON can tell.

pandas keeps dates, decimals, bytes, lists and columns of several types as objects. Where all of a
column are of one kind, its dtype is the one that other libraries have for that. A column of several
kinds, or of lists and dictionaries, stays objects; all in it must be what a cell can be as it is,
since nobody could tell afterwards which texts had been dates.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._extra import narwhals
from tinybase_widget.store._cells import MAX_INT, is_reserved, to_python

if TYPE_CHECKING:
    from collections.abc import Sequence

_INT_DTYPES = (("Int64", -(2**63), 2**63), ("UInt64", 0, 2**64), ("Int128", -(2**127), 2**127))
_MOST_DIGITS = 38
_SHOWN = 60


class NotACellError(ValueError):
    """A value of a frame has no form as a cell.

    Args:
        position: Which one it is, counted from 0.
        value: The value.
        reason: Why not.
    """

    def __init__(self, position: int, value: Any, reason: object) -> None:
        text = repr(value)
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        super().__init__(f"{shown}: {reason}")
        self.position = position
        self.value = value
        self.reason = reason


def refine(values: Sequence[Any]) -> tuple[list[Any], Any]:  # noqa: PLR0911 - for each kind
    """Return objects and their dtype; moments and spans of time as whole numbers.

    Args:
        values: The objects, none of them missing.

    Raises:
        NotACellError: One of them can't be a cell, or not beside the others.

    Example:
        >>> refine([Decimal("1.5"), Decimal("12")])
        ([Decimal('1.5'), Decimal('12')], Decimal(precision=3, scale=1))
    """
    nw = narwhals()
    values = [_plain(value) for value in values]
    kinds = set(map(type, values))
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is int:
        return values, _int_dtype(values)
    if kind is datetime:
        return _datetimes(values)
    if kind is time and all(value.tzinfo is None for value in values):
        return [time_number(value) for value in values], nw.Time()
    if kind is Decimal:
        return values, _decimal_dtype(values)
    if kind is date:
        return [date_number(value) for value in values], nw.Date()
    if kind is timedelta:
        return [duration_number(value) for value in values], nw.Duration("us")
    if kind in {bool, float, str, bytes}:
        names = {bool: nw.Boolean, float: nw.Float64, str: nw.String, bytes: nw.Binary}
        return values, names[kind]()
    for position, value in enumerate(values):
        reason = _objection(value, top=True)
        if reason:
            raise NotACellError(position, value, reason)
    return [_without_nan(value) for value in values], nw.Object()


def date_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def time_number(clock: time) -> int:
    """Return the nanoseconds since midnight."""
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return (seconds * 10**6 + clock.microsecond) * 1000


def duration_number(duration: timedelta) -> int:
    """Return the microseconds."""
    return duration // timedelta(microseconds=1)


def datetime_number(moment: datetime) -> int:
    """Return the microseconds since 1970."""
    epoch = datetime(1970, 1, 1, tzinfo=moment.tzinfo and timezone.utc)
    return (moment - epoch) // timedelta(microseconds=1)


def _plain(value: Any) -> Any:
    """Turn what other libraries have for Python's own types into these, where nothing is lost."""
    # pandas' own are subclasses of Python's, and may be finer.
    kind = type(value).__name__
    if kind == "Timestamp":
        return value if value.nanosecond else value.to_pydatetime()
    if kind == "Timedelta":
        return value if value.nanoseconds else value.to_pytimedelta()
    if type(value).__module__ == "numpy":
        if hasattr(value, "dtype") and value.dtype.kind in "biufU" and hasattr(value, "tolist"):
            return value.tolist()
        if kind == "ndarray" and value.dtype.kind == "O":
            return [_plain(item) for item in value.tolist()]
        return value
    return value if isinstance(value, tuple) else to_python(value)


def _int_dtype(values: Sequence[int]) -> Any:
    smallest, largest = min(values), max(values)
    for name, low, high in _INT_DTYPES:
        if low <= smallest and largest < high:
            return getattr(narwhals(), name)()
    limit = 2**127
    position = next(i for i, value in enumerate(values) if not -limit <= value < limit)
    raise NotACellError(position, values[position], "an int has 128 bits at most")


def _decimal_dtype(values: Sequence[Decimal]) -> Any:
    parts = [value.as_tuple() for value in values if value.is_finite()]
    scale = max((-int(part.exponent) for part in parts), default=0)
    scale = max(scale, 0)
    whole = max((len(part.digits) + int(part.exponent) for part in parts), default=0)
    # Python's decimals and Arrow's of 256 bits may have more digits than narwhals' can say.
    precision = min(max(whole, 0) + scale, _MOST_DIGITS) or 1
    return narwhals().Decimal(precision, min(scale, _MOST_DIGITS))


def _datetimes(values: Sequence[datetime]) -> tuple[list[int], Any]:
    zones = {_zone_name(value) for value in values}
    if len(zones) > 1 or "" in zones:
        position = next(
            i for i, each in enumerate(values) if _zone_name(each) != _zone_name(values[0])
        )
        raise NotACellError(
            position,
            values[position],
            "datetimes of a column have one zone, with a name; give them one with "
            "pd.to_datetime(column, utc=True)",
        )
    return [datetime_number(value) for value in values], narwhals().Datetime("us", zones.pop())


def _zone_name(moment: datetime) -> str | None:
    if moment.tzinfo is None:
        return None
    if moment.tzinfo is timezone.utc:
        return "UTC"
    return str(getattr(moment.tzinfo, "key", getattr(moment.tzinfo, "zone", None)) or "")


def _objection(value: Any, *, top: bool = False) -> str:  # noqa: PLR0911 - one for each type
    """Say why a value can't be told by JSON; nothing if it can."""
    value = _plain(value)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return "a Store reserves this text" if top and is_reserved(value) else ""
    if isinstance(value, int):
        return "" if abs(value) <= MAX_INT else "beyond 2^53, and its column has more than ints"
    if isinstance(value, float):
        return "it is not finite, and its column has more than floats" if math.isinf(value) else ""
    if type(value) in {list, tuple}:
        return next(filter(None, map(_objection, value)), "")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return "keys of an object are strings"
        return next(filter(None, map(_objection, value.values())), "")
    return (
        f"there is no cell for this {type(value).__name__}, or not in a column of several types; "
        "make the column text: astype(str)"
    )


def _without_nan(value: Any) -> Any:
    """Copy what JSON can tell, with None for the NaN that pandas has for what is missing."""
    value = _plain(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_nan(member) for key, member in value.items()}
    return value
