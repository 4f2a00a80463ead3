"""Transactions: start, finish, rollback, and what they tell.

A transaction ends in the order of TinyBase's `finishTransaction`: mutator listeners, `do_rollback`,
will_finish listeners; then the content is committed and cannot be written to any more; listeners,
did_finish listeners, reset. An exception up to the commit rolls back; one after it does not. Either
way it reaches the caller after everything else was done.

The Store's lock is taken when a transaction starts and let go of when it has finished, so a
transaction must finish on the thread on which it started.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from tinybase_widget.store._listeners import DID_FINISH, START, WILL_FINISH, leaves_for
from tinybase_widget.store._reporting import Reporting
from tinybase_widget.store._types import MISSING
from tinybase_widget.store._warning import warn, warn_of_refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from tinybase_widget.store._types import Id, Missing, RawCell

    DoRollback = Callable[[Any], object]

Result = TypeVar("Result")
AnyStore = TypeVar("AnyStore", bound="Transactions")


class Transaction(Generic[AnyStore]):
    """A `with` block that is one transaction."""

    def __init__(self, store: AnyStore, do_rollback: DoRollback | None) -> None:
        self._store = store
        self._do_rollback = do_rollback

    def __enter__(self) -> AnyStore:
        self._store.start_transaction()
        return self._store

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self._store._finish_or_roll_back(self._do_rollback)  # noqa: SLF001
        else:
            self._store._roll_back_and_finish()  # noqa: SLF001


class Transactions(Reporting):
    """The layer of a Store that has transactions."""

    @overload
    def transaction(
        self, actions: None = None, do_rollback: DoRollback | None = None
    ) -> Transaction[Self]: ...

    @overload
    def transaction(
        self, actions: Callable[[], Result], do_rollback: DoRollback | None = None
    ) -> Result | None: ...

    def transaction(
        self,
        actions: Callable[[], Result] | None = None,
        do_rollback: DoRollback | None = None,
    ) -> Transaction[Self] | Result | None:
        """Do several things as one: listeners hear of it at the end, and all or nothing is done.

        Without arguments it is a context manager. An exception rolls everything back and goes on to
        the caller.

        Args:
            actions: A function that does these things.
            do_rollback: Called with the Store when they are done; if it gives something truthy, all
                is rolled back.

        Returns:
            What `actions` gives; without it, the context manager, which gives the Store.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> with store.transaction():
            ...     store = store.set_cell("pets", "fido", "age", 3).set_cell(
            ...         "pets", "fido", "color", "brown"
            ...     )
            >>> store.transaction(lambda: store.del_tables() and "done", do_rollback=lambda _: True)
            'done'
            >>> store.get_tables()
            {'pets': {'fido': {'age': 3, 'color': 'brown'}}}

        TinyBase: `transaction`.
        """
        if actions is None:
            return Transaction(self, do_rollback)
        return self._transact(actions, do_rollback=do_rollback)

    def _transact(
        self,
        action: Callable[..., Result],
        *args: Any,
        do_rollback: DoRollback | None = None,
        **options: Any,
    ) -> Result | None:
        """Do something as a transaction (TinyBase: fluentTransaction)."""
        with self.lock:
            if self._depth == -1:
                self._warn_of_ignored_write()
                return None
            self.start_transaction()
            try:
                result = action(*args, **options)
                self.finish_transaction(do_rollback)
            except BaseException:
                self._roll_back_and_finish()
                raise
            return result

    def start_transaction(self) -> Self:
        """Start a transaction, or one more level of the open one.

        The Store is locked for other threads until it has finished, on this thread.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().start_transaction().set_cell("pets", "fido", "age", 3)
            >>> store.finish_transaction().get_tables()
            {'pets': {'fido': {'age': 3}}}

        TinyBase: `startTransaction`.
        """
        self.lock.acquire()
        if self._depth != 0:
            # Nested, or from a listener: this thread holds the lock already.
            self.lock.release()
            if self._depth != -1:
                self._depth += 1
            return self
        self._depth = 1
        if self._registry.transaction[START]:
            try:
                self._call(self._registry.transaction[START], ())
            except BaseException:
                self._roll_back_and_finish()
                raise
        return self

    def finish_transaction(self, do_rollback: DoRollback | None = None) -> Self:
        """Finish a transaction, or one level of it; without one, nothing happens.

        Args:
            do_rollback: As in `transaction`.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().finish_transaction().has_tables()
            False

        TinyBase: `finishTransaction`.
        """
        with self.lock:
            if self._depth > 1:
                self._depth -= 1
            elif self._depth == 1:
                if self._unobserved and not (
                    self._rollback_requested or do_rollback or self._refused
                ):
                    self._reset()
                    return self
                refused = self._finish(do_rollback)
                if refused:
                    warn_of_refusals(self._warned_places, refused)
        return self

    def _finish_or_roll_back(self, do_rollback: DoRollback | None) -> None:
        try:
            self.finish_transaction(do_rollback)
        except BaseException:
            self._roll_back_and_finish()
            raise

    def _roll_back_and_finish(self) -> None:
        """End a transaction in which something was raised, which is what the caller should see."""
        if self._depth > 0:
            self._rollback_requested = True
            # The first error is the one to raise.
            with suppress(BaseException):
                self.finish_transaction()

    def _finish(self, do_rollback: DoRollback | None) -> list[tuple[Any, ...]]:
        """Finish the outermost transaction; give what was refused and nobody listened for."""
        refused: list[tuple[Any, ...]] = []
        error: BaseException | None = None
        called_will_finish = False
        try:
            try:
                if self._rollback_requested:
                    self._roll_back()
                else:
                    self._call_mutators()
                    if do_rollback is not None and do_rollback(self):
                        self._roll_back()
                    refused = self._unheard_refusals()
                    called_will_finish = True
                    self._registry.call_all(self._registry.transaction[WILL_FINISH], (self,))
            except BaseException as raised:  # noqa: BLE001 - raised again below
                error = raised
                self._roll_back()
            else:
                if called_will_finish:
                    self._depth = -1
                    try:
                        self._tell_of_changes(mutators=False)
                    except BaseException as raised:  # noqa: BLE001 - raised again below
                        self._interruptions += 1
                        error = raised
            if called_will_finish:
                self._depth = -1
                try:
                    self._registry.call_all(self._registry.transaction[DID_FINISH], (self,))
                except BaseException as raised:  # noqa: BLE001 - raised again below
                    error = error or raised
            if error is not None:
                raise error
        finally:
            self._reset()
        return refused

    def _call_mutators(self) -> None:
        if any(self._registry.mutators.values()):
            with self._while_mutating():
                self._tell_of_changes(mutators=True)

    def _roll_back(self) -> None:
        """Put every changed cell and value back, then forget that they changed."""
        self._interruptions += 1
        if self._schema_before is not None:
            self._schema = self._schema_before
            self._watchers_changed()
        log = self._log
        log.expand()
        for table_id, rows in _growing(log.cells):
            for row_id, cells in _growing(rows):
                for cell_id, (old, _) in _growing(cells):
                    self._restore_cell(table_id, row_id, cell_id, old)
                    log.expand()
        log.expand()
        log.cells.clear()
        for value_id, (old, _) in _growing(log.values):
            self._restore_value(value_id, old)
        log.values.clear()

    def _restore_cell(self, table_id: Id, row_id: Id, cell_id: Id, cell: Any) -> None:
        if cell is MISSING:
            rows = self._tables.get(table_id)
            if rows is not None and cell_id in rows.get(row_id, ()):
                self._del_valid_cell(
                    table_id,
                    rows,
                    row_id,
                    rows[row_id],
                    cell_id,
                    force=True,
                    skip_middleware=True,
                )
        else:
            self._set_cell_into_new_row(
                table_id, self._ensure_table(table_id), row_id, cell_id, cell, skip_middleware=True
            )

    def _restore_value(self, value_id: Id, value: RawCell | Missing) -> None:
        if value is not MISSING:
            self._set_valid_value(value_id, value, skip_middleware=True)
        elif value_id in self._values:
            self._del_valid_value(value_id, skip_middleware=True)

    def _unheard_refusals(self) -> list[tuple[Any, ...]]:
        if not self._refused:
            return []
        trees = (self._registry.mutators, self._registry.observers)
        return [
            refusal
            for refusal in self._refused
            if not any(
                leaves_for(
                    tree["invalid_cell" if len(refusal) > 2 else "invalid_value"],  # noqa: PLR2004
                    *refusal[:-1],
                )
                for tree in trees
            )
        ]

    def _reset(self) -> None:
        self._depth = 0
        self._rollback_requested = False
        self._schema_before = None
        self._had_tables = bool(self._tables)
        self._had_values = bool(self._values)
        self._refused.clear()
        self._log.clear()
        self.lock.release()

    def _warn_of_ignored_write(self) -> None:
        warn(
            self._warned_places,
            "a listener that is no mutator cannot write to its Store: this was ignored",
        )


def _growing(changes: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Walk a dictionary that grows meanwhile, to its last entry."""
    done: set[Any] = set()
    while todo := [key for key in changes if key not in done]:
        done.update(todo)
        for key in todo:
            yield key, changes[key]
