"""Who knew of what: what the structs of a remote transaction tell about the edits they replaced.

In a Y.Map every edit of a key is a struct whose *origin* is what its author saw there. So the edits
of one key form a tree; one that descends from another was made knowing it, and two that don't were
made apart. Yjs shows the one that its rules put last and deletes the others.

pycrdt's events tell the old and the new value of a key, but not the structs. These come from the
transaction's update (`Heard`), and for what the document had before, from the document
(`_yjs_items`). The latter only when something suspicious has happened: an edit whose origin was
not what this replica saw, or one without an origin at a key that had something. An ordinary edit
costs a look at its own bytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._yjs_items import Items, Path, Ranges, Runs, is_cell, last_of
from tinybase_widget.persisters._yjs_reading import (
    ANY,
    DELETED,
    TYPE,
    Struct,
    read_cell_content,
    read_structs,
    read_update,
)
from tinybase_widget.persisters._yjs_wire import ItemId

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

_MAX_DELETED = 10_000  # structs of one transaction whose places are looked up


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
        self.structs = read_structs(update)
        self.runs = Runs(self.structs)
        self._roots: dict[ItemId, Struct] = {}
        self._starts: dict[int, int] = {}
        for (client, clock), *_ in self.structs:
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
        return [struct for struct in self.structs if struct.kind in (ANY, DELETED)]

    def root(self, struct: Struct) -> Struct:
        """Return the new struct from which one descends and whose own origin is older."""
        after: list[ItemId] = []
        while struct.item not in self._roots:
            after.append(struct.item)
            origin = struct.origin
            before = self.runs.at(origin) if origin is not None and self.is_new(origin) else None
            if before is None:
                break
            struct = before
        else:
            struct = self._roots[struct.item]
        self._roots.update(dict.fromkeys(after, struct))
        return struct

    def suspicious(self) -> bool:
        """Return whether a cell's edit may have met one that its author did not know."""
        first: Counter[str] = Counter()
        children: Counter[ItemId] = Counter()
        in_new: set[tuple[ItemId, str | None]] = set()
        for struct in self.cells:
            origin = struct.origin
            if origin is not None:
                children[origin] += 1
                if not self.is_new(origin) and origin not in self.deleted:
                    return True
            elif isinstance(struct.parent, ItemId):
                place = (struct.parent, struct.key)
                if not self.is_new(struct.parent):
                    first[struct.key or ""] += 1
                elif place in in_new:
                    return True
                else:
                    in_new.add(place)
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
    replaced = _replaced(heard, items) if heard.replaced else {}
    for path, structs in by_path.items():
        alive = next((struct for struct in structs if heard.is_alive(struct)), None)
        if alive is not None:
            winner = seen[path] = Side(alive.item, heard.value(alive))
        else:
            winner = Side(None, visible(path))
        tips = [struct for struct in structs if last_of(struct) not in followed]
        for loser in (
            *_new_losers(heard, tips, alive),
            *_old_losers(heard, items, path, tips, followed, replaced.get(path)),
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
    replaced: ItemId | None,
) -> Iterator[Side]:
    if path in heard.replaced:
        if replaced is not None and replaced not in followed:
            is_told = replaced in heard.deleted_elsewhere
            yield Side(replaced, UNKNOWN if is_told else heard.replaced[path])
    elif any(map(heard.may_have_met, tips)):
        for dead in items.dead_tips(path):  # deleted before: nobody need see it
            if not heard.is_new(dead):
                yield Side(dead, UNKNOWN)


def _replaced(heard: Heard, items: Items) -> dict[Path, ItemId]:
    """Return the structs that had been seen, by their paths, and were deleted by a transaction."""
    followed = (
        root.origin
        for root in map(heard.root, heard.cells)
        if root.origin is not None and root.origin in heard.deleted
    )
    others = (item for item in heard.deleted if not heard.is_new(item))
    replaced: dict[Path, ItemId] = {}
    for item in chain(followed, islice(others, _MAX_DELETED)):
        path = items.path(item)
        if path is not None:
            replaced.setdefault(path, item)
    return replaced


def raced_containers(heard: Heard, items: Items, keys: set[str]) -> set[Path]:
    """Return where a new container has taken the place of one that its author did not know.

    Args:
        heard: The transaction.
        items: The document's structs.
        keys: The last keys of the places in question.
    """
    raced: set[Path] = set()
    for struct in heard.structs:
        root = heard.root(struct) if struct.kind == TYPE else None
        if root is None or (root.origin is None and root.key not in keys):
            continue
        if root.origin is None or root.origin not in heard.deleted:
            path = items.path_of_new(root)
            if path is not None:
                raced.add(path)
    return raced
