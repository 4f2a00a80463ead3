"""Sorting rows as JavaScript does.

TinyBase compares two sort keys with `(key1 ?? 0) < (key2 ?? 0) ? -1 : 1`, and turns the sign for
descending order. Two things follow that a plain `sorted` would not give: descending order is the
exact reverse of ascending order, also among equal keys; and strings compare by UTF-16 code units.
Where all keys are numbers or all are ordinary strings, Python's own order is the same, and fast;
anything else is compared key by key, as JavaScript compares it.
"""

from __future__ import annotations

import math
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import JSON_PREFIX, decode
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from tinybase_widget.store._types import Id, Ids, RawTable, Sorter

Key: TypeAlias = "str | float"

_NUMBERS_OR_NONE = frozenset({int, float, bool, type(None)})
_LAST_OF_ONE_UNIT = "\uffff"


def sorted_row_ids(
    rows: RawTable,
    cell_id: Id | None,
    *,
    descending: bool,
    window: slice,
    sorter: Sorter | None,
) -> Ids:
    """Sort a table's row ids by a cell, or by themselves, and give a window of them."""
    row_ids = list(rows)
    if sorter is None:
        keys = comparable_keys(
            row_ids if cell_id is None else [row.get(cell_id) for row in rows.values()]
        )
        if keys is not None:
            order = sorted(range(len(keys)), key=keys.__getitem__)
            if descending:
                order.reverse()
            return [row_ids[place] for place in order[window]]
    cells: list[Any] = (
        list(row_ids)
        if cell_id is None
        else [decode(row[cell_id]) if cell_id in row else MISSING for row in rows.values()]
    )
    return _sorted_by(row_ids, cells, sorter or _compare, descending=descending)[window]


def comparable_keys(cells: list[Any]) -> list[Any] | None:
    """Give keys that Python orders as JavaScript orders the cells; None if there are none such."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return cells if _are_ordinary(cells) else None
    if kinds <= _NUMBERS_OR_NONE:
        return [cell or 0 for cell in cells] if type(None) in kinds else cells
    return None


def comparable_key(cell: Any) -> Key | None:
    """Give the key of one cell as `comparable_keys` does for many."""
    if type(cell) is str:
        return cell if _are_ordinary([cell]) else None
    return cell or 0 if type(cell) in _NUMBERS_OR_NONE else None


def _are_ordinary(texts: Iterable[str]) -> bool:
    """Tell whether strings are no encoded objects, and Python orders them as JavaScript does."""
    text = "".join(texts)
    return text.isascii() or (JSON_PREFIX not in text and max(text) <= _LAST_OF_ONE_UNIT)


def _sorted_by(row_ids: Ids, cells: list[Any], sorter: Sorter, *, descending: bool) -> Ids:
    sign = -1 if descending else 1

    def compare(place1: int, place2: int) -> int:
        order = sorter(cells[place1], cells[place2]) * sign
        return -1 if order < 0 else 1 if order > 0 else 0

    return [row_ids[place] for place in sorted(range(len(cells)), key=cmp_to_key(compare))]


def _compare(cell1: Any, cell2: Any) -> int:
    return -1 if _is_less(_primitive(cell1), _primitive(cell2)) else 1


def _is_less(key1: Key, key2: Key) -> bool:
    if isinstance(key1, str) and isinstance(key2, str):
        return _utf16(key1) < _utf16(key2)
    return _to_number(key1) < _to_number(key2)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _primitive(cell: Any) -> Key:
    """Turn a cell into what JavaScript's `<` compares."""
    if cell is None or cell is MISSING:
        return 0
    if isinstance(cell, dict):
        return "[object Object]"
    if isinstance(cell, list):
        return ",".join("" if item is None else _text(item) for item in cell)
    return cell  # type: ignore[no-any-return]


def _text(item: Any) -> str:
    return str(item).lower() if isinstance(item, bool) else str(_primitive(item))


def _to_number(key: Key) -> float:
    if not isinstance(key, str):
        return key
    text = key.strip().lower()
    if not text:
        return 0
    if "_" in text or text.strip("+-") in {"nan", "inf"}:
        return math.nan
    try:
        return int(text, 0) if text[:2] in {"0x", "0o", "0b"} else float(text)
    except ValueError:
        return math.nan
