"""A Store's cells as they are kept and travel: objects and arrays as U+FFFD and their JSON text.

For persisters, which compare and write what is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import as_doubles
from tinybase_widget.store._exchanging import _from_json, _to_json
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinybase_widget.store._store import Store
    from tinybase_widget.store._types import Changes, Missing, RawCell, RawRow, RawTable

_NO_ROWS: RawTable = {}
_NO_CELLS: RawRow = {}


class EncodedReader:
    """Reads a Store's cells as they are kept.

    What it returns are the Store's own dictionaries: hold its lock, and do not change them.

    Args:
        store: The Store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def read_tables(self) -> Mapping[str, RawTable]:
        """Return all tables."""
        return self._store._tables  # noqa: SLF001 - this module is part of the Store

    def read_values(self) -> RawRow:
        """Return all values."""
        return self._store._values  # noqa: SLF001 - this module is part of the Store

    def read_table(self, table_id: str) -> RawTable:
        """Return a table; empty where there is none."""
        return self.read_tables().get(table_id, _NO_ROWS)

    def read_row(self, table_id: str, row_id: str) -> RawRow:
        """Return a row; empty where there is none."""
        return self.read_table(table_id).get(row_id, _NO_CELLS)

    def read_cell(self, table_id: str, row_id: str, cell_id: str) -> RawCell | Missing:
        """Return a cell, or `MISSING`."""
        try:
            return self._store._tables[table_id][row_id][cell_id]  # noqa: SLF001
        except KeyError:
            return MISSING

    def read_value(self, value_id: str) -> RawCell | Missing:
        """Return a value, or `MISSING`."""
        return self.read_values().get(value_id, MISSING)


def set_encoded_content(store: Store, content: Sequence[Any], *, owned: bool = False) -> None:
    """Set the Store's content; objects and arrays may come as they are kept.

    Args:
        store: The Store.
        content: Tables and values.
        owned: Whether the tables may be kept as they are, since nobody else has them.
    """
    with store.lock, store._while_accepting_encoded():  # noqa: SLF001 - part of the Store
        store._transact(store._set_content, content, owned=owned)  # noqa: SLF001


def set_encoded_cell(store: Store, table_id: str, row_id: str, cell_id: str, cell: Any) -> bool:
    """Set one existing cell to a plain one; return whether that could be done, if not, nothing was.

    Hold the Store's lock.
    """
    return store._changed_existing(table_id, row_id, cell_id, cell)  # noqa: SLF001


def apply_encoded_changes(store: Store, changes: Changes) -> None:
    """Apply changes, in the shortest way if they are of one cell."""
    tables, values = changes[:2]
    if len(tables) == 1 and not values:
        ((table_id, rows),) = tables.items()
        if rows is not MISSING and len(rows) == 1:
            ((row_id, cells),) = rows.items()
            if cells is not MISSING and len(cells) == 1:
                ((cell_id, cell),) = cells.items()
                with store.lock:
                    if store._changed_existing(table_id, row_id, cell_id, cell):  # noqa: SLF001
                        return
    store.apply_changes(changes)


def add_saver(
    store: Store,
    on_transaction: Callable[[Store], object],
    on_one_cell: Callable[[str, str, str, RawCell], object],
) -> str:
    """Add a did-finish listener; of the most frequent of transactions another function is told.

    Args:
        store: The Store.
        on_transaction: Called as any such listener is.
        on_one_cell: Called in its place where all that the transaction did is that a cell that
            there was became another one, and nothing more can come of it: with its table, row and
            cell id and what it is now.

    Returns:
        The listener's id.
    """
    with store.lock:
        listener_id = store.add_did_finish_transaction_listener(on_transaction)
        store._registry.by_id[listener_id].on_one_cell = on_one_cell  # noqa: SLF001
        return listener_id


def is_in_transaction(store: Store) -> bool:
    """Return whether a transaction is open, or its listeners are being called; hold the lock."""
    return store._depth != 0  # noqa: SLF001 - this module is part of the Store


def does_as_told(store: Store) -> bool:
    """Return whether nothing adds to what is written: no schema, middleware or mutator listener."""
    return store._may_skip_transaction and not store._schema.has_values  # noqa: SLF001


def set_kept_table(
    store: Store, table_id: str, rows: RawTable, counts: dict[str, int], *, with_json: bool
) -> None:
    """Set a table of rows that nobody else has, in which all is as a Store would keep it.

    Only where a schema or middleware has a say is each cell looked at.

    Args:
        store: The Store.
        table_id: The table.
        rows: The rows, one at least, none of them empty.
        counts: How many rows have each cell id, in the order in which the ids first appear.
        with_json: Whether there are objects or arrays among the cells.
    """
    with store.lock:
        if store._unrestricted:  # noqa: SLF001 - part of the Store
            if with_json:
                store._tables_with_json.add(table_id)  # noqa: SLF001

            def write() -> None:
                if table_id in store._tables or store._mutating:  # noqa: SLF001
                    store._set_valid_table(table_id, rows)  # noqa: SLF001
                else:
                    store._insert_table(table_id, rows, counts)  # noqa: SLF001

            store._transact(write)  # noqa: SLF001
        else:
            with store._while_accepting_encoded():  # noqa: SLF001
                store._transact(store._set_table, table_id, rows)  # noqa: SLF001


def write_json(content: Sequence[Any]) -> str:
    """Return tables and values, as they are kept, as the JSON that `Store.get_json` gives."""
    return _to_json(content)


def read_json(text: str) -> Any:
    """Return what a text says, with numbers as JavaScript reads them.

    Raises:
        ValueError: It is no JSON.
    """
    return as_doubles(_from_json(text))
