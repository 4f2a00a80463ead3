"""Where the structs of a document stand: asked of the document, a client and a stretch at a time.

pycrdt does not show structs; an update does. For one struct it is asked of the document from a
little before that struct on, and read no further than is needed. Only a small document is read as a
whole (`Scan`).

A map's struct names its parent and its key, or its origin, which has the same; a stretch that
begins in the middle of a run of merged structs names the one before as its origin. So origins lead
to the path of a struct wherever reading began.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._yjs_reading import (
    ANY,
    DELETED,
    Struct,
    iterate_structs,
    read_deletions,
    read_update,
)
from tinybase_widget.persisters._yjs_wire import ItemId, read_state_vector, varuint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pycrdt import Doc

Path = tuple[str, ...]

_FIRST_STEP_BACK, _STEPS_GROW = 16, 4
_MAX_SCANNED = 65_536  # bytes of a document that is looked through for one edit
_CELL_DEPTH, _VALUE_DEPTH = 4, 2


class Ranges:
    """A set of struct ids, kept as ranges."""

    def __init__(self, delete_set: bytes = b"\x00") -> None:
        self._by_client: dict[int, list[tuple[int, int]]] = {}
        by_client: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for client, clock, length in read_deletions(delete_set):
            by_client[client].append((clock, clock + length))
        for client, ranges in by_client.items():
            apart = self._by_client[client] = list[tuple[int, int]]()
            for start, end in sorted(ranges):
                if apart and start <= apart[-1][1]:
                    apart[-1] = apart[-1][0], max(end, apart[-1][1])
                else:
                    apart.append((start, end))

    def __contains__(self, item: ItemId) -> bool:
        ranges = self._by_client.get(item.client, ())
        before = bisect_right(ranges, (item.clock + 1,))
        return before > 0 and item.clock < ranges[before - 1][1]

    def __iter__(self) -> Iterator[ItemId]:
        for client, ranges in self._by_client.items():
            for start, end in ranges:
                yield from (ItemId(client, clock) for clock in range(start, end))

    def __bool__(self) -> bool:
        return bool(self._by_client)


class Runs:
    """Structs, found by any of the ids that each has.

    Args:
        structs: The structs, those of each client in order; they are read as far as is asked for.
    """

    def __init__(self, structs: Iterable[Struct]) -> None:
        self._unread = iter(structs)
        self._by_client: dict[int, list[Struct]] = defaultdict(list)

    def at(self, item: ItemId) -> Struct | None:
        """Return the struct that has an id; of a run of merged ones, as a whole."""
        found = self._by_client[item.client]
        while not found or found[-1].item.clock + found[-1].length <= item.clock:
            struct = next(self._unread, None)
            if struct is None:
                return None
            self._by_client[struct.item.client].append(struct)
        before = bisect_right(found, item.clock, key=_clock)
        return found[before - 1] if before else None


def _clock(struct: Struct) -> int:
    return struct.item.clock


class Items:
    """Where structs stand.

    Args:
        doc: Their document, outside of any transaction; `None` where all of them are at hand.
        root: The name of its root map that matters.
        known: Structs that need not be asked for.
        scan: A function that reads the document as a whole, unless it is larger than this.
    """

    def __init__(
        self,
        doc: Doc[Any] | None,
        root: str,
        known: Runs,
        scan: Callable[[int], Scan | None] = lambda _: None,
    ) -> None:
        self._doc = doc
        self._root = root
        self._known = known
        self._paths: dict[ItemId, Path | None] = {}
        self._read: dict[int, tuple[int, int, Runs]] = {}  # from a clock on; the next step back
        self._clocks: dict[int, bytes] | None = None
        self._scan = scan

    def path(self, item: ItemId) -> Path | None:
        """Return the path of a struct below the root; `None` where it is elsewhere, or unknown."""
        chain: list[ItemId] = []
        found: Path | None = None
        while item not in self._paths:
            chain.append(item)
            struct = self._at(item)
            if struct is None:
                break
            if struct.origin is None:
                found = self._path_by_parent(struct)
                break
            item = struct.origin
        else:
            found = self._paths[item]
        self._paths.update(dict.fromkeys(chain, found))
        return found

    def path_of_new(self, struct: Struct) -> Path | None:
        """Return the path of a struct that is at hand."""
        if struct.origin is not None:
            return self.path(struct.origin)
        return self._path_by_parent(struct)

    def _path_by_parent(self, struct: Struct) -> Path | None:
        if struct.key is None:
            return None
        if not isinstance(struct.parent, ItemId):
            return (struct.key,) if struct.parent == self._root else None
        parent = self.path(struct.parent)
        return None if parent is None else (*parent, struct.key)

    def dead_tips(self, path: Path) -> list[ItemId]:
        """Return what was deleted at a path and nobody has followed; of a large document, none."""
        scan = self._scan(_MAX_SCANNED)
        return [] if scan is None else scan.dead_tips(path)

    def _at(self, item: ItemId) -> Struct | None:
        struct = self._known.at(item)
        if struct is not None or self._doc is None:
            return struct
        start, step, structs = self._read.get(item.client, (0, _FIRST_STEP_BACK, None))
        if structs is None or item.clock < start:
            start = max(0, item.clock - step)
            structs = Runs(self._read_from(self._doc, item.client, start))
            self._read[item.client] = start, step * _STEPS_GROW, structs
        return structs.at(item)

    def _read_from(self, doc: Doc[Any], client: int, clock: int) -> Iterator[Struct]:
        if self._clocks is None:
            self._clocks = {
                each: varuint(each) + varuint(end)
                for each, end in read_state_vector(doc.get_state()).items()
            }
        clocks = {**self._clocks, client: varuint(client) + varuint(clock)}
        state = varuint(len(clocks)) + b"".join(clocks.values())
        structs = iterate_structs(doc.get_update(state))
        return (struct for struct in structs if struct.item.client == client)


class Scan:
    """All structs of a document, read from its whole update: for documents that are not large."""

    def __init__(self, update: bytes, root: str) -> None:
        self._structs, delete_set = read_update(update)
        self._root = root
        self._runs = Runs(self._structs)
        self._origins = {struct.origin for struct in self._structs}
        self._deleted = Ranges(delete_set)

    @cached_property
    def _by_path(self) -> dict[Path, list[Struct]]:
        items = Items(None, self._root, self._runs)
        by_path: dict[Path, list[Struct]] = defaultdict(list)
        for struct in self._structs:
            if struct.kind in (ANY, DELETED):
                path = items.path(struct.item)
                if path is not None and is_cell(path):
                    by_path[path].append(struct)
        return by_path

    def is_followed(self, item: ItemId) -> bool:
        """Return whether somebody has put another struct in the place of one, knowing it."""
        struct = self._runs.at(item)
        is_inside = struct is not None and struct.kind in (ANY, DELETED) and item != last_of(struct)
        return is_inside or item in self._origins

    def losers(self) -> Iterator[tuple[Path, ItemId]]:
        """Yield the structs from which none descends and that are not what is visible."""
        for path, structs in self._by_path.items():
            free = [tip for tip in map(last_of, structs) if tip not in self._origins]
            if len(free) > 1:
                yield from ((path, tip) for tip in self.dead_tips(path))

    def dead_tips(self, path: Path) -> list[ItemId]:
        """Return what was deleted at a path and nobody has followed."""
        tips = map(last_of, self._by_path.get(path, ()))
        return [tip for tip in tips if tip not in self._origins and tip in self._deleted]

    def client_at(self, path: Path) -> int | None:
        """Return the client id of what is visible at a path."""
        for struct in self._by_path.get(path, ()):
            if struct.kind == ANY and struct.item not in self._deleted:
                return struct.item.client
        return None


def last_of(struct: Struct) -> ItemId:
    """Return the last id of a run of structs, which no other of the run follows."""
    return ItemId(struct.item.client, struct.item.clock + struct.length - 1)


def is_cell(path: Path) -> bool:
    """Return whether a path is a cell's or a value's."""
    return (path[0] == "t" and len(path) == _CELL_DEPTH) or (
        path[0] == "v" and len(path) == _VALUE_DEPTH
    )
