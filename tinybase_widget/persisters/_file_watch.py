"""Hearing of changes to a file: by `watchfiles`, and by a look now and then where that is deaf.

What is watched is the file's folder, since a file that is replaced is another one afterwards.
"""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING
from weakref import WeakSet

from tinybase_widget._exceptions import PlaceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOOK_MS = 500  # file systems of networks tell nothing
_STEP_MS = 20
_GATHER_MS = 200
_EXIT_TIMEOUT_S = 2.0


class FileWatch:
    """Calls a function from a thread of its own when a file may have changed, and now and then.

    Args:
        path: The file; it need not exist, its folder must.
        on_change: The function.

    Raises:
        ModuleNotFoundError: `watchfiles` is not installed.
        PlaceError: There is no such folder.
    """

    def __init__(self, path: Path, on_change: Callable[[], object]) -> None:
        try:
            import watchfiles  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "loading a file by itself needs watchfiles: "
                "pip install 'tinybase-widget[files]'; load() and auto-save work without it",
                name="watchfiles",
            ) from error
        self._folder = path.resolve().parent
        if not self._folder.is_dir():
            raise PlaceError(f"{path} can't be watched: there is no folder {self._folder}; make it")
        self._watch = watchfiles.watch
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"tinybase-widget watch {path.name}", daemon=True
        )
        _watches.add(self)
        self._thread.start()

    def stop(self) -> None:
        """End; the thread goes within a moment."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait until the thread has gone."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            for _ in self._watch(
                self._folder,
                recursive=False,
                watch_filter=None,
                stop_event=self._stop,
                debounce=_GATHER_MS,
                step=_STEP_MS,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                if self._stop.is_set():
                    return
                self._on_change()
        except (OSError, RuntimeError):  # no more watches, or the folder is gone: look by ourselves
            while not self._stop.wait(_LOOK_MS / 1000):
                self._on_change()


_watches: WeakSet[FileWatch] = WeakSet()


@atexit.register
def _stop_at_exit() -> None:
    """End the threads while Python is still whole."""
    watches = list(_watches)
    for watch in watches:
        watch.stop()
    for watch in watches:
        watch.join(_EXIT_TIMEOUT_S)
