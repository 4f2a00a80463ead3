"""Who knew of what: what the structs of a remote transaction tell about the edits they replaced.

In a Y.Map every edit of a key is a struct whose *origin* is what its author saw there. So the edits
of one key form a tree; one that descends from another was made knowing it, and two that don't were
made apart. Yjs shows the one that its rules put last and deletes the others.

pycrdt's events tell the old and the new value of a key, but not the structs. These come from the
transaction's update (`Heard`), and for what the document had before, from an update that is asked
of the document and begins at the struct in question (`Items`). The latter only when something
suspicious has happened: an edit whose origin was not what this replica saw, or one without an
origin at a key that had something. An ordinary edit costs a look at its own bytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._yjs_reading import (
    ANY,
    DELETED,
    TYPE,
    Struct,
    iterate_structs,
    read_cell_content,
    read_deletions,
    read_structs,
    read_update,
)
from tinybase_widget.persisters._yjs_wire import ItemId, read_state_vector, varuint

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from pycrdt import Doc

Path = tuple[str, ...]

_READ_AHEAD = 64
_MAX_SCANNED = 65_536  # bytes of a document that is looked through for one edit
_MAX_STEPS_BACK = 1 << 24


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Side(NamedTuple):
    """One of two edits that met: its struct, if known, and its value, or `UNKNOWN`."""

    item: ItemId | None
    value: Any


class Meeting(NamedTuple):
    """Two edits of one cell or value whose authors did not know of each other."""

    path: Path
    winner: Side
    loser: Side


class Ranges:
    """A set of struct ids, kept as ranges."""

    def __init__(self, delete_set: bytes = b"\x00") -> None:
        self._by_client: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for client, clock, length in read_deletions(delete_set):
            self._by_client[client].append((clock, clock + length))

    def __contains__(self, item: ItemId) -> bool:
        return any(start <= item.clock < end for start, end in self._by_client.get(item.client, ()))

    def __iter__(self) -> Iterator[ItemId]:
        for client, ranges in self._by_client.items():
            for start, end in ranges:
                yield from (ItemId(client, clock) for clock in range(start, end))

    def __bool__(self) -> bool:
        return bool(self._by_client)

    def issubset(self, other: Ranges) -> bool:
        """Return whether another has all of these."""
        return all(item in other for item in self)


class Heard:
    """A transaction that brought in what others did.

    Args:
        update: What was new in it.
        deleted: The structs that it deleted.
        raw: The bytes that were applied, where they are known: in `update` the values of what lost
            at once are gone already.
        replaced: The old values of the cells and values that it changed or deleted.
        added: The cells and values that appeared where nothing was.
    """

    def __init__(
        self,
        update: bytes,
        deleted: Ranges,
        raw: bytes | None,
        replaced: Mapping[Path, Any],
        added: Sequence[Path],
    ) -> None:
        self.deleted = deleted
        self.replaced = replaced
        self._update = update
        self._raw = raw
        self.added = added
        self.structs = {struct.item: struct for struct in read_structs(update)}
        self._starts: dict[int, int] = {}
        for client, clock in self.structs:
            self._starts[client] = min(clock, self._starts.get(client, clock))

    def is_new(self, item: ItemId) -> bool:
        """Return whether a struct came with this transaction."""
        return item.clock >= self._starts.get(item.client, item.clock + 1)

    def is_alive(self, struct: Struct) -> bool:
        """Return whether what a new struct holds is there after the transaction."""
        return struct.kind != DELETED and struct.item not in self.deleted

    @cached_property
    def cells(self) -> list[Struct]:
        """The new structs that hold, or held, cells or values."""
        return [struct for struct in self.structs.values() if struct.kind in (ANY, DELETED)]

    def root(self, struct: Struct) -> Struct:
        """Return the new struct from which one descends and whose own origin is older."""
        while struct.origin is not None and self.is_new(struct.origin):
            before = self.structs.get(struct.origin)
            if before is None:  # in the middle of a run of deleted structs
                before = self._run_of(struct.origin)
            if before is None:
                break
            struct = before
        return struct

    def _run_of(self, item: ItemId) -> Struct | None:
        for struct in self.structs.values():
            client, clock = struct.item
            if client == item.client and clock <= item.clock < clock + struct.length:
                return struct
        return None

    def suspicious(self) -> bool:
        """Return whether a cell's edit may have met one that its author did not know."""
        first: Counter[str] = Counter()
        children: Counter[ItemId] = Counter()
        for struct in self.cells:
            origin = struct.origin
            if origin is not None:
                children[origin] += 1
                if not self.is_new(origin) and origin not in self.deleted:
                    return True
            elif isinstance(struct.parent, ItemId) and not self.is_new(struct.parent):
                first[struct.key or ""] += 1
        added = Counter(path[-1] for path in self.added)
        return bool(first - added) or any(count > 1 for count in children.values())

    def may_have_met(self, struct: Struct) -> bool:
        """Return whether there may have been something that a new struct's author did not see."""
        root = self.root(struct)
        origin, parent = root.origin, root.parent
        if origin is not None:
            return origin not in self.deleted
        return isinstance(parent, ItemId) and not self.is_new(parent)

    @cached_property
    def deleted_elsewhere(self) -> Ranges:
        """The structs that were deleted where the bytes came from.

        Either somebody did so on purpose, or they lost there: then it is told of there.
        """
        return Ranges(b"\x00" if self._raw is None else read_update(self._raw)[1])

    def value(self, struct: Struct) -> Any:
        """Return the value that a new struct brought, of a run the last one, or `UNKNOWN`."""
        if struct.kind == ANY:
            return read_cell_content(self._update, struct)
        came = self._in_raw.get(last_of(struct))
        if came is None or came.item in self.deleted_elsewhere:
            return UNKNOWN
        return read_cell_content(self._raw or b"", came)

    @cached_property
    def _in_raw(self) -> dict[ItemId, Struct]:
        structs = [] if self._raw is None else read_structs(self._raw)
        return {last_of(struct): struct for struct in structs if struct.kind == ANY}


