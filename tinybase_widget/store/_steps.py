"""What one transaction did to cells and values, for those who take it back.

Everything here is as the Store keeps it: objects and arrays as U+FFFD and their JSON text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.store._cells import decode, same
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinybase_widget.store._store import Store
    from tinybase_widget.store._types import Cell, Missing, RawCell


class Place(NamedTuple):
    """A cell, or with `None` for table and row a value."""

    table_id: str | None
    row_id: str | None
    cell_id: str

    def __str__(self) -> str:
        """Return the ids, as `pets/fido/age`, or `value open`."""
        if self.table_id is None:
            return f"value {self.cell_id}"
        return f"{self.table_id}/{self.row_id}/{self.cell_id}"


class Change(NamedTuple):
    """What was at a place before and after; MISSING where there was nothing."""

    place: Place
    old: RawCell | Missing
    new: RawCell | Missing


def changes_of_transaction(store: Store, most: int) -> list[Change] | None:
    """Return what the open transaction has changed; `None` if that is more than `most` places."""
    log = store._log  # noqa: SLF001 - this module is part of the Store
    log.expand()
    changes: list[Change] = []
    for table_id, rows in log.cells.items():
        for row_id, cells in rows.items():
            for cell_id, (old, new) in cells.items():
                if not same(old, new):
                    changes.append(Change(Place(table_id, row_id, cell_id), old, new))
            if len(changes) > most:
                return None
    for value_id, (old, new) in log.values.items():
        if not same(old, new):
            changes.append(Change(Place(None, None, value_id), old, new))
    return changes if len(changes) <= most else None


def read_place(store: Store, place: Place) -> RawCell | Missing:
    """Return what is at a place."""
    table_id, row_id, cell_id = place
    if table_id is None or row_id is None:
        return store._values.get(cell_id, MISSING)  # noqa: SLF001 - this module is part of the Store
    rows = store._tables.get(table_id)  # noqa: SLF001 - this module is part of the Store
    row = None if rows is None else rows.get(row_id)
    return MISSING if row is None else row.get(cell_id, MISSING)


def as_changes(contents: Iterable[tuple[Place, RawCell | Missing]]) -> list[Any]:
    """Return `[tables, values, 1]`, for `apply_changes`, of what is to be at which place."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    values: dict[str, Any] = {}
    for (table_id, row_id, cell_id), content in contents:
        if table_id is None or row_id is None:
            values[cell_id] = content
        else:
            tables.setdefault(table_id, {}).setdefault(row_id, {})[cell_id] = content
    return [tables, values, 1]


def shown(content: RawCell | Missing) -> Cell | Missing:
    """Return a cell as the Store hands it out."""
    return content if content is MISSING else decode(content)


def is_in_transaction(store: Store) -> bool:
    """Return whether a transaction is open in this thread, or listeners are told of its end."""
    with store.lock:
        return store._depth != 0  # noqa: SLF001 - this module is part of the Store


def is_telling_listeners(store: Store) -> bool:
    """Return whether listeners are told of a transaction's end, so that nothing may be written."""
    with store.lock:
        return store._depth == -1  # noqa: SLF001 - this module is part of the Store
