"""Collects what one transaction of a document did to cells, from pycrdt's two kinds of events.

First come the events below the root map, which tell paths, old and new values; then the
transaction's own, which has its structs and deletions. Together they are what `_yjs_causality`
asks.

Most transactions are one edit of one cell that follows what was there, which their bytes tell at a
glance: nothing met in them, and nothing more is read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._yjs_calls import MAP_TYPES
from tinybase_widget.persisters._yjs_causality import Heard
from tinybase_widget.persisters._yjs_items import Path, Ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pycrdt import TransactionEvent
    from pycrdt._base import BaseEvent

_MAX_EVENTS = 20_000
_MAX_UPDATE = 1_000_000  # bytes in which edits that met are looked for
_ROW_DEPTH, _VALUES_DEPTH = 3, 1
_VARUINT = rb"[\x80-\xff]*[\x00-\x7f]"
# One client with one struct, which is a value (8) with a key (0x20) and an origin (0x80).
_match_following_edit = re.compile(rb"\x01\x01%b%b\xa8(%b)(%b)\x01" % ((_VARUINT,) * 4)).match


class Hearing:
    """What is heard of a transaction that is not the persister's own."""

    def __init__(self) -> None:
        self.raw: bytes | None = None
        self.forget()

    def forget(self) -> None:
        """Forget what was noted."""
        self._noted: list[tuple[Sequence[Any], dict[str, Any]]] = []
        self._events = 0

    def note(self, events: Sequence[BaseEvent]) -> None:
        """Take note of events below the root map."""
        self._events += len(events)
        if len(events) <= _MAX_EVENTS:
            self._noted += [(event.path, event.keys) for event in events]  # type: ignore[attr-defined]

    def is_following_edit(self, event: TransactionEvent) -> bool:
        """Return whether all that was done is an edit of one cell that was there; forget it."""
        edit = _match_following_edit(event.update)
        deleted: bytes = event.delete_set  # type: ignore[attr-defined]
        if edit is None or deleted != b"\x01%b\x01%b\x01" % edit.groups():
            return False
        self.forget()
        return True

    def finish(self, event: TransactionEvent) -> tuple[Heard | None, dict[Path, set[str]]]:
        """Return what was heard, and the cells that were deleted, by the path of their row.

        Without structs where the transaction is too large to be looked through.
        """
        heard = None
        replaced: dict[Path, Any] = {}
        added: list[Path] = []
        deleted_cells: dict[Path, set[str]] = defaultdict(set)
        for steps, keys in self._noted:
            path = tuple(map(str, steps))
            if not _holds_cells(path):
                continue
            for key, change in keys.items():
                action = change["action"]
                place = (*path, key)
                if action == "add":
                    added.append(place)
                elif not isinstance(change["oldValue"], MAP_TYPES):
                    replaced[place] = change["oldValue"]
                    if action == "delete":
                        deleted_cells[path].add(key)
        if 0 < self._events <= _MAX_EVENTS:
            update = event.update
            if len(update) <= _MAX_UPDATE:
                deleted = Ranges(event.delete_set)  # type: ignore[attr-defined]
                heard = Heard(update, deleted, self.raw, replaced, added)
        self.forget()
        return heard, deleted_cells


def _holds_cells(path: Path) -> bool:
    if path[:1] == ("t",):
        return len(path) == _ROW_DEPTH
    return len(path) == _VALUES_DEPTH and path[0] == "v"
