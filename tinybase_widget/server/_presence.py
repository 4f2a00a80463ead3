"""Who is in a room: the awareness messages of its clients, looked at and handed on.

A state is small, of JSON, and belongs to whoever sent it first; when they go it is taken back.

Source: y-protocols' `awareness.js`.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from tinybase_widget.persisters._yjs_wire import read_varuint, varuint
from tinybase_widget.sync._dialects import read_text, write_text
from tinybase_widget.sync._frames import FrameKind, write_frame

_MOST_BYTES = 16 << 10  # of a state
_MOST_STATES = 64  # of a client
_MOST_MESSAGE = 2 << 20  # bytes
_MOST_CLOCK = 1 << 53
_GONE = "null"


class _State(NamedTuple):
    clock: int
    text: str
    owner: object


class Presence:
    """The states in a room."""

    def __init__(self) -> None:
        self._states: dict[int, _State] = {}

    def take(self, owner: object, payload: bytes) -> bytes | None:
        """Take a client's message; return the frame for the others, or `None` for nothing new.

        Raises:
            ValueError: It is malformed, or too much.
        """
        if len(payload) > _MOST_MESSAGE:
            raise ValueError("a message of who is there is too long")
        try:
            told = _read(payload)
        except (IndexError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise ValueError(f"a message of who is there is malformed: {error}") from None
        news: dict[int, _State] = {}
        for id_, clock, text in told:
            known = self._states.get(id_)
            if known is None or clock > known.clock or (clock == known.clock and text == _GONE):
                holder = owner if known is None else known.owner
                news[id_] = _State(clock, text, holder)
        own = sum(state.owner is owner for id_, state in self._states.items() if id_ not in news)
        own += sum(state.owner is owner and state.text != _GONE for state in news.values())
        if own > _MOST_STATES:
            raise ValueError(f"a client may tell of {_MOST_STATES} at most who are there")
        for id_, state in news.items():
            if state.text == _GONE:
                self._states.pop(id_, None)
            else:
                self._states[id_] = state
        return _write(news) if news else None

    def leave(self, owner: object) -> bytes | None:
        """Take back what a client told; return the frame for the others, if there is one."""
        gone = {
            id_: _State(state.clock + 1, _GONE, owner)
            for id_, state in self._states.items()
            if state.owner is owner
        }
        for id_ in gone:
            del self._states[id_]
        return _write(gone) if gone else None

    def frame(self) -> bytes | None:
        """Return the frame that tells a newcomer who is there."""
        return _write(self._states) if self._states else None


def _read(payload: bytes) -> list[tuple[int, int, str]]:
    told: list[tuple[int, int, str]] = []
    count, position = read_varuint(payload, 0)
    for _ in range(count):
        id_, position = read_varuint(payload, position)
        clock, position = read_varuint(payload, position)
        text, position = read_text(payload, position)
        if len(text) > _MOST_BYTES or clock > _MOST_CLOCK:
            raise ValueError("a state is too large")
        if not isinstance(json.loads(text), (dict, type(None))):
            raise ValueError("a state is no object")  # noqa: TRY004 - as for what else is wrong
        told.append((id_, clock, text.strip()))
    return told


def _write(states: dict[int, _State]) -> bytes:
    parts = [varuint(len(states))]
    for id_, state in states.items():
        parts += [varuint(id_), varuint(state.clock), write_text(state.text)]
    return write_frame(FrameKind.AWARENESS, b"".join(parts))
