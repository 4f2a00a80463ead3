"""The texts that stand for what is no cell: moments, spans of time, decimals, bytes.

Moments and spans are handled as whole numbers of their unit, as data frames keep them: a date is
days since 1970, a datetime its unit since 1970 (in UTC where it has a zone), a time nanoseconds
since midnight, a duration a number of its unit. So nothing is rounded, whatever the unit is.

| what | text |
|---|---|
| date | `2026-11-23` |
| datetime | `2026-11-23T07:46:52.123` |
| ... with a zone | the same in UTC: `2026-11-23T06:46:52.123Z` |
| time | `07:46:52.123` |
| duration | `P1DT2H3M4.5S`, ISO 8601, from the largest to the smallest part that is not zero |
| decimal | `12.50`, with the digits that it has |
| bytes | base64 |
| a float that JSON does not know | `NaN`, `Infinity`, `-Infinity` |

Texts of one column have as many digits of a second (none, 3, 6 or 9) as the finest of them needs,
so that they sort as what they stand for does. UTC has two reasons: it sorts, and what it is does
not depend on a time zone database, of which two kernels may have different ones.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}

_EPOCH = date(1970, 1, 1).toordinal()
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_FINEST = 9

_CLOCK = r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
_DATETIME = re.compile(rf"(\d{{4}}-\d\d-\d\d)(?:[T ]{_CLOCK})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_TIME = re.compile(_CLOCK, re.ASCII)
_DURATION = re.compile(
    r"(-?)P(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)


@lru_cache(maxsize=2**14)
def date_text(days: int) -> str:
    """Return the text of a date.

    Args:
        days: Days since 1970-01-01.

    Raises:
        ValueError: It is not in the years 1 to 9999.
    """
    try:
        return date.fromordinal(_EPOCH + days).isoformat()
    except (ValueError, OverflowError):
        raise ValueError("it is not in the years 1 to 9999, which texts of dates have") from None


def datetime_texts(instants: Sequence[int], unit: str, *, utc: bool) -> list[str]:
    """Return the texts of datetimes.

    Args:
        instants: Their number of units since 1970.
        unit: "s", "ms", "us" or "ns".
        utc: Whether they are moments in UTC rather than what some clock shows.

    Raises:
        ValueError: One is not in the years 1 to 9999.

    Example:
        >>> datetime_texts([0, 86_400_500], "ms", utc=True)
        ['1970-01-01T00:00:00.000Z', '1970-01-02T00:00:00.500Z']
    """
    per_second = PER_SECOND[unit]
    digits = _digits(instants, per_second)
    end = "Z" if utc else ""
    texts = []
    for instant in instants:
        seconds, fraction = divmod(instant, per_second)
        days, second = divmod(seconds, _DAY)
        rest = _fraction(fraction, per_second, digits)
        texts.append(f"{date_text(days)}T{_clock(second)}{rest}{end}")
    return texts


def time_texts(times: Sequence[int]) -> list[str]:
    """Return the texts of times of the day.

    Args:
        times: Nanoseconds since midnight.
    """
    per_second = PER_SECOND["ns"]
    digits = _digits(times, per_second)
    return [
        _clock(second) + _fraction(fraction, per_second, digits)
        for second, fraction in (divmod(time, per_second) for time in times)
    ]


def duration_text(duration: int, unit: str) -> str:
    """Return the text of a duration.

    Args:
        duration: Its number of units.
        unit: "s", "ms", "us" or "ns".

    Example:
        >>> duration_text(-93_784_500, "ms"), duration_text(0, "s")
        ('-P1DT2H3M4.5S', 'PT0S')
    """
    per_second = PER_SECOND[unit]
    seconds, fraction = divmod(abs(duration), per_second)
    days, seconds = divmod(seconds, _DAY)
    hours, seconds = divmod(seconds, _HOUR)
    minutes, seconds = divmod(seconds, _MINUTE)
    digits = _digits([fraction], per_second)
    decimals = _fraction(fraction, per_second, digits).rstrip("0")
    parts = ((hours, "H"), (minutes, "M"))
    clock = "".join(f"{count}{name}" for count, name in parts if count)
    if seconds or fraction:
        clock += f"{seconds}{decimals}S"
    if not (days or clock):
        return "PT0S"
    sign = "-" if duration < 0 else ""
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def decimal_text(number: Decimal) -> str:
    """Return the text of a decimal, with all its digits.

    Example:
        >>> decimal_text(Decimal("0E-2")), decimal_text(Decimal("1E+3"))
        ('0.00', '1E+3')
    """
    exponent = number.as_tuple().exponent
    return str(number) if isinstance(exponent, int) and exponent > 0 else format(number, "f")


def bytes_text(data: bytes) -> str:
    """Return bytes in base64."""
    return b64encode(data).decode()


def read_date(text: str) -> int:
    """Return the days since 1970-01-01; a ValueError says what is wrong."""
    match = _DATETIME.fullmatch(text)
    if match is None or any(match.groups()[1:]):
        raise ValueError("a date is written as 2026-11-23")
    return date.fromisoformat(match[1]).toordinal() - _EPOCH


def read_datetime(text: str, unit: str, *, utc: bool) -> int:
    """Return the number of units since 1970; a ValueError says what is wrong.

    Any offset from UTC may be given, and less than a second left out.
    """
    match = _DATETIME.fullmatch(text)
    if match is None:
        raise ValueError(f"a datetime is written as 2026-11-23T07:46:52{'Z' if utc else ''}")
    day, *clock, offset = match.groups()
    if utc and offset is None:
        raise ValueError("a datetime with a zone ends with Z or its offset, such as +01:00")
    if not utc and offset is not None:
        raise ValueError("a datetime without a zone has neither Z nor an offset")
    days = date.fromisoformat(day).toordinal() - _EPOCH
    nanoseconds = _read_clock(clock) if clock[0] is not None else 0
    seconds = days * _DAY - _read_offset(offset)
    return _in_unit(seconds * PER_SECOND["ns"] + nanoseconds, unit)


def read_time(text: str) -> int:
    """Return the nanoseconds since midnight; a ValueError says what is wrong."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("a time is written as 07:46:52.123")
    return _read_clock(match.groups())


