"""What an update says: its structs, its deletions, and whether it can be taken over as a whole.

pycrdt tells of an update only what it changed in the end. Three questions need the structs
themselves: whether an update is complete, whether a container was made again on purpose, and
whether two edits of a cell knew of each other (`_yjs_causality` answers the last two).

Yjs keeps structs aside whose predecessors are missing, but carries out at once what the same update
deletes. Where another's container has taken the place of one, that would be a deletion without its
replacement, and pycrdt may panic on such updates while a document is observed. So an update that is
not complete is not applied (`is_complete`); comparing states brings it with all that it needs.

Source: Yjs' `readClientsStructRefs`, `readDeleteSet` and the `read…` functions of its contents
(format V1).
"""

from __future__ import annotations

import struct as packing
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._yjs_wire import ItemId, read_varuint

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

GC, DELETED, JSON, BINARY, STRING, EMBED, FORMAT, TYPE, ANY, DOC, SKIP = range(11)
_KIND = 0x1F
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_KEY = 0x80, 0x40, 0x20
_NAMED_TYPES = (3, 5)  # XML elements and hooks are followed by their name
_FIXED_ANY = {127: 0, 126: 0, 124: 4, 123: 8, 122: 8, 121: 0, 120: 0}
_ANY_NULL, _ANY_INTEGER, _ANY_FLOAT32, _ANY_FLOAT64, _ANY_BIGINT = 126, 125, 124, 123, 122
_ANY_FALSE, _ANY_TRUE = 121, 120
_ANY_STRING, _ANY_OBJECT, _ANY_ARRAY, _ANY_BYTES = 119, 118, 117, 116
_INTEGER_MORE, _INTEGER_SIGN, _INTEGER_BITS = 0x80, 0x40, 0x3F


class Struct(NamedTuple):
    """One struct of an update.

    Attributes:
        item: Its id; the first of `length` ids with consecutive clocks.
        length: How many clocks it takes.
        kind: What it holds: `TYPE` a container, `ANY` values, `DELETED` what is gone, …
        origin: The struct to whose right it was put: what its author saw at its place. `None` where
            there was nothing.
        right: The struct to whose left it was put.
        parent: The container's id, or the name of the root; `None` where an origin tells it.
        key: Its key in a map; `None` where an origin tells it, and in a sequence.
        content: Where in the update its content begins.
        end: Where in the update it ends.
    """

    item: ItemId
    length: int
    kind: int
    origin: ItemId | None = None
    right: ItemId | None = None
    parent: ItemId | str | None = None
    key: str | None = None
    content: int = 0
    end: int = 0


def is_complete(update: bytes, clocks: Mapping[int, int]) -> bool:
    """Return whether a document of this state vector has all that an update refers to or deletes.

    Args:
        update: The update.
        clocks: The document's state vector, by client id.

    Raises:
        ValueError: These bytes are no update.
    """
    structs, delete_set = read_update(update)
    ends: dict[int, int] = {}
    for struct in structs:
        client, clock = struct.item
        end = ends.get(client, clocks.get(client, 0))
        if clock > end:
            return False
        ends[client] = max(end, clock + struct.length)
    has_references = all(
        reference[1] < ends.get(reference[0], clocks.get(reference[0], 0))
        for struct in structs
        for reference in (struct.origin, struct.right, struct.parent)
        if reference is not None and not isinstance(reference, str)
    )
    try:
        deletions = list(read_deletions(delete_set))
    except IndexError:
        raise ValueError("the update ends in the middle of its deletions") from None
    return has_references and all(
        clock + length <= ends.get(client, clocks.get(client, 0))
        for client, clock, length in deletions
    )


def read_structs(update: bytes) -> list[Struct]:
    """Return the structs of an update.

    Raises:
        ValueError: These bytes are no update.
    """
    return read_update(update)[0]


def read_update(update: bytes) -> tuple[list[Struct], bytes]:
    """Return the structs of an update, and its delete set for `read_deletions`.

    Raises:
        ValueError: These bytes are no update.
    """
    structs: list[Struct] = []
    reader = iterate_structs(update)
    try:
        while True:
            structs.append(next(reader))
    except StopIteration as end:
        return structs, update[end.value :]
    except IndexError:
        raise ValueError("the update ends in the middle of a struct") from None


def iterate_structs(update: bytes) -> Generator[Struct, None, int]:
    """Yield the structs of an update and return where they end; IndexError if too early."""
    clients, position = read_varuint(update, 0)
    for _ in range(clients):
        count, position = read_varuint(update, position)
        client, position = read_varuint(update, position)
        clock, position = read_varuint(update, position)
        for _ in range(count):
            info = update[position]
            position += 1
            kind = info & _KIND
            if kind in (GC, SKIP):
                length, position = read_varuint(update, position)
                if kind == GC:
                    yield Struct(ItemId(client, clock), length, GC, end=position)
            else:
                origin = right = parent = key = None
                if info & _HAS_ORIGIN:
                    origin, position = _read_id(update, position)
                if info & _HAS_RIGHT_ORIGIN:
                    right, position = _read_id(update, position)
                if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
                    parent, key, position = _read_parent(update, position, info)
                content = position
                length, position = _skip_content(update, position, kind)
                item = ItemId(client, clock)
                yield Struct(item, length, kind, origin, right, parent, key, content, position)
            clock += length
    return position


