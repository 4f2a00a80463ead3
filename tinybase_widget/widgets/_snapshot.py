"""A table as plain HTML: for saved notebooks, and for hosts that show a widget without its kernel.

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
    from collections.abc import Sequence

    from tinybase_widget.store import Cell, Store

MAX_ROWS = 10
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
    # Half a surrogate pair is a valid str, and no message to a page can carry it.
    return html.encode(errors="replace").decode()


def _row_key(row_id: str) -> tuple[int, int, str, str]:
    """Return the sort key of a row in the grid's order (`rows.ts`)."""
    match = _PLACED.match(row_id)
    if match is None:
        return 1, 0, "", row_id
    head = match[1]
    return 0, len(head), head, row_id[len(head) :]


def _cell(row: dict[str, Cell], cell_id: str) -> str:
    if cell_id not in row:
        return ""
    cell = row[cell_id]
    shown = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return escape(shown if len(shown) <= _MAX_TEXT else shown[:_MAX_TEXT] + "…")