class Items:
    """Where the structs of a document stand.

    Args:
        doc: The document, outside of any transaction; `None` where all structs are known.
        root: The name of its root map that matters.
        known: Structs that need not be asked for.
    """

    def __init__(self, doc: Doc[Any] | None, root: str, known: Mapping[ItemId, Struct]) -> None:
        self._doc = doc
        self._root = root
        self._structs = dict(known)
        self._paths: dict[ItemId, Path | None] = {}
        self._clocks: dict[int, int] | None = None
        self._scan: Scan | None = None

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
        if self._scan is None and self._doc is not None:
            update = self._doc.get_update()
            self._scan = Scan(update if len(update) <= _MAX_SCANNED else b"\x00\x00", self._root)
        return [] if self._scan is None else self._scan.dead_tips(path)

    def _at(self, item: ItemId) -> Struct | None:
        """Return the struct that has an id; of a run of merged ones, as a whole."""
        struct = self._structs.get(item)
        back = 0
        while struct is None and back <= _MAX_STEPS_BACK:
            start = max(0, item.clock - back)
            for read in self._read_from(ItemId(item.client, start)):
                self._structs.setdefault(read.item, read)
                if read.item.clock <= item.clock < read.item.clock + read.length:
                    is_cut = start > 0 and read.item.clock == start
                    if not is_cut or read.origin != ItemId(item.client, start - 1):
                        struct = read
                    else:
                        del self._structs[read.item]
                if read.item.clock > item.clock + _READ_AHEAD:
                    break
            else:
                if struct is None and start == 0:
                    return None
            back = back * 4 or 16
        if struct is not None:
            self._structs[item] = struct
        return struct

    def _read_from(self, item: ItemId) -> Iterator[Struct]:
        if self._doc is None:
            return iter(())
        if self._clocks is None:
            self._clocks = read_state_vector(self._doc.get_state())
        clocks = {**self._clocks, item.client: item.clock}
        parts = [varuint(len(clocks))]
        for client, clock in clocks.items():
            parts += (varuint(client), varuint(clock))
        structs = iterate_structs(self._doc.get_update(b"".join(parts)))
        return (struct for struct in structs if struct.item.client == item.client)


