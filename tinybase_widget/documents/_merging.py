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
    from collections.abc import Mapping, Sequence


def merge(before: Sequence[Any], now: Sequence[Any], seen: Sequence[Any]) -> Any:
    """Return the changes that put onto what people see what is new in a file.

    Args:
        before: The tables and values that the file held.
        now: Those that it holds.
        seen: Those that people see.
    """
    tables, values, is_changes = compare(*before, *now, delete=True)
    return [_sparing(tables, before[0], seen[0]), _sparing(values, before[1], seen[1]), is_changes]


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
