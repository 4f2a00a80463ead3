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

A document of 100,000 rows is half a million cells, so `cell_structs` makes many at once, but not so
many that the memory they take meanwhile would count.

Source: Yjs' `UpdateEncoderV1` and `Item.write`, lib0's `writeAny`.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tinybase_widget.store import Cell

_MAX_INT31 = 2**31 - 1
_LOW_BITS = 0x7F
_MORE = 0x80
_CHUNK = 512  # rows
match_digits = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z").match
_split_varuints = re.compile(rb"[\x80-\xff]*[\x00-\x7f]").findall
_pack_float = struct.Struct(">Bd").pack


class ItemId(NamedTuple):
    """The id of a struct: the client that made it, and its place among what that client made."""

    client: int
    clock: int


class Structs(NamedTuple):
    """Structs, one after the other: their number, and their bytes."""

    number: int
    data: bytes


class Block(NamedTuple):
    """Structs of one client with consecutive clocks, and the first of these."""

    client: int
    clock: int
    structs: Structs


def varuint(number: int) -> bytes:
    """Return a non-negative integer as lib0 writes it."""
    if number <= _LOW_BITS:
        return _BYTES[number]
    out = bytearray()
    while number > _LOW_BITS:
        out.append(number & _LOW_BITS | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def text(string: str) -> bytes:
    """Return a text, with its length before it."""
    try:
        encoded = string.encode()
    except UnicodeEncodeError:
        encoded = sendable(string).encode()
    size = len(encoded)
    return (_BYTES[size] if size <= _LOW_BITS else varuint(size)) + encoded


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


def are_sendable(strings: Iterable[str]) -> bool:
    """Return whether UTF-8 can carry all of these as they are.

    Example:
        >>> are_sendable(["zoë", "🐧"]), are_sendable(["fine", chr(0xD83D)])
        (True, False)
    """
    try:
        "".join(strings).encode()
    except UnicodeEncodeError:
        return False
    return True


def value(cell: Cell) -> bytes:
    """Return a cell's value as lib0's "any"."""
    return _WRITERS[type(cell)](cell)


def _text_value(cell: str) -> bytes:
    encoded = cell.encode()
    size = len(encoded)
    return (_SHORT_TEXTS[size] if size <= _LOW_BITS else b"\x77" + varuint(size)) + encoded


def _int_value(cell: int) -> bytes:
    """Return an integer: 6 bits, their sign and whether there are more; then 7 bits a byte."""
    sign = 0
    number = cell
    if number < 0:
        sign = 0x40
        number = -number
    if number < 1 << 6:
        return _SMALL_INTS[number | sign]
    if number < 1 << 13:
        return bytes((0x7D, number & 0x3F | sign | _MORE, number >> 6))
    if number < 1 << 20:
        return bytes(
            (0x7D, number & 0x3F | sign | _MORE, number >> 6 & _LOW_BITS | _MORE, number >> 13)
        )
    if number <= _MAX_INT31:
        return bytes((0x7D, number & 0x3F | sign | _MORE)) + varuint(number >> 6)
    return _pack_float(0x7B, cell)


_BYTES = [bytes((number,)) for number in range(_MORE)]
_SMALL_INTS = [b"\x7d" + byte for byte in _BYTES]
_SHORT_TEXTS = [b"\x77" + byte for byte in _BYTES]
_WRITERS: dict[type, Callable[[Any], bytes]] = {
    str: _text_value,
    int: _int_value,
    float: lambda cell: _pack_float(0x7B, cell),
    bool: lambda cell: b"\x78" if cell else b"\x79",
    type(None): lambda _: b"\x7e",
}


def parent_id(item: ItemId) -> bytes:
    """Return the reference to a parent that is an Item."""
    return b"\x00" + varuint(item.client) + varuint(item.clock)


def parent_root(name: str) -> bytes:
    """Return the reference to a parent that is a root type of the document."""
    return b"\x01" + text(name)


def map_structs(parent: bytes, keys: Sequence[bytes]) -> Structs:
    """Return the Items that hold empty Y.Maps under keys of `parent`, which `text` has made."""
    head = b"\x27" + parent
    return Structs(len(keys), b"".join([head + key + b"\x01" for key in keys]))


def cell_structs(
    rows: Iterable[tuple[ItemId, Mapping[str, Cell]]], *, is_ordered: bool = False
) -> Structs:
    """Return the Items that hold the cells of rows, whose containers have these ids.

    Args:
        rows: The rows.
        is_ordered: Whether the keys of each row are in the order in which they have to be.

    Raises:
        KeyError: Something is no cell; or a key is an integer, and nobody has seen to the order.
        UnicodeEncodeError: There is a text that is not `sendable`.
    """
    clients: dict[int, bytes] = {}
    texts: dict[str, bytes] = {}
    number = 0
    chunks: list[bytes] = []
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        parents: list[bytes] = []
        keys: list[str] = []
        cells: list[Cell] = []
        for (client, clock), row in chunk:
            head = clients.get(client)
            if head is None:
                head = clients[client] = b"\x28\x00" + varuint(client)
            parents += [head + varuint(clock)] * len(row)
            keys += row
            cells += row.values()
        new = set(keys).difference(texts)
        if not is_ordered and any(map(match_digits, new)):
            raise KeyError(new)
        texts.update({key: text(key) + b"\x01" for key in new})
        parts = [b""] * (3 * len(cells))
        parts[0::3] = parents
        parts[1::3] = map(texts.__getitem__, keys)
        parts[2::3] = [_WRITERS[type(cell)](cell) for cell in cells]
        number += len(cells)
        chunks.append(b"".join(parts))
    return Structs(number, b"".join(chunks))


def update(blocks: Sequence[Block]) -> bytes:
    """Return an update of these blocks and no deletions."""
    parts = [varuint(len(blocks))]
    for client, clock, (number, structs) in blocks:
        parts += (varuint(number), varuint(client), varuint(clock), structs)
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

    Raises:
        ValueError: These bytes are no state vector.

    Example:
        >>> read_state_vector(bytes([1, 5, 2]))
        {5: 2}
    """
    return {_number(client): _number(clock) for client, clock in _raw_clocks(data).items()}


def changed_clients(before: bytes, after: bytes) -> set[int]:
    """Return the clients whose clocks differ between two state vectors.

    Example:
        >>> changed_clients(bytes([2, 5, 2, 6, 1]), bytes([2, 6, 2, 5, 2]))
        {6}
    """
    changed = _raw_clocks(before).items() ^ _raw_clocks(after).items()
    return {_number(client) for client, _ in changed}


def _raw_clocks(state_vector: bytes) -> dict[bytes, bytes]:
    numbers = _split_varuints(state_vector)
    if not numbers or len(numbers) != 2 * _number(numbers[0]) + 1:
        raise ValueError("these bytes are no state vector")
    return dict(zip(numbers[1::2], numbers[2::2], strict=True))


@lru_cache(maxsize=4096)
def _number(data: bytes) -> int:
    return read_varuint(data, 0)[0]
