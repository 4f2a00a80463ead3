"""A Store's content as one JSON text, at a place that others write too.

Who writes a whole text over another's loses what the other has changed in it. So a persister keeps
the text that it had in common with the place, and when it finds another one there it puts onto that
what its own Store has changed since: cell by cell, its own edits over the other's, and an edit over
a deletion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget.persisters._compare import compare, same
from tinybase_widget.store import MISSING
from tinybase_widget.store._encoded import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PAIR = 2
_NOTHING = "[{},{}]"


def read_content(text: str | None, where: str) -> list[Any] | None:
    """Return the tables and values of a JSON text; `None` where it says that there are none.

    Args:
        text: The text, if there is one.
        where: What holds it, as the beginning of a sentence.

    Raises:
        PersistedContentError: It is something else.
    """
    if text is None or not text.strip():
        return None
    try:
        content = read_json(text)
    except (ValueError, RecursionError) as error:
        raise _not_content(where, f"no JSON ({error})") from error
    if content is None:
        return None
    if not (
        isinstance(content, list)
        and len(content) == _PAIR
        and all(isinstance(part, dict) for part in content)
        and all(
            isinstance(rows, dict) and all(isinstance(row, dict) for row in rows.values())
            for rows in content[0].values()
        )
    ):
        raise _not_content(where, f"other JSON ({text.strip()[:40]!r})")
    return content


def _not_content(where: str, found: str) -> PersistedContentError:
    return PersistedContentError(
        f"{where} holds {found}, where a Store's JSON was expected: [tables, values]. "
        "It is left as it is; move it away, or delete it, to begin anew"
    )


class SharedText:
    """The JSON text of a Store, at a place where others may have written another one.

    Args:
        where: The place, as the beginning of a sentence.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._own: str | None = None

    def loaded(self, text: str | None, unsaved: Sequence[Any] | None = None) -> list[Any] | None:
        """Return the content of a text that was found, which the Store takes over.

        Args:
            text: The text.
            unsaved: The Store's content, if it has changes that could not be saved: they are put
                on top.

        Raises:
            PersistedContentError: It is not a Store's JSON.
        """
        content = read_content(text, self._where)
        base = None if unsaved is None else self._read_own()
        if content is not None:
            self._own = text
            if base is not None and unsaved is not None:
                content = merge(base, unsaved, content)
        return content

    def not_loaded(self) -> None:
        """Take note that a load failed: what is there is not to be replaced, but added to."""
        if self._own is None:
            self._own = _NOTHING

    def to_save(self, mine: Sequence[Any], found: str | None) -> tuple[str, bool]:
        """Return the text to write, and whether it has something that the Store has not.

        Args:
            mine: The Store's content.
            found: The text that is there.

        Raises:
            PersistedContentError: That is not a Store's JSON, and is not to be lost.
        """
        text = self._next = write_json(mine)
        if found != self._own:
            theirs, base = read_content(found, self._where), self._read_own()
            if theirs is not None and base is not None:
                text = write_json(merge(base, mine, theirs))
        return text, text != self._next

    def saved(self) -> None:
        """Take note that what `to_save` returned is at the place."""
        self._own = self._next

    def _read_own(self) -> list[Any] | None:
        return read_content(self._own, "what was there before")


def merge(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Return what somebody else has made of a content, with one's own edits on top.

    Args:
        base: The tables and values that both began with.
        mine: What they are now on this side.
        theirs: What they are now on the other.

    Example:
        >>> merge(
        ...     [{"pets": {"fido": {"age": 3}}}, {}],
        ...     [{"pets": {"fido": {"age": 4}}}, {}],
        ...     [{"pets": {"fido": {"age": 3}, "rex": {"age": 1}}}, {"open": True}],
        ... )
        [{'pets': {'fido': {'age': 4}, 'rex': {'age': 1}}}, {'open': True}]
    """
    changed_tables, changed_values, _ = compare(base[0], base[1], mine[0], mine[1], delete=True)
    tables = {
        table_id: {row_id: dict(row) for row_id, row in rows.items()}
        for table_id, rows in theirs[0].items()
    }
    for table_id, changed in changed_tables.items():
        known = base[0].get(table_id, {})
        rows = tables.setdefault(table_id, {})
        for row_id, cells in (
            dict.fromkeys(known, MISSING) if changed is MISSING else changed
        ).items():
            known_cells = known.get(row_id, {})
            row = rows.setdefault(row_id, {})
            _edit(
                row, dict.fromkeys(known_cells, MISSING) if cells is MISSING else cells, known_cells
            )
            if not row:
                del rows[row_id]
        if not rows:
            del tables[table_id]
    values = dict(theirs[1])
    _edit(values, changed_values, base[1])
    return [tables, values]


def _edit(row: dict[str, Any], changes: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for cell_id, cell in changes.items():
        if cell is not MISSING:
            row[cell_id] = cell
        elif cell_id in row and same(row[cell_id], known.get(cell_id, MISSING)):
            del row[cell_id]
