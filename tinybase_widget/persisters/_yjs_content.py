"""A Store's content in a Yjs document, in TinyBase's layout: reading, writing, hearing of changes.

The root map has the keys `t` (table id → row id → cell id → value) and `v` (value id → value), all
of them Y.Maps. What is written here follows four rules, so that nothing is lost when replicas meet:

- `t` and `v` are made only where there are none, and never put in place of others.
- Tables and new rows are made as derived structs where that is possible (`_yjs_containers` says
  why), with their first cells; everything else is an ordinary Yjs edit of one cell.
- A deletion deletes cells, never a container. Empty rows and tables read as absent, for TinyBase
  too.
- What is read is compared with the Store, and only differences are handed on.

All methods expect the Store's lock to be held.

Source of the layout: TinyBase's `createYjsPersister`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pycrdt import Map

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget._order import natural_key
from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._compare import Places
from tinybase_widget.persisters._yjs_containers import (
    MAX_SINGLES,
    Containers,
    batches,
    start_update,
)
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pycrdt import Doc
    from pycrdt._base import BaseEvent

    from tinybase_widget.store import Changes, Row, Table, Tables, Values

# How many client ids one persister may spend on rows: each one costs every transaction a little.
_ID_BUDGET = 2048
_ID_BUDGET_OF_FEW_ROWS = 256
_MAX_SAFE_INTEGER = 2**53 - 1
_MAX_SAFE_DIGITS = 16


@dataclass
class Touched:
    """What the events of one transaction of the document touched, and what of it was replaced."""

    places: Places = field(default_factory=Places)
    replaced: Places = field(default_factory=Places)

    def add(self, event: BaseEvent) -> None:
        """Take note of one event.

        A key is replaced when another container took the place of one, whoever made the two.
        """
        path = tuple(str(step) for step in event.path)  # type: ignore[attr-defined]
        keys: dict[str, Any] = event.keys  # type: ignore[attr-defined]
        for key, change in keys.items():
            self.places.add(*path, key)
            if change["action"] == "update" and (
                isinstance(change["newValue"], Map) or isinstance(change["oldValue"], Map)
            ):
                self.replaced.add(*path, key)

    def update(self, other: Touched) -> None:
        """Add what another touched."""
        self.places.update(other.places)
        self.replaced.update(other.replaced)


class YjsContent:
    """The part of a document that holds a Store's content.

    Args:
        doc: The document.
        map_name: The name of its root map.
        is_unique: Whether a row id was made by this replica, so that no other can make the same
            row.
    """

    def __init__(self, doc: Doc[Any], map_name: str, is_unique: Callable[[str], bool]) -> None:
        self.doc = doc
        self.root: Map[Any] = doc.get(map_name, type=Map)
        self._map_name = map_name
        self._containers = Containers(map_name)
        self._is_unique = is_unique
        self._spent_ids = 0
        self._before: dict[int, int] | None = None
        self._made: set[int] = set()

    # Reading

    def exists(self) -> bool:
        """Return whether the document has content, be it empty."""
        return len(self.root) > 0

    def tables(self) -> Map[Any]:
        """Return the map of tables.

        Raises:
            PersistedContentError: There is something else in its place.
        """
        return self._map_at(self.root, "t", "")

    def values(self) -> Map[Any]:
        """Return the map of values; raises as `tables` does."""
        return self._map_at(self.root, "v", "")

    def read_tables(self) -> Tables:
        """Return all tables."""
        return _tables(_parse(self.tables()))

    def read_values(self) -> Values:
        """Return all values."""
        values: Values = _parse(self.values())
        return values

    def read_table(self, table_id: str) -> Table:
        """Return one table; empty where there is none."""
        table = self._find(table_id)
        return {} if table is None else _table(_parse(table))

    def read_row(self, table_id: str, row_id: str) -> Row:
        """Return one row; empty where there is none."""
        row = self._find(table_id, row_id)
        return {} if row is None else _row(_parse(row))

    def read_cell(self, table_id: str, row_id: str, cell_id: str) -> Any:
        """Return one cell, or `MISSING`."""
        row = self._find(table_id, row_id)
        return MISSING if row is None else row.get(wire.sendable(cell_id), MISSING)

    def read_value(self, value_id: str) -> Any:
        """Return one value, or `MISSING`."""
        values = self.values()
        return values.get(wire.sendable(value_id), MISSING)

    def _find(self, *path: str) -> Map[Any] | None:
        found = self.tables()
        for key in map(wire.sendable, path):
            if key not in found:
                return None
            found = self._map_at(found, key, f" at {'/'.join(path)}")
        return found

    def _map_at(self, parent: Map[Any], key: str, where: str) -> Map[Any]:
        found = parent.get(key)
        if not isinstance(found, Map):
            given = "nothing" if found is None else repr(found)
            raise PersistedContentError(
                f"the Yjs document's map {self._map_name!r} has {given} under {key!r}{where}, "
                "where TinyBase's layout has a Y.Map; look at what else writes to this document, "
                "or give the persister another map_name"
            )
        return found

    # Writing; each inside an open transaction of the document

    def begin(self) -> None:
        """Begin to write."""
        self._before = None

    @property
    def has_derived(self) -> bool:
        """Whether derived structs have been applied since `begin`."""
        return self._before is not None

    def has_let_in(self) -> bool:
        """Return whether that let in structs that had been waiting for what was made."""
        if self._before is None:
            return False
        made = {self.doc.client_id, *self._made}
        return any(
            clock != self._before.get(client, 0) and client not in made
            for client, clock in wire.read_state_vector(self.doc.get_state()).items()
        )

    def _apply(self, update: bytes, *clients: int) -> None:
        if self._before is None:
            self._before = wire.read_state_vector(self.doc.get_state())
        self._made.update(clients)
        self.doc.apply_update(update)

    def ensure_start(self) -> None:
        """Make the maps of tables and of values where there are none."""
        if "t" not in self.root:
            self._apply(start_update(self._map_name), self._containers.start)
        if "t" not in self.root:
            self.root["t"] = Map()
        if "v" not in self.root:
            self.root["v"] = Map()

    def write_changes(self, changes: Changes) -> None:
        """Write changes of a Store: cells by cells, rows that the document lacks all at once."""
        for table_id, table in changes[0].items():
            if table is MISSING:
                self._clear_table(table_id)
            else:
                self._write_table(wire.sendable(table_id), table)
        if changes[1]:
            _write_cells(self.values(), changes[1])

    def _clear_table(self, table_id: str) -> None:
        table = self._find(table_id)
        if table is not None:
            for row_id in list(table.keys()):
                self._clear_row(table, row_id)

    @staticmethod
    def _clear_row(table: Map[Any], row_id: str) -> None:
        row = table.get(row_id)
        if isinstance(row, Map):
            for cell_id in list(row.keys()):
                del row[cell_id]

    def _write_table(self, table_id: str, changed: Mapping[str, Any]) -> None:
        table = self._find(table_id)
        new: dict[str, Row] = {}
        for any_row_id, row in changed.items():
            row_id = wire.sendable(any_row_id)
            known = table.get(row_id) if table is not None else None
            if isinstance(known, Map):
                if row is MISSING:
                    self._clear_row(table, row_id)  # type: ignore[arg-type]
                else:
                    _write_cells(known, row)
            elif row is not MISSING:
                new[row_id] = {
                    wire.sendable(key): _sendable_cell(cell)
                    for key, cell in row.items()
                    if cell is not MISSING
                }
        if new:
            self._make_rows(table_id, self._ensure_table(table_id), new)

    def _ensure_table(self, table_id: str) -> Map[Any]:
        tables = self.tables()
        if table_id not in tables:
            start = wire.read_state_vector(self.doc.get_state())
            if self._containers.start in start:
                item = self._containers.table_item(table_id)
                self._apply(self._containers.table_update(table_id), item.client)
            if table_id not in tables:
                tables[table_id] = Map()
        return self._map_at(tables, table_id, "")

    def _make_rows(self, table_id: str, table: Map[Any], rows: dict[str, Row]) -> None:
        derivable = [row_id for row_id in rows if not self._is_unique(row_id)]
        few = len(derivable) <= MAX_SINGLES
        budget = _ID_BUDGET_OF_FEW_ROWS if few else _ID_BUDGET
        if derivable and self._spent_ids < budget:
            clocks = wire.read_state_vector(self.doc.get_state())
            if self._containers.table_item(table_id).client in clocks:
                for batch in batches(derivable, len(derivable)):
                    made = {row_id: rows[row_id] for row_id in batch}
                    self._derive_rows(table_id, table, made, clocks)
        for row_id, row in rows.items():
            if row_id not in table:
                table[row_id] = Map(dict(row))

    def _derive_rows(
        self, table_id: str, table: Map[Any], rows: dict[str, Row], clocks: dict[int, int]
    ) -> None:
        blocks, items = self._containers.rows(
            table_id, list(rows), clocks, lambda row_id: row_id in table
        )
        if not items:
            return
        cells = self._containers.cells((item, rows[row_id]) for row_id, item in items.items())
        self._spent_ids += len(blocks) + 1
        for block in blocks:
            clocks[block.client] = block.clock + len(block.structs)
        if cells.client not in clocks:
            made = [*blocks, cells]
            self._apply(wire.update(made), *(block.client for block in made))
        else:
            self._apply(wire.update(blocks), *(block.client for block in blocks))
            for row_id in items:
                row = table.get(row_id)
                if isinstance(row, Map):
                    _write_cells(row, rows[row_id])


def _write_cells(cells: Map[Any], changed: Mapping[str, Any]) -> None:
    for any_id, cell in changed.items():
        cell_id = wire.sendable(any_id)
        if cell is not MISSING:
            cells[cell_id] = _sendable_cell(cell)
        elif cell_id in cells:
            del cells[cell_id]


def _sendable_cell(cell: Any) -> Any:
    return wire.sendable(cell) if isinstance(cell, str) else cell


def _parse(map_: Map[Any]) -> Any:
    return json.loads(str(map_), parse_int=_number)


def _number(digits: str) -> int | float:
    number = int(digits) if len(digits) <= _MAX_SAFE_DIGITS + 1 else float(digits)
    return number if -_MAX_SAFE_INTEGER <= number <= _MAX_SAFE_INTEGER else float(digits)


def _tables(parsed: Any) -> Tables:
    return {table_id: table for table_id in sorted(parsed) if (table := _table(parsed[table_id]))}


def _table(parsed: Any) -> Table:
    if not isinstance(parsed, dict):
        raise PersistedContentError(f"the Yjs document has {parsed!r} where a table should be")
    return {
        row_id: row for row_id in sorted(parsed, key=natural_key) if (row := _row(parsed[row_id]))
    }


def _row(parsed: Any) -> Row:
    if not isinstance(parsed, dict):
        raise PersistedContentError(f"the Yjs document has {parsed!r} where a row should be")
    return {cell_id: parsed[cell_id] for cell_id in sorted(parsed)}
