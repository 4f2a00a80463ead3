"""What a change says: its operations, read from its bytes.

automerge's Python package tells of a change only its author and its predecessors, and which of
several objects under one key is the visible one. Which places a change touches, and which objects
others have lost, is in its operations.

Source: Automerge's binary document format, "change chunks": columns of run-length encoded numbers,
texts and booleans.
"""

from __future__ import annotations

import zlib
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget.persisters._automerge_core import ROOT_ID, OpId

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKE_MAP, SET, MAKE_LIST, DELETE, MAKE_TEXT = range(5)
MAKES = frozenset({MAKE_MAP, MAKE_LIST, MAKE_TEXT})

_HEADER = 8  # magic bytes and checksum
_COMPRESSED = 2
_HASH = 32
_MORE, _BITS, _SIGN = 0x80, 0x7F, 0x40
_OBJ_ACTOR, _OBJ_COUNTER = 0x01, 0x02
_KEY = 0x15
_ACTION = 0x42
_PRED_COUNT, _PRED_ACTOR, _PRED_COUNTER = 0x70, 0x71, 0x73
_ENOUGH = repeat(None)


class Op(NamedTuple):
    """One operation.

    Attributes:
        id: Its id, and that of the object it makes.
        obj: The object that it is on.
        key: The key there; `None` in a list or a text.
        action: One of `MAKE_MAP` and so on, or another number.
        preds: The operations that it takes the place of.
    """

    id: OpId
    obj: OpId
    key: str | None
    action: int
    preds: tuple[OpId, ...]


class _Reader:
    """Reads numbers and bytes one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def uint(self) -> int:
        """Read an unsigned LEB128."""
        number = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            number |= (byte & _BITS) << shift
            if byte < _MORE:
                return number
            shift += 7

    def sint(self) -> int:
        """Read a signed LEB128."""
        number = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            number |= (byte & _BITS) << shift
            shift += 7
            if byte < _MORE:
                return number - (1 << shift) if byte & _SIGN else number

    def bytes(self, length: int) -> bytes:
        """Read so many bytes."""
        self.at += length
        return self.data[self.at - length : self.at]

    def text(self) -> str:
        """Read a text and its length before it."""
        return self.bytes(self.uint()).decode("utf-8", "replace")


def read_ops(change: bytes) -> Iterator[Op]:
    """Yield the operations of a change.

    Args:
        change: Its bytes, as `Change.bytes` has them.
    """
    reader = _Reader(change)
    reader.at = _HEADER
    kind = reader.data[reader.at]
    reader.at += 1
    body = reader.bytes(reader.uint())
    reader = _Reader(zlib.decompress(body, -15) if kind == _COMPRESSED else body)
    reader.at = reader.uint() * _HASH + reader.at  # the length first: it moves on
    actors = [reader.bytes(reader.uint())]
    reader.uint()  # the number of the author's change
    counter = reader.uint()
    reader.sint()  # the time
    reader.bytes(reader.uint())  # the message
    actors += [reader.bytes(reader.uint()) for _ in range(reader.uint())]
    sizes = [(reader.uint(), reader.uint()) for _ in range(reader.uint())]
    columns = {kind: reader.bytes(size) for kind, size in sizes}
    return _ops(columns, actors, counter)


def _ops(columns: dict[int, bytes], actors: list[bytes], counter: int) -> Iterator[Op]:
    objects = zip(
        chain(_numbers(columns.get(_OBJ_ACTOR, b"")), _ENOUGH),
        chain(_numbers(columns.get(_OBJ_COUNTER, b"")), _ENOUGH),
        strict=False,
    )
    keys = chain(_texts(columns.get(_KEY, b"")), _ENOUGH)
    pred_counts = chain(_numbers(columns.get(_PRED_COUNT, b"")), repeat(0))
    pred_actors = _numbers(columns.get(_PRED_ACTOR, b""))
    pred_counters = _deltas(columns.get(_PRED_COUNTER, b""))
    author = actors[0]
    for action, (obj_actor, obj_counter), key, preds in zip(
        _numbers(columns.get(_ACTION, b"")), objects, keys, pred_counts, strict=False
    ):
        obj = ROOT_ID if obj_counter is None else OpId(obj_counter, actors[obj_actor or 0])
        before = tuple(
            OpId(next(pred_counters), actors[next(pred_actors) or 0]) for _ in range(preds or 0)
        )
        yield Op(OpId(counter, author), obj, key, action or 0, before)
        counter += 1


def _runs(reader: _Reader, read: object) -> Iterator[tuple[int, object]]:
    """Yield the runs of a run-length encoded column: how often, and what (`None` for nulls)."""
    end = len(reader.data)
    while reader.at < end:
        count = reader.sint()
        if count > 0:
            yield count, read()  # type: ignore[operator]
        elif count < 0:
            for _ in range(-count):
                yield 1, read()  # type: ignore[operator]
        else:
            yield reader.uint(), None


def _numbers(column: bytes) -> Iterator[int | None]:
    reader = _Reader(column)
    for count, value in _runs(reader, reader.uint):
        yield from repeat(value, count)


def _texts(column: bytes) -> Iterator[str | None]:
    reader = _Reader(column)
    for count, value in _runs(reader, reader.text):
        yield from repeat(value, count)


def _deltas(column: bytes) -> Iterator[int]:
    reader = _Reader(column)
    number = 0
    for count, delta in _runs(reader, reader.sint):
        for _ in range(count):
            number += delta  # type: ignore[operator]
            yield number