def read_duration(text: str, unit: str) -> int:
    """Return the number of units; a ValueError says what is wrong."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is written as P1DT2H3M4.5S, after ISO 8601")
    sign, days, hours, minutes, seconds, fraction = match.groups("0")
    whole = int(days) * _DAY + int(hours) * _HOUR + int(minutes) * _MINUTE + int(seconds)
    nanoseconds = whole * PER_SECOND["ns"] + int(fraction.ljust(_FINEST, "0"))
    return _in_unit(-nanoseconds if sign == "-" else nanoseconds, unit)


def read_decimal(text: str) -> Decimal:
    """Return a decimal; a ValueError says what is wrong."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("a decimal is written as 12.50") from None


def read_bytes(text: str) -> bytes:
    """Return bytes; a ValueError says what is wrong."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise ValueError("bytes are written in base64") from None


@lru_cache(maxsize=2**17)
def _clock(second: int) -> str:
    minutes, seconds = divmod(second, _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def _digits(numbers: Sequence[int], per_second: int) -> int:
    """Return how many digits of a second the finest of some numbers needs: 0, 3, 6 or 9."""
    fractions = {number % per_second for number in numbers}
    digits, smallest = 0, per_second
    while any(fraction % smallest for fraction in fractions):
        digits, smallest = digits + 3, smallest // 1000
    return digits


def _fraction(fraction: int, per_second: int, digits: int) -> str:
    return f".{fraction * 10**digits // per_second:0{digits}}" if digits else ""


def _read_clock(groups: Sequence[str | None]) -> int:
    hours, minutes, seconds = (int(group or 0) for group in groups[:3])
    if hours > 23 or minutes > 59 or seconds > 59:  # noqa: PLR2004 - what a clock shows
        raise ValueError("a clock shows from 00:00:00 to 23:59:59")
    whole = hours * _HOUR + minutes * _MINUTE + seconds
    return whole * PER_SECOND["ns"] + int((groups[3] or "").ljust(_FINEST, "0"))


def _read_offset(offset: str | None) -> int:
    if offset is None or offset == "Z":
        return 0
    seconds = int(offset[1:3]) * _HOUR + int(offset[4:6]) * _MINUTE
    return -seconds if offset[0] == "-" else seconds


def _in_unit(nanoseconds: int, unit: str) -> int:
    count, rest = divmod(nanoseconds, PER_SECOND["ns"] // PER_SECOND[unit])
    if rest:
        raise ValueError(f"it is finer than the column's unit, {unit}")
    return count
