"""Cells as lib0's "any", with one spelling for each value: equal contents must give equal bytes.

A column of a table nearly always has cells of one type. So `values` writes many of them by
functions that run in C, where `value` would be called for each.

Source: lib0's `writeAny`.
"""

from __future__ import annotations

import struct
from itertools import repeat
from operator import add
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinybase_widget.store import Cell

_LOW_BITS, _MORE, _SIGN = 0x7F, 0x80, 0x40
_MAX_INT31 = 2**31 - 1
_FALSE, _TRUE, _NULL = b"\x79", b"\x78", b"\x7e"
_TEXT, _INTEGER, _FLOAT = 0x77, 0x7D, 0x7B
_pack_float = struct.Struct(">Bd").pack
_SMALL_INTS = [bytes((_INTEGER, number)) for number in range(_MORE)]
_SHORT_TEXTS = [bytes((_TEXT, size)) for size in range(_MORE)]


def value(cell: Cell) -> bytes:
    """Return a cell.

    Raises:
        KeyError: It is something else.
        UnicodeEncodeError: It is a text that UTF-8 can't carry.
    """
    return _WRITERS[type(cell)](cell)


def values(cells: Sequence[Cell]) -> list[bytes]:
    """Return cells, each as `value` does.

    Raises:
        KeyError: One of them is something else.
        UnicodeEncodeError: One of them is a text that UTF-8 can't carry.
    """
    kinds = set(map(type, cells))
    if len(kinds) == 1:
        return _COLUMN_WRITERS[kinds.pop()](cells)
    return [_WRITERS[type(cell)](cell) for cell in cells]


def _text(cell: str) -> bytes:
    encoded = cell.encode()
    size = len(encoded)
    head = _SHORT_TEXTS[size] if size <= _LOW_BITS else bytes((_TEXT, *_varuint(size)))
    return head + encoded


def _texts(cells: Sequence[str]) -> list[bytes]:
    encoded = list(map(str.encode, cells))
    sizes = list(map(len, encoded))
    if max(sizes) > _LOW_BITS:
        return list(map(_text, cells))
    return list(map(add, map(_SHORT_TEXTS.__getitem__, sizes), encoded))


def _integer(cell: int) -> bytes:
    """Return an integer: 6 bits, their sign and whether there are more; then 7 bits a byte."""
    sign = 0
    number = cell
    if number < 0:
        sign = _SIGN
        number = -number
    if number < 1 << 6:
        return _SMALL_INTS[number | sign]
    first = number & 0x3F | sign | _MORE
    if number < 1 << 13:
        return bytes((_INTEGER, first, number >> 6))
    if number < 1 << 20:
        return bytes((_INTEGER, first, number >> 6 & _LOW_BITS | _MORE, number >> 13))
    if number <= _MAX_INT31:
        return bytes((_INTEGER, first, *_varuint(number >> 6)))
    return _pack_float(_FLOAT, cell)


def _varuint(number: int) -> list[int]:
    out: list[int] = []
    while number > _LOW_BITS:
        out.append(number & _LOW_BITS | _MORE)
        number >>= 7
    return [*out, number]


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    str: _text,
    int: _integer,
    float: lambda cell: _pack_float(_FLOAT, cell),
    bool: lambda cell: _TRUE if cell else _FALSE,
    type(None): lambda _: _NULL,
}
_COLUMN_WRITERS: dict[type, Callable[[Any], list[bytes]]] = {
    str: _texts,
    int: lambda cells: list(map(_integer, cells)),
    float: lambda cells: list(map(_pack_float, repeat(_FLOAT), cells)),
    bool: lambda cells: list(map((_FALSE, _TRUE).__getitem__, cells)),
    type(None): lambda cells: [_NULL] * len(cells),
}
