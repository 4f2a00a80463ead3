"""A connection of a server that knows what it holds in memory, and the bounds on all of them.

`websockets` bounds one message. What is bounded here is how many connections there are, the pieces
that a message may come in, and what all clients together have sent that was not taken yet: beyond
it, of the token, or address, that has sent the most the connection that has is cut off.

A connection that has not come in yet is a stranger. Where there is no place for one more, one of
the address with the most strangers goes, the oldest: whoever opens many and says nothing loses
them, and who says at once who they are comes in, from the same address, too.

Messages are not compressed: what unpacks to a thousand times its size never does so here, and an
idle connection does without a compressor's memory.
"""

from __future__ import annotations

import logging
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from tinybase_widget.server._holders import network_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from websockets.protocol import Event

_SPARE = 100  # connections that are to be told that there are too many, or ask for /health
_MOST_UNREAD = 256 << 20  # bytes
_MOST_PIECES = 10_000  # of a message
_MASKED_HEAD, _TWO_BYTES, _EIGHT_BYTES = 6, 126, 65536

_log = logging.getLogger("tinybase_widget.server")


def as_message(data: bytes) -> bytes:
    """Return a message as it goes over the line: for a thousand clients it is made once."""
    return Frame(Opcode.BINARY, data).serialize(mask=False)


def where(connection: ServerConnection) -> str:
    """Return the address at a connection's other end."""
    address = connection.remote_address
    return str(address[0]) if isinstance(address, tuple) else "somebody"


class Bounds:
    """What all connections may hold.

    Args:
        most_connections: How many clients may be connected.
        on_stranger_cut_off: Called when a stranger makes place.
    """

    def __init__(self, most_connections: int, on_stranger_cut_off: Callable[[], object]) -> None:
        self.connections: set[BoundedConnection] = set()
        self.unread = 0
        self._strangers: dict[BoundedConnection, None] = {}  # the oldest first
        self._on_stranger_cut_off = on_stranger_cut_off
        self._most_connections = most_connections + _SPARE

    def factory(self) -> Callable[..., BoundedConnection]:
        """Return what makes connections within these bounds."""
        return partial(BoundedConnection, self)

    def enter(self, connection: BoundedConnection) -> None:
        """Count a connection; if that is one too many, cut a stranger off."""
        self.connections.add(connection)
        self._strangers[connection] = None
        if len(self.connections) > self._most_connections:
            counts = Counter(each.holder for each in self._strangers)
            most = max(counts.values())
            stranger = next(each for each in self._strangers if counts[each.holder] == most)
            self._cut_off(stranger)
            self._on_stranger_cut_off()

    def take_in(self, connection: BoundedConnection, holder: object) -> None:
        """Take note of who a stranger is."""
        connection.holder = holder
        self._strangers.pop(connection, None)

    def leave(self, connection: BoundedConnection) -> None:
        """Count a connection no more."""
        if connection in self.connections:
            self.connections.remove(connection)
            self._strangers.pop(connection, None)
            self.unread -= connection.unread

    def add(self, connection: BoundedConnection, size: int) -> None:
        """Count bytes that came in, or were taken; cut the greediest off if it is too much."""
        if connection not in self.connections:
            return
        connection.unread += size
        self.unread += size
        if size > 0 and self.unread > _MOST_UNREAD:
            unread: Counter[object] = Counter()
            for each in self.connections:
                unread[each.holder] += each.unread
            greediest = max(self.connections, key=lambda each: (unread[each.holder], each.unread))
            _log.warning("a client sent faster than could be taken, and was cut off")
            self._cut_off(greediest)

    def _cut_off(self, connection: BoundedConnection) -> None:
        self.leave(connection)
        connection.transport.abort()


class BoundedConnection(ServerConnection):
    """A connection.

    Args:
        bounds: What all of them may hold.
    """

    def __init__(self, bounds: Bounds, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unread = 0
        self.holder: object = ""  # whose it is: an address, and a `Holder` when that is known
        self._bounds = bounds
        self._pieces = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.holder = network_of(where(self))
        self._bounds.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._bounds.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what has come."""
        self._bounds.add(self, len(data))
        super().data_received(data)

    def write(self, message: bytes) -> None:
        """Write a message (`as_message`) at once; between the frames of another it must not be."""
        if self.state is State.OPEN:
            self.transport.write(message)

    def took(self, message: str | bytes) -> None:
        """Count a message as taken."""
        size = len(message.encode() if isinstance(message, str) else message)
        self._bounds.add(self, -size)

    def process_event(self, event: Event) -> None:
        """Count the pieces of a message, and all that is no content as taken."""
        if not isinstance(event, Frame):
            self._bounds.add(self, -self.unread)
        else:
            size = len(event.data)
            head = _MASKED_HEAD
            if size >= _TWO_BYTES:
                head += 2 if size < _EIGHT_BYTES else 8
            is_content = event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
            self._bounds.add(self, -head if is_content else -head - size)
            if is_content:
                self._pieces = 0 if event.fin else self._pieces + 1
            if self._pieces > _MOST_PIECES:
                _log.warning("a client sent a message in too many pieces, and was cut off")
                self.transport.abort()
                return
        super().process_event(event)
