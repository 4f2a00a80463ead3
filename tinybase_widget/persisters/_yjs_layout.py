"""Reading a Store's content from a Yjs document, in TinyBase's layout.

The root map has the keys `t` (table id → row id → cell id → value) and `v` (value id → value), all
of them Y.Maps. Empty tables and rows read as absent; tables, rows and cells come in the order of
their ids, since a document has none that all replicas share.

Rows are read cell by cell. Most rows of a table have the same cells, so a row of as many cells as
an earlier one is asked for the cells of that one, and only if it lacks one for its own.

All methods expect the Store's lock to be held.

Source of the layout: TinyBase's `createYjsPersister`.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from pycrdt import Map

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget._order import natural_sorted
from tinybase_widget.persisters._yjs_calls import chosen_calls
from tinybase_widget.persisters._yjs_wire import sendable
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pycrdt import Doc, Subscription

    from tinybase_widget.store import Row, Table, Tables, Values

_MAX_SAFE_INTEGER = 2**53 - 1
_MAX_SAFE_DIGITS = 16
_PLAIN = {str, float, bool, type(None)}  # every number of a document is a float


class LayoutReader:
    """Reads the part of a document that holds a Store's content.

    Args:
        doc: The document.
        map_name: The name of its root map.
    """

    def __init__(self, doc: Doc[Any], map_name: str) -> None:
        self.doc = doc
        self.root: Map[Any] = doc.get(map_name, type=Map)
        self._map_name = map_name
        self._calls = chosen_calls()
        self._root = self._calls.map_of(self.root)

    def exists(self) -> bool:
        """Return whether the document has content, be it empty."""
        return len(self.root) > 0

    def is_whole(self) -> bool:
        """Return whether it has the maps of tables and of values."""
        return "t" in self.root and "v" in self.root

    def observe(self, listener: Callable[[Any], None], is_deaf: Callable[[], bool]) -> Subscription:
        """Call `listener` with what each transaction did below the root, unless `is_deaf()`."""
        return self._calls.observe(self.root, listener, is_deaf)

    def tables(self) -> Any:
        """Return the map of tables, inside a transaction, as `_yjs_calls` takes it.

        Raises:
            PersistedContentError: There is something else in its place; so do all that read.
        """
        return self._map_at(self._calls.reading(self.doc), self._root, "t", "")

    def values(self) -> Any:
        """Return the map of values, as `tables` does."""
        return self._map_at(self._calls.reading(self.doc), self._root, "v", "")

    def read_tables(self) -> Tables:
        """Return all tables."""
        with self.doc.transaction():
            transaction = self._calls.reading(self.doc)
            tables = self._map_at(transaction, self._root, "t", "")
            found = {}
            for table_id in sorted(self._calls.keys(tables, transaction)):
                table = self._calls.get(tables, transaction, table_id)
                rows = self._rows(transaction, table)
                if rows:
                    found[table_id] = rows
            return found

    def read_values(self) -> Values:
        """Return all values."""
        with self.doc.transaction():
            transaction = self._calls.reading(self.doc)
            return self._cells(transaction, self._map_at(transaction, self._root, "v", ""))

    def table_ids(self) -> list[str]:
        """Return the ids of all tables, also of empty ones."""
        with self.doc.transaction():
            transaction = self._calls.reading(self.doc)
            tables = self._map_at(transaction, self._root, "t", "")
            return list(self._calls.keys(tables, transaction))

    def has_any_row(self, rows: Iterable[tuple[str, str]]) -> bool:
        """Return whether the document has a map for any of these rows, be it empty."""
        has, get = self._calls.has, self._calls.get
        with self.doc.transaction():
            transaction = self._calls.reading(self.doc)
            tables = self._map_at(transaction, self._root, "t", "")
            for table_id, row_id in rows:
                if has(tables, transaction, table_id) and has(
                    get(tables, transaction, table_id), transaction, row_id
                ):
                    return True
        return False

    def read_table(self, table_id: str) -> Table:
        """Return one table; empty where there is none."""
        with self.doc.transaction():
            transaction = self._calls.reading(self.doc)
            table = self._find(transaction, table_id)
            return {} if table is None else self._rows(transaction, table)

    def read_row(self, table_id: str, row_id: str) -> Row:
        """Return one row; empty where there is none."""
        with self.doc.transaction():
            transaction = self._calls.reading(self.doc)
            row = self._find(transaction, table_id, row_id)
            return {} if row is None else self._cells(transaction, row)

    def read_cell(self, table_id: str, row_id: str, cell_id: str) -> Any:
        """Return one cell, or `MISSING`."""
        calls = self._calls
        transaction = calls.reading(self.doc)
        if transaction is None:
            with self.doc.transaction():
                return self.read_cell(table_id, row_id, cell_id)
        row = self._find(transaction, table_id, row_id)
        if row is None:
            return MISSING
        try:
            return calls.get(row, transaction, sendable(cell_id))
        except calls.no_key:
            return MISSING

    def read_value(self, value_id: str) -> Any:
        """Return one value, or `MISSING`."""
        with self.doc.transaction():
            transaction = self._calls.reading(self.doc)
            values = self._map_at(transaction, self._root, "v", "")
            try:
                return self._calls.get(values, transaction, sendable(value_id))
            except self._calls.no_key:
                return MISSING

    # Within a transaction, in terms of `_yjs_calls`

    def _find(self, transaction: Any, *path: str) -> Any:
        """Return the map of a table or a row, or `None`."""
        calls = self._calls
        found = self._map_at(transaction, self._root, "t", "")
        for key in path:
            try:
                found = calls.get(found, transaction, sendable(key))
            except calls.no_key:
                return None
            if type(found) is not calls.map_type:
                raise self._no_map(found, sendable(key), f" at {'/'.join(path)}")
        return found

    def _map_at(self, transaction: Any, parent: Any, key: str, where: str) -> Any:
        try:
            found = self._calls.get(parent, transaction, key)
        except self._calls.no_key:
            found = None
        if type(found) is not self._calls.map_type:
            raise self._no_map(found, key, where)
        return found

    def _no_map(self, found: Any, key: str, where: str) -> PersistedContentError:
        given = "nothing" if found is None else repr(found)
        return PersistedContentError(
            f"the Yjs document's map {self._map_name!r} has {given} under {key!r}{where}, "
            "where TinyBase's layout has a Y.Map; look at what else writes to this document, "
            "or give the persister another map_name"
        )

    def _rows(self, transaction: Any, table: Any) -> Table:
        map_type, no_key, get = self._calls.map_type, self._calls.no_key, self._calls.get
        size, keys = self._calls.size, self._calls.keys
        if type(table) is not map_type:
            raise PersistedContentError(f"the Yjs document has {table!r} where a table should be")
        shapes: dict[int, list[str]] = {0: []}
        names: dict[str, str] = {}
        rows: Table = {}
        for row_id in natural_sorted(keys(table, transaction)):
            row = get(table, transaction, row_id)
            if type(row) is not map_type:
                raise PersistedContentError(f"the Yjs document has {row!r} where a row should be")
            count = size(row, transaction)
            if not count:
                continue
            try:
                rows[row_id] = {key: get(row, transaction, key) for key in shapes[count]}
            except (KeyError, no_key):  # the first row of so many cells, or one of others
                shape = sorted(keys(row, transaction))
                shapes[count] = shape = [names.setdefault(key, key) for key in shape]
                rows[row_id] = {key: get(row, transaction, key) for key in shape}
        self._make_plain(transaction, table, rows)
        return rows

    def _make_plain(self, transaction: Any, table: Any, rows: Table) -> None:
        """Read rows that have more than texts, numbers and the like anew, as JSON."""
        if set(map(type, chain.from_iterable(map(dict.values, rows.values())))) <= _PLAIN:
            return
        for row_id, row in rows.items():
            if not set(map(type, row.values())) <= _PLAIN:
                map_ = self._calls.get(table, transaction, row_id)
                rows[row_id] = self._cells(transaction, map_)

    def _cells(self, transaction: Any, cells: Any) -> Row:
        parsed = _decode(self._calls.to_json(cells, transaction))
        return {cell_id: parsed[cell_id] for cell_id in sorted(parsed)}


def _number(digits: str) -> int | float:
    number = int(digits) if len(digits) <= _MAX_SAFE_DIGITS + 1 else float(digits)
    return number if -_MAX_SAFE_INTEGER <= number <= _MAX_SAFE_INTEGER else float(digits)


_decode = json.JSONDecoder(parse_int=_number).decode
