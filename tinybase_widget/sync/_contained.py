"""What a document contains of those whose place it took, and where."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._yjs_reading import GC
from tinybase_widget.sync._generations import (
    Former,
    Generation,
    Lineage,
    clocks_of,
    highest,
    is_derived,
)
from tinybase_widget.sync._structs import Place, Structs

if TYPE_CHECKING:
    from pycrdt import Doc

    from tinybase_widget.persisters._yjs_wire import ItemId


class Contained:
    """What the new document contains, and where.

    Args:
        target: The document.
        map_name: The name of its root map.
    """

    def __init__(self, target: Doc[Any], map_name: str) -> None:
        lineage = Lineage(target, map_name)
        self._target = target
        self._structs: Structs | None = None
        self.formers = lineage.formers()
        self.here = clocks_of(target)
        self._clients = sorted(self.here)
        self._before = highest(lineage.derived, *(each.clocks for each in self.formers.values()))

    def read(self, *, many: bool) -> Structs:
        """Look at the document, anew where containers have been made meanwhile.

        Args:
            many: Whether there are many questions.
        """
        self.here = clocks_of(self._target)
        self._clients = sorted(self.here)
        self._structs = Structs(self._target)
        return self._structs.read_all() if many else self._structs

    @property
    def structs(self) -> Structs:
        """The document's structs."""
        return self._structs or self.read(many=False)

    def contains(self, item: ItemId) -> bool:
        """Return whether a derived struct is, or was, contained."""
        return item.clock < self.extent(item.client)[1]

    def extent(self, client: int) -> tuple[int, int]:
        """Return how many structs of a derived client id are here, and are or were contained."""
        here = self.here.get(client, 0)
        return here, max(here, self._before.get(client, 0))

    def clients_between(self, start: int, end: int) -> list[int]:
        """Return the client ids that are here, from one to before another."""
        return self._clients[bisect_left(self._clients, start) : bisect_left(self._clients, end)]

    def standing(self, item: ItemId, place: Place, generation: Generation) -> ItemId | None:
        """Return what stands for a struct of a generation; derived ones are of every one."""
        if is_derived(item.client):
            struct = self.structs.at(item)
            if struct is not None and struct.kind != GC:
                return item
            found = (self._standing(item, place, each) for each in self.formers)
            return next((each for each in found if each is not None), None)
        return self._standing(item, place, generation)

    def _standing(self, item: ItemId, place: Place, generation: Generation) -> ItemId | None:
        former = self.formers.get(generation)
        is_there = former is not None and item.clock < former.clocks.get(item.client, 0)
        if former is None or not is_there or item in former.deleted:
            return None
        return self.shown_since(former, place)

    def first_at(self, place: Place) -> ItemId | None:
        """Return the struct of a place with which the document began."""
        former = next(reversed(self.formers.values()), None)
        return None if former is None else self.shown_since(former, place)

    def shown_since(self, former: Former, place: Place) -> ItemId | None:
        """Return the struct of a place that stands for what a former generation showed there."""
        items = self.structs.first_at(place)
        return next((item for item in items if item in former.standing), None)
