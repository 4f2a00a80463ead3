"""A client of a server: what waits to be sent to it, and how much it may send.

What can be written at once is; what the line does not take waits in a queue, with an end. Who does
not read is cut off, and gets the rest by comparing when they come back. An answer may be as large
as the document. It goes out in pieces, as a message of several frames, so that a client can show
how far it has got; and a client has one such answer on its way at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from websockets.exceptions import ConnectionClosed

from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.server._connection import as_message
from tinybase_widget.sync._dialects import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tinybase_widget.server._connection import BoundedConnection
    from tinybase_widget.server._grants import Grant
    from tinybase_widget.server._holders import Holder

_MOST_WAITING = 32 << 20  # bytes, beside an answer
_A_PIECE = 64 << 10  # bytes
_LONGEST_PIECE_S = 60.0
_MOST_NONSENSE = 10  # messages
_BURST, _A_SECOND = 2000.0, 500.0  # messages
_AT_A_TIME = 32  # messages, before others have their turn
_AUTH, _DENIED = 2, 0
_TRY_AGAIN, _POLICY = 1013, 1008

_log = logging.getLogger(__name__)


class Client:
    """A client.

    Args:
        socket: Its connection.
        grant: What it may do.
        holder: Whose it is.
        name: What it is called in the log.
    """

    def __init__(self, socket: BoundedConnection, grant: Grant, holder: Holder, name: str) -> None:
        self.grant = grant
        self.holder = holder
        self.name = name
        self.is_slow = False
        self.is_being_answered = False
        self.on_answered: Callable[[Client], object] = _nothing
        self.refused = ""
        self._socket = socket
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._waiting_bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._watcher: asyncio.TimerHandle | None = None
        self._sent = self._seen = 0
        self._nonsense = self._messages = 0
        self._allowance = _BURST
        self._filled = asyncio.get_running_loop().time()

    # What it is sent

    def put(self, frame: bytes) -> None:
        """Send a frame, now or soon."""
        tell([self], frame)

    def put_answer(self, frame: bytes) -> None:
        """Send an answer, however large; `on_answered` is called when it is gone."""
        if len(frame) <= _A_PIECE and self._is_free():
            self.put(frame)
        else:
            self.is_being_answered = True
            self._queue(frame, is_answer=True)

    def ready_for(self, frame: bytes) -> BoundedConnection | None:
        """Return the connection if a frame can be written at once; otherwise let it wait."""
        if len(frame) <= _A_PIECE and self._is_free():
            return self._socket
        self._queue(frame)
        return None

    def _is_free(self) -> bool:
        return self._writer is None and self._socket.transport.get_write_buffer_size() < _A_PIECE

    def _queue(self, frame: bytes, *, is_answer: bool = False) -> None:
        if self.is_slow:
            return
        if self._waiting_bytes > _MOST_WAITING:
            self.cut_off()
            return
        self._waiting.append((frame, is_answer))
        if not is_answer:
            self._waiting_bytes += len(frame)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def cut_off(self) -> None:
        """End the connection at once: it does not read."""
        self.is_slow = True
        self._waiting.clear()
        self._socket.transport.abort()

    async def _write(self) -> None:
        self._begin_watch()
        try:
            while self._waiting:
                frame, is_answer = self._waiting.popleft()
                if len(frame) > _A_PIECE:
                    await self._socket.send(self._pieces(frame))
                else:
                    await self._socket.send(frame)
                self._sent += 1
                if is_answer:
                    self.is_being_answered = False
                    self.on_answered(self)
                else:
                    self._waiting_bytes -= len(frame)
        except ConnectionClosed:
            self._waiting.clear()
        finally:
            self._writer = None
            if self._watcher is not None:
                self._watcher.cancel()

    def _pieces(self, frame: bytes) -> Iterator[bytes]:
        for start in range(0, len(frame), _A_PIECE):
            self._sent += 1
            yield frame[start : start + _A_PIECE]

    def _watch(self) -> None:
        """Cut a client off that takes nothing at all."""
        if self._sent == self._seen:
            self.cut_off()
        else:
            self._begin_watch()

    def _begin_watch(self) -> None:
        self._seen = self._sent
        loop = asyncio.get_running_loop()
        self._watcher = loop.call_later(_LONGEST_PIECE_S, self._watch)

    # What it sends

    async def slow_down(self) -> None:
        """Wait, where the client sends more than it may: what it sends next waits at its end."""
        now = asyncio.get_running_loop().time()
        self._allowance = min(_BURST, self._allowance + (now - self._filled) * _A_SECOND) - 1
        self._filled = now
        self._messages += 1
        if self._messages % _AT_A_TIME == 0:
            await asyncio.sleep(0)
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / _A_SECOND)

    def tell_refused(self, reason: str) -> None:
        """Tell the client, once, that its edits are not taken; they stay with it."""
        if not self.refused:
            self.refused = reason
            self.put(varuint(_AUTH) + varuint(_DENIED) + write_text(reason))

    async def note_nonsense(self, what: object) -> None:
        """Take note of a message that made no sense; end the connection at the tenth."""
        self._nonsense += 1
        _log.warning("%s sent what makes no sense (%s); dropped", self.name, what)
        if self._nonsense >= _MOST_NONSENSE:
            await self.close("too much that makes no sense", _POLICY)

    async def close(self, reason: str, code: int = _TRY_AGAIN) -> None:
        """End the connection."""
        await self._socket.close(code, reason)


def tell(clients: Iterable[Client], frame: bytes) -> None:
    """Send a frame to clients, now or soon."""
    message = as_message(frame)
    for client in clients:
        socket = client.ready_for(frame)
        if socket is not None:
            socket.write(message)


def _nothing(_client: Client) -> None:
    """Do nothing."""
