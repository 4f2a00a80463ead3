"""What a room and a server of rooms say to each other, whatever carries it.

Each connection begins with comparing: either side says what it has and is given what it lacks.
Before the server has asked, nothing is sent; what changes meanwhile is in the answer.

The protocol knows no acknowledgement, but order: a server that answers a question has taken what
came before it. So after answering the server we ask once more, and are `synced` when it has been
answered. Likewise we ask when there have been edits and then none for a while: so it is known which
of them wait when the line breaks (`waiting_edits` in `_ways`). A question never overtakes an edit
that it is to cover.

A server keeps one document for a room, and knows nothing of generations (`_generations`). But a
document says itself of which it is. So the server's document is looked at when it is first met, and
from then on the generation's name is taken off what is sent and put onto what is received. Where
the server's document is of an older generation than the room's the two must not be mixed.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Literal

from pycrdt import get_state

from tinybase_widget._exceptions import FrameError
from tinybase_widget.persisters._panics import as_error
from tinybase_widget.sync._frames import (
    FrameKind,
    read_frame,
    read_generation,
    write_frame,
    write_generation,
)
from tinybase_widget.sync._generations import FIRST, Generation
from tinybase_widget.sync._server_documents import generation_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybase_widget.sync.room import Room

ConnectionState = Literal["connecting", "synced", "offline"]

_AWARENESS = b"\x01"
_EMPTY = b"\x00"  # a state vector of nothing

_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """The server, or its document, lets us not in."""


class ServerConversation:
    """One side of it.

    Args:
        room: The room.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._lock = threading.Condition()
        self._state: ConnectionState = "connecting"
        self._error: str | None = None
        self._said: tuple[str, str | None, str | None] = ("connecting", None, None)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._held: list[bytes] | None = None
        self._is_open = False
        self._is_closing = False
        self._is_view_only = False
        self._generation: Generation | None = None
        self._has_looked = False
        self._question: bytes | None = None
        self._asked = self._answered = 0
        self._in_flight: deque[tuple[int, int]] = (
            deque()
        )  # questions, and how many edits they cover
        self._covered = self._confirmed = room.edits_made
        self._wants_to_ask = False
        self._warned: str | None = None

    @property
    def name(self) -> str:
        """Who the server is, for messages to people."""
        raise NotImplementedError

    def _rouse(self) -> None:
        """Send what waits."""
        raise NotImplementedError

    def _set_state(self, state: ConnectionState, error: str | None) -> None:
        raise NotImplementedError

    def is_open(self) -> bool:
        """Return whether the server is there and has been told what the room has."""
        return self._is_open

    def _next_question(self) -> bool:
        """Return whether a question may go out now, ahead of which everything has been sent."""
        made = self._room.edits_made
        is_sent = self._room.flush_outbox(0)
        with self._lock:
            if self._waiting:
                return False
            if is_sent and self._is_open and self._held is None:
                self._covered = max(self._covered, made)
            self._wants_to_ask = False
            self._asked += 1
            self._in_flight.append((self._asked, self._covered))
            return True

    def send(self, frames: Sequence[bytes]) -> None:
        """Send frames soon."""
        with self._lock:
            if not self._is_open or self._is_closing:
                return
            if self._held is not None:
                self._held.extend(frames)
                return
            for frame in frames:
                self._put(frame)
        self._rouse()

    def _put(self, frame: bytes) -> None:
        """Queue a frame of the server's generation, without its name; the lock is held."""
        named, rest = read_generation(frame)
        if not rest:
            return
        is_sync = rest[0] == 0  # who is there is the same in any generation
        if is_sync and (FIRST if named is None else Generation(*named)) != self._generation:
            return  # the writer sees that the room has moved on
        self._waiting.append(rest)
        self._waiting_bytes += len(rest)

    def _begin(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._waiting_bytes = 0
            self._in_flight.clear()
            self._covered = self._confirmed
            self._question = None
            self._has_looked = False
            if self._generation != FIRST:
                self._generation = None
            self._is_open = self._is_view_only = False
            self._held = None

    def _hello(self) -> bytes:
        if self._generation is None:
            return write_frame(FrameKind.STEP_1, _EMPTY)
        named, hello = read_generation(self._room.hello())
        if (FIRST if named is None else Generation(*named)) != self._generation:
            self._check_generation(is_empty=False)
            return write_frame(FrameKind.STEP_1, _EMPTY)  # of a newer one, on its way to the room
        return hello

    # What the server sends

    def _take(self, data: bytes) -> None:
        try:
            frame = read_frame(data)
        except FrameError as error:
            _log.warning("room %r: %s sent %s; dropped", self._room.name, self.name, error)
            return
        if frame.kind is FrameKind.STEP_1:
            self._question = data
        elif frame.kind is FrameKind.STEP_2:
            self._take_answer(data, frame.payload)
        elif frame.kind is FrameKind.AWARENESS:  # the same in any generation
            self._room.receive(self, [data])
        elif self._generation is not None and self._is_open:
            self._hand_in(data)
        if self._has_looked:
            self._answer()

    def _take_answer(self, data: bytes, update: bytes) -> None:
        """Take what we asked for; what it says of its generation holds from the first one on."""
        if not self._has_looked:
            self._look_at(update)
        self._has_looked = True
        self._hand_in(data)
        with self._lock:
            if self._in_flight:
                self._answered, covered = self._in_flight.popleft()
                self._confirmed = self._confirmed if self._is_view_only else covered
            is_synced = self._is_open and not self._in_flight
            self._lock.notify_all()
        if is_synced and self._question is None:
            self._warned = None
            self._set_state("synced", self._error if self._is_view_only else None)

    def _look_at(self, update: bytes) -> None:
        """See of which generation the server's document is, which another may have replaced."""
        try:
            generation = generation_of(update)
            is_empty = not get_state(update).strip(b"\x00")
        except BaseException as error:
            raise RefusedError(f"its document can't be read: {as_error(error)}") from error
        if self._generation is None:
            self._generation = generation
            self._check_generation(is_empty=is_empty)
        elif generation != self._generation:
            self._generation = None
            raise OSError("the server has another document now")

    def _check_generation(self, *, is_empty: bool) -> None:
        ours = self._room.generation
        if self._generation is None or ours <= self._generation:
            return
        if not is_empty:
            self._generation = None
            raise RefusedError(
                "the room's document was compacted, and the server keeps the one from before; "
                "nothing is lost: connect to a room of another name there, with everybody"
            )
        self._generation = ours

    def _answer(self) -> None:
        """Tell the server what it lacks; from then on it is told what changes."""
        question, self._question = self._question, None
        if question is None:
            return
        is_first = not self._is_open
        made = self._room.edits_made  # all of them are in the answer
        with self._lock:
            if is_first:
                self._held = []
            self._is_open = True
        self._hand_in(question)
        present = self._room.greeting() if is_first else []
        with self._lock:
            held, self._held = self._held or [], None
            for frame in held:
                self._put(frame)
            self._covered = max(self._covered, made)
            if is_first:
                for frame in present:
                    if frame.startswith(_AWARENESS):
                        self._put(frame)
                self._wants_to_ask = True
        self._rouse()

    def _hand_in(self, data: bytes) -> None:
        """Hand a frame to the room, and send its answers, before anything that was held."""
        generation = self._generation or FIRST
        named = data if generation == FIRST else write_generation(generation, data)
        answers = self._room.receive(self, [named])
        self._check_generation(is_empty=False)
        with self._lock:
            for answer in answers:
                self._put(answer)
        if answers:
            self._rouse()
