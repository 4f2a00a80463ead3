"""The structs of a document, and where they stand.

pycrdt tells nothing of them, but gives them as an update, from any clock of a client id on. For a
few questions only those parts are read that hold the answers: a single edit must not cost the time
that it takes to read 100,000 rows. For many questions everything is read at once (`read_all`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._yjs_reading import (
    ANY,
    DELETED,
    TYPE,
    Struct,
    iterate_structs,
    read_cell_content,
    read_structs,
)
from tinybase_widget.persisters._yjs_wire import ItemId
from tinybase_widget.store import MISSING
from tinybase_widget.sync._generations import Ids, clocks_of, deleted_of, write_clocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pycrdt import Doc

Place = tuple[str, ...]  # the name of the root, then the keys: t, table, row, cell; or v, value
_CELL_DEPTH = 5
_VALUE_DEPTH = 3
_READ_AHEAD = 64


class Structs:
    """The structs of a document, as it is now.

    Args:
        doc: The document, outside of a transaction.
    """

    def __init__(self, doc: Doc[Any]) -> None:
        self._doc = doc
        self._runs: dict[int, Run] = {}
        self._places: dict[ItemId, Place | None] = {}
        self._is_complete = False

    @cached_property
    def clocks(self) -> dict[int, int]:
        """The state vector."""
        return clocks_of(self._doc)

    @cached_property
    def deleted(self) -> Ids:
        """The ids of deleted structs."""
        return deleted_of(self._doc)

    # Structs by their ids

    def read_all(self) -> Structs:
        """Read everything, because there are many questions."""
        if not self._is_complete:
            self._runs = _runs(self._doc.get_update())
            self._is_complete = True
        return self

    def beyond(self, clocks: Mapping[int, int]) -> dict[int, Run]:
        """Return the structs that a state vector does not have, by client id."""
        return _runs(self._doc.get_update(write_clocks(clocks)))

    def at(self, item: ItemId) -> Struct | None:
        """Return the struct that an id is in; a run of several has more than one id."""
        run = self._run_with(item)
        return None if run is None else run.at(item)

    def content_at(self, item: ItemId | None) -> Any:
        """Return what a struct holds, or `MISSING`; `None` if that can be no cell."""
        run = None if item is None else self._run_with(item)
        struct = None if run is None or item is None else run.at(item)
        if run is None or struct is None:
            return MISSING
        try:
            return read_cell_content(run.update, struct)
        except ValueError:
            return None

    def _run_with(self, item: ItemId) -> Run | None:
        run = self._runs.get(item.client)
        if run is not None and run.at(item) is not None:
            return run
        if self._is_complete or item.clock >= self.clocks.get(item.client, 0):
            return None
        back = _READ_AHEAD
        while True:
            start = max(0, item.clock - back)
            run = self._read_run(item, start)
            if start == 0 or not run.begins_in_the_middle(item):
                self._runs[item.client] = run
                return run
            back *= 8

    def _read_run(self, item: ItemId, start: int) -> Run:
        update = self._doc.get_update(write_clocks({**self.clocks, item.client: start}))
        structs: list[Struct] = []
        for struct in iterate_structs(update):
            if struct.item.client == item.client:
                structs.append(struct)
                if struct.item.clock > item.clock + _READ_AHEAD:
                    break
        return Run(update, structs)

    # Where they stand

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

    @cached_property
    def _by_place(self) -> dict[Place, list[ItemId]]:
        self.read_all()
        found: dict[Place, list[ItemId]] = {}
        for run in self._runs.values():
            for struct in run.structs:
                if struct.kind in (ANY, DELETED, TYPE):
                    place = self.place(struct.item)
                    if place is not None:
                        found.setdefault(place, []).append(last_id(struct))
        return found

    def items_at(self, place: Place) -> list[ItemId]:
        """Return the last id of each struct at a place; containers, cells and values."""
        return self._by_place.get(place, [])

    def visible_at(self, place: Place) -> ItemId | None:
        """Return the struct that a place shows."""
        return next((item for item in self.items_at(place) if item not in self.deleted), None)

    def visible_cells(self, map_name: str) -> Iterator[tuple[Place, ItemId]]:
        """Yield the cells and values below a root map, and the struct that each shows."""
        for place in self._by_place:
            if place[0] == map_name and is_cell(place):
                item = self.visible_at(place)
                if item is not None:
                    yield place, item

    def first_at(self, place: Place) -> list[ItemId]:
        """Return the structs of a place that were made where there was nothing."""
        if self._is_complete:
            firsts = (self.at(item) for item in self.items_at(place))
            return [each.item for each in firsts if each is not None and each.key is not None]
        if len(place) == 2:  # noqa: PLR2004 - a key of a root
            return self._made_below(place[0], place[1])
        parents = self.first_at(place[:-1])
        return [item for parent in parents for item in self._made_below(parent, place[-1])]

    def container_at(self, place: Place) -> ItemId | None:
        """Return the container of a place."""
        return next((item for item in self.first_at(place) if item not in self.deleted), None)

    def _made_below(self, parent: ItemId | str, key: str) -> list[ItemId]:
        """Return the structs without an origin at a key of a container, or of a root."""
        head = wire.parent_root(parent) if isinstance(parent, str) else wire.parent_id(parent)
        wanted = head + wire.text(key)
        if wanted not in self._update:
            return []
        return [
            struct.item
            for update in self._updates_by_client.values()
            if wanted in update
            for struct in iterate_structs(update)
            if struct.key == key and struct.parent == parent
        ]

    @cached_property
    def _update(self) -> bytes:
        return self._doc.get_update()

    @cached_property
    def _updates_by_client(self) -> dict[int, bytes]:
        clocks = self.clocks
        return {
            client: self._doc.get_update(write_clocks({**clocks, client: 0})) for client in clocks
        }


class Run:
    """Consecutive structs of one client.

    Args:
        update: The update that they were read from.
        structs: The structs, in order.
    """

    def __init__(self, update: bytes, structs: list[Struct]) -> None:
        self.update = update
        self.structs = structs
        self._starts = [struct.item.clock for struct in structs]

    def at(self, item: ItemId) -> Struct | None:
        """Return the struct that an id is in."""
        index = bisect_right(self._starts, item.clock) - 1
        struct = self.structs[index] if index >= 0 else None
        if struct is None or item.clock >= struct.item.clock + struct.length:
            return None
        return struct

    def begins_in_the_middle(self, item: ItemId) -> bool:
        """Return whether the struct of an id may begin before this run."""
        struct = self.at(item)
        client, clock = self.structs[0].item
        return struct is self.structs[0] and struct.origin == ItemId(client, clock - 1)


def _runs(update: bytes) -> dict[int, Run]:
    by_client: dict[int, list[Struct]] = defaultdict(list)
    for struct in read_structs(update):
        by_client[struct.item.client].append(struct)
    return {client: Run(update, structs) for client, structs in by_client.items()}


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
