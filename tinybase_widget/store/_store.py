"""The class `Store`."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from tinybase_widget.store import _bulk
from tinybase_widget.store._cells import is_encoded
from tinybase_widget.store._listeners import IdPool
from tinybase_widget.store._cell_listening import CellListening

if TYPE_CHECKING:
    from tinybase_widget.store._middleware import Hooks

_SHOWN_ROWS = 10


class Store(CellListening):
    """Tables and values that tell their listeners what changes."""

    def __repr__(self) -> str:
        with self.lock:
            tables = ", ".join(f"{key}: {len(rows)}" for key, rows in self._tables.items())
            return f"<Store tables={{{tables}}} values={len(self._values)}>"

    def __getstate__(self) -> dict[str, Any]:
        with self.lock:
            return {
                "tables": {
                    table_id: {row_id: row.copy() for row_id, row in rows.items()}
                    for table_id, rows in self._tables.items()
                },
                "values": self._values.copy(),
                "tables_schema": self._tables_schema(),
                "values_schema": self._values_schema(),
            }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]
        if state["tables_schema"]:
            self.set_tables_schema(state["tables_schema"])
        if state["values_schema"]:
            self.set_values_schema(state["values_schema"])
        self._tables = state["tables"]
        self._values = state["values"]
        for table_id, rows in self._tables.items():
            self._row_id_pools[table_id] = IdPool()
            self._cell_counts[table_id] = _bulk.count_cells(rows.values())
            if any(is_encoded(cell) for row in rows.values() for cell in row.values()):
                self._tables_with_json.add(table_id)
        self._had_tables = bool(self._tables)
        self._had_values = bool(self._values)

    def _set_middleware(self, hooks: Hooks | None) -> None:
        """Attach the hooks of a middleware object, or none (TinyBase: setMiddleware)."""
        with self.lock:
            self._hooks = hooks
            self._watchers_changed()


_ = html, _SHOWN_ROWS
