"""Generations: what a document says of itself and of the documents that it took the place of.

`compact()` puts a fresh document in the place of one whose history has grown large. The two share
no history, so their updates must never mix. Each document therefore belongs to a *generation*: a
number, one higher with each compaction, and a random id, so that two compactions at once make two
generations, of which the higher (number, id) is the one to follow. A document that says nothing is
of the first generation, (0, 0).

The root map `<map>/generation` holds, from generation 1 on::

    "generation"       text: [number, id] as JSON
    "derived"          state vector: the derived client ids of all former generations
    "<number>.<id>"    a former generation: state vector, ids deleted, ids standing

It is written once, when the document begins. What it says of a former generation is what that had
at its end: its structs, and which of them were deleted. So whoever comes back from there can tell
what is contained here and what is not. The *standing* ids are structs of this document that hold
what was to be seen at that end: cells that have been changed since, in a generation between, are
not among them. Ids are written as Yjs writes a delete set. A former generation is kept for eight
compactions; of older ones only the derived client ids are, which say by themselves what they are.

The format is a wire format, the same in the TypeScript.
"""

from __future__ import annotations

import json
import random
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from pycrdt import Map

from tinybase_widget.persisters._yjs_reading import read_deletions, read_update
from tinybase_widget.persisters._yjs_wire import ItemId, read_state_vector, read_varuint, varuint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pycrdt import Doc

MAX_FORMER = 8
_FIRST_DERIVED = 1 << 51
_GENERATION = "generation"
_DERIVED = "derived"


class Generation(NamedTuple):
    """Which of the documents that took each other's place a document is; the highest counts."""

    number: int = 0
    id: int = 0

    def next(self) -> Generation:
        """Return a generation that follows, which nobody else makes."""
        return Generation(self.number + 1, random.getrandbits(32))


FIRST = Generation()


