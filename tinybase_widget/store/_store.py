"""The class `Store`."""

from __future__ import annotations

import html
from itertools import islice
from typing import TYPE_CHECKING, Any

from tinybase_widget.store import _bulk
from tinybase_widget.store._cell_listening import CellListening
from tinybase_widget.store._cells import is_encoded
from tinybase_widget.store._listeners import IdPool

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinybase_widget.store._middleware import Hooks

_SHOWN_TABLES = 10
_SHOWN_ROWS = 10
_SHOWN_COLUMNS = 30
_SHOWN_TEXT = 200  # characters of a cell


class Store(CellListening):
    """Tables of rows of cells, and values beside them, that tell listeners what changes.

    A Store does what TinyBase's `Store` does, under its names in snake_case. Setters give the Store
    itself, so that calls chain; getters give copies.

    Attributes:
        lock: A re-entrant lock, held while the Store is read or written, and from start to end of a
            transaction. Hold it to do several things that no other thread may come between.
        row_id_factory: If set, `add_row` asks it for the id of each new row, giving the table's id.

    Example:
        >>> from tinybase_widget import Store
        >>> store = Store()
        >>> listener_id = store.add_cell_listener(
        ...     "pets", None, "age", lambda _, table, row, cell, new, old: print(row, old, new)
        ... )
        >>> store = store.set_row("pets", "fido", {"species": "dog", "age": 3})
        fido MISSING 3
        >>> store.get_tables()
        {'pets': {'fido': {'species': 'dog', 'age': 3}}}

    TinyBase: `createStore`.
    """

    def __repr__(self) -> str:
        with self.lock:
            tables = ", ".join(
                f"{table_id!r}: {len(rows)} row{'s' * (len(rows) != 1)}"
                for table_id, rows in self._tables.items()
            )
            return f"<Store tables={{{tables}}} values={len(self._values)}>"

    def _repr_html_(self) -> str:
        """Show the first rows of each table, and the values, in a notebook."""
        with self.lock:
            parts = [self._table_html(table_id) for table_id in islice(self._tables, _SHOWN_TABLES)]
            if more := _more(len(self._tables) - _SHOWN_TABLES, "table"):
                parts.append(f"<p>{more}</p>")
            if self._values:
                shown = islice(self.get_values().items(), _SHOWN_ROWS)
                values = ((value_id, [value]) for value_id, value in shown)
                more = _more(len(self._values) - _SHOWN_ROWS, "value")
                parts.append(html_table("values", ["value"], values, more))
            return "".join(parts) or html.escape(repr(self))

    def _table_html(self, table_id: str) -> str:
        all_ids = self.get_table_cell_ids(table_id)
        cell_ids = all_ids[:_SHOWN_COLUMNS]
        rows = (
            (row_id, [self.get_cell(table_id, row_id, cell_id, "") for cell_id in cell_ids])
            for row_id in islice(self._tables[table_id], _SHOWN_ROWS)
        )
        more = (
            _more(self.get_row_count(table_id) - _SHOWN_ROWS, "row"),
            _more(len(all_ids) - _SHOWN_COLUMNS, "column"),
        )
        return html_table(table_id, cell_ids, rows, ", ".join(filter(None, more)))

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


def _more(count: int, what: str) -> str:
    return f"{count:,} more {what}{'s' * (count != 1)}" if count > 0 else ""


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else text[:_SHOWN_TEXT] + "…"


def html_table(
    title: str, columns: Iterable[str], rows: Iterable[tuple[str, list[Any]]], note: str = ""
) -> str:
    """Make a table of HTML in which everything given is text."""
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "".join(
        f"<tr><th>{html.escape(row_id)}</th>"
        f"{''.join(f'<td>{html.escape(_short(str(cell)))}</td>' for cell in cells)}</tr>"
        for row_id, cells in rows
    )
    return (
        f"<table><caption>{html.escape(title)}</caption><thead><tr><th></th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{note and f'<p>{note}</p>'}"
    )
