"""What a transaction has changed, for those who ask: other Stores, and the curious."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import decode, same
from tinybase_widget.store._dispatching import Dispatching
from tinybase_widget.store._types import MISSING, TransactionLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.store._types import Changes, Id


class Reporting(Dispatching):
    """The layer of a Store that tells what its open transaction did."""

    def get_transaction_changes(self, *, encoded: bool = True) -> Changes:
        """Give what the open transaction has changed so far, for `apply_changes` of another Store.

        Args:
            encoded: Give objects and arrays as the text that they are kept and exchanged as.
                Without it, they are as TinyBase's method of this name gives them.

        Returns:
            A list: changed tables, changed values, and 1. MISSING is what was deleted, at the
            highest level at which it was.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_tables({"pets": {"fido": {"age": 3}, "felix": {"age": 2}}})
            >>> with store.transaction():
            ...     store = store.set_cell("pets", "fido", "age", 4).del_row("pets", "felix")
            ...     store.get_transaction_changes()
            [{'pets': {'fido': {'age': 4}, 'felix': MISSING}}, {}, 1]

        TinyBase: `getTransactionChanges`.
        """
        with self.lock:
            log = self._log
            if (one := log.only_cell) is not None:
                table_id, row_id, cell_id, _, new = one
                cell = new if encoded or new is MISSING else decode(new)
                return [{table_id: {row_id: {cell_id: cell}}}, {}, 1]
            log.expand()
            tables: dict[Id, Any] = {}
            for table_id, rows in log.cells.items():
                if log.table_ids.get(table_id) == -1:
                    tables[table_id] = MISSING
                elif rows and (changed_rows := self._changed_rows(table_id, encoded)):
                    tables[table_id] = changed_rows
            values = _changed_cells(log.values, encoded=encoded)
            return [tables, values, 1]

    def get_transaction_log(self) -> TransactionLog:
        """Give all that has happened in the open transaction so far.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_cell("pets", "fido", "age", 3)
            >>> with store.transaction():
            ...     store.set_cell("pets", "fido", "age", 4).get_transaction_log().changed_cells
            {'pets': {'fido': {'age': (3, 4)}}}

        TinyBase: `getTransactionLog`.
        """
        with self.lock:
            log = self._log
            log.expand()
            return TransactionLog(
                cells_touched=bool(log.cells),
                values_touched=bool(log.values),
                changed_cells=_pruned(log.cells, 2, _changed_pairs),
                invalid_cells=_pruned(log.invalid_cells, 3, list),
                changed_values=_changed_pairs(log.values),
                invalid_values={key: list(each) for key, each in log.invalid_values.items()},
                changed_table_ids=dict(log.table_ids),
                changed_row_ids=_pruned(log.row_ids, 1, dict),
                changed_cell_ids=_pruned(log.cell_ids, 2, dict),
                changed_value_ids=dict(log.value_ids),
            )

    def _changed_rows(self, table_id: Id, encoded: bool) -> dict[Id, Any]:
        log = self._log
        row_ids = log.row_ids.get(table_id, {})
        rows: dict[Id, Any] = {}
        for row_id, cells in log.cells[table_id].items():
            if row_ids.get(row_id) == -1:
                if cells:
                    rows[row_id] = MISSING
            elif changed := _changed_cells(cells, encoded=encoded):
                rows[row_id] = changed
        return rows


def _changed_cells(changes: dict[Id, list[Any]], *, encoded: bool) -> dict[Id, Any]:
    return {
        cell_id: new if encoded or new is MISSING else decode(new)
        for cell_id, (old, new) in changes.items()
        if not same(old, new)
    }


def _changed_pairs(changes: dict[Id, list[Any]]) -> dict[Id, Any]:
    return {key: tuple(pair) for key, pair in changes.items() if not same(*pair)}


def _pruned(node: dict[Any, Any], depth: int, leaf: Callable[[Any], Any]) -> dict[Any, Any]:
    """Copy nested dictionaries without the branches that are empty."""
    if depth == 0:
        return leaf(node)  # type: ignore[no-any-return]
    copied = {key: _pruned(child, depth - 1, leaf) for key, child in node.items()}
    return {key: child for key, child in copied.items() if child}
