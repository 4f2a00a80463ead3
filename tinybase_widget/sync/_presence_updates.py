"""Awareness updates from others, looked at before they are believed.

The protocol takes every entry for everybody and forgets no client id. So what is taken over is
bounded: entries a frame, bytes an entry, clocks, and frames from one link in a while.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget._exceptions import FrameError
from tinybase_widget.persisters._yjs_wire import read_varuint, text, varuint

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_ENTRIES = 400
_MAX_STATE = 4000
_MAX_CLOCK = 2**40
_MAX_CLIENT = 2**53
_PER_SECOND = 300  # frames, or kilobytes if that is more
_AT_ONCE = 600


class Entry(NamedTuple):
    """An entry of an update: a client's state at a time of its clock; None when it has left."""

    client: int
    clock: int
    state: dict[str, Any] | None


def read_entries(update: bytes) -> list[Entry]:
    """Return what an update says; entries that are too large or say nothing are left out.

    Raises:
        FrameError: The bytes are not an awareness update, or one of too many entries.
    """
    try:
        return list(_read(update))
    except (IndexError, ValueError, RecursionError):
        raise FrameError(update) from None


def _read(update: bytes) -> list[Entry]:
    count, position = read_varuint(update, 0)
    if count > _MAX_ENTRIES:
        raise ValueError(count)
    entries: list[Entry] = []
    for _ in range(count):
        client, position = read_varuint(update, position)
        clock, position = read_varuint(update, position)
        size, position = read_varuint(update, position)
        if position + size > len(update):
            raise IndexError(position)
        said = update[position : position + size]
        position += size
        if size > _MAX_STATE or clock > _MAX_CLOCK or client > _MAX_CLIENT:
            continue
        state = json.loads(said)
        if state is None or isinstance(state, dict):
            entries.append(Entry(client, clock, state))
    return entries


def write_entries(entries: Sequence[Entry]) -> bytes:
    """Return an update."""
    parts = [varuint(len(entries))]
    for client, clock, state in entries:
        parts += (varuint(client), varuint(clock))
        parts.append(text(json.dumps(state, separators=(",", ":"))))
    return b"".join(parts)


class Allowance:
    """How much a link may still say of who is there."""

    def __init__(self) -> None:
        self._left = float(_AT_ONCE)
        self._at = time.monotonic()

    def take(self, size: int) -> bool:
        """Take what a message of so many bytes costs; return whether there was as much."""
        now = time.monotonic()
        self._left = min(_AT_ONCE, self._left + (now - self._at) * _PER_SECOND)
        self._at = now
        self._left -= 1 + size / 1000
        if self._left >= 0:
            return True
        self._left = max(self._left, -_AT_ONCE / 2)
        return False
