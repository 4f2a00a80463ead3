"""The bytes of a Yjs update (format V1), as far as this package writes them itself.

A derived container or cell (see `_yjs_containers`) has to be the same struct whoever makes it, so
its bytes are made here and handed to the document as an update. The format is Yjs' own::

    update  = number of clients, then for each: number of structs, client id, first clock, structs
              then the delete set, which is always empty here (one zero byte)
    map     = 0x27  parent  key  0x01          an Item without origins that holds a Y.Map
    cell    = 0x28  parent  key  0x01  value   an Item without origins that holds one JSON value
    parent  = 0x01 root name  |  0x00 client id, clock of the Item that holds the parent

Numbers are lib0's variable length integers, 7 bits a byte, lowest first; a text is its length in
bytes and its UTF-8. A value is lib0's "any" (`_yjs_values`).

A document of 100,000 rows is half a million cells, so `cell_structs` makes many at once, but not so
many that the memory they take meanwhile would count.

Source: Yjs' `UpdateEncoderV1` and `Item.write`, lib0's `writeAny`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget.persisters._yjs_values import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tinybase_widget.store import Cell

_LOW_BITS = 0x7F
_MORE = 0x80
_MOST_BITS = 70
_TWO_BYTES = 1 << 14
_CHUNK = 512  # rows
BYTES = [bytes((number,)) for number in range(_MORE)]
match_digits = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z").match
_split_varuints = re.compile(rb"[\x80-\xff]*[\x00-\x7f]").findall


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
        return BYTES[number]
    if number < _TWO_BYTES:
        return bytes((number & _LOW_BITS | _MORE, number >> 7))
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
    return (BYTES[size] if size <= _LOW_BITS else varuint(size)) + encoded


def texts(strings: Sequence[str]) -> list[bytes]:
    """Return texts, each as `text` does."""
    try:
        encoded = list(map(str.encode, strings))
    except UnicodeEncodeError:
        return list(map(text, strings))
    sizes = list(map(len, encoded))
    if max(sizes, default=0) > _LOW_BITS:
        return list(map(text, strings))
    return list(map(add, map(BYTES.__getitem__, sizes), encoded))


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
    written: dict[str, bytes] = {}
    number = 0
    parts: list[bytes] = []
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        parents: list[bytes] = []
        for (client, clock), _ in chunk:
            head = clients.get(client)
            if head is None:
                head = clients[client] = b"\x28\x00" + varuint(client)
            parents.append(head + varuint(clock))
        alike = [row for _, row in chunk]
        shapes = set(map(tuple, alike))
        new = set().union(*shapes).difference(written)
        if not is_ordered and any(map(match_digits, new)):
            raise KeyError(new)
        written.update({key: text(key) + b"\x01" for key in new})
        if len(shapes) == 1:
            heads = [written[key] for key in shapes.pop()]
            parts.append(_cells_of_alike(parents, heads, alike))
            number += len(heads) * len(alike)
        else:
            for parent, row in zip(parents, alike, strict=True):
                heads = [written[key] for key in row]
                parts.append(_cells_of_alike([parent], heads, [row]))
                number += len(heads)
    return Structs(number, b"".join(parts))


def _cells_of_alike(
    parents: Sequence[bytes], heads: Sequence[bytes], rows: Sequence[Mapping[str, Cell]]
) -> bytes:
    """Write the cells of rows that have the same keys in the same order, a column at a time."""
    width = 3 * len(heads)
    parts = [b""] * (width * len(rows))
    columns = zip(*[row.values() for row in rows], strict=True)
    for place, head, cells in zip(range(0, width, 3), heads, columns, strict=True):
        parts[place::width] = parents
        parts[place + 1 :: width] = [head] * len(rows)
        parts[place + 2 :: width] = values(cells)
    return b"".join(parts)


def update(blocks: Sequence[Block]) -> bytes:
    """Return an update of these blocks and no deletions."""
    parts = [varuint(len(blocks))]
    for client, clock, (number, structs) in blocks:
        parts += (varuint(number), varuint(client), varuint(clock), structs)
    return b"".join((*parts, b"\x00"))


def read_varuint(data: bytes, start: int) -> tuple[int, int]:
    """Return the integer at `start` and the position behind it.

    Raises:
        IndexError: The bytes end before, or it goes on for longer than 64 bits take.
    """
    number = shift = 0
    while shift < _MOST_BITS:
        byte = data[start]
        start += 1
        number |= (byte & _LOW_BITS) << shift
        if byte < _MORE:
            return number, start
        shift += 7
    raise IndexError("an integer of more than 64 bits")


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
