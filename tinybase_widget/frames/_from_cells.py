"""From cells to the values of a column of a frame; the way back of `_to_cells`.

Moments and spans of time come as whole numbers of their unit, as `_texts` has them. What somebody
has entered since may be less tidy than what a frame gave: small ints as text, less than a second
left out, another offset from UTC.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._dtypes import resolve
from tinybase_widget.frames._texts import (
    NOT_FINITE,
    read_bytes,
    read_date,
    read_datetime,
    read_decimal,
    read_duration,
    read_time,
)
from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import UNDEFINED, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    Reader = Callable[[Any], Any]

_INT = re.compile(r"-?\d{1,40}", re.ASCII)
_NESTED = frozenset({"List", "Array", "Struct", "Map", "Object", "Unknown"})
_TEXT = frozenset({"String", "Categorical", "Enum"})


class NoFitError(ValueError):
    """A cell is not of its column's dtype.

    Args:
        position: Which one it is, counted from 0.
        cell: The cell.
        reason: Why not.
    """

    def __init__(self, position: int, cell: Any, reason: object) -> None:
        super().__init__(f"{cell!r}: {reason}")
        self.position = position
        self.cell = cell


def read_cells(cells: Sequence[Any], dtype: Any, *, is_own: bool = False) -> list[Any]:
    """Return the values of a column.

    Args:
        cells: Its cells as they are kept, MISSING where there is none.
        dtype: Its dtype, of narwhals.
        is_own: Whether the library's own dtype is known too, and knows how many digits decimals
            have.

    Returns:
        As many values, None where a cell is missing or null.

    Raises:
        NoFitError: A cell is not of this dtype.
    """
    present = [cell for cell in cells if cell is not MISSING and cell is not None]
    values = _values(present, dtype)
    if values is None:
        values = []
        name = resolve(dtype)[1]
        read = _text_reader(read_decimal) if is_own and name == "Decimal" else reader(dtype)
        open_cell = decode if name in _NESTED else _unreserved if name in _TEXT else _same
        for position, cell in enumerate(cells):
            if cell is MISSING or cell is None:
                continue
            try:
                values.append(read(open_cell(cell)))
            except (ValueError, ArithmeticError) as error:
                raise NoFitError(position, decode(cell), error) from None
    if len(values) == len(cells):
        return values
    following = iter(values)
    return [None if cell is MISSING or cell is None else next(following) for cell in cells]


def _values(cells: list[Any], dtype: Any) -> list[Any] | None:
    """Return values of cells that are as a frame gave them, at once; None if any is not."""
    if not cells:
        return []
    name = resolve(dtype)[1]
    kinds = set(map(type, cells))
    if name == "Boolean" and kinds == {bool}:
        return cells
    if name in {"String", "Categorical"} and kinds == {str}:
        return cells if max(cells) < UNDEFINED else None
    if name.startswith("Float") and kinds <= {int, float}:
        return list(map(float, cells))
    if name.startswith(("Int", "UInt")) and kinds == {int}:
        low, high = int_range(name)
        return cells if low <= min(cells) and max(cells) < high else None
    return None


def int_range(name: str) -> tuple[int, int]:
    """Return the smallest int of a dtype, and the first that is too large for it."""
    bits = int(name.lstrip("UInt"))
    return (0, 2**bits) if name.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1))


def reader(dtype: Any) -> Reader:  # noqa: PLR0911 - one for each dtype
    """Return what reads a cell, or what JSON has inside of one; its ValueErrors say what is wrong.

    Args:
        dtype: A dtype of narwhals.
    """
    dtype, name = resolve(dtype)
    if name in {"List", "Array"}:
        return _list_reader(_or_none(reader(dtype.inner)), dtype.size if name == "Array" else None)
    if name == "Struct":
        return _struct_reader({each.name: _or_none(reader(each.dtype)) for each in dtype.fields})
    if name == "Map":
        return _map_reader(reader(dtype.key), _or_none(reader(dtype.value)))
    if name == "Datetime":
        unit, utc = dtype.time_unit, dtype.time_zone is not None
        return _text_reader(lambda text: read_datetime(text, unit, utc=utc))
    if name == "Duration":
        return _text_reader(lambda text: read_duration(text, dtype.time_unit))
    if name == "Decimal":
        return lambda cell: _read_decimal(cell, dtype.precision, dtype.scale)
    if name == "Enum":
        return lambda cell: _read_category(cell, dtype.categories)
    if name.startswith("Float"):
        return _read_float
    if name.startswith(("Int", "UInt")):
        return lambda cell: _read_int(cell, *int_range(name))
    return {
        "Date": _text_reader(read_date),
        "Time": _text_reader(read_time),
        "Binary": _text_reader(read_bytes),
        "Boolean": _read_bool,
        "String": _read_text,
        "Categorical": _read_text,
    }.get(name, _same)


def _or_none(read: Reader) -> Reader:
    return lambda cell: None if cell is None else read(cell)


def _same(cell: Any) -> Any:
    return cell


def _text_reader(read: Callable[[str], Any]) -> Reader:
    def read_if_text(cell: Any) -> Any:
        return read(cell if isinstance(cell, str) else "")

    return read_if_text


def _unreserved(cell: Any) -> Any:
    """Return the text that an array stands for, since a Store reserves it; others as they are."""
    opened = decode(cell)
    return opened[0] if isinstance(opened, list) and len(opened) == 1 else opened


def _read_text(cell: Any) -> str:
    if not isinstance(cell, str):
        raise ValueError("it is no text")  # noqa: TRY004 - of a cell
    return cell


def _read_category(cell: Any, categories: Sequence[str]) -> str:
    text = _read_text(cell)
    if text not in categories:
        raise ValueError(f"the categories are {', '.join(map(repr, categories))}")
    return text


def _read_bool(cell: Any) -> bool:
    if not isinstance(cell, bool):
        raise ValueError("it is neither true nor false")  # noqa: TRY004 - of a cell
    return cell


def _read_int(cell: Any, low: int, high: int) -> int:
    if isinstance(cell, str) and _INT.fullmatch(cell):
        cell = int(cell)
    if type(cell) is not int:
        raise ValueError("it is no whole number")
    if not low <= cell < high:
        raise ValueError(f"the dtype goes from {low} to {high - 1}")
    return cell


def _read_float(cell: Any) -> float:
    if isinstance(cell, str) and cell in NOT_FINITE:
        return NOT_FINITE[cell]
    if type(cell) is not int and type(cell) is not float:
        raise ValueError("it is no number")
    return float(cell)


def _read_decimal(cell: Any, precision: int, scale: int) -> Decimal:
    is_number = type(cell) is int or type(cell) is float
    if not is_number and not isinstance(cell, str):
        raise ValueError("a decimal is written as 12.50")
    number = read_decimal(repr(cell) if is_number else cell)
    if number.is_finite():
        _, digits, exponent = number.as_tuple()
        if int(exponent) < -scale:
            raise ValueError(f"it has more than the dtype's {scale} digits after the point")
        if len(digits) + int(exponent) > precision - scale and any(digits):
            raise ValueError(f"it has more than the dtype's {precision} digits")
    return number


def _list_reader(read: Reader, size: int | None) -> Reader:
    def read_list(cell: Any) -> list[Any]:
        if not isinstance(cell, list):
            raise ValueError("it is no array")  # noqa: TRY004 - of a cell
        if size is not None and len(cell) != size:
            raise ValueError(f"arrays of this column have {size} items")
        return [read(item) for item in cell]

    return read_list


def _struct_reader(readers: dict[str, Reader]) -> Reader:
    def read_struct(cell: Any) -> dict[str, Any]:
        if not isinstance(cell, dict) or not cell.keys() <= readers.keys():
            raise ValueError(f"objects of this column have {', '.join(map(repr, readers))}")
        return {name: read(cell.get(name)) for name, read in readers.items()}

    return read_struct


def _map_reader(read_key: Reader, read_value: Reader) -> Reader:
    def read_map(cell: Any) -> list[tuple[Any, Any]]:
        try:
            pairs = [(key, value) for key, value in cell]
        except (TypeError, ValueError):
            raise ValueError("a map is an array of arrays of two, key and value") from None
        return [(read_key(key), read_value(value)) for key, value in pairs]

    return read_map
