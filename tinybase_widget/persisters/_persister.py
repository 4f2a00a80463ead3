"""The persister contract: what binds a Store to a place where its content lives.

A persister loads the place's content into the Store, saves the Store's into the place, and can do
either by itself from then on. A subclass says how its place is read, written and listened to, in
three methods or four; this class does the rest: the order of things, the status, the counts, and
errors. `AsyncPersister` is the same for a place that is reached by coroutines.

Everything is synchronous and happens under the Store's lock.

- *Order.* What is asked for while something is under way waits for it (`_schedule`).
- *No echo, and nothing lost.* While something is being loaded, the changes that it makes in the
  Store are not saved back; what schemas and listeners of the Store make of it is, after the load.
- *Loads wait for transactions.* What a place tells in the middle of one is loaded after its end.
- *Failures.* A load or save that fails reaches `on_ignored_error`, never whoever set a cell. What a
  failed save would have written goes with the next one (`_unsaved`). The one exception: a package
  that is missing is reported where it is asked for.

Documents do two things in a way of their own (`_is_document`): what they tell of applies at once,
also in the middle of a save; and what they refused once is not given to them again.

Source: TinyBase's `createCustomPersister`, whose methods have the same names in camelCase.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget.persisters._compare import Places
from tinybase_widget.persisters._reporting import IgnoredErrorHandler, Reporting, Status
from tinybase_widget.persisters._retries import Retries
from tinybase_widget.persisters._schedule import Schedule
from tinybase_widget.persisters._unsaved import added_to, changes_at
from tinybase_widget.store._encoded import (
    add_saver,
    apply_encoded_changes,
    does_as_told,
    set_encoded_content,
)
from tinybase_widget.store._steps import is_in_transaction, is_telling_listeners

if TYPE_CHECKING:
    from typing_extensions import Self

    from tinybase_widget.store import Changes, Content, Store
    from tinybase_widget.store._types import RawCell

__all__ = [
    "IgnoredErrorHandler",
    "InitialContent",
    "Persister",
    "PersisterListener",
    "Status",
]

_log = logging.getLogger(__name__)

InitialContent = Sequence[Any] | Callable[[], Sequence[Any]] | None

_CONTENT_LENGTH = 2
_CHANGES_LENGTH = 3


class PersisterListener(Protocol):
    """What a place calls when it has changed; with nothing, it is read as a whole."""

    def __call__(self, content: Content | None = None, changes: Changes | None = None) -> None:
        """Tell of a change, with the place's new content or, better, what has changed in it."""


