"""What changed in a transaction.

Writing must be cheap, and most changes are never asked for. So a write only appends one entry to
the `journal`, at the coarsest level that is still exact: one entry for a cell, one for a whole row
that appeared or vanished, one for a whole table. When somebody asks (a listener, a rollback, the
transaction log), `expand` replays the entries, in their order, into maps of the same shape and the
same order of keys as TinyBase's, because the order in which listeners are called follows from it.

Journal entries are tuples, told apart by their length:

    (table_id, rows, 1 or -1)                   a table appeared with, or vanished with, these rows
    (table_id, row_id, row, 1 or -1)            a row appeared with, or vanished with, these cells
    (table_id, row_id, cell_id, old, new)       a cell changed; MISSING is "was not", "is no more"
    (table_id, row_id, None, None, None, 1 or -1)    a row's id appeared or vanished, by itself

An entry for a table that appeared holds the live rows, not a copy. Whoever writes to such a table
later in the same transaction calls `freeze` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from tinybase_widget.store._types import Id, IdChanges, Missing, RawCell, RawRow, RawTable

    CellChanges = dict[str, list[Any]]

_SIZE_OF_CELL = 5


class ChangeLog:
    """The changes of the open transaction."""

    def __init__(self) -> None:
        self.journal: list[tuple[Any, ...]] = []
        self.live_tables: dict[Id, int] = {}
        # Whether anything but the journal needs to be cleared.
        self._has_maps = False
        self.table_ids: IdChanges = {}
        self.table_cell_ids: dict[Id, IdChanges] = {}
        self.row_count: dict[Id, int] = {}
        self.row_ids: dict[Id, IdChanges] = {}
        self.cell_ids: dict[Id, dict[Id, IdChanges]] = {}
        self.cells: dict[Id, dict[Id, CellChanges]] = {}
        self.value_ids: IdChanges = {}
        self.values: CellChanges = {}
        self.invalid_cells: dict[Any, dict[Any, dict[Any, list[Any]]]] = {}
        self.invalid_values: dict[Any, list[Any]] = {}

    def clear(self) -> None:
        """Forget everything."""
        if self._has_maps:
            self.__init__()  # type: ignore[misc]
        elif self.journal:
            self.journal = []

    @property
    def only_cell(self) -> tuple[Any, ...] | None:
        """The entry of the only cell that changed, if that is all that there is to tell."""
        journal = self.journal
        if len(journal) == 1 and not self._has_maps and len(journal[0]) == _SIZE_OF_CELL:
            return journal[0]
        return None

    def copy(self) -> ChangeLog:
        """Copy the expanded maps of tables, to walk them while more is recorded."""
        log = ChangeLog()
        log.table_ids = self.table_ids.copy()
        log.table_cell_ids = {key: ids.copy() for key, ids in self.table_cell_ids.items()}
        log.row_count = self.row_count.copy()
        log.row_ids = {key: ids.copy() for key, ids in self.row_ids.items()}
        log.cell_ids = {
            table_id: {row_id: ids.copy() for row_id, ids in rows.items()}
            for table_id, rows in self.cell_ids.items()
        }
        log.cells = {
            table_id: {
                row_id: {cell_id: pair.copy() for cell_id, pair in cells.items()}
                for row_id, cells in rows.items()
            }
            for table_id, rows in self.cells.items()
        }
        return log

    def table_appeared(self, table_id: Id, rows: RawTable) -> None:
        """Record a new table with all of its rows."""
        self._has_maps = True
        self.live_tables[table_id] = len(self.journal)
        self.journal.append((table_id, rows, 1))

    def freeze(self, table_id: Id) -> None:
        """Copy the rows of a table that appeared, before they are written to."""
        index = self.live_tables.pop(table_id)
        rows = self.journal[index][1]
        self.journal[index] = (table_id, {row_id: row.copy() for row_id, row in rows.items()}, 1)

    def table_id_changed(self, table_id: Id, change: int) -> None:
        """Record that a table's id appeared or vanished."""
        self._has_maps = True
        change_id(self.table_ids, table_id, change)

    def table_cell_id_changed(self, table_id: Id, cell_id: Id, change: int) -> None:
        """Record that a cell id is used in a table for the first time, or no more."""
        self._has_maps = True
        change_id(self.table_cell_ids.setdefault(table_id, {}), cell_id, change)

    def value_changed(self, value_id: Id, old: RawCell | Missing, new: RawCell | Missing) -> None:
        """Record a changed value."""
        self._has_maps = True
        if old is MISSING:
            change_id(self.value_ids, value_id, 1)
        self.values.setdefault(value_id, [old, MISSING])[1] = new
        if new is MISSING:
            change_id(self.value_ids, value_id, -1)

    def cell_refused(
        self, table_id: Id | None, row_id: Id | None, cell_id: Id | None, cell: Any
    ) -> None:
        """Record something that is not a cell, or with None for ids, not a row or a table."""
        self._has_maps = True
        rows = self.invalid_cells.setdefault(table_id, {})
        rows.setdefault(row_id, {}).setdefault(cell_id, []).append(cell)

    def value_refused(self, value_id: Id | None, value: Any) -> None:
        """Record something that is not a value, or with None for its id, not values."""
        self._has_maps = True
        self.invalid_values.setdefault(value_id, []).append(value)

    def expand(self) -> None:
        """Replay the journal into the maps."""
        journal = self.journal
        if not journal:
            return
        self._has_maps = True
        self.journal = []
        self.live_tables.clear()
        for entry in journal:
            size = len(entry)
            if size == _SIZE_OF_CELL:
                self._expand_cell(*entry)
            elif size == 4:  # noqa: PLR2004
                self._expand_row(*entry)
            elif size == 3:  # noqa: PLR2004
                table_id, rows, change = entry
                for row_id, row in rows.items():
                    self._expand_row(table_id, row_id, row, change)
            else:
                self._row_id_changed(entry[0], entry[1], entry[5])

    def _row_id_changed(self, table_id: Id, row_id: Id, change: int) -> None:
        change_id(self.row_ids.setdefault(table_id, {}), row_id, change)
        self.row_count[table_id] = self.row_count.get(table_id, 0) + change

    def _expand_row(self, table_id: Id, row_id: Id, row: RawRow, change: int) -> None:
        if change == 1:
            self._row_id_changed(table_id, row_id, 1)
        changes = self.cells.setdefault(table_id, {}).setdefault(row_id, {})
        ids = self.cell_ids.setdefault(table_id, {}).setdefault(row_id, {})
        for cell_id, cell in row.items():
            old, new = (MISSING, cell) if change == 1 else (cell, MISSING)
            if cell_id in changes:
                changes[cell_id][1] = new
            else:
                changes[cell_id] = [old, new]
            change_id(ids, cell_id, change)
        if change == -1:
            self._row_id_changed(table_id, row_id, -1)

    def _expand_cell(
        self, table_id: Id, row_id: Id, cell_id: Id, old: RawCell | Missing, new: RawCell | Missing
    ) -> None:
        try:
            changes = self.cells[table_id][row_id]
        except KeyError:
            changes = self.cells.setdefault(table_id, {}).setdefault(row_id, {})
        if cell_id in changes:
            changes[cell_id][1] = new
        else:
            changes[cell_id] = [old, new]
        if old is MISSING or new is MISSING:
            ids = self.cell_ids.setdefault(table_id, {}).setdefault(row_id, {})
            change_id(ids, cell_id, 1 if old is MISSING else -1)


def change_id(changes: IdChanges, changed_id: Id, change: int) -> None:
    """Note that an id appeared (1) or vanished (-1); the one undoes the other."""
    if changes.get(changed_id) == -change:
        del changes[changed_id]
    else:
        changes[changed_id] = change
