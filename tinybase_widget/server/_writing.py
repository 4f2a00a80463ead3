"""When what the rooms hold is written.

One task writes: it takes what waits in all rooms, commits it as one transaction, and rests a
moment. So in a busy room a commit takes many edits. What can't be written waits and is tried again;
its rooms wait by themselves, so that one with more than the disk has left holds up no other. What
waits has an end: beyond it edits are refused until the disk takes them again.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PlaceError, TinyBaseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tinybase_widget.server._metrics import Metrics
    from tinybase_widget.server._room import ServedRoom
    from tinybase_widget.server._shelf import Shelf

_REST_S, _REST_FOR_AN_EDIT_S = 0.02, 0.001
_RETRY_S = 1.0
_MANY = 2000  # updates of a room, from which on they are put together
_MOST_UNWRITTEN = 64 << 20  # bytes that may wait while nothing can be written
_CAUSES = {
    "locked": "another program has locked the database",
    "full": "the disk is full, or the database as large as it may get",
    "malformed": "the database is damaged",
    "I/O": "the disk fails, or a limit on the size of files is reached",
    "readonly": "the database may not be written",
}

_log = logging.getLogger("tinybase_widget.server")


class Writer:
    """Writes what the rooms hold.

    Args:
        shelf: Where to.
        metrics: What counts.
        on_database: Runs a function where the database may be used.
        on_recovery: Called when all can be written again that could not.
    """

    def __init__(
        self,
        shelf: Shelf,
        metrics: Metrics,
        on_database: Callable[..., Awaitable[Any]],
        on_recovery: Callable[[], object],
    ) -> None:
        self.failure = ""
        self._shelf = shelf
        self._metrics = metrics
        self._on_database = on_database
        self._on_recovery = on_recovery
        self._dirty: set[ServedRoom] = set()
        self._failing: set[ServedRoom] = set()
        self._unwritten = 0
        self._counts: dict[ServedRoom, int] = {}
        self._writing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._is_stopping = False

    def add(self, room: ServedRoom, size: int) -> None:
        """Write what waits in a room soon: so many bytes more."""
        self._unwritten += size
        if room not in self._failing:
            self._dirty.add(room)
            self._wake.set()

    def has(self, room: ServedRoom) -> bool:
        """Return whether something of a room is not written yet."""
        return bool(room.waiting) or room in self._dirty or room in self._failing

    def is_full(self) -> bool:
        """Return whether nothing more may wait."""
        return bool(self.failure) and self._unwritten > _MOST_UNWRITTEN

    async def run(self) -> None:
        """Write, until it is to stop and all is written that can be."""
        while not self._is_stopping or self._dirty:
            if not self._dirty:
                self._wake.clear()
                if not self._is_stopping:
                    await self._wake.wait()
                continue
            rooms, self._dirty = self._dirty, set()
            written = await self.write(rooms)
            await self._squash(rooms)
            if not self._is_stopping:
                await asyncio.sleep(min(_REST_S, written * _REST_FOR_AN_EDIT_S))
        if self._failing:
            _log.error("the last edits of %d rooms could not be kept", len(self._failing))

    def stop(self) -> None:
        """Let `run` come to its end; what could not be written is tried once more."""
        self._is_stopping = True
        self._dirty |= self._failing
        self._wake.set()

    async def write(self, rooms: set[ServedRoom]) -> int:
        """Write what waits in rooms; return how many edits are on the disk now."""
        async with self._writing:
            error = await self._commit(rooms)
            if error is None:
                return self._note_written(rooms)
            written = 0
            for room in rooms:
                if len(rooms) > 1 and "locked" not in str(error):
                    error = await self._commit({room})
                if error is None:
                    written += self._note_written({room})
                else:
                    self._put_off(room, error)
            return written

    async def _commit(self, rooms: set[ServedRoom]) -> PlaceError | None:
        self._counts = {room: len(room.waiting) for room in rooms}
        rows = [(room.name, update) for room in rooms for update in room.waiting]
        makers = {
            room.name: room.maker.token
            for room in rooms
            if room.kept == 0 and room.maker is not None and room.maker.token is not None
        }
        try:
            await self._on_database(self._shelf.write, rows, makers)
        except PlaceError as error:
            self._metrics.count("commit_failures_total")
            return error
        self._metrics.count("commits_total")
        return None

    def _note_written(self, rooms: set[ServedRoom]) -> int:
        written = 0
        for room in rooms:
            count = self._counts[room]
            self._unwritten -= sum(map(len, room.waiting[:count]))
            del room.waiting[:count]
            written += count
            self._failing.discard(room)
            try:
                room.note_written(count)
            except Exception:  # noqa: BLE001 - other rooms go on
                _log.exception("room %r failed, and goes on", room.name)
        if self.failure and not self._failing:
            self.failure = ""
            _log.warning("edits can be kept again")
            self._on_recovery()
        return written

    def _put_off(self, room: ServedRoom, error: PlaceError) -> None:
        """Try a room again in a while."""
        cause = next((text for key, text in _CAUSES.items() if key in str(error)), "")
        failure = cause or "the database can't be written"
        if failure != self.failure:
            self.failure = failure
            _log.error("edits can't be kept, and wait: %s", error)
        self._failing.add(room)
        if not self._is_stopping:
            asyncio.get_running_loop().call_later(_RETRY_S, self._try_again, room)

    def _try_again(self, room: ServedRoom) -> None:
        if room in self._failing:
            self._dirty.add(room)
            self._wake.set()

    async def _squash(self, rooms: set[ServedRoom]) -> None:
        for room in rooms:
            if room.kept > _MANY and room not in self._failing:
                room.kept = 1
                with suppress(TinyBaseError):
                    await self._on_database(self._shelf.squash, room.name)
