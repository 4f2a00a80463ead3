"""A connection to an automerge-repo sync server, kept up: it moves messages and knows no documents.

One thread connects, says `join`, waits for the server's `peer`, and hands on what comes. When the
connection ends, or can't be made, it tries again, after longer and longer pauses.

Source: the README of `@automerge/automerge-repo-network-websocket` ("Wire Protocol", version 1).
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import MissingExtraError

try:
    import cbor2
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect
except ImportError as error:
    raise MissingExtraError("automerge", "A Repo's network") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from websockets.sync.client import ClientConnection

_log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_SECONDS_TO_CONNECT = 10
_PROTOCOL = "1"


class Socket:
    """A client's connection.

    Args:
        url: The server's address, such as "ws://localhost:3030".
        peer_id: Who we are.
        on_open: Called with this when a server has answered; `server_id` says which.
        on_message: Called with this and each message for us.
        on_close: Called with this when the connection has ended.
    """

    def __init__(
        self,
        url: str,
        peer_id: str,
        on_open: Callable[[Socket], object],
        on_message: Callable[[Socket, Mapping[str, Any]], object],
        on_close: Callable[[Socket], object],
    ) -> None:
        self.url = url
        self.server_id: str | None = None
        self._peer_id = peer_id
        self._on_open, self._on_message, self._on_close = on_open, on_message, on_close
        self._connection: ClientConnection | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"automerge {url}", daemon=True)

    def start(self) -> None:
        """Connect, and stay connected."""
        self._thread.start()

    def close(self) -> None:
        """Disconnect for good."""
        self._closing.set()
        connection = self._connection
        if connection is not None:
            connection.close()
        if self._thread is not threading.current_thread() and self._thread.ident is not None:
            self._thread.join(timeout=_SECONDS_TO_CONNECT)

    def send(self, message: Mapping[str, Any]) -> bool:
        """Send a message to the server; return whether that could be done."""
        connection, server_id = self._connection, self.server_id
        if connection is None or server_id is None:
            return False
        whole = {**message, "senderId": self._peer_id, "targetId": server_id}
        try:
            connection.send(cbor2.dumps(whole))
        except (OSError, WebSocketException):
            return False
        return True

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closing.is_set():
            try:
                with connect(
                    self.url, open_timeout=_SECONDS_TO_CONNECT, max_size=None
                ) as connection:
                    self._connection = connection
                    if self._talk(connection):
                        pause = _FIRST_PAUSE
            except (OSError, WebSocketException, EOFError) as error:
                _log.info("%s: %s", self.url, error)
            finally:
                self._connection = None
                if self.server_id is not None:
                    self.server_id = None
                    self._on_close(self)
            self._closing.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _talk(self, connection: ClientConnection) -> bool:
        """Exchange messages until the connection ends; return whether there was a server."""
        connection.send(
            cbor2.dumps(
                {
                    "type": "join",
                    "senderId": self._peer_id,
                    "peerMetadata": {"isEphemeral": True},
                    "supportedProtocolVersions": [_PROTOCOL],
                }
            )
        )
        for data in connection:
            message = self._decoded(data)
            kind = message.get("type")
            if kind == "error":
                _log.warning("%s refuses this peer: %s", self.url, message.get("message"))
                break
            if kind == "peer":
                if message.get("selectedProtocolVersion", _PROTOCOL) != _PROTOCOL:
                    _log.warning("%s speaks another version of the protocol: %r", self.url, message)
                    break
                self.server_id = str(message.get("senderId"))
                self._on_open(self)
            elif self.server_id is not None:
                self._on_message(self, message)
        return self.server_id is not None

    def _decoded(self, data: str | bytes) -> Mapping[str, Any]:
        try:
            message = cbor2.loads(data) if isinstance(data, bytes) else None
        except (cbor2.CBORDecodeError, ValueError) as error:
            _log.warning("%s sent %d bytes that are no message: %s", self.url, len(data), error)
            return {}
        return message if isinstance(message, dict) else {}
