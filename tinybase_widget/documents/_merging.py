"""What another program has changed in a file, as changes of the document that people edit.

Cell by cell: what differs between the file's texts before and now is put onto what people see. A
cell that the program set has its value. One that it deleted, by itself or with its row or table,
goes only if it is still as the program knew it: what somebody has entered meanwhile stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._compare import compare, same
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tinybase_widget.persisters._yjs_items import Path


def merge(before: Sequence[Any], now: Sequence[Any], seen: Sequence[Any]) -> Any:
    """Return the changes that put onto what people see what is new in a file.

    Args:
        before: The tables and values that the file held.
        now: Those that it holds.
        seen: Those that people see.
    """
    tables, values, is_changes = compare(*before, *now, delete=True)
    return [_sparing(tables, before[0], seen[0]), _sparing(values, before[1], seen[1]), is_changes]


def presumed_before(now: Sequence[Any], seen: Sequence[Any], entered: Iterable[Path]) -> list[Any]:
    """Return what a file presumably held whose text is not known any more.

    That is what people see; and, where they have entered something since it was saved, what the
    file holds now.

    Args:
        now: The tables and values of the file.
        seen: Those that people see.
        entered: The paths in the document of what they have entered.
    """
    tables = {
        table_id: {row_id: dict(row) for row_id, row in rows.items()}
        for table_id, rows in seen[0].items()
    }
    before: dict[str, Any] = {"t": tables, "v": dict(seen[1])}
    held: dict[str, Any] = {"t": now[0], "v": now[1]}
    for *above, cell_id in entered:
        row, row_now = before, held
        for key in above:
            row, row_now = row.setdefault(key, {}), row_now.get(key, {})
        row.pop(cell_id, None)
        if cell_id in row_now:
            row[cell_id] = row_now[cell_id]
    return [before["t"], before["v"]]


def _sparing(
    changes: Mapping[str, Any], before: Mapping[str, Any], seen: Mapping[str, Any]
) -> dict[str, Any]:
    """Return changes without the deletions of what is not as it was before."""
    spared: dict[str, Any] = {}
    for key, change in changes.items():
        known, current = before.get(key), seen.get(key)
        if isinstance(change, dict):
            spared[key] = _sparing(change, known or {}, current or {})
        elif change is not MISSING:
            spared[key] = change
        elif isinstance(known, dict):
            spared[key] = _sparing(dict.fromkeys(known, MISSING), known, current or {})
        elif same(known, current):
            spared[key] = MISSING
    return {key: change for key, change in spared.items() if change != {}}
