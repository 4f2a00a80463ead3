"""Looking at something at intervals, from a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Polling:
    """Calls a function again and again.

    Args:
        look: The function.
        interval_s: The time between two calls, in seconds.
        name: What is looked at, for people who look at a list of threads.
    """

    def __init__(self, look: Callable[[], object], interval_s: float, name: str) -> None:
        self._look = look
        self._interval_s = interval_s
        self._stop = threading.Event()
        threading.Thread(target=self._run, name=f"tinybase-widget {name}", daemon=True).start()

    def stop(self) -> None:
        """End; the thread goes within a moment."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            self._look()
