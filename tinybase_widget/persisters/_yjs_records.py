"""Conflicts as data: the entries of the document's map `<root>/conflicts`.

=========== ====================== =============================================================
entry       key                    value
=========== ====================== =============================================================
record      `<client>:<clock>`     the struct that lost, as a JSON text: `[table, row, cell,
                                   winner's client, its value, loser's client, its value]`
kept edit   `k<client>:<n>`        an edit that was kept though its row was deleted: `[table, row,
                                   cell, its client, its value, null]`
dismissal   `!` and a record's key `true`; the record itself is deleted
=========== ====================== =============================================================

Values stand as in the map of cells; a value of the Store has `null` for table and row. This is a
wire format, the same in TypeScript.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._yjs_wire import ItemId
from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import decode, encode, to_raw

if TYPE_CHECKING:
    from tinybase_widget.persisters._yjs_items import Path
    from tinybase_widget.store._types import CellOrMissing

_DISMISSAL = "!"
_KEPT = "k"
_KEPT_LENGTH, _LOST_LENGTH = 6, 7
_MOST_DIGITS = 16  # of 2^53


class Edit(NamedTuple):
    """One of two edits that met.

    Attributes:
        value: What it set; `MISSING` where it deleted.
        client_id: The client id of the document that it was made in; `None` where it deleted.
    """

    value: CellOrMissing
    client_id: int | None


class Conflict(NamedTuple):
    """Two edits of one cell, or value, whose authors did not know of each other.

    Attributes:
        key: What `dismiss_conflict` takes.
        table_id: The table; `None` for a value.
        row_id: The row; `None` for a value.
        cell_id: The cell, or the value's id.
        winner: The edit that stands in the Store.
        loser: The edit that was overwritten. Where its value is `MISSING`, somebody deleted the row
            and the winner was kept.
    """

    key: str
    table_id: str | None
    row_id: str | None
    cell_id: str
    winner: Edit
    loser: Edit

    @property
    def path(self) -> Path:
        """Where it is in the document, below the root."""
        if self.table_id is None or self.row_id is None:
            return ("v", self.cell_id)
        return ("t", self.table_id, self.row_id, self.cell_id)


def record_key(item: tuple[int, int]) -> str:
    """Return the key that a struct's loss is recorded under."""
    return f"{item[0]}:{item[1]}"


def item_of(key: str) -> ItemId | None:
    """Return the struct that a record's key names; `None` where it names none."""
    client, _, clock = key.partition(":")
    return ItemId(int(client), int(clock)) if _is_number(client) and _is_number(clock) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def kept_key(client_id: int, number: int) -> str:
    """Return the key that an edit is recorded under which was kept."""
    return f"{_KEPT}{client_id}:{number}"


def is_kept_key(key: str) -> bool:
    """Return whether a key is one of an edit that was kept."""
    return key.startswith(_KEPT)


def dismissal_key(key: str) -> str:
    """Return the key that dismisses a record."""
    return _DISMISSAL + key


def dismissed_by(key: str) -> str | None:
    """Return the key of the record that a key dismisses; `None` where it is no dismissal."""
    return key[1:] if key.startswith(_DISMISSAL) else None


def write_record(conflict: Conflict) -> str:
    """Return a conflict as the text of its record."""
    winner, loser = conflict.winner, conflict.loser
    parts = [*conflict[1:4], winner.client_id, winner.value, loser.client_id]
    if loser.value is not MISSING:
        parts.append(loser.value)
    return str(encode(parts))[1:]  # numbers as JavaScript writes them


def read_record(key: str, text: Any) -> Conflict | None:
    """Return the conflict that an entry tells of; `None` where it makes no sense."""
    try:
        parts = json.loads(text)
    except (TypeError, ValueError):
        return None
    if not isinstance(parts, list) or len(parts) not in (_KEPT_LENGTH, _LOST_LENGTH):
        return None
    table_id, row_id, cell_id, winner_client, winner, loser_client, *loser = parts
    is_cell = isinstance(table_id, str) and isinstance(row_id, str)
    is_value = table_id is None and row_id is None
    is_known = isinstance(winner_client, int) and isinstance(loser_client, int) is bool(loser)
    are_cells = not any(isinstance(each, (dict, list)) for each in (winner, *loser))
    if not ((is_cell or is_value) and isinstance(cell_id, str) and is_known and are_cells):
        return None
    lost = Edit(loser[0] if loser else MISSING, loser_client)
    return Conflict(key, table_id, row_id, cell_id, Edit(winner, winner_client), lost)


def plain(cell: Any) -> Any:
    """Return a cell as the Store keeps it: pycrdt gives whole numbers as floats."""
    raw = to_raw(cell)
    return cell if raw is MISSING else raw


def decoded(conflict: Conflict) -> Conflict:
    """Return a conflict with values as the Store has them."""
    winner, loser = conflict.winner, conflict.loser
    if loser.value is not MISSING:
        loser = loser._replace(value=decode(loser.value))  # type: ignore[arg-type]
    return conflict._replace(
        winner=winner._replace(value=decode(winner.value)),  # type: ignore[arg-type]
        loser=loser,
    )
