"""What a cell is, and how it is kept.

A cell is a string, a finite number, a boolean, None, or an object or array that JSON can tell. The
first four are kept as they are; the last two as TinyBase keeps them: the character U+FFFD and their
JSON text. Two kinds of string are therefore reserved, and no cells: those that start with U+FFFD,
and the single character U+FFFC, which stands for `undefined` where JSON is exchanged.

Numbers are JavaScript's. An integral float is the same number as its int and becomes it; an int
that a double cannot count to, NaN and the infinities are no cells.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from tinybase_widget.store._types import Cell, Missing, RawCell, RawRow, Row

UNDEFINED = "\ufffc"
JSON_PREFIX = "\ufffd"
MAX_INT = 2**53 - 1
SCALARS = frozenset({str, int, float, bool, type(None)})


class _NotJsonError(TinyBaseError):
    """Something inside an object or array has no JSON text."""


def to_id(value: Any) -> str:
    """Give the string that stands for an id.

    Args:
        value: A string, or an int, which becomes its decimal string.

    Raises:
        TypeError: For anything else.
    """
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if not isinstance(value, bool) and hasattr(type(value), "__index__"):
        return str(value.__index__())
    raise TypeError(f"an id must be a string or an int, not {value!r}")


def to_raw(cell: Any) -> RawCell | Missing:  # noqa: PLR0911 - one for each type
    """Give the form in which a cell is kept, or MISSING for what is not a cell."""
    kind = type(cell)
    if kind is str:
        if cell[:1] < UNDEFINED:
            return cell  # type: ignore[no-any-return]
        return MISSING if cell == UNDEFINED or cell[0] == JSON_PREFIX else cell
    if kind is int:
        return cell if -MAX_INT <= cell <= MAX_INT else MISSING
    if kind is float:
        if cell.is_integer():
            return int(cell) if -MAX_INT <= cell <= MAX_INT else cell
        return cell if cell - cell == 0 else MISSING
    if kind is bool or cell is None:
        return cell  # type: ignore[no-any-return]
    cell = to_python(cell)
    if type(cell) in SCALARS:
        return to_raw(cell)
    return encode(cell) if isinstance(cell, (dict, list)) else MISSING


def to_python(cell: Any) -> Any:  # noqa: PLR0911 - one for each type
    """Turn scalars of other libraries and subclasses into Python's own; leave the rest alone."""
    if isinstance(cell, str):
        return str.__str__(cell)
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, float):
        return float(cell)
    if isinstance(cell, int):
        return int(cell)
    if isinstance(cell, tuple):
        return list(cell)
    if isinstance(cell, Mapping):
        return dict(cell)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(cell, numpy.generic):
        scalar = cell.item()
        return scalar if type(scalar) in SCALARS else MISSING
    return cell


def type_of(cell: Any) -> str | None:
    """Name a cell's type as schemas do; None for what is not a cell.

    Args:
        cell: A cell as `to_python` gives it.
    """
    if cell is None:
        return "null"
    name = _TYPE_NAMES.get(type(cell))
    if name == "number" and to_raw(cell) is MISSING:
        return None
    return name


def encode(cell: dict[Any, Any] | list[Any]) -> str | Missing:
    """Encode an object or array, or give MISSING if it holds what JSON cannot tell."""
    try:
        return JSON_PREFIX + _json_text(cell)
    except (_NotJsonError, RecursionError, TypeError):
        return MISSING


def is_encoded(cell: Any) -> bool:
    """Tell whether a kept cell is an encoded object or array."""
    return isinstance(cell, str) and cell[:1] == JSON_PREFIX


def is_reserved(cell: Any, *, encoded: bool = False) -> bool:
    """Tell whether a string is reserved; encoded objects are not where they are awaited."""
    return isinstance(cell, str) and (
        cell == UNDEFINED or (not encoded and cell[:1] == JSON_PREFIX)
    )


def encoded_type(cell: str) -> str | None:
    """Name the type of an encoded cell, "object" or "array"; None if its text is neither."""
    try:
        decoded = decode_json(cell[1:])
    except (ValueError, RecursionError):
        return None
    cell_type = type_of(decoded)
    return cell_type if cell_type in {"object", "array"} else None


