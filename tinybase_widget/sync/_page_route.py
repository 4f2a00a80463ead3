"""A server of rooms that a kernel can't reach itself: the pages that show the room join it instead.

A page's room is linked to the kernel and to the server and hands on what comes from either, so all
that is needed is to ask for it, on the widget's custom messages (`comm`)::

    kernel → page   {"kind": "connect", "id", "url", "query", "room", "token", "protocol"}   [code]
    kernel → page   {"kind": "disconnect", "id"}
    kernel → page   {"kind": "ask", "id", "number"}
    page → kernel   {"kind": "connection", "id", "state", "error"?, "answered"?}

Every page is asked, once, since nobody knows which of them can reach the server; two that join it
do no harm. The token is in that message and nowhere else: no widget state, no notebook. A page that
is asked for an answer gives it when the server has taken what the kernel has sent before.
"""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tinybase_widget.sync._addresses import Address

_STATES = ("connecting", "synced", "offline")
_FORGET_PAGE_S = 90.0  # pages say hello every 20 seconds, or 80 while nobody answers
_MOST_WORDS = 300

RouteState = Literal["connecting", "synced", "offline"]


class PageRoute:
    """A way to a server through pages.

    Args:
        address: The room's address on the server.
        protocol: What the server speaks.
        send: Sends a wish to a page, or to all.
        on_change: Called when a page has said something new.
    """

    def __init__(
        self,
        address: Address,
        protocol: str,
        send: Callable[[dict[str, Any], str | None], None],
        on_change: Callable[[], None],
    ) -> None:
        self.id = secrets.token_hex(8)
        self.is_open = False
        self._address = address
        self._protocol = protocol
        self._send = send
        self._on_change = on_change
        self._lock = threading.Lock()
        self._pages: dict[str, tuple[float, RouteState, str | None]] = {}
        self._asked = self._answered = 0

    @property
    def state(self) -> RouteState:
        """How the page fares that fares best."""
        states = [state for state, _error in self._heard()]
        return next((state for state in ("synced", "connecting") if state in states), "offline")

    @property
    def error(self) -> str | None:
        """Why no page is there; what one that is there says of the server."""
        heard = self._heard()
        synced = [error for state, error in heard if state == "synced"]
        errors = synced or [error for _state, error in heard]
        if not heard and self.is_open:
            return "no page is open that could try"
        return next((error for error in errors if error), None)

    @property
    def takes_edits(self) -> bool:
        """Whether a page is in sync with the server, and has heard of no refusal there."""
        return self.state == "synced" and self.error is None

    def _heard(self) -> list[tuple[RouteState, str | None]]:
        oldest = time.monotonic() - _FORGET_PAGE_S
        with self._lock:
            return [(state, error) for at, state, error in self._pages.values() if at > oldest]

    # The wishes

    def open(self) -> None:
        """Ask the pages to join the server, those that come later too."""
        if not self.is_open:
            self.is_open = True
            self._send(self._wish(), None)

    def close(self) -> None:
        """Ask the pages to leave it."""
        if self.is_open:
            self.is_open = False
            with self._lock:
                self._pages.clear()
            self._send({"kind": "disconnect", "id": self.id}, None)

    def ask(self) -> int:
        """Ask whether the server has all that was sent so far; return the question's number."""
        number = self.new_question()
        self.pose(number)
        return number

    def new_question(self) -> int:
        """Return the number of a question that is to be posed."""
        with self._lock:
            self._asked += 1
            return self._asked

    def pose(self, number: int) -> None:
        """Ask whether the server has all that was sent so far."""
        self._send({"kind": "ask", "id": self.id, "number": number}, None)

    def has_answered(self, number: int) -> bool:
        """Return whether a question was answered, by a page that is in sync with the server."""
        return self._answered >= number and self.state == "synced"

    def _wish(self) -> dict[str, Any]:
        address = self._address
        return {
            "kind": "connect",
            "id": self.id,
            "url": address.shown,
            "query": [list(pair) for pair in address.query],
            "room": address.room,
            "token": address.token,
            "protocol": self._protocol,
        }

    # The pages

    def greet(self, page: str) -> None:
        """A page has said hello: one that has not been asked is asked."""
        with self._lock:
            known = self._pages.get(page)
            if known is not None:
                self._pages[page] = (time.monotonic(), *known[1:])
        if known is None and self.is_open:
            self._send(self._wish(), page)

    def hear(self, page: str, content: Mapping[str, Any]) -> None:
        """Take what a page says of the server."""
        state, error, answered = (content.get(key) for key in ("state", "error", "answered"))
        if not self.is_open or state not in _STATES:
            return
        words = self._address.hide(error[:_MOST_WORDS]) if isinstance(error, str) else None
        with self._lock:
            self._pages[page] = (time.monotonic(), state, words)
            if isinstance(answered, int) and answered <= self._asked:
                self._answered = max(self._answered, answered)
            is_to_ask = state == "synced" and answered is None and self._answered < self._asked
            number = self._asked
        if is_to_ask:  # who was asked before may have gone
            self._send({"kind": "ask", "id": self.id, "number": number}, page)
        self._on_change()

    def forget(self, page: str) -> None:
        """A page has gone."""
        with self._lock:
            was_known = self._pages.pop(page, None) is not None
        if was_known:
            self._on_change()
