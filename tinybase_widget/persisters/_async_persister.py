"""The persister contract for a place that is reached by coroutines.

The place's coroutines run on an event loop in a thread that the persister owns, one after the other
in the order in which they were asked for. The Store's side stays as it is everywhere else: `load`
and `save` wait until it is done, setting a cell never does. What is set while a save runs goes with
the next one, all in one.

The Store's lock is never held while the place is waited for. So a cell may be set in the middle of
a load: such edits are put on top of what is loaded, and saved. Whoever holds the lock, in a
transaction for instance, does not wait: what they ask for is done afterwards.
"""

from __future__ import annotations

import asyncio
import atexit
from abc import abstractmethod
from collections.abc import Awaitable
from concurrent.futures import TimeoutError as FutureTimeoutError  # another one in Python 3.10
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from tinybase_widget.persisters._compare import Places
from tinybase_widget.persisters._loop_thread import LoopThread
from tinybase_widget.persisters._persister import Persister, Status
from tinybase_widget.persisters._unsaved import changes_at
from tinybase_widget.store._encoded import add_saver, apply_encoded_changes, does_as_told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from tinybase_widget.persisters._persister import (
        IgnoredErrorHandler,
        InitialContent,
        PersisterListener,
    )
    from tinybase_widget.store import Changes, Content, Store
    from tinybase_widget.store._types import RawCell

_EXIT_TIMEOUT_S = 10.0


