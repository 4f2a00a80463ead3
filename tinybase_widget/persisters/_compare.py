"""What is to be done so that one content becomes like another: as changes, only where they differ.

A persister seldom has to compare everything. `Places` collects which tables, rows, cells and values
are in question, and `differences` compares just those, each at the highest level it was named at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tinybase_widget.store import Changes

    Cells = Mapping[str, Any]
    Rows = Mapping[str, Cells]
    Tables = Mapping[str, Rows]

_PATH_OF_ROW = 3


class Reader(Protocol):
    """What can be compared: a Store, or a document. Nothing there reads as empty, or as MISSING."""

    def read_tables(self) -> Tables:
        """Return all tables."""

    def read_values(self) -> Cells:
        """Return all values."""

    def read_table(self, table_id: str) -> Rows:
        """Return a table."""

    def read_row(self, table_id: str, row_id: str) -> Cells:
        """Return a row."""

    def read_cell(self, table_id: str, row_id: str, cell_id: str) -> Any:
        """Return a cell."""

    def read_value(self, value_id: str) -> Any:
        """Return a value."""


@dataclass(slots=True)
class Places:
    """Parts of a content: everything, or some tables, rows, cells and values."""

    whole: bool = False
    tables: set[str] = field(default_factory=set)
    rows: set[tuple[str, str]] = field(default_factory=set)
    cells: set[tuple[str, str, str]] = field(default_factory=set)
    values: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.whole or self.tables or self.rows or self.cells or self.values)

    def add(self, *path: str) -> None:
        """Add the place at a path below a document's root map: t, table, row, cell; or v, value."""
        match path:
            case ("t",) | ("v",):
                self.whole = True
            case ("t", table_id):
                self.tables.add(table_id)
            case ("t", table_id, row_id):
                self.rows.add((table_id, row_id))
            case ("t", table_id, row_id, cell_id):
                self.cells.add((table_id, row_id, cell_id))
            case ("v", value_id):
                self.values.add(value_id)
            case _:
                pass  # below a cell, or beside the content

    def add_keys(self, path: tuple[str, ...], keys: Iterable[str]) -> None:
        """Add the places under some keys of what is at a path."""
        if len(path) == _PATH_OF_ROW and path[0] == "t":
            _, table_id, row_id = path
            self.cells.update((table_id, row_id, key) for key in keys)
        else:
            for key in keys:
                self.add(*path, key)

    def add_changes(self, changes: Changes) -> None:
        """Add all places that changes name."""
        for table_id, table in changes[0].items():
            if table is MISSING:
                self.tables.add(table_id)
                continue
            for row_id, row in table.items():
                if row is MISSING:
                    self.rows.add((table_id, row_id))
                else:
                    self.cells.update((table_id, row_id, cell_id) for cell_id in row)
        self.values.update(changes[1])

    def cells_alone(self) -> Iterable[tuple[str, str, str]]:
        """Return the cells whose tables and rows are not among the places themselves."""
        if not (self.tables or self.rows):
            return self.cells
        return (
            cell for cell in self.cells if cell[0] not in self.tables and cell[:2] not in self.rows
        )

    def update(self, other: Places) -> None:
        """Add another's places."""
        self.whole = self.whole or other.whole
        self.tables |= other.tables
        self.rows |= other.rows
        self.cells |= other.cells
        self.values |= other.values

    def split(self, paths: Collection[tuple[str, ...]] | None) -> tuple[Places, Places]:
        """Return the tables and rows at paths below the root, and the others; `None`: all at them.

        Example:
            >>> places = Places(tables={"t"}, rows={("u", "r")})
            >>> here, elsewhere = places.split({("t", "t")})
            >>> here.tables, elsewhere.rows
            ({'t'}, {('u', 'r')})
        """
        if paths is None:
            return self, Places()
        here, elsewhere = Places(), Places()
        for table_id in self.tables:
            (here if ("t", table_id) in paths else elsewhere).tables.add(table_id)
        for table_id, row_id in self.rows:
            (here if ("t", table_id, row_id) in paths else elsewhere).rows.add((table_id, row_id))
        return here, elsewhere


_NOWHERE = Places()


def differences(places: Places, old: Reader, new: Reader, keep: Places = _NOWHERE) -> Changes:
    """Return the changes that make `old` like `new` at these places.

    Args:
        places: Where to look.
        old: What is to be changed.
        new: What it is to be like.
        keep: Of these tables and rows, or of everything, what only `old` has is not deleted.
    """
    if places.whole:
        return compare(
            old.read_tables(),
            old.read_values(),
            new.read_tables(),
            new.read_values(),
            delete=not keep.whole,
        )
    tables: dict[str, Any] = {}
    for table_id in places.tables:
        rows = compare_rows(
            old.read_table(table_id), new.read_table(table_id), delete=table_id not in keep.tables
        )
        if rows:
            tables[table_id] = rows
    for table_id, row_id in places.rows:
        if table_id not in places.tables:
            cells = compare_cells(
                old.read_row(table_id, row_id),
                new.read_row(table_id, row_id),
                delete=(table_id, row_id) not in keep.rows,
            )
            if cells:
                tables.setdefault(table_id, {})[row_id] = cells
    for table_id, row_id, cell_id in places.cells_alone():
        cell = new.read_cell(table_id, row_id, cell_id)
        if not same(cell, old.read_cell(table_id, row_id, cell_id)):
            tables.setdefault(table_id, {}).setdefault(row_id, {})[cell_id] = cell
    if not places.values:
        return [tables, {}, 1]
    values = {
        value_id: value
        for value_id in places.values
        for value in (new.read_value(value_id),)
        if not same(value, old.read_value(value_id))
    }
    return [tables, values, 1]


def compare(
    old_tables: Tables, old_values: Cells, tables: Tables, values: Cells, *, delete: bool
) -> Changes:
    """Return the changes that turn old content into new; without `delete`, nothing is deleted."""
    changes: dict[str, Any] = {}
    for table_id, table in tables.items():
        changed = compare_rows(old_tables.get(table_id, {}), table, delete=delete)
        if changed:
            changes[table_id] = changed
    if delete:
        changes.update(dict.fromkeys(old_tables.keys() - tables.keys(), MISSING))
    return [changes, compare_cells(old_values, values, delete=delete), 1]


def compare_rows(old: Rows, new: Rows, *, delete: bool) -> dict[str, Any]:
    """Return the rows of `new` that differ from `old`, each as its differing cells."""
    changes: dict[str, Any] = {}
    for row_id, row in new.items():
        known = old.get(row_id)
        if known is None:
            changes[row_id] = row
        else:
            changed = compare_cells(known, row, delete=delete)
            if changed:
                changes[row_id] = changed
    if delete:
        changes.update(dict.fromkeys(old.keys() - new.keys(), MISSING))
    return changes


def compare_cells(old: Cells, new: Cells, *, delete: bool) -> dict[str, Any]:
    """Return the cells of `new` that differ from `old`."""
    changes: dict[str, Any] = {
        key: cell
        for key, cell in new.items()
        # `same`, without the call for each cell of a large table
        if (known := old.get(key, MISSING)) != cell
        or (type(known) is bool) is not (type(cell) is bool)
    }
    if delete and not old.keys() <= new.keys():
        changes.update(dict.fromkeys(old.keys() - new.keys(), MISSING))
    return changes


def same(one: object, other: object) -> bool:
    """Return whether two cells are the same one: `1` and `1.0` are, `1` and `True` are not."""
    return one == other and (type(one) is bool) is (type(other) is bool)
