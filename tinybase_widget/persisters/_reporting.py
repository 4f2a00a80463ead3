"""What a persister tells of itself: its status, its counts, and the errors that it met.

Source: TinyBase's `createCustomPersister`, whose methods have the same names in camelCase.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PersistedContentError, PlaceError

if TYPE_CHECKING:
    from typing_extensions import Self

    from tinybase_widget.store import Store

_log = logging.getLogger(__name__)

IgnoredErrorHandler = Callable[[Exception], object]
StatusListener = Callable[[Any, "Status"], object]


class Status(IntEnum):
    """What a persister is doing.

    Source: TinyBase's `Status`.
    """

    IDLE = 0
    LOADING = 1
    SAVING = 2


class Reporting:
    """The part of a persister that reports.

    Args:
        store: The Store.
        on_ignored_error: Called with each exception that a load or a save met.
    """

    def __init__(self, store: Store, on_ignored_error: IgnoredErrorHandler | None) -> None:
        self._store = store
        self._on_ignored_error = on_ignored_error
        self._status = Status.IDLE
        self._loads = 0
        self._saves = 0
        self._status_listeners: dict[str, StatusListener] = {}
        self._next_listener_id = 0

    def get_store(self) -> Store:
        """Return the Store."""
        return self._store

    def get_status(self) -> Status:
        """Return what the persister is doing: idle, loading or saving."""
        return self._status

    def add_status_listener(self, listener: StatusListener) -> str:
        """Call `listener(persister, status)` whenever the status changes.

        Returns:
            An id for `del_listener`.
        """
        listener_id = str(self._next_listener_id)
        self._next_listener_id += 1
        self._status_listeners[listener_id] = listener
        return listener_id

    def del_listener(self, listener_id: str) -> Self:
        """Forget a status listener."""
        self._status_listeners.pop(listener_id, None)
        return self

    def get_stats(self) -> dict[str, int]:
        """Return how often the persister has loaded and saved: `{"loads": …, "saves": …}`."""
        return {"loads": self._loads, "saves": self._saves}

    def _set_status(self, status: Status) -> None:
        if status is not self._status:
            self._status = status
            for listener in list(self._status_listeners.values()):
                self._run_ignoring(partial(listener, self, status))

    def _ignore(self, error: Exception) -> None:
        name = type(self).__name__
        if self._on_ignored_error is not None:
            try:
                self._on_ignored_error(error)
            except Exception as own:  # noqa: BLE001 - it must not stop what goes on
                _log.warning("%s: on_ignored_error failed", name, exc_info=own)
        elif isinstance(error, PersistedContentError):
            _log.warning("%s: %s", name, error.explanation)
        elif isinstance(error, PlaceError):
            _log.warning("%s: %s", name, error)
        else:
            _log.warning("%s: an error was ignored", name, exc_info=error)

    def _run_ignoring(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)
