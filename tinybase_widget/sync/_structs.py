"""All structs of a document, and where they stand: for the few questions that need them all."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._yjs_reading import (
    ANY,
    DELETED,
    TYPE,
    Struct,
    read_cell_content,
    read_structs,
)
from tinybase_widget.persisters._yjs_wire import ItemId
from tinybase_widget.store import MISSING
from tinybase_widget.sync._generations import deleted_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pycrdt import Doc

Place = tuple[str, ...]  # the name of the root, then the keys: t, table, row, cell; or v, value
_TABLES_DEPTH = 2
_ROW_DEPTH = 4
_CELL_DEPTH = 5
_VALUE_DEPTH = 3


class Structs:
    """The structs of a document, as it is now.

    Args:
        doc: The document.
    """

    def __init__(self, doc: Doc[Any]) -> None:
        self._update = doc.get_update()
        self.deleted = deleted_of(doc)
        self._by_client: dict[int, list[Struct]] = defaultdict(list)
        for struct in read_structs(self._update):
            self._by_client[struct.item.client].append(struct)
        self._starts = {
            client: [struct.item.clock for struct in structs]
            for client, structs in self._by_client.items()
        }
        self._places: dict[ItemId, Place | None] = {}
        self._first: dict[Place, list[ItemId]] = {}

    def at(self, item: ItemId) -> Struct | None:
        """Return the struct that an id is in; a run of several has more than one id."""
        starts = self._starts.get(item.client, ())
        index = bisect_right(starts, item.clock) - 1
        if index < 0:
            return None
        struct = self._by_client[item.client][index]
        return struct if item.clock < struct.item.clock + struct.length else None

    def beyond(self, clocks: Mapping[int, int]) -> dict[int, list[Struct]]:
        """Return the structs that a state vector does not have, by client id, in order."""
        found: dict[int, list[Struct]] = {}
        for client, structs in self._by_client.items():
            start = clocks.get(client, 0)
            index = max(0, bisect_right(self._starts[client], start) - 1)
            rest = [behind(struct, start) for struct in structs[index:]]
            rest = [struct for struct in rest if struct.length > 0]
            if rest:
                found[client] = rest
        return found

    def place(self, item: ItemId) -> Place | None:
        """Return the path of a struct; `None` if it is not known, or in a sequence."""
        chain: list[ItemId] = []
        found: Place | None = None
        while True:
            struct = self.at(item)
            if struct is None:
                break
            if struct.item in self._places:
                found = self._places[struct.item]
                break
            chain.append(struct.item)
            neighbour = struct.origin or struct.right
            if neighbour is None:
                found = self._below_parent(struct)
                break
            item = neighbour
        self._places.update(dict.fromkeys(chain, found))
        return found

    def _below_parent(self, struct: Struct) -> Place | None:
        if struct.key is None or struct.parent is None:
            return None
        if isinstance(struct.parent, str):
            return struct.parent, struct.key
        parent = self.place(struct.parent)
        return None if parent is None else (*parent, struct.key)

    def items_at(self, place: Place) -> list[ItemId]:
        """Return the structs of a place: the last id of each; containers, cells and values."""
        if not self._first:
            for structs in self._by_client.values():
                for struct in structs:
                    if struct.kind in (ANY, DELETED, TYPE):
                        where = self.place(struct.item)
                        if where is not None:
                            self._first.setdefault(where, []).append(last_id(struct))
        return self._first.get(place, [])

    def visible_at(self, place: Place) -> ItemId | None:
        """Return the struct that a place shows."""
        return next((item for item in self.items_at(place) if item not in self.deleted), None)

    def content_at(self, item: ItemId | None) -> Any:
        """Return what a struct holds, or `MISSING`; `None` if that can be no cell."""
        struct = None if item is None else self.at(item)
        if struct is None:
            return MISSING
        try:
            return read_cell_content(self._update, struct)
        except ValueError:
            return None

    def visible_cells(self, map_name: str) -> Iterator[tuple[Place, ItemId]]:
        """Yield the cells and values below a root map, and the struct that each shows."""
        for structs in self._by_client.values():
            for struct in structs:
                item = last_id(struct)
                if struct.kind == ANY and item not in self.deleted:
                    place = self.place(struct.item)
                    if place is not None and place[0] == map_name and is_cell(place):
                        yield place, item


def is_cell(place: Place) -> bool:
    """Return whether a place below a root map is a cell's or a value's."""
    if len(place) == _CELL_DEPTH:
        return place[1] == "t"
    return len(place) == _VALUE_DEPTH and place[1] == "v"


def last_id(struct: Struct) -> ItemId:
    """Return the last of a struct's ids."""
    client, clock = struct.item
    return ItemId(client, clock + struct.length - 1)


def behind(struct: Struct, start: int) -> Struct:
    """Return the part of a struct from a clock on."""
    client, clock = struct.item
    if start <= clock:
        return struct
    return struct._replace(
        item=ItemId(client, start),
        length=clock + struct.length - start,
        origin=ItemId(client, start - 1),
        parent=None,
        key=None,
    )
