"""Reading a Store's content from an Automerge document, in TinyBase's layout.

Under the map's name the document's root has a map with the keys `t` (table id → row id → cell id →
value) and `v` (value id → value), all of them maps. A text is a `Text` object. Ids that objects of
JavaScript have for themselves, such as `constructor`, and those that begin with U+0000 are escaped
by one more U+0000. Empty tables and rows read as absent; tables, rows and cells come in the order
of their ids.

What TinyBase has no cells for reads as absent: bytes, dates, counters (which automerge's Python
package gives up on), numbers beyond those that JavaScript counts to.

Most rows of a table have the same cells, so a row of as many cells as an earlier one is asked for
the cells of that one, and only if it lacks one for its own.

All methods expect the Store's lock to be held.

Source of the layout: TinyBase's `createAutomergePersister`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget._order import natural_sorted
from tinybase_widget.persisters._automerge_core import ROOT, ObjType, extract, is_panic
from tinybase_widget.persisters._yjs_wire import sendable
from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import SCALARS, to_raw

if TYPE_CHECKING:
    from tinybase_widget.persisters._automerge_core import CoreTransaction, Document
    from tinybase_widget.persisters._automerge_handle import AutomergeDocHandle
    from tinybase_widget.store import Row, Table, Tables, Values

    Readable = Document | CoreTransaction

_ESCAPE = "\0"
_ESCAPED = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "prototype",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)


def encode_id(id_: str) -> str:
    r"""Return the key under which the document has what belongs to an id.

    Example:
        >>> encode_id("fido"), encode_id("__proto__")
        ('fido', '\x00__proto__')
    """
    if id_ in _ESCAPED or id_[:1] == _ESCAPE:
        return _ESCAPE + id_
    return id_ if id_.isascii() else sendable(id_)


def decode_id(key: str) -> str:
    """Return the id that a key stands for."""
    return key[1:] if key[:1] == _ESCAPE else key


class LayoutReader:
    """Reads the part of a document that holds a Store's content.

    Args:
        handle: The document's handle.
        map_name: The name of the map.
    """

    def __init__(self, handle: AutomergeDocHandle, map_name: str) -> None:
        self.handle = handle
        self.map_name = map_name
        self.map_key = encode_id(map_name)

    @property
    def doc(self) -> Document:
        """The document."""
        return self.handle.document

    def find(self, doc: Readable, *keys: str) -> bytes | None:
        """Return the object id of the map at some keys below the root; `None` if there is none.

        Raises:
            PersistedContentError: There is something that is no map.
        """
        found = ROOT
        for key in keys:
            got = doc.get(found, key)
            if got is None:
                return None
            value, found = got
            if value != ObjType.Map:
                raise self._no_map(value, keys)
        return found

    def _no_map(self, value: object, keys: tuple[str, ...]) -> PersistedContentError:
        return PersistedContentError(
            f"the Automerge document has {value!r} at {'/'.join(map(decode_id, keys))}, "
            "where TinyBase's layout has a map; look at what else writes to this document, "
            "or give the persister another map_name"
        )

    def is_whole(self) -> bool:
        """Return whether the document has the maps of tables and of values."""
        with self.handle.lock:
            return all(self._is_map(self.map_key, key) for key in "tv")

    def _is_map(self, *keys: str) -> bool:
        try:
            return self.find(self.doc, *keys) is not None
        except PersistedContentError:
            return False

    # What a `_compare.Reader` has

    def read_tables(self) -> Tables:
        """Return all tables."""
        with self.handle.lock:
            tables = self.find(self.doc, self.map_key, "t")
            found: Tables = {}
            if tables is not None:
                for key in sorted(self.doc.keys(tables), key=decode_id):
                    rows = self._rows(self.find(self.doc, self.map_key, "t", key))
                    if rows:
                        found[decode_id(key)] = rows
            return found

    def read_values(self) -> Values:
        """Return all values."""
        with self.handle.lock:
            return self._cells(self.find(self.doc, self.map_key, "v"))

    def read_table(self, table_id: str) -> Table:
        """Return one table; empty where there is none."""
        with self.handle.lock:
            return self._rows(self.find(self.doc, self.map_key, "t", encode_id(table_id)))

    def read_row(self, table_id: str, row_id: str) -> Row:
        """Return one row; empty where there is none."""
        with self.handle.lock:
            return self._cells(self._find_row(table_id, row_id))

    def read_cell(self, table_id: str, row_id: str, cell_id: str) -> Any:
        """Return one cell, or `MISSING`."""
        with self.handle.lock:
            return self._cell(self._find_row(table_id, row_id), encode_id(cell_id))

    def read_value(self, value_id: str) -> Any:
        """Return one value, or `MISSING`."""
        with self.handle.lock:
            return self._cell(self.find(self.doc, self.map_key, "v"), encode_id(value_id))

    def _find_row(self, table_id: str, row_id: str) -> bytes | None:
        return self.find(self.doc, self.map_key, "t", encode_id(table_id), encode_id(row_id))

    def _rows(self, table: bytes | None) -> Table:
        if table is None:
            return {}
        doc = self.doc
        keys = doc.keys(table)
        ids = dict(zip(keys, doc.values(table), strict=True))
        rows: Table = {}
        shapes: dict[int, list[str]] = {}
        for row_id, key in _in_order(keys):
            kind, row = ids[key]
            if kind != ObjType.Map:
                raise self._no_map(kind, (self.map_key, "t", "…", key))
            count = doc.length(row)
            if count:
                cells = self._shaped(row, shapes.get(count))
                if cells is None:
                    shape = [key for _, key in _in_order(doc.keys(row))]
                    shapes[count] = shape
                    cells = self._shaped(row, shape)
                if cells:
                    rows[row_id] = cells
        return rows

    def _shaped(self, row: bytes, keys: list[str] | None) -> Row | None:  # noqa: C901 - one call for each cell would take twice as long
        """Return a row that has just these cells; `None` if it does not."""
        if keys is None:
            return None
        get, text = self.doc.get, self.doc.text
        cells: Row = {}
        for key in keys:
            try:
                got = get(row, key)
            except BaseException as error:
                if is_panic(error):
                    continue
                raise
            if got is None:
                return None
            value, id_ = got
            if type(value) is tuple:
                cell: Any = value[1]
                kind = type(cell)
                if kind is int or kind is float:
                    cell = to_raw(cell)
                elif kind not in SCALARS:
                    continue
            elif value == ObjType.Text:
                cell = text(id_)
            else:
                cell = to_raw(extract(self.doc, id_))
            if cell is not MISSING:
                cells[decode_id(key)] = cell
        return cells

    def value_at(self, obj: bytes, key: str, change: bytes) -> Any:
        """Return what an object had at a key when a change had been made, or `MISSING`."""
        got = self.doc.get(obj, key, [change])
        if got is None:
            return MISSING
        value, id_ = got
        if type(value) is tuple:
            cell = value[1]
            if type(cell) not in SCALARS:
                return MISSING
            return cell if type(cell) is str else to_raw(cell)
        return self.doc.text(id_) if value == ObjType.Text else to_raw(extract(self.doc, id_))

    def _cells(self, map_: bytes | None) -> Row:
        if map_ is None:
            return {}
        keys = [key for _, key in _in_order(self.doc.keys(map_))]
        return self._shaped(map_, keys) or {}

    def _cell(self, map_: bytes | None, key: str) -> Any:
        if map_ is None:
            return MISSING
        cells = self._shaped(map_, [key])
        return cells.get(decode_id(key), MISSING) if cells else MISSING


def _in_order(keys: list[str]) -> list[tuple[str, str]]:
    """Return ids with their keys, in the order of the ids."""
    if not any(key[:1] == _ESCAPE for key in keys):
        return [(key, key) for key in natural_sorted(keys)]
    by_id = {decode_id(key): key for key in keys}
    return [(id_, by_id[id_]) for id_ in natural_sorted(by_id)]
