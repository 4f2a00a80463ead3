"""Tables and values as plain HTML: for saved notebooks, and for hosts that have no kernel to ask.

Everything from the Store is escaped, and there is no script and no style in it, so that it may go
wherever HTML goes, untrusted notebooks included.
"""

from __future__ import annotations

import json
import re
from heapq import nsmallest
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinybase_widget.store import Cell, Store

MAX_ROWS = 10
MAX_TABLES = 10
_MAX_COLUMNS = 30
_MAX_TEXT = 200
# An integer, alone or with "~" and more; or no integer, "~" and more.
_PLACED = re.compile(r"(0|[1-9][0-9]*|(?=~))(\Z|~)")


def snapshot_html(store: Store, table_id: str, columns: Sequence[str] | None = None) -> str:
    """Return the first rows of a table, in the order of the live one, as an HTML table.

    Args:
        store: The Store.
        table_id: The table.
        columns: The cell ids to show, in order; without them, those of the rows shown.
    """
    with store.lock:
        count = store.get_row_count(table_id)
        row_ids = nsmallest(MAX_ROWS, store.get_row_ids(table_id), key=_row_key)
        rows = {row_id: store.get_row(table_id, row_id) for row_id in row_ids}
    seen = dict.fromkeys(cell_id for row in rows.values() for cell_id in row)
    cell_ids = list(seen if columns is None else columns)
    more_columns = len(cell_ids) - _MAX_COLUMNS
    cell_ids = cell_ids[:_MAX_COLUMNS]
    head = "".join(f'<th scope="col">{escape(cell_id)}</th>' for cell_id in ["", *cell_ids])
    body = "".join(
        f'<tr><th scope="row">{escape(row_id)}</th>'
        + "".join(f"<td>{_cell(row, cell_id)}</td>" for cell_id in cell_ids)
        + "</tr>"
        for row_id, row in rows.items()
    )
    caption = f"{escape(table_id)}: {count:,} {'row' if count == 1 else 'rows'}"
    if count > len(rows):
        caption += f", the first {len(rows)} shown"
    if more_columns > 0:
        caption += f", {more_columns} more columns"
    html = f"<p>{caption}</p>"
    if rows:
        html = (
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )
    return _sendable(html)


def values_html(store: Store) -> str:
    """Return the values of a Store, the first of them, as an HTML table."""
    with store.lock:
        value_ids = store.get_value_ids()
        shown = nsmallest(MAX_ROWS, value_ids, key=_row_key)
        values = {value_id: store.get_value(value_id) for value_id in shown}
    count = len(value_ids)
    caption = f"Values: {count:,} {'value' if count == 1 else 'values'}"
    if count > len(values):
        caption += f", the first {len(values)} shown"
    if not values:
        return f"<p>{caption}</p>"
    body = "".join(
        f'<tr><th scope="row">{escape(value_id)}</th><td>{_text(value)}</td></tr>'
        for value_id, value in values.items()
    )
    return _sendable(
        f'<table><caption>{caption}</caption><thead><tr><th scope="col"></th>'
        f'<th scope="col">value</th></tr></thead><tbody>{body}</tbody></table>'
    )


def store_html(store: Store) -> str:
    """Return the first rows of each table of a Store, the first of these, and its values."""
    with store.lock:
        table_ids = sorted_ids(store.get_table_ids())
        parts = [snapshot_html(store, table_id) for table_id in table_ids[:MAX_TABLES]]
        more = len(table_ids) - len(parts)
        if more > 0:
            parts.append(f"<p>{more:,} more {'table' if more == 1 else 'tables'}</p>")
        return "".join([*parts, values_html(store)])


def _sendable(html: str) -> str:
    # Half a surrogate pair is a valid str, and no message to a page can carry it.
    return html.encode(errors="replace").decode()


def sorted_ids(ids: Iterable[str]) -> list[str]:
    """Return ids of rows, values or tables in the order in which pages show them."""
    return sorted(ids, key=_row_key)


def _row_key(row_id: str) -> tuple[int, int, str, str]:
    """Return the sort key of a row in the grid's order (`rows.ts`)."""
    match = _PLACED.match(row_id)
    if match is None:
        return 1, 0, "", row_id
    head = match[1]
    return 0, len(head), head, row_id[len(head) :]


def _cell(row: dict[str, Cell], cell_id: str) -> str:
    return _text(row[cell_id]) if cell_id in row else ""


def _text(cell: Cell) -> str:
    shown = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return escape(shown if len(shown) <= _MAX_TEXT else shown[:_MAX_TEXT] + "…")
