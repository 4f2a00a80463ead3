"""What a server has of a kernel's edits by what pages say that have joined it for the kernel.

A page hands on what it gets, and answers a question when the server has taken what the kernel had
sent before. So a while after an edit it is asked, and the answer covers the edits that there were
when that while began: what another page has brought had the time to be handed on, too. Likewise it
covers what others have written on the server, and came here by a page.

A page whose answers say that the server takes no edits confirms nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinybase_widget.sync._page_route import PageRoute
    from tinybase_widget.sync.room import Room

_QUIET_S = 0.5
_PATIENCE_S = 10.0  # after which it is asked once more: the question may be lost
_SENDS_WITHIN_S = 5.0


class PageQuestions:
    """Asks pages whether a server has the edits.

    Args:
        route: The way through pages.
        room: The room.
    """

    def __init__(self, route: PageRoute, room: Room) -> None:
        self.confirmed = 0  # how many of the room's edits the server has
        self._route = route
        self._room = room
        self._lock = threading.Lock()
        self._due: threading.Timer | None = None
        self._asked: deque[tuple[int, int]] = deque()  # questions, and how many edits they cover
        self._asked_at = 0.0
        self._is_closed = False

    def soon(self) -> None:
        """Ask in a while, if there are edits of which it is not known, and a page that can tell."""
        edits = self._room.edits_made
        with self._lock:
            is_asked = self._asked and time.monotonic() - self._asked_at < _PATIENCE_S
            if self._is_closed or self._due or is_asked or edits <= self.confirmed:
                return
            if self._route.is_open and self._route.takes_edits:
                self._due = threading.Timer(_QUIET_S, self._ask, [edits])
                self._due.daemon = True
                self._due.start()

    def _ask(self, edits: int) -> None:
        is_sent = self._room.flush_outbox(_SENDS_WITHIN_S)
        with self._lock:
            self._due = None
            if self._is_closed:
                return
            number = self._route.new_question() if is_sent else 0
            if number:
                self._asked.append((number, edits))  # ahead of the answer
                self._asked_at = time.monotonic()
        if number:
            self._route.pose(number)
        else:
            self.soon()

    def hear(self) -> None:
        """A page has said how it is with the server: take its answers, and ask what is still open.

        What it says counts while it is in sync.
        """
        with self._lock:
            while self._asked and self._route.takes_edits:
                number, edits = self._asked[0]
                if not self._route.has_answered(number):
                    break
                self._asked.popleft()
                self.confirmed = max(self.confirmed, edits)
        self.soon()

    def close(self) -> None:
        """Ask nothing any more."""
        with self._lock:
            self._is_closed = True
            if self._due is not None:
                self._due.cancel()
