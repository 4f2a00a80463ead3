"""What a page says of the servers that its kernel's room is connected to.

A page sees its kernel only. So the kernel tells it, by a trait, when not all is well beyond: that
the line to a server is down and how many edits wait for it, or that edits are not taken or not
saved. The page says so where it would say "Synced".
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.sync.room import Room
    from tinybase_widget.sync.websocket import WebSocketLink

_DELAY_S = 0.1  # so that an edit which is acknowledged at once is not told of

_log = logging.getLogger(__name__)


class ServerStatus:
    """Follows a room's connections.

    Args:
        room: The room.
        tell: Called from a thread with what the page is to say, `None` if all is well.
    """

    def __init__(self, room: Room, tell: Callable[[dict[str, str] | None], object]) -> None:
        self._room = room
        self._tell = tell
        self._due: threading.Timer | None = None
        self._is_closed = False
        room.add_connections_listener(self._soon)

    def now(self) -> dict[str, str] | None:
        """Return what the page is to say now."""
        told = [status_of(connection) for connection in self._room.connections]
        return next((status for status in told if status is not None), None)

    def on_edit(self) -> None:
        """Take note that there may be one more edit that waits."""
        if any(connection.state != "synced" for connection in self._room.connections):
            self._soon()

    def close(self) -> None:
        """Tell nothing any more."""
        self._is_closed = True
        self._room.del_connections_listener(self._soon)
        if self._due is not None:
            self._due.cancel()

    def _soon(self) -> None:
        if self._due is None and not self._is_closed:
            self._due = threading.Timer(_DELAY_S, self._say)
            self._due.daemon = True
            self._due.start()

    def _say(self) -> None:
        self._due = None
        if self._is_closed:
            return
        try:
            self._tell(self.now())
        except Exception:  # noqa: BLE001 - the trait is set, and goes out with the next change
            _log.debug("the state of the servers was not sent", exc_info=True)


def status_of(connection: WebSocketLink) -> dict[str, str] | None:
    """Return what a page says of a connection, `None` if all is well.

    Args:
        connection: The connection.

    Returns:
        The `state` that it looks like, a few words as `text`, and a `title` that explains them.
    """
    where, error, edits = connection.name, connection.error, connection.waiting_edits
    if connection.is_view_only:
        return _status("offline", _waiting("View only", edits), f"{where}: {error}")
    if connection.state == "synced":
        return None if error is None else _status("offline", "Not saved", f"{where}: {error}")
    if connection.state == "connecting" and error is None:
        got = connection.progress
        text = "Connecting…" if got is None else f"Receiving… {got:.0%}"
        return _status("connecting", text, f"Waiting for {where}")
    kept = f"{_counted(edits)} kept in the kernel until it is back" if edits else "edits are kept"
    why = f" ({error})" if error else ""
    return _status("offline", _waiting("Offline", edits), f"No connection to {where}{why}; {kept}.")


def _status(state: str, text: str, title: str) -> dict[str, str]:
    return {"state": state, "text": text, "title": title}


def _waiting(word: str, edits: int) -> str:
    return f"{word} \u2013 {_counted(edits)} waiting" if edits else word


def _counted(edits: int) -> str:
    return f"{edits:,} {'edit' if edits == 1 else 'edits'}"
