"""What the setters and deleters do within a transaction.

Each follows TinyBase's method of the same name: check what is given, then write what is valid.
`_changed_existing` is the short way, for what nearly every write is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinybase_widget.store import _bulk
from tinybase_widget.store._cells import SCALARS, to_raw
from tinybase_widget.store._listeners import DID_FINISH, leaves_for_cell
from tinybase_widget.store._transactions import Transactions
from tinybase_widget.store._types import MISSING
from tinybase_widget.store._warning import warn

if TYPE_CHECKING:
    from tinybase_widget.store._types import Id, RawRow


class Changing(Transactions):
    """The layer of a Store that checks and writes, as a transaction."""

    def _changed_existing(self, table_id: Any, row_id: Any, cell_id: Any, cell: Any) -> bool:
        """Set one existing cell the short way; False if it must go the long one.

        This is what nearly every write is: a cell that is there becomes another plain cell, no
        schema and no middleware has a say, and either a transaction is open already, or nobody but
        listeners of that cell, its row and its table, and of the end, has to be told.
        """
        depth = self._depth
        if not (self._may_skip_transaction if depth == 0 else depth > 0 and self._unrestricted):
            return False
        try:
            cells = self._tables[table_id][row_id]
            old = cells[cell_id]
        except (KeyError, TypeError):
            return False
        new = to_raw(cell)
        if new is MISSING or type(cell) not in SCALARS:
            return False
        ending = self._registry.transaction[DID_FINISH]
        if type(old) is type(new) and old == new:
            return depth > 0 or not ending
        leaves = None
        if depth == 0:
            tree = self._registry.observers["cell"]
            leaves = tree and leaves_for_cell(tree, table_id, row_id, cell_id)
            if not leaves and not ending and self._only_cells_observed:
                cells[cell_id] = new
                return True
        log = self._log
        if table_id in log.live_tables:
            log.freeze(table_id)
        log.journal.append((table_id, row_id, cell_id, old, new))
        cells[cell_id] = new
        if depth == 0:
            self._finish_one_cell(leaves, ending, table_id, row_id, cell_id, old, new)
        return True

    def _finish_one_cell(
        self, leaves: Any, ending: Any, table_id: Id, row_id: Id, cell_id: Id, old: Any, new: Any
    ) -> None:
        """Do what `_finish` does where one existing cell became a plain one."""
        error: BaseException | None = None
        self._depth = -1
        if leaves or not self._only_cells_observed:
            try:
                self._tell_of_one_cell(leaves, table_id, row_id, cell_id, old, new)
            except BaseException as raised:  # noqa: BLE001 - raised again below
                self._interruptions += 1
                error = raised
        if ending:
            try:
                self._registry.call_all(ending, (self,), (table_id, row_id, cell_id, new))
            except BaseException as raised:  # noqa: BLE001 - raised again below
                error = error or raised
        self._depth = 0
        self._log.clear()
        if error is not None:
            raise error

    def _set_content(self, content: Any, *, owned: bool = False) -> None:
        if callable(content):
            content = content()
        if not isinstance(content, (list, tuple)):
            warn(
                self._warned_places, f"{content!r} was not set: it is no pair of tables and values"
            )
            return

        def write(content: Any) -> None:
            tables, values = (*content, MISSING, MISSING)[:2]
            self._set_or_del_tables(tables, owned=owned)
            self._set_or_del_values(values)

        hook = self._hooks and self._hooks.will_set_content
        self._through(
            hook and (lambda given: hook(given, self._accepting_encoded)),
            (),
            content,
            write,
        )

    def _set_or_del_tables(self, tables: Any, *, owned: bool = False) -> None:
        if isinstance(tables, Mapping) and not tables:
            self._del_tables()
        else:
            self._set_tables(tables, owned=owned)

    def _set_or_del_values(self, values: Any) -> None:
        if isinstance(values, Mapping) and not values:
            self._del_values()
        else:
            self._set_values(values)

    def _set_tables(self, tables: Any, *, owned: bool = False) -> None:
        valid = self._valid_tables(tables, owned=owned)
        if valid is not None:
            self._set_valid_tables(valid)

    def _set_table(self, table_id: Id, table: Any) -> None:
        valid = self._valid_table(table_id, table)
        if valid is not None:
            self._set_valid_table(table_id, valid)

    def _set_row(self, table_id: Id, row_id: Id, row: Any) -> None:
        valid = self._checked_row(table_id, row_id, row)
        if valid is not None:
            self._set_valid_row(table_id, self._ensure_table(table_id), row_id, valid)

    def _add_row(self, table_id: Id, row: Any, reuse_row_ids: bool) -> Id | None:
        valid = self._checked_row(table_id, None, row)
        if valid is None:
            return None
        rows = self._ensure_table(table_id)
        row_id = self._new_row_id(table_id, reuse=bool(reuse_row_ids))
        self._set_valid_row(table_id, rows, row_id, valid)
        return row_id

    def _checked_row(self, table_id: Id, row_id: Id | None, row: Any) -> RawRow | None:
        valid = None if self._schema.has_tables else _bulk.plain_row(row)
        return self._valid_row(table_id, row_id, row) if valid is None else valid

    def _set_partial_row(self, table_id: Id, row_id: Id, row: Any) -> None:
        valid = self._valid_row(table_id, row_id, row, partial=True)
        if valid is not None:
            rows = self._ensure_table(table_id)
            for cell_id, cell in valid.items():
                self._set_cell_into_new_row(table_id, rows, row_id, cell_id, cell)

    def _set_cell(
        self, table_id: Id, row_id: Id, cell_id: Id, cell: Any, *, skip_row_middleware: bool = False
    ) -> None:
        if callable(cell):
            cell = cell(self.get_cell(table_id, row_id, cell_id, MISSING))
        valid = self._valid_cell(table_id, row_id, cell_id, cell)
        if valid is MISSING:
            return
        rows = self._ensure_table(table_id)
        hooks = self._hooks
        if (
            hooks is None
            or skip_row_middleware
            or hooks.will_set_row is None
            or hooks.has_will_set_row_callbacks is None
            or not hooks.has_will_set_row_callbacks()
        ):
            self._set_cell_into_new_row(table_id, rows, row_id, cell_id, valid)
            return
        prospective = {**rows.get(row_id, {}), cell_id: valid}
        with self._while_mutating():
            row = hooks.will_set_row(table_id, row_id, prospective)
        if row is not MISSING:
            self._replace_row(table_id, rows, row_id, row, skip_middleware=False)

    def _set_values(self, values: Any) -> None:
        valid = self._valid_values(values)
        if valid is not None:
            self._set_valid_values(valid)

    def _set_partial_values(self, values: Any) -> None:
        valid = self._valid_values(values, partial=True)
        for value_id, value in (valid or {}).items():
            self._set_valid_value(value_id, value)

    def _set_value(self, value_id: Id, value: Any) -> None:
        if callable(value):
            value = value(self.get_value(value_id, MISSING))
        valid = self._valid_value(value_id, value)
        if valid is not MISSING:
            self._set_valid_value(value_id, valid)

    def _del_tables(self) -> None:
        if self._allowed(self._hooks and self._hooks.will_del_tables):
            self._del_all_tables()

    def _del_table(self, table_id: Id) -> None:
        if table_id in self._tables:
            self._del_valid_table(table_id)

    def _del_row(self, table_id: Id, row_id: Id) -> None:
        rows = self._tables.get(table_id)
        if rows is not None and row_id in rows:
            self._del_valid_row(table_id, rows, row_id)

    def _del_cell(self, table_id: Id, row_id: Id, cell_id: Id, *, force: bool) -> None:
        rows = self._tables.get(table_id)
        cells = None if rows is None else rows.get(row_id)
        if rows is not None and cells is not None and cell_id in cells:
            self._del_valid_cell(table_id, rows, row_id, cells, cell_id, force=force)

    def _del_values(self) -> None:
        if self._allowed(self._hooks and self._hooks.will_del_values):
            self._del_all_values()

    def _del_value(self, value_id: Id) -> None:
        if value_id in self._values:
            self._del_valid_value(value_id)
