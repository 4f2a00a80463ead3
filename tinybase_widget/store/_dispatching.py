"""Calling the listeners whose content changed, in TinyBase's order.

Tables come before values. Within tables: has_tables, table_ids and has_table, table_cell_ids and
has_table_cell, row_count, row_ids and has_row, sorted_row_ids, cell_ids and has_cell; then, row by
row and table by table in the order in which they were first touched, cell, row and table; at the
end tables. Mutators are called on a copy of the changes, since they make more of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import decode, same
from tinybase_widget.store._listeners import leaves_for, leaves_for_cell
from tinybase_widget.store._types import MISSING
from tinybase_widget.store._writing import Writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybase_widget.store._listeners import Tree
    from tinybase_widget.store._types import (
        CellChange,
        CellOrMissing,
        Id,
        IdChanges,
        IdLike,
        Ids,
        Missing,
        RawCell,
        ValueChange,
    )

_ID_KINDS = (
    "cell_ids",
    "has_cell",
    "row_ids",
    "has_row",
    "table_cell_ids",
    "has_table_cell",
    "row_count",
    "sorted_row_ids",
    "table_ids",
    "has_table",
)
_CONTENT_KINDS = ("cell", "row", "table", "tables")


class Dispatching(Writing):
    """The layer of a Store that tells its listeners what changed."""

    def _tell_of_changes(self, *, mutators: bool) -> None:
        trees = self._registry.mutators if mutators else self._registry.observers
        if not any(trees.values()):
            return
        log = self._log
        if log.invalid_cells and trees["invalid_cell"]:
            self._tell_of_invalid_cells(trees["invalid_cell"])
        if log.journal or log.cells:
            self._tell_of_tables(trees, mutators=mutators)
        if log.invalid_values and trees["invalid_value"]:
            for value_id, invalid in list(log.invalid_values.items()):
                self._call(trees["invalid_value"], (value_id,), list(invalid))
        if log.values:
            self._tell_of_values(trees, mutators=mutators)

    def _tell_of_invalid_cells(self, tree: Tree) -> None:
        for table_id, rows in _copied(self._log.invalid_cells).items():
            for row_id, cells in rows.items():
                for cell_id, invalid in cells.items():
                    self._call(tree, (table_id, row_id, cell_id), invalid)

    def _tell_of_tables(self, trees: dict[str, Tree], *, mutators: bool) -> None:
        tell_of_ids = any(trees[kind] for kind in _ID_KINDS)
        tell_of_content = any(trees[kind] for kind in _CONTENT_KINDS)
        if not (trees["has_tables"] or tell_of_ids or tell_of_content):
            return
        log = self._log
        log.expand()
        if not log.cells:
            return
        if mutators:
            # Mutators write while these are walked.
            log = self._log.copy()
        if trees["has_tables"] and self.has_tables() != self._had_tables:
            self._call(trees["has_tables"], (), self.has_tables())
        if tell_of_ids:
            self._tell_of_ids(trees, log)
        if tell_of_content:
            self._tell_of_content(trees, log.cells)

    def _tell_of_ids(  # noqa: C901, PLR0912 - in the order of TinyBase, one kind after the other
        self, trees: dict[str, Tree], log: Any
    ) -> None:
        self._tell_of_id_changes(trees, "table_ids", "has_table", (), log.table_ids)
        for table_id, changes in log.table_cell_ids.items():
            self._tell_of_id_changes(
                trees, "table_cell_ids", "has_table_cell", (table_id,), changes
            )
        if trees["row_count"]:
            for table_id, change in log.row_count.items():
                if change:
                    self._call(trees["row_count"], (table_id,), self.get_row_count(table_id))
        resorted = set()
        for table_id, changes in log.row_ids.items():
            changed = self._tell_of_id_changes(trees, "row_ids", "has_row", (table_id,), changes)
            if not changed:
                # Rows went and came back: they are at other places in their table.
                self._interruptions += 1
            elif trees["sorted_row_ids"]:
                self._call(trees["sorted_row_ids"], (table_id, MISSING))
                resorted.add(table_id)
        if trees["sorted_row_ids"]:
            for table_id, rows in log.cells.items():
                if table_id not in resorted:
                    for cell_id in _changed_cell_ids(rows):
                        self._call(trees["sorted_row_ids"], (table_id, cell_id))
        if trees["cell_ids"] or trees["has_cell"]:
            for table_id, row_changes in log.cell_ids.items():
                for row_id, changes in row_changes.items():
                    self._tell_of_id_changes(
                        trees, "cell_ids", "has_cell", (table_id, row_id), changes
                    )

    def _tell_of_content(self, trees: dict[str, Tree], changed_cells: dict[Id, Any]) -> None:
        cell_tree = trees["cell"]
        get_change = self._get_cell_change
        any_changed = False
        for table_id, rows in changed_cells.items():
            table_changed = False
            for row_id, cells in rows.items():
                row_changed = False
                for cell_id, (old, new) in cells.items():
                    if same(old, new):
                        continue
                    row_changed = True
                    if not cell_tree:
                        continue
                    leaves = leaves_for_cell(cell_tree, table_id, row_id, cell_id)
                    if leaves:
                        change = (_decoded(new), _decoded(old), get_change)
                        self._registry.call(leaves, (self, table_id, row_id, cell_id, *change))
                if row_changed:
                    table_changed = True
                    self._call(trees["row"], (table_id, row_id), get_change)
            if table_changed:
                any_changed = True
                self._call(trees["table"], (table_id,), get_change)
        if any_changed:
            self._call(trees["tables"], (), get_change)

    def _tell_of_values(self, trees: dict[str, Tree], *, mutators: bool) -> None:
        log = self._log
        value_ids = dict(log.value_ids) if mutators else log.value_ids
        values = {key: list(pair) for key, pair in log.values.items()} if mutators else log.values
        if trees["has_values"] and self.has_values() != self._had_values:
            self._call(trees["has_values"], (), self.has_values())
        self._tell_of_id_changes(trees, "value_ids", "has_value", (), value_ids)
        changed = False
        for value_id, (old, new) in values.items():
            if not same(old, new):
                changed = True
                self._call(
                    trees["value"],
                    (value_id,),
                    _decoded(new),
                    _decoded(old),
                    self._get_value_change,
                )
        if changed:
            self._call(trees["values"], (), self._get_value_change)

    def _tell_of_one_cell(
        self,
        leaves: Any,
        table_id: Id,
        row_id: Id,
        cell_id: Id,
        old: RawCell,
        new: RawCell,
    ) -> None:
        """Do what `_tell_of_changes` does where one existing cell became a plain one.

        Args:
            leaves: The cell listeners that are to be told.
            table_id: The table of the cell.
            row_id: The row of the cell.
            cell_id: The cell.
            old: What it was.
            new: What it is.
        """
        get_change = self._get_cell_change
        trees = self._registry.observers
        if not self._only_cells_observed and trees["sorted_row_ids"]:
            self._call(trees["sorted_row_ids"], (table_id, cell_id))
            leaves = leaves_for_cell(trees["cell"], table_id, row_id, cell_id)
        if leaves:
            was = decode(old) if type(old) is str else old
            self._registry.call(leaves, (self, table_id, row_id, cell_id, new, was, get_change))
        if not self._only_cells_observed:
            self._call(trees["row"], (table_id, row_id), get_change)
            self._call(trees["table"], (table_id,), get_change)
            self._call(trees["tables"], (), get_change)

    def _changed_row_ids(self, table_id: Id, cell_id: Id) -> Ids:
        """List the rows in which a cell was changed in this transaction."""
        self._log.expand()
        rows = self._log.cells.get(table_id, {})
        return [row_id for row_id, cells in rows.items() if cell_id in cells]

    def _tell_of_id_changes(
        self,
        trees: dict[str, Tree],
        ids_kind: str,
        has_kind: str,
        path: tuple[Id, ...],
        changes: IdChanges,
    ) -> bool:
        if not changes:
            return False
        if trees[ids_kind]:
            self._call(trees[ids_kind], path, lambda: dict(changes))
        if trees[has_kind]:
            for changed_id, change in changes.items():
                self._call(trees[has_kind], (*path, changed_id), change == 1)
        return True

    def _call(self, tree: Tree, path: tuple[Any, ...], *extra: Any) -> None:
        leaves = leaves_for(tree, *path)
        if leaves:
            self._registry.call(leaves, (self, *path, *extra))

    def _get_cell_change(self, table_id: IdLike, row_id: IdLike, cell_id: IdLike) -> CellChange:
        """Tell how a cell changed in this transaction: whether, from what, to what."""
        self._log.expand()
        change = self._log.cells.get(str(table_id), {}).get(str(row_id), {}).get(str(cell_id))
        if change is None:
            cell: CellOrMissing = self.get_cell(table_id, row_id, cell_id, MISSING)
            return False, cell, cell
        return True, _decoded(change[0]), _decoded(change[1])

    def _get_value_change(self, value_id: IdLike) -> ValueChange:
        """Tell how a value changed in this transaction: whether, from what, to what."""
        change = self._log.values.get(str(value_id))
        if change is None:
            value: CellOrMissing = self.get_value(value_id, MISSING)
            return False, value, value
        return True, _decoded(change[0]), _decoded(change[1])


def _changed_cell_ids(rows: dict[Id, dict[Id, list[Any]]]) -> Iterator[Id]:
    # TinyBase forgets cells that were set back to what they were when it looks at them here.
    changed: dict[Id, None] = {}
    for cells in rows.values():
        for cell_id, (old, new) in list(cells.items()):
            if same(old, new):
                del cells[cell_id]
            else:
                changed[cell_id] = None
    return iter(changed)


def _decoded(raw: RawCell | Missing) -> CellOrMissing:
    return raw if raw is MISSING else decode(raw)


def _copied(
    invalid: dict[Any, dict[Any, dict[Any, list[Any]]]],
) -> dict[Any, dict[Any, dict[Any, list[Any]]]]:
    """Copy the maps of invalid cells, not the cells."""
    return {
        table_id: {
            row_id: {cell_id: list(cells) for cell_id, cells in row.items()}
            for row_id, row in table.items()
        }
        for table_id, table in invalid.items()
    }
