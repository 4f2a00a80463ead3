"""Thousands of connections that join a room each and do nothing, but answer when they are asked."""

from __future__ import annotations

import resource
import selectors
import socket
import threading
from contextlib import suppress

_PING, _PONG = 0x89, b"\x8a\x84\0\0\0\0"
_OTHER_FILES = 500
UPGRADE = (
    "GET /{room} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def most_connections(wanted: int) -> int:
    """Return how many connections this process may have, of so many that are wanted."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted + _OTHER_FILES if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted + _OTHER_FILES, allowed), hard))
    return min(wanted, allowed - _OTHER_FILES)


class Crowd:
    """Connections.

    Args:
        port: The server's.
        rooms: How many rooms they join, one after the other.
    """

    def __init__(self, port: int, rooms: int) -> None:
        self._port, self._rooms = port, rooms
        self._sockets: list[socket.socket] = []
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._is_closing = False
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def join(self) -> str:
        """Make one more connection; return the status that it was answered with."""
        made = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._sockets.append(made)
        room = f"room{len(self._sockets) % self._rooms}"
        try:
            made.sendall(UPGRADE.format(room=room).encode())
            status = made.recv(1000).split()[1].decode()
        except (ConnectionError, IndexError):
            return "ended"
        with self._lock:
            self._selector.register(made, selectors.EVENT_READ)
        return status

    def _answer(self) -> None:
        while not self._is_closing:
            with self._lock:
                ready = self._selector.select(0) if self._selector.get_map() else []
            for key, _ in ready:
                self._read(key.fileobj)
            if not ready:
                threading.Event().wait(0.05)

    def _read(self, connection: object) -> None:
        assert isinstance(connection, socket.socket)
        with suppress(OSError):
            data = connection.recv(100_000)
            if not data:
                with self._lock:
                    self._selector.unregister(connection)
            elif data[-6] == _PING:
                connection.sendall(_PONG + data[-4:])

    def close(self) -> None:
        """End all connections."""
        self._is_closing = True
        self._thread.join()
        for each in self._sockets:
            each.close()
        self._selector.close()
