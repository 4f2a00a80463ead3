"""Changing content that has been checked, and recording what changed.

These functions follow TinyBase's `setValid...` and `delValid...`, in its order of steps, since the
order of rows, of cells and of listener calls follows from it. Where no middleware is attached and a
whole table or row appears or vanishes, that is one step and one entry in the change log.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.store import _bulk
from tinybase_widget.store._cells import decode, same, to_id
from tinybase_widget.store._listeners import IdPool
from tinybase_widget.store._types import MISSING
from tinybase_widget.store._validation import Validation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.store._middleware import Hook, Hooks
    from tinybase_widget.store._types import (
        Id,
        Missing,
        RawCell,
        RawRow,
        RawTable,
        RawTables,
        RawValues,
    )

_MOST_TRIES = 1000


class Writing(Validation):
    """The layer of a Store that writes."""

    def _set_valid_tables(self, tables: RawTables) -> None:
        def write(tables: RawTables) -> None:
            for table_id, table in tables.items():
                self._set_valid_table(table_id, table)
            for table_id in [each for each in self._tables if each not in tables]:
                self._del_valid_table(table_id)

        self._through(self._hooks and self._hooks.will_set_tables, (), tables, write)

    def _set_valid_table(self, table_id: Id, table: RawTable) -> None:
        def write(table: RawTable) -> None:
            if table_id not in self._tables and self._hooks is None and not self._mutating:
                self._insert_table(table_id, table)
                return
            rows = self._ensure_table(table_id)
            for row_id, row in table.items():
                self._set_valid_row(table_id, rows, row_id, row)
            for row_id in [each for each in rows if each not in table]:
                self._del_valid_row(table_id, rows, row_id)

        self._through(self._hooks and self._hooks.will_set_table, (table_id,), table, write)

    def _set_valid_row(self, table_id: Id, rows: RawTable, row_id: Id, row: RawRow) -> None:
        def write(row: RawRow) -> None:
            if row_id not in rows and self._hooks is None and not self._mutating:
                self._insert_row(table_id, rows, row_id, row)
                return
            cells = self._ensure_row(table_id, rows, row_id)
            for cell_id, cell in row.items():
                self._set_valid_cell(table_id, row_id, cells, cell_id, cell)
            for cell_id in [each for each in cells if each not in row]:
                self._del_valid_cell(table_id, rows, row_id, cells, cell_id)

        self._through(self._hooks and self._hooks.will_set_row, (table_id, row_id), row, write)

    def _set_valid_cell(
        self,
        table_id: Id,
        row_id: Id,
        cells: RawRow,
        cell_id: Id,
        cell: RawCell,
        *,
        skip_middleware: bool = False,
    ) -> None:
        def write(cell: RawCell) -> None:
            valid: RawCell | Missing = cell
            if self._mutating:
                valid = self._valid_cell(table_id, row_id, cell_id, decode(cell))
                if valid is MISSING:
                    return
            old = cells.get(cell_id, MISSING)
            if not same(old, valid):
                self._put_cell(table_id, row_id, cells, cell_id, old, valid)

        hooks = None if skip_middleware else self._hooks
        if hooks is None:
            write(cell)
        else:
            self._through(hooks.will_set_cell, (table_id, row_id, cell_id), cell, write)

    def _set_cell_into_new_row(
        self,
        table_id: Id,
        rows: RawTable,
        row_id: Id,
        cell_id: Id,
        cell: RawCell,
        *,
        skip_middleware: bool = False,
    ) -> None:
        if row_id in rows:
            self._set_valid_cell(
                table_id, row_id, rows[row_id], cell_id, cell, skip_middleware=skip_middleware
            )
            return
        cells = self._ensure_row(table_id, rows, row_id)
        given: RawRow = {cell_id: cell}
        self._add_defaults(given, table_id, row_id)
        for each_id, each in given.items():
            self._set_valid_cell(
                table_id, row_id, cells, each_id, each, skip_middleware=skip_middleware
            )

    def _replace_row(
        self, table_id: Id, rows: RawTable, row_id: Id, row: Any, *, skip_middleware: bool
    ) -> None:
        """Write a whole row that middleware made of a single cell (TinyBase: applyRowDirectly)."""
        cells = self._ensure_row(table_id, rows, row_id)
        for cell_id, cell in row.items():
            valid = self._valid_cell(table_id, row_id, cell_id, decode(cell))
            if valid is not MISSING:
                self._set_valid_cell(
                    table_id, row_id, cells, cell_id, valid, skip_middleware=skip_middleware
                )
        for cell_id in [each for each in cells if each not in row]:
            if cell_id in cells:
                self._del_valid_cell(table_id, rows, row_id, cells, cell_id, force=True)

    def _set_valid_values(self, values: RawValues) -> None:
        def write(values: RawValues) -> None:
            for value_id, value in values.items():
                self._set_valid_value(value_id, value)
            for value_id in [each for each in self._values if each not in values]:
                self._del_valid_value(value_id)

        self._through(self._hooks and self._hooks.will_set_values, (), values, write)

    def _set_valid_value(
        self, value_id: Id, value: RawCell, *, skip_middleware: bool = False
    ) -> None:
        def write(value: RawCell) -> None:
            valid: RawCell | Missing = value
            if self._mutating:
                valid = self._valid_value(value_id, decode(value))
                if valid is MISSING:
                    return
            old = self._values.get(value_id, MISSING)
            if not same(old, valid):
                self._log.value_changed(value_id, old, valid)
                self._values[value_id] = valid  # type: ignore[assignment]

        hooks = None if skip_middleware else self._hooks
        self._through(hooks and hooks.will_set_value, (value_id,), value, write)

    def _del_all_tables(self) -> None:
        for table_id in list(self._tables):
            self._del_valid_table(table_id)

    def _del_valid_table(self, table_id: Id) -> None:
        if not self._allowed(self._hooks and self._hooks.will_del_table, table_id):
            return
        if self._hooks is None:
            self._remove_table(table_id)
            return
        rows = self._ensure_table(table_id)
        for row_id in list(rows):
            self._del_valid_row(table_id, rows, row_id)

    def _del_valid_row(self, table_id: Id, rows: RawTable, row_id: Id) -> None:
        if not self._allowed(self._hooks and self._hooks.will_del_row, table_id, row_id):
            return
        self._row_id_pools[table_id].release(row_id)
        if self._hooks is None:
            self._remove_row(table_id, rows, row_id)
            return
        cells = self._ensure_row(table_id, rows, row_id)
        for cell_id in list(cells):
            if cell_id in cells:
                self._del_valid_cell(table_id, rows, row_id, cells, cell_id, force=True)

    def _del_valid_cell(
        self,
        table_id: Id,
        rows: RawTable,
        row_id: Id,
        cells: RawRow,
        cell_id: Id,
        *,
        force: bool = False,
        skip_middleware: bool = False,
    ) -> None:
        schema = self._schema.tables.get(table_id)
        has_default = schema is not None and cell_id in schema.defaults
        if schema is not None and has_default and not force:
            self._set_valid_cell(table_id, row_id, cells, cell_id, schema.defaults[cell_id])
            return
        hook = None if skip_middleware else self._hooks and self._hooks.will_del_cell
        if not self._allowed(hook, table_id, row_id, cell_id):
            return
        # A row is not allowed to be without a cell that has a default: all of it goes.
        for each_id in list(cells) if has_default else [cell_id]:
            self._put_cell(table_id, row_id, cells, each_id, cells[each_id], MISSING)
        if not cells:
            self._log.journal.append((table_id, row_id, None, None, None, -1))
            del rows[row_id]
            if not rows:
                self._forget_table(table_id)

    def _del_all_values(self) -> None:
        for value_id in list(self._values):
            self._del_valid_value(value_id)

    def _del_valid_value(self, value_id: Id, *, skip_middleware: bool = False) -> None:
        defaults = self._schema.values.defaults
        if value_id in defaults:
            self._set_valid_value(value_id, defaults[value_id])
            return
        hook = None if skip_middleware else self._hooks and self._hooks.will_del_value
        if self._allowed(hook, value_id):
            self._log.value_changed(value_id, self._values[value_id], MISSING)
            del self._values[value_id]

    def _new_row_id(self, table_id: Id, *, reuse: bool) -> Id:
        rows = self._tables[table_id]
        make = self.row_id_factory
        pool = self._row_id_pools[table_id]
        if make is None:
            while (row_id := pool.take(reuse=reuse)) in rows:
                pass
            return row_id
        row_id = to_id(make(table_id))
        for _ in range(_MOST_TRIES):
            if row_id not in rows:
                return row_id
            row_id = to_id(make(table_id))
        raise TinyBaseError(f"row_id_factory gives ids that are taken, such as {row_id!r}")

    def _ensure_table(self, table_id: Id) -> RawTable:
        rows = self._tables.get(table_id)
        if rows is None:
            self._log.table_id_changed(table_id, 1)
            rows = self._tables[table_id] = {}
            self._row_id_pools[table_id] = IdPool()
            self._cell_counts[table_id] = {}
        elif table_id in self._log.live_tables:
            self._log.freeze(table_id)
        return rows

    def _ensure_row(self, table_id: Id, rows: RawTable, row_id: Id) -> RawRow:
        cells = rows.get(row_id)
        if cells is None:
            self._log.journal.append((table_id, row_id, None, None, None, 1))
            cells = rows[row_id] = {}
        return cells

    def _put_cell(
        self,
        table_id: Id,
        row_id: Id,
        cells: RawRow,
        cell_id: Id,
        old: RawCell | Missing,
        new: RawCell | Missing,
    ) -> None:
        """Write or delete one cell, keep count of it, and record it."""
        if table_id in self._log.live_tables:
            self._log.freeze(table_id)
        if new is MISSING:
            self._count_cell(table_id, cell_id, -1)
            del cells[cell_id]
        else:
            if old is MISSING:
                self._count_cell(table_id, cell_id, 1)
            cells[cell_id] = new
        self._log.journal.append((table_id, row_id, cell_id, old, new))

    def _count_cell(self, table_id: Id, cell_id: Id, change: int) -> None:
        counts = self._cell_counts[table_id]
        count = counts.get(cell_id, 0) + change
        if count:
            counts[cell_id] = count
        else:
            del counts[cell_id]
        if count == 0 or (count == 1 and change == 1):
            self._log.table_cell_id_changed(table_id, cell_id, change)

    def _insert_table(
        self, table_id: Id, rows: RawTable, counts: dict[Id, int] | None = None
    ) -> None:
        log = self._log
        log.table_id_changed(table_id, 1)
        self._tables[table_id] = rows
        self._row_id_pools[table_id] = IdPool()
        if counts is None:
            counts = _bulk.count_cells(rows.values())
        self._cell_counts[table_id] = counts
        for cell_id in counts:
            log.table_cell_id_changed(table_id, cell_id, 1)
        log.table_appeared(table_id, rows)

    def _remove_table(self, table_id: Id) -> None:
        log = self._log
        rows = self._tables.pop(table_id)
        del self._row_id_pools[table_id]
        counts = self._cell_counts.pop(table_id)
        # The rows that appeared are now nobody's, so they stay as they are.
        log.live_tables.pop(table_id, None)
        for cell_id in _bulk.last_uses(list(rows.values()), counts):
            log.table_cell_id_changed(table_id, cell_id, -1)
        log.journal.append((table_id, rows, -1))
        log.table_id_changed(table_id, -1)

    def _insert_row(self, table_id: Id, rows: RawTable, row_id: Id, row: RawRow) -> None:
        if table_id in self._log.live_tables:
            self._log.freeze(table_id)
        rows[row_id] = row
        counts = self._cell_counts[table_id]
        for cell_id in row:
            if cell_id in counts:
                counts[cell_id] += 1
            else:
                self._count_cell(table_id, cell_id, 1)
        self._log.journal.append((table_id, row_id, row.copy(), 1))

    def _remove_row(self, table_id: Id, rows: RawTable, row_id: Id) -> None:
        if table_id in self._log.live_tables:
            self._log.freeze(table_id)
        row = rows.pop(row_id)
        counts = self._cell_counts[table_id]
        for cell_id in row:
            if counts[cell_id] > 1:
                counts[cell_id] -= 1
            else:
                self._count_cell(table_id, cell_id, -1)
        self._log.journal.append((table_id, row_id, row, -1))
        if not rows:
            self._forget_table(table_id)

    def _forget_table(self, table_id: Id) -> None:
        self._log.table_id_changed(table_id, -1)
        del self._tables[table_id], self._row_id_pools[table_id], self._cell_counts[table_id]

    def _through(
        self, hook: Hook | Hooks, ids: tuple[Id, ...], given: Any, write: Callable[[Any], None]
    ) -> None:
        """Write what is given, or what middleware makes of it (TinyBase: ifTransformed)."""
        if hook is None:
            write(given)
            return
        with self._while_mutating():
            result = hook(*ids, copy.deepcopy(given))  # type: ignore[operator]
        if result is MISSING:
            return
        if deep_same(given, result):
            write(result)
        else:
            with self._while_mutating():
                write(result)

    def _allowed(self, hook: Hook | Hooks, *ids: Id) -> bool:
        """Ask middleware whether something may be deleted."""
        if hook is None:
            return True
        with self._while_mutating():
            answer = hook(*ids)  # type: ignore[operator]
        return answer is None or answer is MISSING or bool(answer)


def deep_same(thing1: Any, thing2: Any) -> bool:
    """Compare content, telling `True` from `1`."""
    if type(thing1) is not type(thing2):
        return False
    if isinstance(thing1, dict):
        return thing1.keys() == thing2.keys() and all(
            deep_same(each, thing2[key]) for key, each in thing1.items()
        )
    if isinstance(thing1, (list, tuple)):
        return len(thing1) == len(thing2) and all(map(deep_same, thing1, thing2))
    return bool(thing1 == thing2)