class AsyncPersister(Persister):
    """Binds a Store to a place that is reached by coroutines.

    Subclass it as `Persister`, with `async def`. The coroutines run on an event loop that belongs
    to the persister: make there what is bound to a loop, such as connections. `listener` may be
    called on the loop or from any thread.

    Args:
        store: The Store.
        on_ignored_error: See `Persister`; it is called from the loop's thread.

    Example:
        >>> import asyncio
        >>> from tinybase_widget import AsyncPersister, Store
        >>> shelf = {}
        >>> class ShelfPersister(AsyncPersister):
        ...     async def get_persisted(self):
        ...         await asyncio.sleep(0)  # where a real place would be waited for
        ...         return shelf.get("zoo")
        ...
        ...     async def set_persisted(self, get_content, changes=None):
        ...         shelf["zoo"] = get_content()
        ...
        ...     async def add_persister_listener(self, listener):
        ...         return lambda: None
        >>> store = Store()
        >>> persister = ShelfPersister(store).start_auto_persisting()
        >>> store = store.set_cell("pets", "fido", "age", 3)
        >>> persister = persister.destroy()  # waits for what is still to be saved
        >>> shelf
        {'zoo': ({'pets': {'fido': {'age': 3}}}, {})}

    Source: TinyBase's `createCustomPersister`, whose functions may be asynchronous.
    """

    def __init__(self, store: Store, on_ignored_error: IgnoredErrorHandler | None = None) -> None:
        super().__init__(store, on_ignored_error)
        self._loop = LoopThread(f"tinybase-widget {type(self).__name__}")
        self._order: asyncio.Lock | None = None
        self._to_save: list[Changes] = []
        self._set_meanwhile: list[Changes] | None = None
        _alive.add(self)

    # What a subclass says about its place

    @abstractmethod
    async def get_persisted(self) -> Content | None:
        """Return the content at the place, or `None` where there is none yet."""

    @abstractmethod
    async def set_persisted(
        self, get_content: Callable[[], Content], changes: Changes | None = None
    ) -> None:
        """Write to the place; the arguments are those of `Persister.set_persisted`."""

    @abstractmethod
    async def add_persister_listener(self, listener: PersisterListener) -> object:
        """Call `listener` when the place has changed; return what to stop that with."""

    async def del_persister_listener(self, handle: Any) -> None:
        """Stop what `add_persister_listener` began."""
        stopped = handle()
        if stopped is not None:
            await stopped

    # Running on the loop

    def _run(self, action: Callable[[], Awaitable[None]], *, wait: bool = True) -> None:
        """Run an action after those before it, and wait for it unless that would never end."""
        with self._store.lock:
            if not self._may_start("load or save"):
                return
        future = self._loop.submit(self._in_order(action))
        if wait and not (self._loop.is_current() or _is_owned(self._store.lock)):
            future.result()

    async def _in_order(self, action: Callable[[], Awaitable[None]]) -> None:
        if self._order is None:
            self._order = asyncio.Lock()
        async with self._order:
            try:
                await action()
            except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                self._ignore(error)

    def _rest(self) -> None:
        with self._store.lock:
            self._set_status(Status.SAVING if self._to_save else Status.IDLE)

    # Loading

    def load(self, initial_content: InitialContent = None) -> Self:
        """Put the place's content into the Store, as `Persister.load` does."""
        self._run(partial(self._load_persisted, initial_content))
        return self

    def start_auto_load(self, initial_content: InitialContent = None) -> Self:
        """Load now, and again whenever the place changes."""
        self.stop_auto_load()
        self._run(self._start_listening_async)
        return self.load(initial_content)

    def stop_auto_load(self) -> Self:
        """Stop loading by itself."""
        with self._store.lock:
            self._auto_load_generation += 1
            was_listening, self._auto_load = self._auto_load, False
            handle, self._place_handle = self._place_handle, None
        if was_listening:
            self._run(partial(self.del_persister_listener, handle))
        return self

    async def _start_listening_async(self) -> None:
        generation = self._auto_load_generation
        handle = await self.add_persister_listener(partial(self._hear, generation))
        with self._store.lock:
            is_wanted = generation == self._auto_load_generation
            if is_wanted:
                self._place_handle, self._auto_load = handle, True
        if not is_wanted:
            await self.del_persister_listener(handle)

    def _hear(
        self, generation: int, content: Content | None = None, changes: Changes | None = None
    ) -> None:
        if generation == self._auto_load_generation:
            self._run(partial(self._load_told, generation, content, changes), wait=False)

    async def _load_told(
        self, generation: int, content: Content | None, changes: Changes | None
    ) -> None:
        if generation != self._auto_load_generation:
            return
        if self._unsaved and self.is_auto_saving():
            with self._store.lock:
                self._to_save.append([{}, {}, 1])
            await self._save_changes()  # before it is replaced by what is there
        if content is None and changes is None:
            await self._load_persisted(None)
        else:
            with self._store.lock:
                told = changes if changes is not None else content
                self._load(partial(self._take, told, None, list(self._to_save)), None)
                self._rest()

    async def _load_persisted(self, initial_content: InitialContent) -> None:
        with self._store.lock:
            self._set_status(Status.LOADING)
            self._set_meanwhile = list(self._to_save)
        content: Content | None = None
        failure: Exception | None = None
        try:
            content = await self.get_persisted()
        except Exception as error:  # noqa: BLE001 - it is handed on below, under the lock
            failure = error
        with self._store.lock:
            meanwhile, self._set_meanwhile = self._set_meanwhile or [], None
            self._load(partial(self._take, content, failure, meanwhile), initial_content)
            self._rest()

    def _take(
        self,
        content: Content | Changes | None,
        failure: Exception | None,
        meanwhile: Sequence[Changes],
        initial_content: InitialContent,
    ) -> None:
        try:
            _raise(failure)
            if content is not None:
                with self._store.transaction():
                    self._apply_content(content)
                    for changes in meanwhile:
                        apply_encoded_changes(self._store, changes)
        except Exception:
            self._apply_initial(None if meanwhile else initial_content)
            raise
        if content is None and not meanwhile:
            self._apply_initial(initial_content)

    # Saving

    def save(self, changes: Changes | None = None) -> Self:
        """Write the Store's content to the place, as `Persister.save` does."""
        if changes is None:
            self._run(self._save_all)
        else:
            with self._store.lock:
                self._add_to_save(changes)
            self._run(self._save_changes)
        return self

    def start_auto_save(self) -> Self:
        """Save now, and again after every transaction of the Store that changes something."""
        with self._store.lock:
            if self._destroyed:
                return self
            self.stop_auto_save()
            self._auto_save_listener = add_saver(
                self._store, self._on_transaction, self._on_one_cell
            )
        return self.save()

    def _add_to_save(self, changes: Changes) -> None:
        self._to_save.append(changes)
        if self._status is Status.IDLE:
            self._set_status(Status.SAVING)

    def _on_transaction(self, store: Store) -> None:
        is_own = self._status is Status.LOADING and self._set_meanwhile is None
        if is_own and does_as_told(store):
            return
        changes = store.get_transaction_changes()
        if changes[0] or changes[1]:
            if is_own:
                self._changed_while_loading(changes)
            else:
                self._save_soon(changes)

    def _on_one_cell(self, table_id: str, row_id: str, cell_id: str, cell: RawCell) -> None:
        if self._status is not Status.LOADING or self._set_meanwhile is not None:
            self._save_soon([{table_id: {row_id: {cell_id: cell}}}, {}, 1])

    def _save_soon(self, changes: Changes) -> None:
        if self._set_meanwhile is not None:
            self._set_meanwhile.append(changes)
        is_first = not self._to_save
        self._add_to_save(changes)
        if is_first:
            self._run(self._save_changes, wait=False)

    async def _save_changes(self) -> None:
        with self._store.lock:
            to_save, self._to_save = self._to_save, []
            if not to_save:
                return
            places, self._unsaved = self._unsaved, Places()
            writes: list[Changes | None] = [to_save[0]]
            is_one = len(to_save) == 1 and not places
            for each in to_save:
                places.add_changes(each)
            if not is_one:
                writes = [None] if places.whole else [*changes_at(places, self._store)]
        await self._write(writes, places)

    async def _save_all(self) -> None:
        with self._store.lock:
            self._unsaved = Places()
        await self._write([None], Places(whole=True))

    async def _write(self, writes: Sequence[Changes | None], places: Places) -> None:
        """Write; where that fails keep in mind that these places are not written."""
        with self._store.lock:
            self._saves += 1
            self._set_status(Status.SAVING)
        try:
            for changes in writes:
                await self.set_persisted(self._get_content, changes)
        except BaseException:
            with self._store.lock:
                self._unsaved.update(places)
            raise
        finally:
            self._rest()

    # Both

    def start_auto_persisting(
        self, initial_content: InitialContent = None, start_save_first: bool = False
    ) -> Self:
        """Load and save by itself from now on, as `Persister.start_auto_persisting` does."""
        if start_save_first:
            return self.start_auto_save().start_auto_load(initial_content)
        return self.start_auto_load(initial_content).start_auto_save()

    def stop_auto_persisting(self, stop_save_first: bool = False) -> Self:
        """Stop loading and saving by itself."""
        if stop_save_first:
            return self.stop_auto_save().stop_auto_load()
        return self.stop_auto_load().stop_auto_save()

    def schedule(self, *actions: Callable[[], object]) -> Self:
        """Run actions on the loop in the order of loads and saves; they may be coroutines."""
        self._run(partial(self._run_all, actions))
        return self

    async def _run_all(self, actions: Sequence[Callable[[], object]]) -> None:
        for action in actions:
            try:
                await _call(action)
            except Exception as error:  # noqa: BLE001, PERF203 - the contract: errors go to the handler
                self._ignore(error)

    def wait_until_saved(self, timeout_s: float | None = None) -> bool:
        """Wait until everything that was asked for so far is done; return whether it is, in time.

        Args:
            timeout_s: For how long, in seconds; `None`: as long as it takes.
        """
        try:
            self._loop.submit(self._in_order(_nothing)).result(timeout_s)
        except FutureTimeoutError:
            return False
        return True

    def destroy(self) -> Self:
        """Stop everything and leave nothing behind; waits for what is still to be saved."""
        with self._store.lock:
            if self._destroyed:
                return self
            if self._unsaved and self.is_auto_saving():
                self._save_soon([{}, {}, 1])
        self.stop_auto_persisting()
        self._run(self._end)
        self._loop.join(wait=not _is_owned(self._store.lock))
        return self

    async def _end(self) -> None:
        with self._store.lock:
            self._destroyed = True
            self._status_listeners.clear()
        self._loop.stop()


def _raise(error: Exception | None) -> None:
    if error is not None:
        raise error


async def _call(action: Callable[[], Any]) -> None:
    found = action()
    if isinstance(found, Awaitable):
        await found


async def _nothing() -> None:
    pass


def _is_owned(lock: Any) -> bool:
    """Return whether the calling thread holds a re-entrant lock."""
    return bool(lock._is_owned())  # noqa: SLF001 - `threading.Condition` relies on it too


_alive: WeakSet[AsyncPersister] = WeakSet()


@atexit.register
def _finish_at_exit() -> None:
    for persister in list(_alive):
        persister.wait_until_saved(_EXIT_TIMEOUT_S)
