"""Whether an update can be taken over as a whole.

Yjs keeps structs aside whose predecessors are missing, but carries out at once what the same update
deletes. Where another's container has taken the place of one, that would be a deletion without its
replacement, and pycrdt may panic on such updates while a document is observed. So an update that is
not complete is not applied (`is_complete`); comparing states brings it with all that it needs.

Source: Yjs' `readClientsStructRefs` and the `read…` functions of its contents (format V1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget.persisters._yjs_wire import ItemId, read_varuint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GC, _DELETED, _JSON, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _DOC, _SKIP = range(11)
_KIND = 0x1F
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_KEY = 0x80, 0x40, 0x20
_NAMED_TYPES = (3, 5)  # XML elements and hooks are followed by their name
_FIXED_ANY = {127: 0, 126: 0, 124: 4, 123: 8, 122: 8, 121: 0, 120: 0}
_ANY_INTEGER, _ANY_STRING, _ANY_OBJECT, _ANY_ARRAY, _ANY_BYTES = 125, 119, 118, 117, 116


class Struct(NamedTuple):
    """One struct of an update: its id, how many clocks it takes, and the structs it refers to."""

    item: ItemId
    length: int
    references: tuple[ItemId, ...]


def is_complete(update: bytes, clocks: Mapping[int, int]) -> bool:
    """Return whether a document of this state vector has all that an update refers to.

    Args:
        update: The update.
        clocks: The document's state vector, by client id.

    Raises:
        ValueError: These bytes are no update.
    """
    try:
        structs = list(_read_structs(update))
    except IndexError:
        raise ValueError("the update ends in the middle of a struct") from None
    ends: dict[int, int] = {}
    for struct in structs:
        client, clock = struct.item
        end = ends.get(client, clocks.get(client, 0))
        if clock > end:
            return False
        ends[client] = max(end, clock + struct.length)
    return all(
        clock < ends.get(client, clocks.get(client, 0))
        for struct in structs
        for client, clock in struct.references
    )


def _read_structs(update: bytes) -> Iterator[Struct]:
    """Yield the structs of an update."""
    clients, position = read_varuint(update, 0)
    for _ in range(clients):
        count, position = read_varuint(update, position)
        client, position = read_varuint(update, position)
        clock, position = read_varuint(update, position)
        for _ in range(count):
            info = update[position]
            position += 1
            kind = info & _KIND
            if kind in (_GC, _SKIP):
                length, position = read_varuint(update, position)
                if kind == _GC:
                    yield Struct(ItemId(client, clock), length, ())
            else:
                references, position = _read_references(update, position, info)
                length, position = _skip_content(update, position, kind)
                yield Struct(ItemId(client, clock), length, references)
            clock += length


def _read_references(update: bytes, position: int, info: int) -> tuple[tuple[ItemId, ...], int]:
    references = []
    for flag in (_HAS_ORIGIN, _HAS_RIGHT_ORIGIN):
        if info & flag:
            item, position = _read_id(update, position)
            references.append(item)
    if not references:
        is_root, position = read_varuint(update, position)
        if is_root == 1:
            position = _skip_bytes(update, position)
        else:
            parent, position = _read_id(update, position)
            references.append(parent)
        if info & _HAS_KEY:
            position = _skip_bytes(update, position)
    return tuple(references), position


def _read_id(update: bytes, position: int) -> tuple[ItemId, int]:
    client, position = read_varuint(update, position)
    clock, position = read_varuint(update, position)
    return ItemId(client, clock), position


def _skip_bytes(update: bytes, position: int) -> int:
    length, position = read_varuint(update, position)
    if position + length > len(update):
        raise IndexError
    return position + length


def _skip_content(update: bytes, position: int, kind: int) -> tuple[int, int]:
    """Return how many clocks a content takes, and the position behind it."""
    if kind == _DELETED:
        return read_varuint(update, position)
    if kind in (_JSON, _ANY):
        length, position = read_varuint(update, position)
        for _ in range(length):
            position = (_skip_bytes if kind == _JSON else _skip_any)(update, position)
        return length, position
    if kind == _STRING:
        length, start = read_varuint(update, position)
        position = _skip_bytes(update, position)
        return len(update[start : start + length].decode().encode("utf-16-le")) // 2, position
    if kind == _TYPE:
        type_, position = read_varuint(update, position)
        return 1, _skip_bytes(update, position) if type_ in _NAMED_TYPES else position
    if kind in (_BINARY, _EMBED, _FORMAT, _DOC):
        position = _skip_bytes(update, position)
        if kind == _FORMAT:
            position = _skip_bytes(update, position)
        elif kind == _DOC:
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
