"""Checking and copying a whole table at the speed of dictionaries.

Nearly every table that is set is plain: string ids, rows of few different shapes, and cells that
need nothing done to them. For such a table the work is done by C functions over whole columns
instead of cell by cell: rows of the same shape (the same cell ids in the same order) are unzipped
into columns, a column's types are gathered into a set, and one `max` or `sum` tells what each cell
would have been asked. Whatever is not plain makes these functions give None, and the table goes the
exact way, cell by cell.
"""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import MAX_INT, SCALARS, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinybase_widget.store._types import Id, RawRow, RawTable

_STR_ONLY = {str}


def plain_table(table: Any, *, owned: bool = False) -> RawTable | None:
    """Copy a table of plain rows; None if anything in it is out of the ordinary.

    Args:
        table: What should be a dictionary from row ids to dictionaries from cell ids to cells.
        owned: Whether the rows may be kept as they are, since nobody else has them.
    """
    if type(table) is not dict or set(map(type, table)) != _STR_ONLY:
        return None
    if set(map(type, table.values())) != {dict}:
        return None
    rows = list(table.values() if owned else map(dict.copy, table.values()))
    by_shape: dict[tuple[Any, ...], list[RawRow]] = {}
    shapes = set(map(tuple, rows))
    if len(shapes) == 1:
        by_shape[shapes.pop()] = rows
    else:
        for row in rows:
            by_shape.setdefault(tuple(row), []).append(row)
    for shape, alike in by_shape.items():
        if not shape or set(map(type, shape)) != _STR_ONLY:
            return None
        for cell_id in shape:
            if not _make_plain(alike, cell_id, list(map(itemgetter(cell_id), alike))):
                return None
    return table if owned else dict(zip(table, rows, strict=True))


def plain_row(row: Any) -> RawRow | None:
    """Copy a plain row; None if anything in it is out of the ordinary."""
    if type(row) is not dict or set(map(type, row)) != _STR_ONLY:
        return None
    for cell in row.values():
        kind = type(cell)
        if not (
            (kind is str and cell[:1] < UNDEFINED)
            or (kind is int and -MAX_INT <= cell <= MAX_INT)
            or kind is bool
            or (kind is float and cell % 1 and cell - cell == 0)
            or cell is None
        ):
            return None
    return row.copy()


def count_cells(rows: Iterable[RawRow]) -> dict[Id, int]:
    """Count how many rows have each cell id, in the order in which the ids first appear."""
    counts: dict[Id, int] = {}
    for shape, count in Counter(map(tuple, rows)).items():
        for cell_id in shape:
            counts[cell_id] = counts.get(cell_id, 0) + count
    return counts


def last_uses(rows: Sequence[RawRow], cell_ids: Iterable[Id]) -> list[Id]:
    """Order cell ids by the last place where they are used: so they vanish with the rows."""
    missing = set(cell_ids)
    order: list[Id] = []
    for row in reversed(rows):
        if not missing:
            break
        found = [cell_id for cell_id in row if cell_id in missing]
        order[:0] = found
        missing.difference_update(found)
    return order


def _make_plain(  # noqa: C901 - one question after the other, for one type after the other
    rows: list[RawRow], cell_id: Id, column: Sequence[Any]
) -> bool:
    """Check a column of rows, and make ints of its integral floats; False if it is not plain."""
    kinds = set(map(type, column))
    if not kinds <= SCALARS:
        return False
    if str in kinds:
        texts = column if len(kinds) == 1 else [cell for cell in column if type(cell) is str]
        if max(texts) >= UNDEFINED and any(text[:1] >= UNDEFINED for text in texts):
            return False
    if int in kinds:
        ints = column if len(kinds) == 1 else [cell for cell in column if type(cell) is int]
        if max(ints) > MAX_INT or min(ints) < -MAX_INT:
            return False
    if float in kinds:
        floats = column if len(kinds) == 1 else [cell for cell in column if type(cell) is float]
        total = sum(floats)
        if total - total != 0:
            return False
        if any(map(float.is_integer, floats)):
            for row, cell in zip(rows, column, strict=True):
                if type(cell) is float and cell.is_integer() and -MAX_INT <= cell <= MAX_INT:
                    row[cell_id] = int(cell)
    return True