class Ids:
    """A set of struct ids, as ranges of clocks for each client.

    Args:
        ranges: Client id, first clock, and the clock behind the last one; in any order.
    """

    def __init__(self, ranges: Iterable[tuple[int, int, int]] = ()) -> None:
        by_client: dict[int, list[tuple[int, int]]] = {}
        for client, start, end in ranges:
            by_client.setdefault(client, []).append((start, end))
        self._ends: dict[int, list[int]] = {}
        self._starts: dict[int, list[int]] = {}
        for client, pairs in by_client.items():
            starts: list[int] = []
            ends: list[int] = []
            for start, end in sorted(pairs):
                if ends and start <= ends[-1]:
                    ends[-1] = max(ends[-1], end)
                elif start < end:
                    starts.append(start)
                    ends.append(end)
            if starts:
                self._starts[client], self._ends[client] = starts, ends

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        for client, starts in self._starts.items():
            for start, end in zip(starts, self._ends[client], strict=True):
                yield client, start, end

    def __contains__(self, item: ItemId) -> bool:
        at = bisect_right(self._starts.get(item.client, ()), item.clock) - 1
        return at >= 0 and item.clock < self._ends[item.client][at]

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ids) and set(self) == set(other)

    __hash__ = None  # type: ignore[assignment]

    def __or__(self, other: Ids) -> Ids:
        return Ids([*self, *other])

    def __sub__(self, other: Ids) -> Ids:
        return Ids(
            piece for client, start, end in self for piece in other._gaps(client, start, end)
        )

    def _gaps(self, client: int, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        starts, ends = self._starts.get(client, []), self._ends.get(client, [])
        for at in range(max(0, bisect_right(starts, start) - 1), len(starts)):
            if starts[at] >= end:
                break
            if start < starts[at]:
                yield client, start, starts[at]
            start = max(start, ends[at])
        if start < end:
            yield client, start, end

    def items(self) -> Iterator[ItemId]:
        """Yield the ids one by one."""
        for client, start, end in self:
            for clock in range(start, end):
                yield ItemId(client, clock)

    def starts(self) -> dict[int, int]:
        """Return the ranges that begin at clock 0, as a state vector."""
        return {client: end for client, start, end in self if start == 0}


class Former(NamedTuple):
    """What a document says of a former generation.

    Attributes:
        clocks: Its structs, as a state vector.
        deleted: Those of them that were deleted.
        standing: The structs of the later document that hold what was to be seen there.
    """

    clocks: dict[int, int]
    deleted: Ids
    standing: Ids


class Lineage:
    """The generation of a document, and what is contained of those before.

    Args:
        doc: The document.
        map_name: The name of its root map.
    """

    def __init__(self, doc: Doc[Any], map_name: str) -> None:
        self.map: Map[Any] = doc.get(f"{map_name}/generation", type=Map)

    @property
    def generation(self) -> Generation:
        """The document's generation."""
        try:
            number, id_ = json.loads(self.map[_GENERATION])
            return Generation(int(number), int(id_))
        except (KeyError, TypeError, ValueError):
            return FIRST

    @property
    def parent(self) -> Generation | None:
        """The generation that the document took the place of."""
        return next(reversed(self.formers()), None)

    @property
    def derived(self) -> dict[int, int]:
        """The derived client ids of former generations."""
        try:
            return read_state_vector(bytes(self.map[_DERIVED]))
        except (KeyError, TypeError, IndexError):
            return {}

    def formers(self) -> dict[Generation, Former]:
        """Return the former generations, the oldest first."""
        entries = (_read_entry(key, data) for key, data in self.map.items())
        return dict(sorted(entry for entry in entries if entry is not None))

    def begin(self, generation: Generation, derived: Mapping[int, int]) -> None:
        """Write down a fresh document's generation, inside a transaction."""
        self.map[_GENERATION] = json.dumps(list(generation), separators=(",", ":"))
        self.map[_DERIVED] = write_clocks(derived)

    def add(self, generation: Generation, former: Former) -> None:
        """Write down a former generation, inside a transaction."""
        data = write_clocks(former.clocks) + write_ids(former.deleted)
        key = f"{generation.number}.{generation.id}"
        self.map[key] = data + write_ids(former.standing)


def is_derived(client: int) -> bool:
    """Return whether a client id is derived, so that its structs are the same everywhere.

    Containers and first cells are above 2^52 (`_yjs_containers`), carried edits above 2^51.
    """
    return client >= _FIRST_DERIVED


def only_derived(clocks: Mapping[int, int]) -> dict[int, int]:
    """Return the part of a state vector that is of derived client ids."""
    return {client: clock for client, clock in clocks.items() if is_derived(client)}


def highest(*all_clocks: Mapping[int, int]) -> dict[int, int]:
    """Return the state vector of all that any of these have."""
    clocks: dict[int, int] = {}
    for each in all_clocks:
        for client, clock in each.items():
            if clock > clocks.get(client, 0):
                clocks[client] = clock
    return clocks


def clocks_of(doc: Doc[Any]) -> dict[int, int]:
    """Return a document's state vector."""
    return read_state_vector(doc.get_state())


def deleted_of(doc: Doc[Any]) -> Ids:
    """Return the ids of all structs that are deleted in a document."""
    _, delete_set = read_update(doc.get_update(doc.get_state()))
    return Ids(
        (client, clock, clock + length) for client, clock, length in read_deletions(delete_set)
    )


def all_of(clocks: Mapping[int, int], after: Mapping[int, int] | None = None) -> Ids:
    """Return the ids of a state vector that another one, `after`, does not have."""
    return Ids(
        (client, 0 if after is None else after.get(client, 0), clock)
        for client, clock in clocks.items()
    )


def write_clocks(clocks: Mapping[int, int]) -> bytes:
    """Return a state vector as bytes."""
    parts = [varuint(len(clocks))]
    for client, clock in clocks.items():
        parts += (varuint(client), varuint(clock))
    return b"".join(parts)


def write_ids(ids: Ids) -> bytes:
    """Return ids as Yjs writes a delete set."""
    by_client: dict[int, list[tuple[int, int]]] = {}
    for client, start, end in ids:
        by_client.setdefault(client, []).append((start, end))
    parts = [varuint(len(by_client))]
    for client, pairs in by_client.items():
        parts += (varuint(client), varuint(len(pairs)))
        for start, end in pairs:
            parts += (varuint(start), varuint(end - start))
    return b"".join(parts)


def _read_ids(data: bytes, position: int) -> tuple[Ids, int]:
    ranges: list[tuple[int, int, int]] = []
    clients, position = read_varuint(data, position)
    for _ in range(clients):
        client, position = read_varuint(data, position)
        count, position = read_varuint(data, position)
        for _ in range(count):
            start, position = read_varuint(data, position)
            length, position = read_varuint(data, position)
            ranges.append((client, start, start + length))
    return Ids(ranges), position


def _read_entry(key: str, data: Any) -> tuple[Generation, Former] | None:
    """Return what an entry says; `None` if it is not about a former generation."""
    number, dot, id_ = key.partition("/")[0].partition(".")
    if not (
        dot and number.isdecimal() and id_.isdecimal() and isinstance(data, (bytes, bytearray))
    ):
        return None
    data = bytes(data)
    try:
        clocks: dict[int, int] = {}
        count, position = read_varuint(data, 0)
        for _ in range(count):
            client, position = read_varuint(data, position)
            clocks[client], position = read_varuint(data, position)
        deleted, position = _read_ids(data, position)
        standing, position = _read_ids(data, position)
    except IndexError:
        return None
    return Generation(int(number), int(id_)), Former(clocks, deleted, standing)
