"""Tables and values as plain HTML: for saved notebooks, and for hosts that have no kernel to ask.

Everything from the Store is escaped, and there is no script and no style in it, so that it may go
wherever HTML goes, untrusted notebooks included.
"""

from __future__ import annotations

import json
import re
from heapq import nsmallest
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.widgets._looking_rules import visible_row_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tinybase_widget.store import Cell, Store

MAX_ROWS = 10
MAX_TABLES = 10
_MAX_COLUMNS = 30
_MAX_TEXT = 200
# An integer, alone or with "~" and more; or no integer, "~" and more.
_PLACED = re.compile(r"(0|[1-9][0-9]*|(?=~))(\Z|~)")


class Look(NamedTuple):
    """How a table is looked at, in the words of the view's traits."""

    sort: Sequence[tuple[str, str]] = ()
    filters: Mapping[str, Mapping[str, Any]] = {}
    search: str = ""
    pinned: Sequence[str] = ()
    formats: Mapping[str, str] = {}
    row_numbers: bool = False

    @property
    def chooses(self) -> bool:
        """Whether it says which rows are shown, or in which order."""
        return bool(self.sort or self.filters or self.search.strip())


def snapshot_html(
    store: Store,
    table_id: str,
    columns: Sequence[str] | None = None,
    look: Look = Look(),  # noqa: B008 - a tuple never changes
) -> str:
    """Return the first rows of a table, in the order of the live one, as an HTML table.

    Args:
        store: The Store.
        table_id: The table.
        columns: The cell ids to show, in order; without them, those of the rows shown.
        look: How the table is looked at.
    """
    with store.lock:
        count = store.get_row_count(table_id)
        row_ids, shown = _first_rows(store, table_id, columns, look)
        rows = {row_id: store.get_row(table_id, row_id) for row_id in row_ids}
    seen = dict.fromkeys(cell_id for row in rows.values() for cell_id in row)
    cell_ids = list(seen if columns is None else columns)
    cell_ids = [
        *(cell_id for cell_id in look.pinned if cell_id in cell_ids),
        *(cell_id for cell_id in cell_ids if cell_id not in look.pinned),
    ]
    more_columns = len(cell_ids) - _MAX_COLUMNS
    cell_ids = cell_ids[:_MAX_COLUMNS]
    head = "".join(f'<th scope="col">{escape(cell_id)}</th>' for cell_id in ["", *cell_ids])
    body = "".join(
        f'<tr><th scope="row">{number if look.row_numbers else escape(row_id)}</th>'
        + "".join(
            f"<td>{_cell(row, cell_id, look.formats.get(cell_id, ''))}</td>" for cell_id in cell_ids
        )
        + "</tr>"
        for number, (row_id, row) in enumerate(rows.items(), 1)
    )
    caption = f"{escape(table_id)}: {_counted(count, shown)}{escape(_described(look))}"
    if shown > len(rows):
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


def _first_rows(
    store: Store, table_id: str, columns: Sequence[str] | None, look: Look
) -> tuple[list[str], int]:
    """Return the ids of the first rows, and how many rows are let through."""
    if not look.chooses:
        row_ids = store.get_row_ids(table_id)
        return nsmallest(MAX_ROWS, row_ids, key=_row_key), len(row_ids)
    row_ids = visible_row_ids(
        store,
        table_id,
        sort=look.sort,
        filters=look.filters,
        search=look.search,
        columns=columns,
    )
    return row_ids[:MAX_ROWS], len(row_ids)


def _counted(count: int, shown: int) -> str:
    of = "" if shown == count else f"{shown:,} of "
    return f"{of}{count:,} {'row' if count == 1 else 'rows'}"


def _described(look: Look) -> str:
    """Return how the table is looked at, as the end of a sentence."""
    parts = []
    if look.filters:
        parts.append(f"filtered by {', '.join(look.filters)}")
    if look.search.strip():
        parts.append(f"searched for “{look.search.strip()}”")
    if look.sort:
        by = [f"{name}{' descending' if way == 'desc' else ''}" for name, way in look.sort]
        parts.append(f"sorted by {', '.join(by)}")
    return "".join(f", {part}" for part in parts)


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


class Splice(NamedTuple):
    """What to put in the place of a part of a text; places are counted as JavaScript does."""

    start: int
    end: int
    text: str


def splice_between(old: str, new: str) -> Splice:
    """Return what makes one text another: what is between the beginning and the end they share.

    Example:
        >>> splice_between("<td>1</td>", "<td>25</td>")
        Splice(start=4, end=5, text='25')
    """
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    behind = next((at for at in range(most - start) if old[-1 - at] != new[-1 - at]), most - start)
    end = len(old) - behind
    return Splice(_units(old[:start]), _units(old[:end]), new[start : len(new) - behind])


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


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


def _cell(row: dict[str, Cell], cell_id: str, spec: str) -> str:
    return _text(row[cell_id], spec) if cell_id in row else ""


def _text(cell: Cell, spec: str = "") -> str:
    if spec and isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return format(cell, spec if spec[-1] in ",fe%" else spec + "f")
    shown = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return escape(shown if len(shown) <= _MAX_TEXT else shown[:_MAX_TEXT] + "…")
