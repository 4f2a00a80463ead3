"""What a place lacks of the Store, as places, and the changes that bring it there.

Used where a save has failed: the next one then also carries what that one would have written. It is
written as the Store has it by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._compare import Places, compare, same
from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import to_raw
from tinybase_widget.store._encoded import EncodedReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinybase_widget.store import Changes, Store


def changes_at(places: Places, store: Store) -> list[Changes]:
    """Return the changes that carry a Store's content at these places, in the order to save them.

    Tables and rows come first as deleted, since changes cannot tell of a row that has fewer cells
    than before, and then with what they have now.
    """
    stored = EncodedReader(store)
    deleted: dict[str, Any] = dict.fromkeys(places.tables, MISSING)
    tables: dict[str, Any] = {}
    for table_id in places.tables:
        rows = stored.read_table(table_id)
        if rows:
            tables[table_id] = {row_id: dict(row) for row_id, row in rows.items()}
    for table_id, row_id in places.rows:
        if table_id not in places.tables:
            deleted.setdefault(table_id, {})[row_id] = MISSING
            row = stored.read_row(table_id, row_id)
            if row:
                tables.setdefault(table_id, {})[row_id] = dict(row)
    for table_id, row_id, cell_id in places.cells_alone():
        cell = stored.read_cell(table_id, row_id, cell_id)
        if cell is not MISSING or stored.read_row(table_id, row_id):
            tables.setdefault(table_id, {}).setdefault(row_id, {})[cell_id] = cell
        else:
            deleted.setdefault(table_id, {})[row_id] = MISSING
    values = {value_id: stored.read_value(value_id) for value_id in places.values}
    found: list[Changes] = []
    if deleted:
        found.append([deleted, {}, 1])
    if tables or values:
        found.append([tables, values, 1])
    return found


def added_to(loaded: Sequence[Any], late: Sequence[Changes], store: Store) -> list[Changes]:
    """Return what a Store has made of something that was loaded into it, beyond just taking it.

    Args:
        loaded: The content, or the changes, that were loaded.
        late: The changes that the Store's transactions made meanwhile.
        store: The Store.
    """
    if len(loaded) > 2 and loaded[2] == 1:  # noqa: PLR2004 - [tables, values, 1] are changes
        if len(late) == 1 and _are_same(late[0], loaded):
            return []
        places = Places()
        for changes in ([*loaded], *late):
            places.add_changes(changes)
        return changes_at(places, store)
    stored = EncodedReader(store)
    changes = compare(
        _raw_tables(loaded[0]),
        _raw_row(loaded[1]),
        stored.read_tables(),
        stored.read_values(),
        delete=True,
    )
    return [changes] if changes[0] or changes[1] else []


def _are_same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_are_same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_are_same, one, other))
    return same(one, other)


def _raw_tables(tables: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        str(table_id): {str(row_id): _raw_row(row) for row_id, row in rows.items() if row}
        for table_id, rows in tables.items()
        if rows
    }


def _raw_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(cell_id): to_raw(cell) if isinstance(cell, (dict, list)) else cell
        for cell_id, cell in row.items()
    }