def read_deletions(delete_set: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield client id, clock and length of each range of a delete set."""
    clients, position = read_varuint(delete_set, 0)
    for _ in range(clients):
        client, position = read_varuint(delete_set, position)
        count, position = read_varuint(delete_set, position)
        for _ in range(count):
            clock, position = read_varuint(delete_set, position)
            length, position = read_varuint(delete_set, position)
            yield client, clock, length


def read_cell_content(update: bytes, struct: Struct) -> Any:
    """Return the last value that a struct of kind `ANY` holds.

    Raises:
        ValueError: It holds something that can't be a cell.
    """
    if struct.kind != ANY:
        raise ValueError("this struct holds no values")
    _, position = read_varuint(update, struct.content)
    for _ in range(struct.length - 1):
        position = _skip_any(update, position)
    return _read_any(update, position)


def any_positions(update: bytes, struct: Struct) -> Iterator[bytes]:
    """Yield the values that a struct of kind `ANY` holds, as they are written."""
    _, position = read_varuint(update, struct.content)
    for _ in range(struct.length):
        end = _skip_any(update, position)
        yield update[position:end]
        position = end


def _read_any(update: bytes, position: int) -> Any:  # noqa: PLR0911 - one for each tag
    tag = update[position]
    position += 1
    if tag == _ANY_STRING:
        length, position = read_varuint(update, position)
        return update[position : position + length].decode()
    if tag == _ANY_INTEGER:
        return _read_varint(update, position)
    if tag == _ANY_FLOAT64:
        return packing.unpack_from(">d", update, position)[0]
    if tag == _ANY_FLOAT32:
        return packing.unpack_from(">f", update, position)[0]
    if tag == _ANY_BIGINT:
        return packing.unpack_from(">q", update, position)[0]
    if tag in (_ANY_TRUE, _ANY_FALSE):
        return tag == _ANY_TRUE
    if tag == _ANY_NULL:
        return None
    raise ValueError(f"a value with the tag {tag} can't be a cell")


def _read_varint(update: bytes, position: int) -> int:
    byte = update[position]
    number = byte & _INTEGER_BITS
    if byte & _INTEGER_MORE:
        number |= read_varuint(update, position + 1)[0] << 6
    return -number if byte & _INTEGER_SIGN else number


def _read_parent(update: bytes, position: int, info: int) -> tuple[ItemId | str, str | None, int]:
    parent: ItemId | str
    is_root, position = read_varuint(update, position)
    if is_root == 1:
        parent, position = _read_text(update, position)
    else:
        parent, position = _read_id(update, position)
    key = None
    if info & _HAS_KEY:
        key, position = _read_text(update, position)
    return parent, key, position


def _read_id(update: bytes, position: int) -> tuple[ItemId, int]:
    client, position = read_varuint(update, position)
    clock, position = read_varuint(update, position)
    return ItemId(client, clock), position


def _read_text(update: bytes, position: int) -> tuple[str, int]:
    end = _skip_bytes(update, position)
    _, start = read_varuint(update, position)
    return update[start:end].decode(), end


def _skip_bytes(update: bytes, position: int) -> int:
    length, position = read_varuint(update, position)
    if position + length > len(update):
        raise IndexError
    return position + length


def _skip_content(update: bytes, position: int, kind: int) -> tuple[int, int]:
    """Return how many clocks a content takes, and the position behind it."""
    if kind == DELETED:
        return read_varuint(update, position)
    if kind in (JSON, ANY):
        length, position = read_varuint(update, position)
        for _ in range(length):
            position = (_skip_bytes if kind == JSON else _skip_any)(update, position)
        return length, position
    if kind == STRING:
        length, start = read_varuint(update, position)
        position = _skip_bytes(update, position)
        return len(update[start : start + length].decode().encode("utf-16-le")) // 2, position
    if kind == TYPE:
        type_, position = read_varuint(update, position)
        return 1, _skip_bytes(update, position) if type_ in _NAMED_TYPES else position
    if kind in (BINARY, EMBED, FORMAT, DOC):
        position = _skip_bytes(update, position)
        if kind == FORMAT:
            position = _skip_bytes(update, position)
        elif kind == DOC:
            position = _skip_any(update, position)
        return 1, position
    raise ValueError(f"a struct has content of an unknown kind, {kind}")


def _skip_any(update: bytes, position: int) -> int:
    tag = update[position]
    position += 1
    if tag in _FIXED_ANY:
        return position + _FIXED_ANY[tag]
    if tag == _ANY_INTEGER:
        return read_varuint(update, position)[1]
    if tag in (_ANY_STRING, _ANY_BYTES):
        return _skip_bytes(update, position)
    if tag in (_ANY_OBJECT, _ANY_ARRAY):
        count, position = read_varuint(update, position)
        for _ in range(count):
            if tag == _ANY_OBJECT:
                position = _skip_bytes(update, position)
            position = _skip_any(update, position)
        return position
    raise ValueError(f"a value has an unknown tag, {tag}")