def decode(raw: RawCell) -> Cell:
    """Give the cell that a kept cell stands for, as a copy of its own."""
    if type(raw) is str and raw[:1] == JSON_PREFIX:
        return decode_json(raw[1:])  # type: ignore[no-any-return]
    return raw


def decode_row(row: RawRow) -> Row:
    """Copy a row, decoding its objects and arrays."""
    return {
        cell_id: decode(raw) if type(raw) is str and raw[:1] == JSON_PREFIX else raw
        for cell_id, raw in row.items()
    }


def same(raw1: Any, raw2: Any) -> bool:
    """Compare kept cells as JavaScript's `===` does: `True` is not `1`."""
    return type(raw1) is type(raw2) and bool(raw1 == raw2)


def to_number(text: str | float) -> float:
    """Read a number as JavaScript does: whole ones as int up to 2^53, the rest as double."""
    try:
        number = float(text)
    except OverflowError:
        return math.inf
    return int(number) if number.is_integer() and abs(number) <= MAX_INT else number


def as_doubles(thing: Any) -> Any:
    """Turn the ints of decoded JSON that JavaScript cannot count to into its nearest numbers."""
    if isinstance(thing, dict):
        return {key: as_doubles(each) for key, each in thing.items()}
    if isinstance(thing, list):
        return [as_doubles(each) for each in thing]
    return to_number(thing) if type(thing) is int and abs(thing) > MAX_INT else thing


def no_constant(name: str) -> None:
    """Refuse `NaN` and `Infinity`, which are no JSON."""
    raise ValueError(name)


decode_json = json.JSONDecoder(
    parse_float=to_number, parse_int=to_number, parse_constant=no_constant
).decode


def _json_text(thing: Any) -> str:
    """Write JSON as JavaScript's `JSON.stringify` does, character by character the same.

    Two Stores encode the same object to the same text, or they would take it for a change.
    """
    thing = to_python(thing)
    kind = type(thing)
    if kind is str:
        return escape_surrogates(encode_basestring(thing))
    if thing is None:
        return "null"
    if kind is bool:
        return "true" if thing else "false"
    if kind is int or kind is float:
        return _number_text(thing)
    if isinstance(thing, list):
        return f"[{','.join(map(_item_text, thing))}]"
    if isinstance(thing, dict):
        members = (
            f"{_json_text(to_id(key))}:{_json_text(member)}"
            for key, member in thing.items()
            if member is not MISSING
        )
        return f"{{{','.join(members)}}}"
    raise _NotJsonError(repr(thing))


def _item_text(item: Any) -> str:
    return "null" if item is MISSING else _json_text(item)


def _number_text(number: float) -> str:  # noqa: PLR0911 - JavaScript has so many forms
    if isinstance(number, int):
        if -MAX_INT <= number <= MAX_INT:
            return str(number)
        raise _NotJsonError(repr(number))
    if not math.isfinite(number):
        return "null"
    text = repr(number)
    if 1e-4 <= abs(number) < 1e16:  # noqa: PLR2004 - here Python writes no exponent
        return text.removesuffix(".0")
    # JavaScript writes an exponent from 1e21 up and below 1e-6, and never pads it.
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.lstrip("-").replace(".", "")
    sign = "-" if number < 0 else ""
    if number == 0:
        return "0"
    power = int(exponent)
    if 0 <= power < 21:  # noqa: PLR2004
        return sign + digits.ljust(power + 1, "0")
    if -7 < power < 0:  # noqa: PLR2004
        return sign + "0." + "0" * (-power - 1) + digits
    return f"{mantissa}e{power:+d}".replace(".0e", "e")


def escape_surrogates(text: str) -> str:
    """Write lone surrogates as JSON escapes, as JavaScript does and UTF-8 needs."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(
            f"\\u{ord(char):04x}" if "\ud800" <= char <= "\udfff" else char for char in text
        )
    return text


_TYPE_NAMES: dict[type, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
}
