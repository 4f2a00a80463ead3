"""The frames that every link carries: y-protocols, byte for byte.

A frame is a variable length integer that says what follows, and what follows::

    0 sync       then 0: step 1, a state vector      "this is what I have"
                 then 1: step 2, an update           "this is what you lack"
                 then 2: an update                   "this has just changed"
    1 awareness  an update of who is there and what they look at
    3 query      asks for the awareness of everybody there
    100 generation  number, id, then a frame as above: it is of that generation of the document

Vectors and updates are preceded by their length. Source: y-protocols' `PROTOCOL.md`.

The last kind is this package's own, and nobody else's: others drop it. Frames of the first
generation of a document, which is that of all who never compacted one, go without it. A frame of
kind 100 that ends behind the id only says in which generation its sender is.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget._exceptions import FrameError
from tinybase_widget.persisters._yjs_containers import start_client
from tinybase_widget.persisters._yjs_wire import read_state_vector, read_varuint, varuint

if TYPE_CHECKING:
    from collections.abc import Iterable


class FrameKind(IntEnum):
    """What a frame is; sync frames are told apart by their second number."""

    STEP_1 = 0
    STEP_2 = 1
    UPDATE = 2
    AWARENESS = 10
    OTHER = 11


_GENERATION = 100
_FIRST = (0, 0)
_START = start_client()


class Frame(NamedTuple):
    """A frame that was read: its kind, and the state vector or update it carries."""

    kind: FrameKind
    payload: bytes


def write_frame(kind: FrameKind, payload: bytes) -> bytes:
    r"""Return a frame as bytes.

    Example:
        >>> write_frame(FrameKind.UPDATE, bytes([0, 0]))
        b'\x00\x02\x02\x00\x00'
    """
    head = b"\x01" if kind is FrameKind.AWARENESS else bytes((0, kind))
    return head + varuint(len(payload)) + payload


def write_generation(generation: tuple[int, int], frame: bytes = b"") -> bytes:
    """Return a frame of a generation; without a frame, what only names the generation."""
    return varuint(_GENERATION) + varuint(generation[0]) + varuint(generation[1]) + frame


def read_generation(data: bytes) -> tuple[tuple[int, int] | None, bytes]:
    """Return the generation that a frame names, if it does, and the frame without it.

    Raises:
        FrameError: These bytes are no frame.
    """
    try:
        message, position = read_varuint(data, 0)
        if message != _GENERATION:
            return None, data
        number, position = read_varuint(data, position)
        id_, position = read_varuint(data, position)
    except IndexError:
        raise FrameError(data) from None
    return (number, id_), data[position:]


def as_change(data: bytes) -> bytes | None:
    """Return a frame that carries a change, to be handed on; `None` for others.

    A step 2 becomes an update: it was an answer to another, and would be taken for one's own.
    """
    try:
        generation, frame = read_generation(data)
        kind, payload = read_frame(frame)
    except FrameError:
        return None
    if kind not in (FrameKind.STEP_2, FrameKind.UPDATE):
        return None
    update = write_frame(FrameKind.UPDATE, payload)
    return update if generation is None else write_generation(generation, update)


def read_frame(data: bytes) -> Frame:
    """Return what a frame says.

    Raises:
        FrameError: These bytes are no frame.
    """
    try:
        message, position = read_varuint(data, 0)
        if message == 1:
            return Frame(FrameKind.AWARENESS, _payload(data, position))
        if message != 0:
            return Frame(FrameKind.OTHER, data[position:])
        step, position = read_varuint(data, position)
        if step > FrameKind.UPDATE:
            return Frame(FrameKind.OTHER, data[position:])
        return Frame(FrameKind(step), _payload(data, position))
    except IndexError:
        raise FrameError(data) from None


def asks_for_all(frames: Iterable[bytes]) -> bool:
    """Return whether frames ask for all of a first generation, and bring nothing of it.

    Somebody who has nothing may have the start of every document.

    Example:
        >>> asks_for_all([write_frame(FrameKind.STEP_1, bytes(1))])
        True
    """
    asked = False
    try:
        for data in frames:
            generation, rest = read_generation(data)
            if generation not in (None, _FIRST):
                return False
            frame = read_frame(rest) if rest else None
            if frame is not None and frame.kind in (FrameKind.STEP_2, FrameKind.UPDATE):
                return False
            if frame is not None and frame.kind is FrameKind.STEP_1:
                asked = read_state_vector(frame.payload).keys() <= {_START}
    except (FrameError, ValueError):
        return False
    return asked


def size_of(beginning: bytes) -> int | None:
    """Return how long a sync frame is as a whole that begins with these bytes, if they tell.

    Example:
        >>> size_of(write_frame(FrameKind.STEP_2, bytes(1000))[:20])
        1004
    """
    try:
        message, position = read_varuint(beginning, 0)
        _step, position = read_varuint(beginning, position)
        length, position = read_varuint(beginning, position)
    except IndexError:
        return None
    return position + length if message == 0 else None


def _payload(data: bytes, position: int) -> bytes:
    length, position = read_varuint(data, position)
    payload = data[position : position + length]
    if len(payload) != length:
        raise FrameError(data)
    return payload
