"""An event loop in a thread of its own, for places that are reached by coroutines."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from concurrent.futures import Future

_T = TypeVar("_T")


class LoopThread:
    """Runs coroutines on an event loop of its own; the thread begins with the first one.

    Args:
        name: The thread's name, for people who look at a list of threads.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, coroutine: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Run a coroutine on the loop, in the order in which they are given."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._run, args=(self._loop,), name=self._name, daemon=True
                )
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def is_current(self) -> bool:
        """Return whether the caller is on the loop's thread."""
        return threading.current_thread() is self._thread

    def stop(self) -> None:
        """End the loop; from its own thread. What still runs on it is cancelled."""
        with self._lock:
            if self._loop is not None:
                self._loop.stop()
                self._loop = None

    def join(self, *, wait: bool) -> None:
        """Take note that the loop ends; `wait` until its thread has, unless it is this one."""
        with self._lock:
            thread, self._thread = self._thread, None
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join()

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            if tasks:
                loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
