"""Keeping a room's document, with its history, in a SQLite database.

The database is a peer like any other, at the end of a link: it is greeted when the room begins and
gives what it has, and from then on it takes every update. So whatever the Store had before, a
kernel that starts again and loads its data anew among it, is merged with what was kept by the rules
that hold for all peers: no edit is taken back. Updates are written from the outbox's thread, at
once after a pause and otherwise 25 times a second; closing the room, and the end of Python, wait
for the last one.

Each write is a transaction: a kill at any moment leaves the document as it was after one of them.
What could not be written (a full disk, a lock) is asked of the room again until it is. When many
updates have gathered they are put together into one, as a document has them that has seen them all.

The tables are those of `pycrdt-store`'s `SQLiteYStore` (version 2), which Jupyter's servers use and
can read. It is not used itself: it needs an event loop that never rests, orders updates by the
wall clock, and drops a store of another version by renaming it. A document of a later generation
(`_generations`) is kept under the room's name, "@" and the generation.

Source: `pycrdt-store`'s tables; all else is this project's own.
"""

from __future__ import annotations

import atexit
import logging
from typing import TYPE_CHECKING
from weakref import WeakSet

from pycrdt import get_state

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.persisters._polling import Polling
from tinybase_widget.persisters._yjs_wire import read_state_vector
from tinybase_widget.sync._frames import (
    FrameKind,
    read_frame,
    read_generation,
    write_frame,
    write_generation,
)
from tinybase_widget.sync._generations import FIRST, Generation, clocks_of
from tinybase_widget.sync._ystore_tables import YStore

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from tinybase_widget.sync.room import Room

_log = logging.getLogger(__name__)

_NOTHING = b"\x00\x00"  # an update without structs and deletions
_RETRY_S = 1.0


class YStoreLink:
    """A room's link to the database that keeps its document.

    Args:
        room: The room.
        path: The database.

    Raises:
        PlaceError: What is kept can't be read; the room goes on without it.
    """

    def __init__(self, room: Room, path: str | os.PathLike[str]) -> None:
        self._room = room
        self._ystore = YStore(room.name, path)
        self._generation = FIRST
        self._is_open = True
        self._retrying: Polling | None = None
        try:
            documents = self._ystore.read()
        except TinyBaseError:
            self._ystore.close()
            raise
        for generation, update in documents:
            self._generation = generation
            room.receive(self, [self._frame(FrameKind.STEP_2, update)])
        room.add_link(self)
        self.catch_up()
        self._prune()
        _open_links.add(self)

    @property
    def name(self) -> str:
        """The database."""
        return self._ystore.path

    def is_open(self) -> bool:
        """Return whether the room is kept."""
        return self._is_open

    def send(self, frames: Sequence[bytes]) -> None:
        """Keep what frames carry."""
        try:
            for data in frames:
                self._take(data)
        except TinyBaseError as error:
            self._warn(error)

    def close(self) -> None:
        """Write what is not written yet, and leave the room."""
        if self._is_open:
            self.catch_up()
            self._is_open = False
            self._stop_retrying()
            self._room.remove_link(self)
            self._ystore.close()

    def _take(self, data: bytes) -> None:
        named, rest = read_generation(data)
        generation = FIRST if named is None else Generation(*named)
        frame = read_frame(rest) if rest else None
        if generation > self._generation:
            self._follow(generation)
        elif (
            generation == self._generation
            and frame is not None
            and frame.kind in (FrameKind.STEP_2, FrameKind.UPDATE)
            and frame.payload != _NOTHING
        ):
            self._ystore.add(generation, frame.payload)

    def _follow(self, generation: Generation) -> None:
        """Take the document of a newer generation as a whole."""
        was, self._generation = self._generation, generation
        try:
            for answer in self._ask(_NOTHING):
                named, rest = read_generation(answer)
                frame = read_frame(rest)
                if named == generation and frame.kind is FrameKind.STEP_2:
                    self._ystore.replace(generation, frame.payload)
        except TinyBaseError:
            self._generation = was
            raise

    def _ask(self, kept: bytes) -> list[bytes]:
        """Ask the room for what is not kept, and give it what another kernel has kept."""
        state = get_state(kept)
        has_more = any(
            clock > self._clocks().get(client, 0)
            for client, clock in read_state_vector(state).items()
        )
        frames = [
            write_generation(self._generation),
            self._frame(FrameKind.STEP_2, kept if has_more else _NOTHING),
            self._frame(FrameKind.STEP_1, state),
        ]
        return self._room.receive(self, frames)

    def _clocks(self) -> dict[int, int]:
        with self._room.store.lock:
            return clocks_of(self._room.doc)

    def catch_up(self) -> None:
        """Keep whatever the room has and the database has not, and the other way round."""
        try:
            kept = dict(self._ystore.read()).get(self._generation, _NOTHING)
            for answer in self._ask(kept):
                self._take(answer)
        except TinyBaseError as error:
            self._warn(error)
        else:
            self._stop_retrying()

    def _prune(self) -> None:
        try:
            self._ystore.prune(self._generation)
        except TinyBaseError as error:
            self._warn(error)

    def _frame(self, kind: FrameKind, payload: bytes) -> bytes:
        frame = write_frame(kind, payload)
        is_first = self._generation == FIRST
        return frame if is_first else write_generation(self._generation, frame)

    def _warn(self, error: TinyBaseError) -> None:
        if self._retrying is None and self._is_open:
            _log.warning(
                "room %r: its last edits are not kept: %s; it is tried again",
                self._room.name,
                error,
            )
            self._retrying = Polling(self.catch_up, _RETRY_S, f"keeping {self.name}")

    def _stop_retrying(self) -> None:
        if self._retrying is not None:
            self._retrying.stop()
            self._retrying = None


_open_links: WeakSet[YStoreLink] = WeakSet()


@atexit.register
def _close_at_exit() -> None:
    for link in list(_open_links):
        link.close()