class Scan:
    """All structs of a document, read from its whole update: for documents that are not large."""

    def __init__(self, update: bytes, root: str) -> None:
        structs, delete_set = read_update(update)
        self.followed = {struct.origin for struct in structs if struct.origin is not None}
        self._deleted = Ranges(delete_set)
        known = {struct.item: struct for struct in structs}
        cells = [struct for struct in structs if struct.kind in (ANY, DELETED)]
        for struct in cells:
            client, clock = struct.item
            known.update((ItemId(client, clock + at), struct) for at in range(1, struct.length))
            self.followed.update(ItemId(client, clock + at) for at in range(struct.length - 1))
        items = Items(None, root, known)
        self._by_path: dict[Path, list[Struct]] = defaultdict(list)
        for struct in cells:
            path = items.path(struct.item)
            if path is not None and is_cell(path):
                self._by_path[path].append(struct)

    def losers(self) -> Iterator[tuple[Path, ItemId]]:
        """Yield the structs from which none descends and that are not what is visible."""
        for path, structs in self._by_path.items():
            free = [tip for tip in map(last_of, structs) if tip not in self.followed]
            if len(free) > 1:
                yield from ((path, tip) for tip in self.dead_tips(path))

    def dead_tips(self, path: Path) -> list[ItemId]:
        """Return what was deleted at a path and nobody has followed."""
        tips = map(last_of, self._by_path.get(path, ()))
        return [tip for tip in tips if tip not in self.followed and tip in self._deleted]

    def client_at(self, path: Path) -> int | None:
        """Return the client id of what is visible at a path."""
        for struct in self._by_path.get(path, ()):
            if struct.kind == ANY and struct.item not in self._deleted:
                return struct.item.client
        return None


def last_of(struct: Struct) -> ItemId:
    """Return the last id of a run of structs, which no other of the run follows."""
    return ItemId(struct.item.client, struct.item.clock + struct.length - 1)


def meetings(
    heard: Heard, items: Items, visible: Callable[[Path], Any], seen: dict[Path, Side]
) -> Iterator[Meeting]:
    """Yield the edits that met in a transaction without having known of each other.

    Args:
        heard: The transaction.
        items: The document's structs.
        visible: A function that gives the value at a path now, or `UNKNOWN` where there is none.
        seen: Takes what the transaction made visible, by path.
    """
    by_path: dict[Path, list[Struct]] = defaultdict(list)
    for struct in heard.cells:
        path = items.path_of_new(heard.root(struct))
        if path is not None and is_cell(path):
            by_path[path].append(struct)
    followed = {struct.origin for struct in heard.cells}
    for path, structs in by_path.items():
        alive = next((struct for struct in structs if heard.is_alive(struct)), None)
        if alive is not None:
            winner = seen[path] = Side(alive.item, heard.value(alive))
        else:
            winner = Side(None, visible(path))
        tips = [struct for struct in structs if last_of(struct) not in followed]
        for loser in (
            *_new_losers(heard, tips, alive),
            *_old_losers(heard, items, path, tips, followed),
        ):
            yield Meeting(path, winner, loser)


def _new_losers(heard: Heard, tips: list[Struct], alive: Struct | None) -> Iterator[Side]:
    for struct in tips:
        if struct is not alive and (len(tips) > 1 or heard.may_have_met(struct)):
            yield Side(last_of(struct), heard.value(struct))


def _old_losers(
    heard: Heard,
    items: Items,
    path: Path,
    tips: list[Struct],
    followed: Container[ItemId | None],
) -> Iterator[Side]:
    if path in heard.replaced:
        replaced = _replaced(heard, items, path)
        if replaced is not None and replaced not in followed:
            is_told = replaced in heard.deleted_elsewhere
            yield Side(replaced, UNKNOWN if is_told else heard.replaced[path])
    elif any(map(heard.may_have_met, tips)):
        for dead in items.dead_tips(path):  # deleted before: nobody need see it
            if not heard.is_new(dead):
                yield Side(dead, UNKNOWN)


def is_cell(path: Path) -> bool:
    """Return whether a path is a cell's or a value's."""
    return (path[0] == "t" and len(path) == 4) or (path[0] == "v" and len(path) == 2)  # noqa: PLR2004


def _replaced(heard: Heard, items: Items, path: Path) -> ItemId | None:
    """Return the struct that had been seen at a path, and was deleted by the transaction."""
    followed = [
        root.origin
        for root in map(heard.root, heard.cells)
        if root.origin is not None and root.origin in heard.deleted
    ]
    candidates = (item for item in heard.deleted if not heard.is_new(item))
    for item in (*followed, *islice(candidates, 10_000)):
        if items.path(item) == path:
            return item
    return None


def raced_containers(heard: Heard, items: Items, keys: set[str]) -> set[Path]:
    """Return where a new container has taken the place of one that its author did not know.

    Args:
        heard: The transaction.
        items: The document's structs.
        keys: The last keys of the places in question.
    """
    raced: set[Path] = set()
    for struct in heard.structs.values():
        root = heard.root(struct) if struct.kind == TYPE else None
        if root is None or (root.origin is None and root.key not in keys):
            continue
        if root.origin is None or root.origin not in heard.deleted:
            path = items.path_of_new(root)
            if path is not None:
                raced.add(path)
    return raced
