"""The bytes of a Yjs update (format V1), as far as this package writes them itself.

A derived container or cell (see `_yjs_containers`) has to be the same struct whoever makes it, so
its bytes are made here and handed to the document as an update. The format is Yjs' own::

    update  = number of clients, then for each: number of structs, client id, first clock, structs
              then the delete set, which is always empty here (one zero byte)
    map     = 0x27  parent  key  0x01          an Item without origins that holds a Y.Map
    cell    = 0x28  parent  key  0x01  value   an Item without origins that holds one JSON value
    parent  = 0x01 root name  |  0x00 client id, clock of the Item that holds the parent

Numbers are lib0's variable length integers, 7 bits a byte, lowest first; a text is its length in
bytes and its UTF-8. A value is lib0's "any", with one spelling for each value, because equal
contents must give equal bytes.

Source: Yjs' `UpdateEncoderV1` and `Item.write`, lib0's `writeAny`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybase_widget.store import Cell

_MAX_INT31 = 2**31 - 1
_LOW_BITS = 0x7F
_MORE = 0x80


class ItemId(NamedTuple):
    """The id of a struct: the client that made it, and its place among what that client made."""

    client: int
    clock: int


class Block(NamedTuple):
    """Structs of one client with consecutive clocks."""

    client: int
    clock: int
    structs: list[bytes]


def varuint(number: int) -> bytes:
    """Return a non-negative integer as lib0 writes it."""
    out = bytearray()
    while number > _LOW_BITS:
        out.append(number & _LOW_BITS | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def _varint(number: int) -> bytes:
    """Return a signed integer as lib0 writes it: sign in bit 6 of the first byte."""
    sign = 0x40 if number < 0 else 0
    number = abs(number)
    first = number & 0x3F | sign
    number >>= 6
    if not number:
        return bytes((first,))
    return bytes((first | _MORE,)) + varuint(number)


def text(string: str) -> bytes:
    """Return a text, with its length before it."""
    encoded = sendable(string).encode()
    return varuint(len(encoded)) + encoded


def sendable(string: str) -> str:
    """Return a text that UTF-8 can carry: halves of surrogate pairs are joined, or become "?".

    Yjs makes U+FFFD of them, which at the start of a cell would be TinyBase's mark of an object.
    """
    if string.isascii():
        return string
    try:
        string.encode()
    except UnicodeEncodeError:
        joined = string.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return joined.replace("\ufffd", "?")
    return string


def value(cell: Cell) -> bytes:
    """Return a cell's value as lib0's "any"."""
    if isinstance(cell, str):
        return b"\x77" + text(cell)
    if cell is True:
        return b"\x78"
    if cell is False:
        return b"\x79"
    if cell is None:
        return b"\x7e"
    if isinstance(cell, int) and -_MAX_INT31 <= cell <= _MAX_INT31:
        return b"\x7d" + _varint(cell)
    return b"\x7b" + struct.pack(">d", cell)


def parent_id(item: ItemId) -> bytes:
    """Return the reference to a parent that is an Item."""
    return b"\x00" + varuint(item.client) + varuint(item.clock)


def parent_root(name: str) -> bytes:
    """Return the reference to a parent that is a root type of the document."""
    return b"\x01" + text(name)


def map_struct(parent: bytes, key: str) -> bytes:
    """Return the Item that holds an empty Y.Map under a key of `parent`."""
    return b"\x27" + parent + text(key) + b"\x01"


def cell_struct(parent: bytes, key: str, cell: Cell) -> bytes:
    """Return the Item that holds one value under a key of `parent`."""
    return b"\x28" + parent + text(key) + b"\x01" + value(cell)


def update(blocks: Sequence[Block]) -> bytes:
    """Return an update of these blocks and no deletions."""
    parts = [varuint(len(blocks))]
    for client, clock, structs in blocks:
        parts += (varuint(len(structs)), varuint(client), varuint(clock), *structs)
    return b"".join((*parts, b"\x00"))


def read_varuint(data: bytes, start: int) -> tuple[int, int]:
    """Return the integer at `start` and the position behind it."""
    number = shift = 0
    while True:
        byte = data[start]
        start += 1
        number |= (byte & _LOW_BITS) << shift
        if byte < _MORE:
            return number, start
        shift += 7


def read_state_vector(data: bytes) -> dict[int, int]:
    """Return the clocks of a state vector by client id.

    Example:
        >>> read_state_vector(bytes([1, 5, 2]))
        {5: 2}
    """
    count, position = read_varuint(data, 0)
    clocks: dict[int, int] = {}
    for _ in range(count):
        client, position = read_varuint(data, position)
        clocks[client], position = read_varuint(data, position)
    return clocks
