"""Writing a Store's content into an Automerge document.

- The maps are made only where there are none. An empty map in the place of the root is replaced, as
  TinyBase does: what was written into it would be gone when TinyBase comes to do so.
- A deletion deletes cells, never a map: what others put into it meanwhile is kept. Empty rows and
  tables read as absent, for TinyBase too.
- What a new document gets first is *derived*: the author's id is a hash of what is written and of
  what was there before. Two replicas that begin with the same data make the same change, which
  Automerge takes for one: nothing is in conflict then, and a kernel that restarts and loads its
  data again takes back no edit and revives no deletion. The bytes depend on automerge's version, so
  it is part of the hash. Every author's id costs a little in each transaction, hence the limit.

All expect the Store's lock and the handle's to be held.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._automerge_core import (
    ROOT,
    VERSION,
    ObjType,
    ScalarType,
)
from tinybase_widget.persisters._automerge_layout import LayoutReader, encode_id
from tinybase_widget.persisters._yjs_wire import sendable
from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import MAX_INT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automerge.core import Change

    from tinybase_widget.persisters._automerge_core import CoreTransaction, Document
    from tinybase_widget.store import Changes
    from tinybase_widget.store._types import RawCell

_DERIVED = b"\0tbd"  # how derived authors' ids begin
_ACTOR_BYTES = 16
_MOST_DERIVED = 32


def derived_actor(*parts: object) -> bytes:
    """Return the author's id of a change that says this."""
    text = json.dumps([VERSION, *parts], ensure_ascii=True, separators=(",", ":"))
    return _DERIVED + hashlib.sha256(text.encode()).digest()[: _ACTOR_BYTES - len(_DERIVED)]


def is_all_derived(changes: list[Change]) -> bool:
    """Return whether a document has nothing but a few derived changes."""
    return len(changes) < _MOST_DERIVED and all(
        change.actor_id.startswith(_DERIVED) for change in changes
    )


def put_cell(transaction: CoreTransaction, row: bytes, key: str, cell: RawCell) -> None:
    """Write one cell; a text as one element of a `Text`."""
    kind = type(cell)
    if kind is str:
        text = transaction.put_object(row, key, ObjType.Text)
        if cell:
            transaction.insert(text, 0, ScalarType.Str, sendable(cell))  # type: ignore[arg-type]
    elif kind is int and -MAX_INT < cell < MAX_INT:  # type: ignore[operator]
        transaction.put(row, key, ScalarType.Int, cell)
    elif kind is float or kind is int:  # the largest integer would become a BigInt in JavaScript
        transaction.put(row, key, ScalarType.F64, cell)
    elif kind is bool:
        transaction.put(row, key, ScalarType.Boolean, cell)
    else:
        transaction.put(row, key, ScalarType.Null, None)


class AutomergeContent(LayoutReader):
    """The part of a document that holds a Store's content."""

    def has_start(self, doc: Document | CoreTransaction) -> bool:
        """Return whether there are maps of tables and of values."""
        root = self.find(doc, self.map_key)
        return root is not None and {"t", "v"} <= set(doc.keys(root))

    def write_start(self, transaction: CoreTransaction) -> None:
        """Make the maps of tables and of values where there are none."""
        root = self.find(transaction, self.map_key)
        if root is None or not transaction.keys(root):
            root = transaction.put_object(ROOT, self.map_key, ObjType.Map)
        for key in ("t", "v"):
            if transaction.get(root, key) is None:
                transaction.put_object(root, key, ObjType.Map)

    def derive_start(self) -> bool:
        """Make them in an empty document, the same ones whoever does it."""
        doc = self.doc
        if doc.get_heads():
            return False
        own = doc.get_actor()
        doc.set_actor(derived_actor("start", self.map_key))
        try:
            with doc.transaction() as transaction:
                self.write_start(transaction)
        finally:
            doc.set_actor(own)
        return True

    def actor_for(self, changes: Changes) -> bytes:
        """Return the author's id of the derived change that makes these changes."""
        heads = sorted(head.hex() for head in self.doc.get_heads())
        return derived_actor(heads, self.map_key, *_plain(changes))

    def write_changes(self, transaction: CoreTransaction, changes: Changes) -> None:
        """Write changes of a Store, cell by cell."""
        if changes[0]:
            tables = self.find(transaction, self.map_key, "t") or b""
            for table_id, table in changes[0].items():
                self._write_table(transaction, tables, encode_id(table_id), table)
        if changes[1]:
            values = self.find(transaction, self.map_key, "v") or b""
            _write_cells(transaction, values, changes[1])

    def _write_table(
        self, transaction: CoreTransaction, tables: bytes, key: str, rows: Any
    ) -> None:
        table = self.find(transaction, self.map_key, "t", key)
        if table is None:
            if rows is MISSING:
                return
            table = transaction.put_object(tables, key, ObjType.Map)
        if rows is MISSING:
            for row_key in transaction.keys(table):
                self._write_row(transaction, table, row_key, MISSING)
        else:
            for row_id, row in rows.items():
                self._write_row(transaction, table, encode_id(row_id), row)

    def _write_row(self, transaction: CoreTransaction, table: bytes, key: str, cells: Any) -> None:
        got = transaction.get(table, key)
        if got is None:
            if cells is not MISSING:
                row = transaction.put_object(table, key, ObjType.Map)
                for cell_id, cell in cells.items():
                    if cell is not MISSING:
                        put_cell(transaction, row, encode_id(cell_id), cell)
            return
        kind, row = got
        if kind != ObjType.Map:
            raise self._no_map(kind, (self.map_key, "t", "…", key))
        if cells is MISSING:
            for cell_key in transaction.keys(row):
                transaction.delete(row, cell_key)
        else:
            _write_cells(transaction, row, cells)

    def set_existing(self, table_id: str, row_id: str, cell_id: str, cell: RawCell) -> bool:
        """Set one cell of a row that there is, in a transaction of its own.

        Returns:
            Whether that could be done; if not, nothing was.
        """
        row = self._find_row(table_id, row_id)
        if row is None:
            return False
        with self.doc.transaction() as transaction:
            put_cell(transaction, row, encode_id(cell_id), cell)
        return True


def _write_cells(transaction: CoreTransaction, map_: bytes, cells: Mapping[str, Any]) -> None:
    for cell_id, cell in cells.items():
        key = encode_id(cell_id)
        if cell is not MISSING:
            put_cell(transaction, map_, key, cell)
        elif transaction.get(map_, key) is not None:
            transaction.delete(map_, key)


def in_order(changes: Changes) -> Changes:
    """Return changes in the order of their ids, the same wherever they come from."""
    tables = {
        table_id: table
        if table is MISSING
        else {
            row_id: row if row is MISSING else dict(sorted(row.items()))
            for row_id, row in sorted(table.items())
        }
        for table_id, table in sorted(changes[0].items())
    }
    return [tables, dict(sorted(changes[1].items())), 1]


def _plain(changes: Changes) -> list[Any]:
    """Return changes as what JSON has, with each cell's type; a deletion is an empty list."""
    tables = [
        [table_id, []]
        if table is MISSING
        else [
            table_id,
            [
                [row_id, [] if row is MISSING else _plain_cells(row)]
                for row_id, row in table.items()
            ],
        ]
        for table_id, table in changes[0].items()
    ]
    return [tables, _plain_cells(changes[1])]


def _plain_cells(cells: Mapping[str, Any]) -> list[Any]:
    return [[id_, [] if cell is MISSING else cell] for id_, cell in cells.items()]
