"""The persister contract: what binds a Store to a place where its content lives.

A persister loads the place's content into the Store, saves the Store's into the place, and can do
either by itself from then on. A subclass says how its place is read, written and listened to, in
four methods; this
class does the rest: the order of things, the status, the counts, and errors.

Everything is synchronous and happens under the Store's lock. While something is being loaded, the
changes that it makes in the Store are not saved back; what listeners of the Store add to it is
(`_changed_while_loading`).

Source: TinyBase's `createCustomPersister`, whose methods have the same names in camelCase.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget.store._encoded import (
    add_saver,
    apply_encoded_changes,
    does_as_told,
    set_encoded_content,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from tinybase_widget.store import Changes, Content, Store
    from tinybase_widget.store._types import RawCell

_log = logging.getLogger(__name__)

InitialContent = Sequence[Any] | Callable[[], Sequence[Any]] | None
IgnoredErrorHandler = Callable[[Exception], object]
StatusListener = Callable[["Persister", "Status"], object]


class Status(IntEnum):
    """What a persister is doing.

    Source: TinyBase's `Status`.
    """

    IDLE = 0
    LOADING = 1
    SAVING = 2


class Persister(ABC):
    """Binds a Store to a place where its content lives.

    Args:
        store: The Store.
        on_ignored_error: Called with each exception that a load or a save met. Without it such an
            exception is logged as a warning; it never reaches the caller of a load or a save, nor
            of the Store.
    """

    def __init__(self, store: Store, on_ignored_error: IgnoredErrorHandler | None = None) -> None:
        self._store = store
        self._on_ignored_error = on_ignored_error
        self._status = Status.IDLE
        self._loads = 0
        self._saves = 0
        self._place_handle: object = None
        self._auto_load = False
        self._auto_save_listener: str | None = None
        self._status_listeners: dict[str, StatusListener] = {}
        self._next_listener_id = 0

    # What a subclass says about its place

    @abstractmethod
    def get_persisted(self) -> Content | None:
        """Return the content at the place, or `None` where there is none yet."""

    @abstractmethod
    def set_persisted(
        self, get_content: Callable[[], Content], changes: Changes | None = None
    ) -> None:
        """Write to the place.

        Args:
            get_content: Gives the Store's whole content.
            changes: Where it is known, what has changed since the last save: enough to write.
        """

    @abstractmethod
    def add_persister_listener(
        self, listener: Callable[[Content | None, Changes | None], None]
    ) -> object:
        """Call `listener` when the place changes: with its content, or the changes if known.

        Returns:
            A handle for `del_persister_listener`; not `None`.
        """

    @abstractmethod
    def del_persister_listener(self, handle: Any) -> None:
        """Stop what `add_persister_listener` began."""

    # Loading

    def load(self, initial_content: InitialContent = None) -> Self:
        """Put the place's content into the Store, in place of the Store's own.

        Args:
            initial_content: Tables and values, or a function that gives them, for a place that has
                none yet.
        """
        with self._store.lock:
            if self._status is not Status.SAVING:
                self._load(self._apply_persisted, initial_content)
        return self

    def start_auto_load(self, initial_content: InitialContent = None) -> Self:
        """Load now, and again whenever the place changes.

        Args:
            initial_content: As for `load`.
        """
        with self._store.lock:
            self.stop_auto_load()
            self._place_handle = self.add_persister_listener(self._on_place_changed)
            self._auto_load = True
            self.load(initial_content)
        return self

    def stop_auto_load(self) -> Self:
        """Stop loading by itself."""
        with self._store.lock:
            if self._auto_load:
                self._auto_load = False
                handle, self._place_handle = self._place_handle, None
                self.del_persister_listener(handle)
        return self

    def is_auto_loading(self) -> bool:
        """Return whether the persister loads by itself."""
        return self._auto_load

    def _on_place_changed(self, content: Content | None, changes: Changes | None) -> None:
        with self._store.lock:
            if changes is not None:
                self._load(self._apply_changes, changes)
            elif content is not None:
                self._load(self._set_content, content)
            else:
                self.load()

    def _apply_persisted(self, initial_content: InitialContent) -> None:
        try:
            content = self.get_persisted()
        except Exception:
            self._apply_initial(initial_content)
            raise
        if content is None:
            self._apply_initial(initial_content)
        else:
            self._set_content(content)

    def _apply_initial(self, initial_content: InitialContent) -> None:
        if initial_content is not None:
            content = initial_content() if callable(initial_content) else initial_content
            self._store.set_content(content)

    def _set_content(self, content: Sequence[Any]) -> None:
        set_encoded_content(self._store, content)

    def _apply_changes(self, changes: Changes) -> None:
        apply_encoded_changes(self._store, changes)

    def _load(self, action: Callable[[Any], object], argument: object) -> None:
        before = self._status
        self._set_status(Status.LOADING)
        self._loads += 1
        try:
            action(argument)
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)
        finally:
            self._set_status(before)

    # Saving

    def save(self, changes: Changes | None = None) -> Self:
        """Write the Store's content to the place.

        Args:
            changes: What has changed since the last save, if that is known.
        """
        with self._store.lock:
            if self._status is not Status.LOADING:
                before = self._status
                self._set_status(Status.SAVING)
                self._saves += 1
                try:
                    self.set_persisted(self._get_content, changes)
                except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                    self._ignore(error)
                finally:
                    self._set_status(before)
        return self

    def start_auto_save(self) -> Self:
        """Save now, and again after every transaction of the Store that changes something."""
        with self._store.lock:
            self.stop_auto_save()
            self.save()
            self._auto_save_listener = add_saver(
                self._store, self._on_transaction, self._on_one_cell
            )
        return self

    def stop_auto_save(self) -> Self:
        """Stop saving by itself."""
        with self._store.lock:
            if self._auto_save_listener is not None:
                self._store.del_listener(self._auto_save_listener)
                self._auto_save_listener = None
        return self

    def is_auto_saving(self) -> bool:
        """Return whether the persister saves by itself."""
        return self._auto_save_listener is not None

    def _get_content(self) -> Content:
        return self._store.get_content(encoded=True)

    def _on_transaction(self, store: Store) -> None:
        if self._status is Status.LOADING and does_as_told(store):
            return
        changes = store.get_transaction_changes()
        if changes[0] or changes[1]:
            if self._status is Status.LOADING:
                self._changed_while_loading(changes)
            else:
                self.save(changes)

    def _on_one_cell(self, table_id: str, row_id: str, cell_id: str, cell: RawCell) -> None:
        """Do what `_on_transaction` does where one existing cell became a plain one."""
        if self._status is not Status.LOADING:
            self.save([{table_id: {row_id: {cell_id: cell}}}, {}, 1])

    def _changed_while_loading(self, changes: Changes) -> None:  # noqa: B027 - an empty hook
        """Take note of a transaction that ended during a load: the load's own, or a listener's."""

    # Both

    def start_auto_persisting(
        self,
        initial_content: InitialContent = None,
        start_save_first: bool = False,
    ) -> Self:
        """Load and save by itself from now on.

        Args:
            initial_content: As for `load`.
            start_save_first: Save what the Store has before anything is loaded.
        """
        with self._store.lock:
            if start_save_first:
                self.start_auto_save()
                self.start_auto_load(initial_content)
            else:
                self.start_auto_load(initial_content)
                self.start_auto_save()
        return self

    def stop_auto_persisting(self) -> Self:
        """Stop loading and saving by itself."""
        self.stop_auto_load()
        return self.stop_auto_save()

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

    def destroy(self) -> Self:
        """Stop everything and leave nothing behind; the content stays where it is."""
        self.stop_auto_persisting()
        self._status_listeners.clear()
        return self

    def _set_status(self, status: Status) -> None:
        if status is not self._status:
            self._status = status
            for listener in list(self._status_listeners.values()):
                listener(self, status)

    def _ignore(self, error: Exception) -> None:
        if self._on_ignored_error is not None:
            self._on_ignored_error(error)
        elif isinstance(error, PersistedContentError):
            _log.warning("%s: %s", type(self).__name__, error.explanation)
        else:
            _log.warning("%s: an error was ignored", type(self).__name__, exc_info=error)
