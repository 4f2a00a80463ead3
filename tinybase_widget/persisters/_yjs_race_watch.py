"""Finds the updates that may make rows lose a race, before they are applied.

What a race makes lose is gone when its transaction is over, so the document's bytes are taken
before it. That is only done for an update that has a container for a row that there is already, or,
in a document where rows have lost, structs or deletions below what has lost.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._yjs_races import Carried, Part, carry
from tinybase_widget.persisters._yjs_reading import (
    DELETED,
    GC,
    TYPE,
    Struct,
    read_deletions,
    read_update,
)
from tinybase_widget.persisters._yjs_wire import ItemId, read_state_vector, varuint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pycrdt import Doc

    from tinybase_widget.persisters._yjs_containers import Containers
    from tinybase_widget.persisters._yjs_layout import LayoutReader

_NEW_MAP, _DEAD_ITEM = b"\x27\x00", b"\x21\x00"

_Range = tuple[int, int, int]  # a client, a clock, a length


class Race(NamedTuple):
    """A document as it was before an update that may make rows lose, and the update."""

    document: bytes
    update: Part


class RaceWatch:
    """Watches the updates of one document.

    Args:
        doc: The document.
        layout: Reads it.
        containers: Its derived containers.
    """

    def __init__(self, doc: Doc[Any], layout: LayoutReader, containers: Containers) -> None:
        self._doc = doc
        self._layout = layout
        self._containers = containers
        self._gone: dict[int, list[tuple[int, int]]] | None = None
        self._lost: set[ItemId] = set()
        self._settled: set[_Range] = set()

    def race(self, update: bytes) -> Part | None:
        """Return what an update says if it may make rows lose a race."""
        may_have_row = _NEW_MAP in update or _DEAD_ITEM in update
        if self._gone is not None and not self._gone and not may_have_row:
            return None
        if not self._layout.is_whole():
            return None
        gone = self._look_for_gone() if self._gone is None else self._gone
        if not gone and not may_have_row:
            return None
        part = Part.of(update)
        if self._makes_twice(part.structs) or (gone and self._reaches_gone(part)):
            return part
        return None

    def carry(self, race: Race) -> Carried:
        """Return what an update that has been applied makes it necessary to carry."""
        carried = carry(
            Part.of(race.document),
            race.update,
            self._tables(),
            self._containers.batch_client,
            read_state_vector(self._doc.get_state()),
        )
        if carried.rows:
            self._lost |= carried.lost
            self._remember(carried.gone)
            self._settled.update(read_deletions(race.update.delete_set))
        return carried

    def _remember(self, gone: Iterable[_Range]) -> Mapping[int, list[tuple[int, int]]]:
        known: dict[int, list[tuple[int, int]]] = {}
        for client, clock, length in sorted(gone):
            ranges = known.setdefault(client, [])
            if ranges and ranges[-1][1] >= clock:
                ranges[-1] = ranges[-1][0], max(ranges[-1][1], clock + length)
            else:
                ranges.append((clock, clock + length))
        self._gone = known
        return known

    def _tables(self) -> dict[ItemId, str]:
        return {self._containers.table_item(each): each for each in self._layout.table_ids()}

    def _makes_twice(self, structs: list[Struct]) -> bool:
        made = [
            struct
            for struct in structs
            if struct.kind in (TYPE, DELETED) and struct.key is not None
        ]
        if not made:
            return False
        clocks = read_state_vector(self._doc.get_state())
        tables = self._tables()
        for struct in made:
            item = self._containers.table_item(struct.key or "")
            if item == struct.item:
                tables.setdefault(item, struct.key or "")
        rows = [
            (tables[struct.parent], struct.key or "")
            for struct in made
            if isinstance(struct.parent, ItemId)
            and struct.parent in tables
            and struct.item.clock >= clocks.get(struct.item.client, 0)
        ]
        return len(set(rows)) < len(rows) or self._layout.has_any_row(rows)

    def _reaches_gone(self, update: Part) -> bool:
        return any(
            struct.kind == GC
            or struct.parent in self._lost
            or (struct.origin is not None and self._is_gone(*struct.origin, 1))
            for struct in update.structs
        ) or any(
            each not in self._settled and self._is_gone(*each)
            for each in read_deletions(update.delete_set)
        )

    def _is_gone(self, client: int, clock: int, length: int) -> bool:
        ranges = (self._gone or {}).get(client, [])
        at = bisect_right(ranges, (clock + length - 1, 1 << 60))
        return at > 0 and clock < ranges[at - 1][1]

    def _look_for_gone(self) -> Mapping[int, list[tuple[int, int]]]:
        """Find what was lost here before."""
        document = self._doc.get_update()
        tables = self._tables()
        self._remember(())
        heads = [_DEAD_ITEM + varuint(client) + varuint(clock) for client, clock in tables]
        if not any(head in document for head in heads):
            return {}
        structs = read_update(document)[0]
        self._lost = {
            each.item for each in structs if each.kind == DELETED and each.parent in tables
        }
        return self._remember((*each.item, each.length) for each in structs if each.kind == GC)
