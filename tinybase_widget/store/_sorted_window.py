"""What a listener to sorted row ids remembers, so that it is told only when its window changed.

Sorting a hundred thousand rows anew for each edited cell would take longer than everything else
together. So a window keeps the sorted keys of all rows, each beside the row's place in the table,
and moves only the rows whose cell changed, which it finds by halving. It sorts anew where that will
not do: the table's rows are others, there is a sorter, the keys are of mixed kinds, or listeners
were not all called, since one of them raised or the transaction was rolled back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from tinybase_widget.store._listeners import accepted_arguments
from tinybase_widget.store._sorting import comparable_key, comparable_keys
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from tinybase_widget.store._listening import Listening
    from tinybase_widget.store._types import Id, Ids, Listener, RawTable, Sorter


class SortedWindow:
    """A listener to a table's cells that tells another one of a window of sorted row ids."""

    def __init__(
        self,
        store: Listening,
        listener: Listener,
        table_id: Id,
        cell_id: Id | None,
        window: tuple[bool, int, int | None],
        sorter: Sorter | None,
        *,
        mutator: bool,
    ) -> None:
        self._listener = listener
        self._arity = accepted_arguments(listener)
        self._args = (table_id, cell_id, *window)
        self._sorter = sorter
        # After a mutator, other mutators change more.
        self._always_anew = mutator or sorter is not None
        self._order: _Order | None = None
        self._interruptions = -1
        self._row_ids = self._window(store, MISSING)

    def __call__(self, store: Listening, _table_id: Id, changed: Any) -> None:
        row_ids = self._window(store, changed)
        if row_ids != self._row_ids:
            self._row_ids = row_ids
            args = (store, *self._args, list(row_ids))
            self._listener(*args[: self._arity])

    def _window(self, store: Listening, changed: Any) -> Ids:
        """Give the window, after the cell, or with MISSING other rows, have changed."""
        table_id, cell_id, descending, offset, limit = self._args
        if cell_id is None or self._always_anew:
            return store.get_sorted_row_ids(*self._args, self._sorter)
        rows = store._tables.get(table_id, {})  # noqa: SLF001 - this is a part of the Store
        order = self._order
        if (
            order is None
            or changed is MISSING
            or self._interruptions != store._interruptions  # noqa: SLF001
            or not order.follow(rows, store._changed_row_ids(table_id, cell_id))  # noqa: SLF001
        ):
            self._interruptions = store._interruptions  # noqa: SLF001
            keys = comparable_keys([row.get(cell_id) for row in rows.values()])
            order = self._order = None if keys is None else _Order(rows, cell_id, keys)
        if order is None:
            return store.get_sorted_row_ids(*self._args)
        return order.window(descending, slice(offset, None if limit is None else offset + limit))


class _Order:
    """The rows of a table in the order of a cell; equal ones in the order of the table."""

    def __init__(self, rows: RawTable, cell_id: Id, keys: list[Any]) -> None:
        self._cell_id = cell_id
        self._is_text = bool(keys) and isinstance(keys[0], str)
        self._row_ids = list(rows)
        self._place_of = {row_id: place for place, row_id in enumerate(rows)}
        self._key_at = keys.copy()
        self._places = sorted(range(len(keys)), key=keys.__getitem__)
        self._keys = [keys[place] for place in self._places]

    def follow(self, rows: RawTable, changed_row_ids: Ids) -> bool:
        """Move the rows that have changed; False if that is not possible."""
        for row_id in changed_row_ids:
            key = comparable_key(rows[row_id].get(self._cell_id))
            if key is None or isinstance(key, str) is not self._is_text:
                return False
            place = self._place_of[row_id]
            was = self._find(self._key_at[place], place)
            del self._keys[was], self._places[was]
            now = self._find(key, place)
            self._keys.insert(now, key)
            self._places.insert(now, place)
            self._key_at[place] = key
        return True

    def window(self, descending: bool, window: slice) -> Ids:
        """Give the ids in a window."""
        indexes = range(len(self._places))
        chosen = (indexes[::-1] if descending else indexes)[window]
        return [self._row_ids[self._places[index]] for index in chosen]

    def _find(self, key: Any, place: int) -> int:
        """Find where a row of a key and a place is, or should be."""
        first = bisect_left(self._keys, key)
        return bisect_left(self._places, place, first, bisect_right(self._keys, key, first))
