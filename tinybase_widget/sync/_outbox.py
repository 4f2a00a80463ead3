"""What a room has to send, merged and sent from the background.

Every change of the document leaves an update here. A thread takes what has gathered, merges it and
sends it, then rests a moment: the first change goes out at once, a burst of 100,000 in a few
messages a second. (Jupyter drops a kernel's messages beyond 1,000 a second.) The thread starts with
the first update and ends when nothing has come for a while, so an idle room costs nothing.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, NamedTuple

from pycrdt import merge_updates

from tinybase_widget.persisters._panics import panics_as_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinybase_widget.sync._link import Link

_log = logging.getLogger(__name__)

_INTERVAL_S = 0.04
_IDLE_S = 5.0
_MERGE_WIDTH = 16  # from 21 on, yrs' sorting of some that overlap panics


class Outgoing(NamedTuple):
    """An update, and the link that it came from (`None`: made here)."""

    update: bytes
    origin: Link | None


def merge(updates: Sequence[bytes]) -> bytes:
    """Return one update for many, merged in a tree: at once it would cost their number squared."""
    merged = list(updates)
    while len(merged) > 1:
        with panics_as_errors():
            merged = [
                merge_updates(*merged[start : start + _MERGE_WIDTH])
                for start in range(0, len(merged), _MERGE_WIDTH)
            ]
    return merged[0]


class Outbox:
    """Gathers updates and sends them from a thread of its own.

    Args:
        send: Called from that thread with the updates of one interval, in the order they were made.
    """

    def __init__(self, send: Callable[[list[Outgoing]], None]) -> None:
        self._send = send
        self._condition = threading.Condition()
        self._waiting: list[Outgoing] = []
        self._sending = False
        self._thread: threading.Thread | None = None
        self._closed = False

    def add(self, update: bytes, origin: Link | None) -> None:
        """Send this update soon."""
        with self._condition:
            if self._closed:
                return
            self._waiting.append(Outgoing(update, origin))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="tinybase-widget outbox", daemon=True
                )
                self._thread.start()
            elif len(self._waiting) == 1:
                self._condition.notify_all()

    def wait_until_empty(self, timeout_s: float) -> bool:
        """Wait until everything has been sent; return whether it has been, in time."""
        with self._condition:
            return self._condition.wait_for(
                lambda: not self._waiting and not self._sending, timeout_s
            )

    def close(self) -> None:
        """Send what is waiting, then nothing more."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def _run(self) -> None:
        rest = threading.Event()
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._waiting or self._closed, _IDLE_S)
                if not self._waiting:
                    self._thread = None
                    return
                outgoing, self._waiting = self._waiting, []
                self._sending = True
            try:
                self._send(outgoing)
            except Exception:  # noqa: BLE001 - the next interval is to be sent all the same
                _log.exception("sending %d updates failed", len(outgoing))
            with self._condition:
                self._sending = False
                self._condition.notify_all()
            rest.wait(_INTERVAL_S)
