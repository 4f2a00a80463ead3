"""How deep the containers of a document are.

To keep count takes little to remember: a Store's document has tables (level 2) and rows (3), and
rows need not be remembered if everything else is.

In an update that is a whole document, rows come before the table that they are in. So what refers
to something that is still to come is set aside, the containers one by one and all else as ranges,
and settled in the end. If nothing but rows turns up, that was all. If there is anything deeper, or
a container is where something was that has been set aside, each struct is followed to its root.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget.persisters._yjs_reading import GC, TYPE, iterate_structs
from tinybase_widget.persisters._yjs_wire import ItemId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tinybase_widget.persisters._yjs_reading import Struct

_MOST_LEVELS = 32
_ROW, _CELL = 3, 4
_MOST_FOLLOWED = 2_000_000  # structs of one update

Level = tuple[ItemId, int, int]


class RefusedUpdateError(ValueError):
    """An update that no document is to take; the text says why."""


class Levels:
    """How deep the containers of a document are, and what was put where one was.

    A container that is not remembered is of level 3, any other thing of level 4 at most.
    """

    def __init__(self) -> None:
        self._ranges: dict[int, list[tuple[int, int, int]]] = {}

    def get(self, item: ItemId) -> int | None:
        """Return the level of something, if it is remembered."""
        ranges = self._ranges.get(item.client)
        if not ranges:
            return None
        at = bisect_right(ranges, (item.clock, 1 << 62, 0)) - 1
        if at < 0:
            return None
        start, end, level = ranges[at]
        return level if start <= item.clock < end else None

    def add(self, item: ItemId, length: int, level: int) -> None:
        """Remember a level."""
        if self.get(item) is None:
            insort(
                self._ranges.setdefault(item.client, []), (item.clock, item.clock + length, level)
            )

    def below(self, place: Place) -> int:
        """Return the level of what is at a place, at most."""
        level = self.get(place.reference)
        if place.is_neighbour:
            return _CELL if level is None else level
        return (_ROW if level is None else level) + 1


class Place(NamedTuple):
    """Where a struct is: in a container, or where its neighbour is."""

    reference: ItemId
    is_neighbour: bool


def place_of(struct: Struct) -> Place | None:
    """Return where a struct is; `None` for at a root."""
    neighbour = struct.origin or struct.right
    if neighbour is not None:
        return Place(neighbour, is_neighbour=True)
    if struct.parent.__class__ is ItemId:
        return Place(struct.parent, is_neighbour=False)
    return None


class Leveling:
    """Finds the levels in an update.

    Args:
        known: Those of the document.
        end_of: Returns how much of a client has been seen, in the document or the update.
    """

    def __init__(self, known: Levels, end_of: Callable[[int], int]) -> None:
        self.found: list[Level] = []
        self._known = known
        self._end_of = end_of
        self._news = Levels()
        self._aside: dict[ItemId, Place] = {}  # containers
        self._ranges: dict[int, list[list[int]]] = {}  # clients to where all else is
        self._is_quick = True

    def take(self, struct: Struct) -> None:
        """Take a struct, before it counts as seen."""
        place = place_of(struct)
        is_container = struct.kind == TYPE
        if place is None:
            self._find(struct.item, struct.length, 1, is_container=is_container)
        elif not self._is_settled(place.reference):
            if is_container:
                self._aside[struct.item] = place
            else:
                self._set_aside(struct.item, struct.length)
        else:
            level = self._level_at(place)
            self._find(struct.item, struct.length, level, is_container=is_container)

    def _level_at(self, place: Place) -> int:
        of_update = self._news.get(place.reference)
        if of_update is None:
            return self._known.below(place)
        return of_update if place.is_neighbour else of_update + 1

    def _find(self, item: ItemId, length: int, level: int, *, is_container: bool) -> None:
        _check(level)
        if level > _CELL or (is_container and level != _ROW):
            self._news.add(item, length, level)
            self.found.append((item, length, level))

    def _is_settled(self, item: ItemId) -> bool:
        return (
            item.clock < self._end_of(item.client)
            and item not in self._aside
            and not self._is_aside(item)
        )

    def _set_aside(self, item: ItemId, length: int) -> None:
        ranges = self._ranges.setdefault(item.client, [])
        if ranges and ranges[-1][1] == item.clock:
            ranges[-1][1] += length
        else:
            ranges.append([item.clock, item.clock + length])

    def _is_aside(self, item: ItemId) -> bool:
        ranges = self._ranges.get(item.client)
        if not ranges:
            return False
        at = bisect_right(ranges, [item.clock, 1 << 62]) - 1
        return at >= 0 and item.clock < ranges[at][1]

    def settle(self, update: bytes, count: int) -> list[Level]:
        """Return the levels to remember, when all of an update has been taken.

        Args:
            update: The update.
            count: How many structs it has.

        Raises:
            RefusedUpdateError: It is nested too deep.
        """
        if not self._aside or self._settle_quickly():
            return self.found
        if count > _MOST_FOLLOWED:
            raise RefusedUpdateError("it is too large for how deep it is")
        return list(_follow_all(update, self._known))

    def _settle_quickly(self) -> bool:
        """Settle what has been set aside; return whether there is nothing deeper than rows."""
        levels: dict[ItemId, int] = {}
        for item in self._aside:
            path: list[ItemId] = []
            on_path: set[ItemId] = set()
            at = item
            while at in self._aside and at not in levels:
                if at in on_path:
                    raise RefusedUpdateError("a container is within itself")
                path.append(at)
                on_path.add(at)
                at = self._aside[at].reference
            if at not in levels and self._is_aside(at):
                return False
            for each in reversed(path):
                place = self._aside[each]
                level = levels.get(place.reference)
                if level is None:
                    level = self._level_at(place)
                elif not place.is_neighbour:
                    level += 1
                if level > _ROW:
                    return False
                levels[each] = level
        self.found += [(item, 1, level) for item, level in levels.items() if level != _ROW]
        return True


def _check(level: int) -> None:
    if level > _MOST_LEVELS:
        raise RefusedUpdateError("its containers are nested too deep")


def _follow_all(update: bytes, known: Levels) -> Iterator[Level]:
    """Yield the levels to remember of an update, each struct followed to where it is."""
    structs = _Structs(update)
    levels: list[int] = [0] * len(structs.all)  # 0 for not known yet, -1 for on the way
    for begin in range(len(levels)):
        path: list[int] = []
        at: int | None = begin
        while at is not None and levels[at] == 0:
            levels[at] = -1
            path.append(at)
            at = structs.index_of(structs.all[at].place)
        if at is not None and levels[at] < 0:
            raise RefusedUpdateError("a container is within itself")
        for index in reversed(path):
            place = structs.all[index].place
            if place is None:
                levels[index] = 1
            elif at is None:
                levels[index] = known.below(place)
            else:
                levels[index] = levels[at] if place.is_neighbour else levels[at] + 1
            _check(levels[index])
            at = index
    for (item, length, is_container, _), level in zip(structs.all, levels, strict=True):
        if level > _CELL or (is_container and level != _ROW):
            yield item, length, level


class _Placed(NamedTuple):
    item: ItemId
    length: int
    is_container: bool
    place: Place | None


class _Structs:
    """The structs of an update, found by what is at their places."""

    def __init__(self, update: bytes) -> None:
        self.all: list[_Placed] = []
        self._clocks: dict[int, list[int]] = {}
        self._indexes: dict[int, list[int]] = {}
        for struct in iterate_structs(update):
            if struct.kind != GC:
                client, clock = struct.item
                self._clocks.setdefault(client, []).append(clock)
                self._indexes.setdefault(client, []).append(len(self.all))
                is_container = struct.kind == TYPE
                placed = _Placed(struct.item, struct.length, is_container, place_of(struct))
                self.all.append(placed)

    def index_of(self, place: Place | None) -> int | None:
        """Return which struct of the update a place refers to, if it is one."""
        if place is None:
            return None
        client, clock = place.reference
        at = bisect_right(self._clocks.get(client, []), clock) - 1
        if at < 0:
            return None
        index = self._indexes[client][at]
        item, length, *_ = self.all[index]
        return index if clock < item.clock + length else None
