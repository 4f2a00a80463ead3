"""A Store's cells as they are kept and travel: objects and arrays as U+FFFD and their JSON text.

For persisters, which compare and write what is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinybase_widget.store._store import Store
    from tinybase_widget.store._types import Missing, RawCell, RawRow, RawTable

_NO_ROWS: RawTable = {}
_NO_CELLS: RawRow = {}


class EncodedReader:
    """Reads a Store's cells as they are kept.

    What it returns are the Store's own dictionaries: hold its lock, and do not change them.

    Args:
        store: The Store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def read_tables(self) -> Mapping[str, RawTable]:
        """Return all tables."""
        return self._store._tables  # noqa: SLF001 - this module is part of the Store

    def read_values(self) -> RawRow:
        """Return all values."""
        return self._store._values  # noqa: SLF001 - this module is part of the Store

    def read_table(self, table_id: str) -> RawTable:
        """Return a table; empty where there is none."""
        return self.read_tables().get(table_id, _NO_ROWS)

    def read_row(self, table_id: str, row_id: str) -> RawRow:
        """Return a row; empty where there is none."""
        return self.read_table(table_id).get(row_id, _NO_CELLS)

    def read_cell(self, table_id: str, row_id: str, cell_id: str) -> RawCell | Missing:
        """Return a cell, or `MISSING`."""
        return self.read_row(table_id, row_id).get(cell_id, MISSING)

    def read_value(self, value_id: str) -> RawCell | Missing:
        """Return a value, or `MISSING`."""
        return self.read_values().get(value_id, MISSING)


def set_encoded_content(store: Store, content: Sequence[Any]) -> None:
    """Set the Store's content; objects and arrays may come as they are kept."""
    with store.lock, store._while_accepting_encoded():  # noqa: SLF001 - part of the Store
        store.set_content(content)
