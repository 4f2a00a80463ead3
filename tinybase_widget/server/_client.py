"""A client of a server: what waits to be sent to it, and how much it may send."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from websockets.exceptions import ConnectionClosed

from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.sync._dialects import write_text

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from tinybase_widget.server._grants import Grant

_MOST_WAITING = 32 << 20  # bytes
_MOST_NONSENSE = 10  # messages
_BURST, _A_SECOND = 2000.0, 500.0  # messages
_AUTH, _DENIED = 2, 0
_TRY_AGAIN, _POLICY = 1013, 1008

_log = logging.getLogger(__name__)


class Client:
    """A client.

    Args:
        socket: Its connection.
        grant: What it may do.
        name: What it is called in the log.
    """

    def __init__(self, socket: ServerConnection, grant: Grant, name: str) -> None:
        self.grant = grant
        self.name = name
        self.is_slow = False
        self._socket = socket
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._nonsense = 0
        self._was_told = False
        self._allowance = _BURST
        self._filled = asyncio.get_running_loop().time()

    def put(self, frame: bytes) -> None:
        """Send a frame soon; a client that does not read is cut off, and comes back for the rest.

        (What it has not got is found when it compares.)
        """
        if self.is_slow:
            return
        if self._waiting_bytes > _MOST_WAITING:
            self.is_slow = True
            self._waiting.clear()
            self._socket.transport.abort()
        else:
            self._waiting.append(frame)
            self._waiting_bytes += len(frame)
        self._wake.set()

    async def write(self) -> None:
        """Send what waits, until the connection ends."""
        try:
            while not self.is_slow:
                while self._waiting:
                    frame = self._waiting.popleft()
                    await self._socket.send(frame)
                    self._waiting_bytes -= len(frame)
                self._wake.clear()
                if not self._waiting and not self.is_slow:
                    await self._wake.wait()
        except ConnectionClosed:
            return

    async def slow_down(self) -> None:
        """Wait, where the client sends more than it may: what it sends next waits at its end."""
        now = asyncio.get_running_loop().time()
        self._allowance = min(_BURST, self._allowance + (now - self._filled) * _A_SECOND) - 1
        self._filled = now
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / _A_SECOND)

    def tell_view_only(self) -> None:
        """Tell the client, once, that it may only look."""
        if not self._was_told:
            self._was_told = True
            reason = write_text("this link is for looking only; what you change stays with you")
            self.put(varuint(_AUTH) + varuint(_DENIED) + reason)

    async def note_nonsense(self, what: object) -> None:
        """Take note of a message that made no sense; end the connection at the tenth."""
        self._nonsense += 1
        _log.warning("%s sent what makes no sense (%s); dropped", self.name, what)
        if self._nonsense >= _MOST_NONSENSE:
            await self.close("too much that makes no sense", _POLICY)

    async def close(self, reason: str, code: int = _TRY_AGAIN) -> None:
        """End the connection."""
        await self._socket.close(code, reason)
