"""The order of what a persister does when things overlap: one at a time, as they were asked for.

A load can start a save, and a save another one: a listener of the Store, of the status, or the
handler of errors may ask for either while one is under way. What is asked for then waits until the
one that runs has ended.

Source: TinyBase's `schedule`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Schedule:
    """Runs actions one after the other; whoever uses it holds the Store's lock."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque()
        self._is_running = False

    def run(self, *actions: Callable[[], object]) -> None:
        """Run actions, now or, where one runs already, when that and those before have ended."""
        self._waiting.extend(actions)
        if self._is_running:
            return
        self._is_running = True
        try:
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._is_running = False

    def clear(self) -> None:
        """Forget what has not begun."""
        self._waiting.clear()
