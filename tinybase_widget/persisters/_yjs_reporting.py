"""A persister that tells of conflicts: its listeners, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._persister import IgnoredErrorHandler, Persister

if TYPE_CHECKING:
    from typing_extensions import Self

    from tinybase_widget.persisters._yjs_conflicts import Conflicts
    from tinybase_widget.persisters._yjs_records import Conflict
    from tinybase_widget.store import Store

ConflictListener = Callable[[Any, "Conflict"], object]


class _Listening(NamedTuple):
    """A listener, and the table, row and cell that it listens to; `None` is any."""

    table_id: str | None
    row_id: str | None
    cell_id: str | None
    of_values: bool
    listener: ConflictListener

    def hears(self, conflict: Conflict) -> bool:
        """Return whether it listens to the place of a conflict."""
        return self.of_values is (conflict.table_id is None) and all(
            wanted is None or wanted == given
            for wanted, given in zip(self[:3], conflict[1:4], strict=True)
        )


class ConflictReporting(Persister):
    """Persister of a document in which two edits can meet."""

    def __init__(self, store: Store, on_ignored_error: IgnoredErrorHandler | None = None) -> None:
        super().__init__(store, on_ignored_error)
        self._conflicts: Conflicts | None = None
        self._conflict_listeners: dict[str, _Listening] = {}

    def add_conflict_listener(
        self,
        table_id: str | None,
        row_id: str | None,
        cell_id: str | None,
        listener: ConflictListener,
    ) -> str:
        """Call `listener(persister, conflict)` when two sides turn out to have set the same cell.

        That is, without knowing of each other, and to different values. An edit that followed
        another is no conflict. Conflicts are found while the persister loads automatically, in what
        arrives by a megabyte at a time or less; every replica is told of the same ones. Where an
        edit of a cell met the deletion of its row, the edit is kept, and the conflict's loser has
        the value `MISSING`.

        Args:
            table_id: The table; `None` for any.
            row_id: The row; `None` for any.
            cell_id: The cell; `None` for any.
            listener: Is given the persister and a conflict: its `table_id`, `row_id` and `cell_id`,
                its `winner` and its `loser`, each with `value` and `client_id`, and the `key` that
                `dismiss_conflict` takes.

        Returns:
            An id for `del_listener`.

        Example:
            >>> from tinybase_widget import Store, YjsPersister, create_doc
            >>> docs = create_doc(client_id=1), create_doc(client_id=2)
            >>> stores = Store(), Store()
            >>> left, right = (
            ...     YjsPersister(store, doc).start_auto_persisting()
            ...     for store, doc in zip(stores, docs)
            ... )
            >>> stores[0].set_cell("pets", "fido", "age", 3).get_cell("pets", "fido", "age")
            3
            >>> stores[1].set_cell("pets", "fido", "age", 4).get_cell("pets", "fido", "age")
            4
            >>> def tell(persister, conflict):
            ...     print(f"{conflict.winner.value} won over {conflict.loser.value}")
            >>> listener_id = left.add_conflict_listener("pets", None, None, tell)
            >>> _ = left.apply_update(docs[1].get_update())
            3 won over 4
        """
        listening = _Listening(table_id, row_id, cell_id, False, listener)
        return self._add_conflict_listener(listening)

    def add_value_conflict_listener(self, value_id: str | None, listener: ConflictListener) -> str:
        """Call `listener(persister, conflict)` when two sides turn out to have set the same value.

        Args:
            value_id: The value; `None` for any.
            listener: As for `add_conflict_listener`; the conflict's `cell_id` is the value's id,
                its `table_id` and `row_id` are `None`.

        Returns:
            An id for `del_listener`.
        """
        return self._add_conflict_listener(_Listening(None, None, value_id, True, listener))

    def _add_conflict_listener(self, listening: _Listening) -> str:
        listener_id = str(self._next_listener_id)
        self._next_listener_id += 1
        self._conflict_listeners[listener_id] = listening
        return listener_id

    def del_listener(self, listener_id: str) -> Self:
        """Forget a status listener or a conflict listener."""
        self._conflict_listeners.pop(listener_id, None)
        return super().del_listener(listener_id)

    def get_conflicts(self) -> list[Conflict]:
        """Return the conflicts that nobody has settled: by an edit of the cell, or by dismissing.

        Empty where the persister does not load automatically.
        """
        with self._store.lock:
            return [] if self._conflicts is None else self._conflicts.open()

    def _tell_of_conflicts(self) -> None:
        for conflict in () if self._conflicts is None else self._conflicts.take_new():
            for listening in list(self._conflict_listeners.values()):
                if listening.hears(conflict):
                    try:
                        listening.listener(self, conflict)
                    except Exception as error:  # noqa: BLE001 - errors go to the handler
                        self._ignore(error)

    def destroy(self) -> Self:
        """Stop everything and leave nothing behind; the content stays where it is."""
        self._conflict_listeners.clear()
        return super().destroy()
