"""A Store's content in a Yjs document: reading it (`_yjs_layout`), writing it, what was touched.

What is written here follows four rules, so that nothing is lost when replicas meet:

- `t` and `v` are made only where there are none, and never put in place of others.
- Tables and new rows are made as derived structs where that is possible (`_yjs_containers` says
  why), with their first cells, and so are a new document's first values; everything else is an
  ordinary Yjs edit of one cell.
- A deletion deletes cells, never a container. Empty rows and tables read as absent, for TinyBase
  too.
- What is read is compared with the Store, and only differences are handed on.

All methods expect the Store's lock to be held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._compare import Places
from tinybase_widget.persisters._yjs_calls import MAP_TYPES
from tinybase_widget.persisters._yjs_containers import (
    MAX_SINGLES,
    Containers,
    batches,
    key_order,
    start_update,
)
from tinybase_widget.persisters._yjs_layout import LayoutReader
from tinybase_widget.persisters._yjs_race_watch import RaceWatch
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pycrdt import Doc
    from pycrdt._base import BaseEvent

    from tinybase_widget.store import Changes, Row
    from tinybase_widget.store._types import RawCell, RawRow, RawTable

# How many client ids one persister may spend on rows: each one costs every transaction a little.
_ID_BUDGET = 512
_ID_BUDGET_OF_FEW_ROWS = 256
_NOWHERE = Places()
_PATH_OF_ROW = 3
_SOME = 2


class FirstPart(NamedTuple):
    """A part of what is written first into a document.

    Attributes:
        updates: What was written, as updates.
        state: The document's state vector now.
        rows: How many rows have been written by now.
        of: How many there are.
    """

    updates: list[bytes]
    state: bytes
    rows: int
    of: int


class Touched:
    """What the events of one transaction of the document touched, and what of it was replaced.

    Args:
        places: What was touched.
    """

    __slots__ = ("places", "replaced")

    def __init__(self, places: Places | None = None) -> None:
        self.places = Places() if places is None else places
        self.replaced = _NOWHERE  # until there is something, which is seldom

    def add(self, event: BaseEvent) -> None:
        """Take note of one event.

        A key is replaced when another container took the place of one, whoever made the two. Where
        two unmodified TinyBase peers have made the maps of tables, one may be gone for a moment
        before the other comes.
        """
        path = tuple(map(str, event.path))  # type: ignore[attr-defined]
        keys: dict[str, Any] = event.keys  # type: ignore[attr-defined]
        self.places.add_keys(path, keys)
        for key, change in keys.items():
            is_update = change["action"] == "update"
            if (not path and not is_update) or (
                is_update
                and (
                    isinstance(change["newValue"], MAP_TYPES)
                    or isinstance(change["oldValue"], MAP_TYPES)
                )
            ):
                places = Places()
                places.add(*path, key)
                self._add_replaced(places)

    def update(self, other: Touched) -> None:
        """Add what another touched."""
        self.places.update(other.places)
        self._add_replaced(other.replaced)

    def _add_replaced(self, places: Places) -> None:
        if places:
            self.replaced = Places() if self.replaced is _NOWHERE else self.replaced
            self.replaced.update(places)


def only_cell(events: Sequence[BaseEvent]) -> tuple[str, str, str, Any] | None:
    """Return the one cell that events tell of, and what it is now; `None` for all other events."""
    if len(events) != 1:
        return None
    path: list[Any] = events[0].path  # type: ignore[attr-defined]
    keys: dict[str, Any] = events[0].keys  # type: ignore[attr-defined]
    if len(path) != _PATH_OF_ROW or path[0] != "t" or len(keys) != 1:
        return None
    ((cell_id, change),) = keys.items()
    cell = change.get("newValue", MISSING)
    if isinstance(cell, MAP_TYPES) or isinstance(change.get("oldValue"), MAP_TYPES):
        return None
    return str(path[1]), str(path[2]), cell_id, cell


class YjsContent(LayoutReader):
    """The part of a document that holds a Store's content.

    Args:
        doc: The document.
        map_name: The name of its root map.
        is_unique: Whether a row id was made by this replica, so that no other can make the same
            row.
    """

    def __init__(self, doc: Doc[Any], map_name: str, is_unique: Callable[[str], bool]) -> None:
        super().__init__(doc, map_name)
        self._containers = Containers(map_name)
        self._is_unique = is_unique
        self._short = self._calls.short(doc)
        self._spent_ids = 0
        self._before: bytes | None = None
        self._made: set[int] = set()
        self._values_are_new = False
        self._applied: list[bytes] | None = None

    def set_existing(self, table_id: str, row_id: str, cell_id: str, cell: RawCell) -> bool:
        """Set one cell of a row that there is, in a transaction of its own.

        Returns:
            Whether that could be done; if not, nothing was.
        """
        short = self._short
        transaction = None if short is None else short.open()
        if short is None or transaction is None:
            return False
        calls = self._calls
        get = calls.get
        try:
            table = get(get(self._root, transaction, "t"), transaction, table_id)
            calls.insert(
                get(table, transaction, row_id), transaction, cell_id, _sendable_cell(cell)
            )
        except (calls.no_key, TypeError):  # it is not there, or is no map, or can't be sent
            return False
        finally:
            short.close()
        return True

    def watch_races(self) -> RaceWatch:
        """Return what watches for races of rows."""
        return RaceWatch(self.doc, self, self._containers)

    def apply_update(self, update: bytes) -> None:
        """Apply an update, in a transaction of its own or in the one that is open."""
        (self.doc if self._short is None else self._short).apply_update(update)

    # Each of these inside an open transaction of the document

    def begin(self) -> None:
        """Begin to write."""
        self._before = None
        self._values_are_new = False

    @property
    def has_derived(self) -> bool:
        """Whether derived structs have been applied since `begin`."""
        return self._before is not None

    def has_let_in(self) -> bool:
        """Return whether that let in structs that had been waiting for what was made."""
        if self._before is None:
            return False
        changed = wire.changed_clients(self._before, self.doc.get_state())
        return not changed <= {self.doc.client_id, *self._made}

    def _apply(self, update: bytes, *clients: int) -> None:
        if self._before is None:
            self._before = self.doc.get_state()
        self._made.update(clients)
        if self._applied is not None:
            self._applied.append(update)
        self.doc.apply_update(update)

    def ensure_start(self) -> None:
        """Make the maps of tables and of values where there are none."""
        transaction = self._calls.writing(self.doc)
        has = self._calls.has
        if not has(self._root, transaction, "t"):
            had_values = has(self._root, transaction, "v")
            self._apply(start_update(self._map_name), self._containers.start)
            self._values_are_new = not (had_values or self.has_let_in())
        for key in ("t", "v"):
            if not has(self._root, transaction, key):
                self._calls.insert_map(self._root, transaction, key)

    def write_first(self, tables: Mapping[str, RawTable], values: RawRow) -> Iterator[FirstPart]:
        """Write a Store's content into an empty document; yield after each batch of new rows.

        Each `next` needs a transaction of its own.
        """
        done, of = 0, sum(map(len, tables.values()))
        self._applied = []
        self.ensure_start()
        for table_id, rows in _in_order(tables):
            table = self._ensure_table(table_id)
            for made in self._make_rows_in_batches(table_id, table, dict(_in_order(rows))):
                done += made
                updates, self._applied = self._applied, []
                yield FirstPart(updates, self.doc.get_state(), done, of)
        self._applied = None
        self._write_values(values)

    def write_changes(self, changes: Changes) -> None:
        """Write changes of a Store: cells by cells, rows that the document lacks all at once."""
        for table_id, table in _in_order(changes[0]):
            if table is MISSING:
                self._clear_table(table_id)
            else:
                self._write_table(wire.sendable(table_id), table)
        self._write_values(changes[1])

    def _write_values(self, changed: Mapping[str, Any]) -> None:
        if changed and not (self._values_are_new and self._derive_values(changed)):
            self._write_cells(self.values(), changed)

    def _derive_values(self, changed: Mapping[str, Any]) -> bool:
        """Make the first values of a document as those of rows that are loaded together."""
        block = self._containers.cells([(self._containers.values_item, changed)])
        clocks = wire.read_state_vector(self.doc.get_state())
        if not block.structs.number or block.client in clocks:
            return False
        self._apply(wire.update([block]), block.client)
        return True

    def _clear_table(self, table_id: str) -> None:
        transaction = self._calls.writing(self.doc)
        table = self._find(transaction, table_id)
        if table is not None:
            for row_id in self._calls.keys(table, transaction):
                self._clear_row(table, row_id)

    def _clear_row(self, table: Any, row_id: str) -> None:
        transaction = self._calls.writing(self.doc)
        row = self._calls.get(table, transaction, row_id)
        if type(row) is self._calls.map_type:
            for cell_id in self._calls.keys(row, transaction):
                self._calls.remove(row, transaction, cell_id)

    def _write_table(self, table_id: str, changed: Mapping[str, Any]) -> None:
        calls = self._calls
        transaction = calls.writing(self.doc)
        table = self._find(transaction, table_id)
        new: dict[str, Row] = {}
        for any_row_id, row in _in_order(changed):
            row_id = wire.sendable(any_row_id)
            is_known = table is not None and calls.has(table, transaction, row_id)
            known = calls.get(table, transaction, row_id) if is_known else None
            if type(known) is calls.map_type:
                if row is MISSING:
                    self._clear_row(table, row_id)
                else:
                    self._write_cells(known, row)
            elif row is not MISSING:
                new[row_id] = row
        if new:
            self._make_rows(table_id, self._ensure_table(table_id), new)

    def _write_cells(self, cells: Any, changed: Mapping[str, Any]) -> None:
        calls = self._calls
        transaction = calls.writing(self.doc)
        for any_id, cell in _in_order(changed):
            cell_id = wire.sendable(any_id)
            if cell is not MISSING:
                calls.insert(cells, transaction, cell_id, _sendable_cell(cell))
            elif calls.has(cells, transaction, cell_id):
                calls.remove(cells, transaction, cell_id)

    def _ensure_table(self, table_id: str) -> Any:
        calls = self._calls
        transaction = calls.writing(self.doc)
        tables = self.tables()
        if not calls.has(tables, transaction, table_id):
            if self._containers.start in wire.read_state_vector(self.doc.get_state()):
                item = self._containers.table_item(table_id)
                self._apply(self._containers.table_update(table_id), item.client)
            if not calls.has(tables, transaction, table_id):
                calls.insert_map(tables, transaction, table_id)
        return self._map_at(transaction, tables, table_id, "")

    def _make_rows(self, table_id: str, table: Any, rows: dict[str, Row]) -> None:
        for _ in self._make_rows_in_batches(table_id, table, rows):
            pass

    def _make_rows_in_batches(
        self, table_id: str, table: Any, rows: Mapping[str, Row]
    ) -> Iterator[int]:
        """Make rows; yield after each batch of derived ones how many these were."""
        calls = self._calls
        derivable = [row_id for row_id in rows if not self._is_unique(row_id)]
        few = len(derivable) <= MAX_SINGLES
        budget = _ID_BUDGET_OF_FEW_ROWS if few else _ID_BUDGET
        derived: set[str] = set()
        if derivable and self._spent_ids < budget:
            clocks = wire.read_state_vector(self.doc.get_state())
            if self._containers.table_item(table_id).client in clocks:
                for batch in batches(derivable):
                    made = {row_id: rows[row_id] for row_id in batch}
                    new = self._derive_rows(table_id, table, made, clocks)
                    if new:
                        derived |= new
                        yield len(new)
        transaction = calls.writing(self.doc)
        for row_id, row in rows.items():
            if not calls.has(table, transaction, row_id):  # or another's table has hidden it
                self._write_cells(calls.insert_map(table, transaction, row_id), row)
            elif row_id not in derived:  # let in meanwhile
                cells = self._map_at(transaction, table, row_id, f" at {table_id}")
                self._write_cells(cells, row)

    def _derive_rows(
        self, table_id: str, table: Any, rows: dict[str, Row], clocks: dict[int, int]
    ) -> set[str]:
        """Make rows as derived structs; return those for which that was possible."""
        calls = self._calls
        transaction = calls.writing(self.doc)
        blocks, items = self._containers.rows(
            table_id, list(rows), clocks, lambda row_id: calls.has(table, transaction, row_id)
        )
        if not items:
            return set()
        cells = self._containers.cells((item, rows[row_id]) for row_id, item in items.items())
        self._spent_ids += len(blocks) + 1
        for block in blocks:
            clocks[block.client] = block.clock + block.structs.number
        if cells.client not in clocks:
            made = [*blocks, cells]
            self._apply(wire.update(made), *(block.client for block in made))
        else:
            self._apply(wire.update(blocks), *(block.client for block in blocks))
            for row_id in items:
                row = calls.get(table, transaction, row_id)
                if type(row) is calls.map_type:
                    self._write_cells(row, rows[row_id])
        return set(items)


def _in_order(changed: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Return what is changed in an order that all replicas share."""
    if len(changed) < _SOME:
        return changed.items()
    ordered = key_order(changed)
    return changed.items() if ordered is changed else [(key, changed[key]) for key in ordered]


def _sendable_cell(cell: Any) -> Any:
    return wire.sendable(cell) if type(cell) is str else cell