class Persister(Reporting, ABC):
    """Binds a Store to a place where its content lives.

    Subclass it for a place of your own: say how it is read, written and listened to.

    Args:
        store: The Store.
        on_ignored_error: Called with each exception that a load or a save met. Without it such an
            exception is logged as a warning; it never reaches the caller of a load or a save, nor
            of the Store.

    Example:
        >>> from tinybase_widget import Persister, Store
        >>> shelf = {}  # the place: anything that can keep content
        >>> class ShelfPersister(Persister):
        ...     def get_persisted(self):
        ...         return shelf.get("zoo")
        ...
        ...     def set_persisted(self, get_content, changes=None):
        ...         shelf["zoo"] = get_content()
        ...
        ...     def add_persister_listener(self, listener):
        ...         return lambda: None  # nobody else writes here: there is nothing to stop
        >>> store = Store()
        >>> persister = ShelfPersister(store).start_auto_persisting()
        >>> store = store.set_cell("pets", "fido", "age", 3)
        >>> shelf
        {'zoo': ({'pets': {'fido': {'age': 3}}}, {})}
        >>> ShelfPersister(Store()).load().get_store().get_cell("pets", "fido", "age")
        3

    Source: TinyBase's `createCustomPersister`.
    """

    _is_document: ClassVar[bool] = False

    def __init__(self, store: Store, on_ignored_error: IgnoredErrorHandler | None = None) -> None:
        super().__init__(store, on_ignored_error)
        self._schedule = Schedule()
        self._place_handle: object = None
        self._auto_load = False
        self._auto_load_generation = 0
        self._auto_save_listener: str | None = None
        self._just_loaded: Sequence[Any] | None = None
        self._made_of_it: list[Changes] = []
        self._later: list[Callable[[], object]] = []
        self._unsaved = Places()
        self._retries = Retries()
        self._destroyed = False

    # What a subclass says about its place

    @abstractmethod
    def get_persisted(self) -> Content | Awaitable[Content | None] | None:
        """Return the content at the place, or `None` where there is none yet."""

    @abstractmethod
    def set_persisted(
        self, get_content: Callable[[], Content], changes: Changes | None = None
    ) -> Awaitable[None] | None:
        """Write to the place.

        Args:
            get_content: Gives the Store's whole content.
            changes: Where it is known, what has changed since the last save: enough to write.
        """

    @abstractmethod
    def add_persister_listener(self, listener: PersisterListener) -> object:
        """Call `listener`, from any thread, when the place has changed.

        Returns:
            A handle for `del_persister_listener`; without one of your own, a function that stops.
        """

    def del_persister_listener(self, handle: Any) -> Awaitable[None] | None:
        """Stop what `add_persister_listener` began."""
        handle()
        return None

    # Loading

    def load(self, initial_content: InitialContent = None) -> Self:
        """Put the place's content into the Store, in place of the Store's own.

        Args:
            initial_content: Tables and values, or a function that gives them, for a place that has
                none yet.
        """
        with self._store.lock:
            if not self._is_document:
                action = partial(self._load, self._apply_persisted, initial_content)
                if is_telling_listeners(self._store):
                    self._do_later(action)
                else:
                    self._schedule.run(action)
            elif self._status is not Status.SAVING:
                self._load(self._apply_persisted, initial_content)
        return self

    def start_auto_load(self, initial_content: InitialContent = None) -> Self:
        """Load now, and again whenever the place changes.

        Args:
            initial_content: As for `load`.
        """
        with self._store.lock:
            if self._may_start("load"):
                self.stop_auto_load()
                self._start_listening()
                self.load(initial_content)
        return self

    def _start_listening(self) -> None:
        listener = partial(self._hear, self._auto_load_generation)
        try:
            self._place_handle = self.add_persister_listener(
                self._on_place_changed if self._is_document else listener
            )
            self._auto_load = True
        except ModuleNotFoundError:
            raise
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)

    def stop_auto_load(self) -> Self:
        """Stop loading by itself."""
        with self._store.lock:
            self._auto_load_generation += 1
            if self._auto_load:
                self._auto_load = False
                handle, self._place_handle = self._place_handle, None
                try:
                    self.del_persister_listener(handle)
                except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                    self._ignore(error)
        return self

    def is_auto_loading(self) -> bool:
        """Return whether the persister loads by itself."""
        return self._auto_load

    def _hear(
        self, generation: int, content: Content | None = None, changes: Changes | None = None
    ) -> None:
        with self._store.lock:
            if is_in_transaction(self._store):
                self._do_later(partial(self._hear, generation, content, changes))
            elif generation == self._auto_load_generation and self._auto_load:
                self._schedule.run(partial(self._on_place_changed, content, changes))

    def _do_later(self, action: Callable[[], object]) -> None:
        """Do something when the Store's transaction has ended, until when nobody else has its lock.

        Nothing can be loaded while listeners, auto-save among them, are told of its end.
        """
        self._later.append(action)
        if len(self._later) == 1:
            Thread(target=self._do_what_is_later, name="tinybase-widget later", daemon=True).start()

    def _do_what_is_later(self) -> None:
        with self._store.lock:
            later, self._later = self._later, []
            for action in later:
                self._schedule.run(partial(self._run_ignoring, action))

    def _on_place_changed(
        self, content: Content | None = None, changes: Changes | None = None
    ) -> None:
        with self._store.lock:
            if self._unsaved and self.is_auto_saving():
                self._save([{}, {}, 1])  # before it is replaced by what is there
                if self._unsaved:
                    return
            self._take_told(content, changes)

    def _take_told(self, content: Content | None, changes: Changes | None) -> None:
        if changes is not None:
            self._load(self._apply_changes, changes)
        elif content is not None:
            self._load(self._set_content, content)
        else:
            self.load()

    def _apply_persisted(self, initial_content: InitialContent) -> None:
        try:
            content = self.get_persisted()
            if content is not None:
                self._apply_content(content)
        except Exception:
            self._apply_initial(initial_content)
            raise
        if content is None:
            self._apply_initial(initial_content)

    def _apply_content(self, content: Any) -> None:
        checked = _checked(content)
        if len(checked) == _CHANGES_LENGTH and checked[2] == 1:
            self._apply_changes(list(checked))
        else:
            self._set_content(checked)

    def _apply_initial(self, initial_content: InitialContent) -> None:
        if initial_content is not None:
            content = initial_content() if callable(initial_content) else initial_content
            self._store.set_content(content)

    def _set_content(self, content: Sequence[Any]) -> None:
        self._just_loaded = content
        set_encoded_content(self._store, content)

    def _apply_changes(self, changes: Changes) -> None:
        self._just_loaded = changes
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
            loaded, self._just_loaded = self._just_loaded, None
            made, self._made_of_it = self._made_of_it, []
        if made and loaded is not None and self.is_auto_saving():
            for changes in added_to(loaded, made, self._store):
                self.save(changes)

    # Saving

    def save(self, changes: Changes | None = None) -> Self:
        """Write the Store's content to the place.

        Args:
            changes: What has changed since the last save, if that is known.
        """
        with self._store.lock:
            if not self._is_document:
                self._schedule.run(partial(self._save, changes))
            elif self._status is not Status.LOADING:
                self._save(changes)
        return self

    def start_auto_save(self) -> Self:
        """Save now, and again after every transaction of the Store that changes something."""
        with self._store.lock:
            if self._may_start("save"):
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

    def _save(self, changes: Changes | None) -> None:
        before = self._status
        self._set_status(Status.SAVING)
        self._saves += 1
        try:
            self._write_with_unsaved(changes)
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)
        finally:
            self._set_status(before)

    def _write_with_unsaved(self, changes: Changes | None) -> None:
        writes = self._begin_write(changes)
        try:
            for each in writes:
                self.set_persisted(self._get_content, each)
        except BaseException:
            self._keep_unsaved(changes)
            raise
        self._unsaved = Places()

    def _begin_write(self, changes: Changes | None) -> list[Changes | None]:
        """Return what to write: the changes, and what former saves could not write."""
        if changes is None or not self._unsaved:
            return [changes]
        if self._unsaved.whole:
            return [None]
        self._unsaved.add_changes(changes)
        return [*changes_at(self._unsaved, self._store)]

    def _keep_unsaved(self, changes: Changes | None) -> None:
        if not self._is_document:
            if changes is None:
                self._unsaved.whole = True
            else:
                self._unsaved.add_changes(changes)

    def _save_unsaved(self) -> None:
        """Try again what a save could not write; for whoever knows that the time has come."""
        with self._store.lock:
            if self._unsaved and self.is_auto_saving():
                self.save([{}, {}, 1])

    def _save_unsaved_at_times(self) -> None:
        """Try again, if there is something to save, less and less often."""
        if not self._unsaved:
            self._retries.reset()
        elif self._retries.is_due():
            self._save_unsaved()

    def _get_content(self) -> Content:
        return self._store.get_content(encoded=True)

    def _on_transaction(self, store: Store) -> None:
        if self._status is Status.LOADING and does_as_told(store):
            return
        changes = store.get_transaction_changes()
        if self._status is Status.LOADING:
            self._changed_while_loading(changes)
        elif changes[0] or changes[1]:
            self.save(changes)

    def _on_one_cell(self, table_id: str, row_id: str, cell_id: str, cell: RawCell) -> None:
        """Do what `_on_transaction` does where one existing cell became a plain one."""
        if self._status is not Status.LOADING:
            self.save([{table_id: {row_id: {cell_id: cell}}}, {}, 1])

    def _changed_while_loading(self, changes: Changes) -> None:
        """Take note of a transaction that ended during a load: the load's own, or a listener's."""
        self._made_of_it.append(changes)

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

    def stop_auto_persisting(self, stop_save_first: bool = False) -> Self:
        """Stop loading and saving by itself.

        Args:
            stop_save_first: Stop saving before loading is stopped.
        """
        with self._store.lock:
            if stop_save_first:
                return self.stop_auto_save().stop_auto_load()
            return self.stop_auto_load().stop_auto_save()

    def schedule(self, *actions: Callable[[], object]) -> Self:
        """Run actions in the order of loads and saves: now, or after those that are under way.

        Args:
            actions: Functions without arguments. What one raises goes to `on_ignored_error`, and
                the next one runs.
        """
        with self._store.lock:
            self._schedule.run(*(partial(self._run_ignoring, action) for action in actions))
        return self

    def destroy(self) -> Self:
        """Stop everything and leave nothing behind; the content stays where it is.

        What could not be saved before is tried once more. Afterwards nothing starts by itself.
        """
        with self._store.lock:
            self._save_unsaved()
            self.stop_auto_persisting()
            self._destroyed = True
            self._schedule.clear()
            self._status_listeners.clear()
        return self

    def _may_start(self, what: str) -> bool:
        if self._destroyed:
            _log.warning(
                "%s: it was destroyed and does not %s by itself any more; make a new one",
                type(self).__name__,
                what,
            )
        return not self._destroyed


def _checked(content: Any) -> Sequence[Any]:
    """Return what `get_persisted` gave, if it is content, or changes as TinyBase allows too.

    Raises:
        PersistedContentError: It is neither.
    """
    if (
        isinstance(content, (list, tuple))
        and len(content) in (_CONTENT_LENGTH, _CHANGES_LENGTH)
        and all(isinstance(part, dict) for part in content[:2])
    ):
        return content
    raise PersistedContentError(
        f"a place's content is a pair of tables and values, as a Store's get_content() gives it, "
        f"not {content!r:.80}"
    )
