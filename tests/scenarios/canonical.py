"""One spelling for everything that an update says, whoever encoded it; see README.md."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tinybase_widget.persisters._yjs_wire import read_varuint, varuint

if TYPE_CHECKING:
    from collections.abc import Iterator

_GC, _DELETED, _BINARY, _TYPE, _ANY = 0, 1, 3, 7, 8
_KIND = 0x1F
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_KEY = 0x80, 0x40, 0x20
_INTEGER, _FLOAT32, _FLOAT64, _TEXT, _BYTES, _OTHERS = (
    0x7D,
    0x7C,
    0x7B,
    0x77,
    0x74,
    (0x78, 0x79, 0x7E),
)
_MAX_INT31 = 2**31 - 1


def canonical(update: bytes) -> bytes:
    """Return an update (version 1) that says the same with its parts in a fixed order and form."""
    reader = _Reader(update)
    blocks = sorted(reader.blocks(), reverse=True)
    deletions = sorted(reader.deletions(), reverse=True)
    assert reader.at == len(update)
    parts = [varuint(len(blocks))]
    for client, clock, structs in blocks:
        parts += (varuint(len(structs)), varuint(client), varuint(clock), *structs)
    parts.append(varuint(len(deletions)))
    for client, ranges in deletions:
        parts += (varuint(client), varuint(len(ranges)))
        parts += (varuint(number) for range_ in ranges for number in range_)
    return b"".join(parts)


class _Reader:
    """Reads an update from its beginning, and returns its parts as they are to be written."""

    def __init__(self, update: bytes) -> None:
        self._update = update
        self.at = 0

    def blocks(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """Yield client id, first clock and structs, for each client."""
        for _ in range(self._number()):
            count, client, clock = self._number(), self._number(), self._number()
            yield client, clock, [self._struct() for _ in range(count)]

    def deletions(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Yield client id and ranges of clocks, for each client of the delete set."""
        for _ in range(self._number()):
            client, count = self._number(), self._number()
            yield client, [(self._number(), self._number()) for _ in range(count)]

    def _struct(self) -> bytes:
        info = self._take(1)
        kind = info[0] & _KIND
        if kind == _GC:
            return info + varuint(self._number())
        head = bytes((info[0] | _HAS_KEY,))  # as all we make have; it is not always said
        for flag in (_HAS_ORIGIN, _HAS_RIGHT_ORIGIN):
            if info[0] & flag:
                head += varuint(self._number()) + varuint(self._number())
        if not info[0] & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
            is_root = self._number()
            head += varuint(is_root)
            head += self._text() if is_root else varuint(self._number()) + varuint(self._number())
            if info[0] & _HAS_KEY:
                head += self._text()
        return head + self._content(kind)

    def _content(self, kind: int) -> bytes:
        if kind in (_DELETED, _TYPE):
            return varuint(self._number())
        if kind == _BINARY:  # what Yjs makes of bytes, and pycrdt one value
            return varuint(1) + bytes((_BYTES,)) + self._text()
        assert kind == _ANY, f"a struct of kind {kind} is none of ours"
        count = self._number()
        return varuint(count) + b"".join(self._value() for _ in range(count))

    def _value(self) -> bytes:
        tag = self._take(1)
        if tag[0] in _OTHERS:
            return tag
        if tag[0] in (_TEXT, _BYTES):
            return tag + self._text()
        if tag[0] == _INTEGER:
            return _spelled(self._integer())
        if tag[0] == _FLOAT32:
            return _spelled(struct.unpack(">f", self._take(4))[0])
        assert tag[0] == _FLOAT64, f"a value of kind {tag[0]} is none of ours"
        return _spelled(struct.unpack(">d", self._take(8))[0])

    def _integer(self) -> int:
        first = self._take(1)[0]
        number = first & 0x3F
        if first & 0x80:
            number |= self._number() << 6
        return -number if first & 0x40 else number

    def _text(self) -> bytes:
        length = self._number()
        return varuint(length) + self._take(length)

    def _number(self) -> int:
        number, self.at = read_varuint(self._update, self.at)
        return number

    def _take(self, length: int) -> bytes:
        self.at += length
        assert self.at <= len(self._update)
        return self._update[self.at - length : self.at]


def _spelled(number: float) -> bytes:
    """Return a number as lib0 in JavaScript writes it."""
    if number == int(number) and abs(number) <= _MAX_INT31:
        magnitude, sign = abs(int(number)), 0x40 if number < 0 else 0
        if magnitude <= 0x3F:
            return bytes((_INTEGER, magnitude | sign))
        return bytes((_INTEGER, 0x80 | sign | magnitude & 0x3F)) + varuint(magnitude >> 6)
    try:
        short = struct.pack(">f", number)
    except OverflowError:
        return bytes((_FLOAT64,)) + struct.pack(">d", number)
    if struct.unpack(">f", short)[0] == number:
        return bytes((_FLOAT32,)) + short
    return bytes((_FLOAT64,)) + struct.pack(">d", number)
