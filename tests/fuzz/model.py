"""The model: every write that a Store made, and which writes of the same place its author knew.

A place is a cell or a value. Knowing is having got the message: writes travel with the messages
that were really taken over, and what an author's Store showed when it was overwritten was known
too. So the model needs no clocks and nothing of Yjs. Sets of writes are the bits of an integer.

A write is *final* when nobody wrote the place who knew it. In the end:

- a place with a value must have that of a final write. Where all final ones are deletions, what was
  deleted has come back; where it is another write's, it is stale;
- a place without one is lost, if a write that set it is final. There is one exception, which is
  Yjs' tie-break: of two writes that did not know each other one gives way, at once and for good. If
  the winner was then deleted by somebody who knew it, nothing is left.

Writes that nobody knows in the end do not count: their peer has gone without telling anyone.
"""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Place = tuple[str, ...]  # a table's, a row's and a cell's id; or a value's id
Flat = dict[Place, Any]  # a content, by place


class Change(NamedTuple):
    """What a transaction of a Store did to a place; `MISSING` where nothing was or is."""

    place: Place
    old: Any
    new: Any


class Conflict(NamedTuple):
    """An open conflict of a place: what is there, what was overwritten.

    That is `MISSING` where an edit was kept though its row was deleted.
    """

    place: Place
    winner: Any
    loser: Any


class Write(NamedTuple):
    """A change that somebody made, and the writes of the same place that they knew."""

    place: Place
    old: Any
    value: Any
    known: int


class Wrong(str, Enum):
    """A kind of fault."""

    DOCUMENTS = "documents differ"
    STORE = "a Store is not its document"
    NPM_STORE = "an npm Store is not its document"
    LOST = "lost"
    LOST_HELD = "lost, though one of ours held it"
    BACK = "came back"
    STALE = "stale"
    UNSETTLED = "no end"
    SIZE = "too many bytes"
    ERROR = "errors"
    CONFLICT = "conflicts"


class Fault(NamedTuple):
    """Something that must not be."""

    wrong: Wrong
    what: str

    def __str__(self) -> str:
        return f"{self.wrong.value}: {self.what}"


def flat(tables: Mapping[str, Any], values: Mapping[str, Any]) -> Flat:
    """Return a content by place."""
    content: Flat = {
        (table_id, row_id, cell_id): cell
        for table_id, table in tables.items()
        for row_id, row in table.items()
        for cell_id, cell in row.items()
    }
    content.update(((value_id,), value) for value_id, value in values.items())
    return content


def changes_between(old: Flat, new: Flat) -> list[Change]:
    """Return the places in which two contents differ."""
    changes = [
        Change(place, old.get(place, MISSING), value)
        for place, value in new.items()
        if place not in old or old[place] != value
    ]
    changes += [Change(place, value, MISSING) for place, value in old.items() if place not in new]
    return changes


class History:
    """All writes of a run; a write's number is the place of its bit in a set of writes."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self._at: dict[Place, int] = defaultdict(int)
        self._with_value: dict[tuple[Place, Any], int] = defaultdict(int)
        self._loaded: dict[tuple[int, Place], int] = {}

    def add(self, change: Change, has: int, conflicts: Iterable[Conflict] = ()) -> int:
        """Take note of a change by somebody who has got these writes; return its bit.

        Args:
            change: The change.
            has: The writes.
            conflicts: Those that its author was shown.
        """
        place, old, new = change
        known = has & self._at[place]
        shown = 0 if old is MISSING else self._with_value[place, old]
        if not known & shown:  # its value was written back by somebody who has no message of it
            known |= shown
        for conflict in conflicts:
            if conflict.place == place and conflict.loser is not MISSING:
                known |= self._with_value[place, conflict.loser]
        bit = 1 << len(self.writes)
        self.writes.append(Write(place, old, new, known))
        self._at[place] |= bit
        self._with_value[place, new] |= bit
        return bit

    def load(self, number: int, content: Flat) -> int:
        """Take note that a new peer loads this data; whoever does, it is the same write."""
        bits = 0
        for place, value in content.items():
            if (number, place) not in self._loaded:
                self._loaded[number, place] = self.add(Change(place, MISSING, value), 0)
            bits |= self._loaded[number, place]
        return bits

    def final(self, place: Place, known: int) -> list[Write]:
        """Return the writes of a place, among those known in the end, that nobody overwrote."""
        overwritten = 0
        for write in self._of(self._at[place] & known):
            overwritten |= write.known
        return list(self._of(self._at[place] & known & ~overwritten))

    def faults(self, document: Flat, known: int, held: set[Place]) -> Iterator[Fault]:
        """Yield what is wrong with a document in the end.

        Args:
            document: Its content.
            known: The writes that somebody has in the end.
            held: Places that had a value in a Store of ours, in worlds where others take part.
        """
        for place, bits in self._at.items():
            if not bits & known:
                continue
            value = document.get(place, MISSING)
            last = self.final(place, known)
            values = [write.value for write in last]
            if value is MISSING:
                lost = [
                    write.value
                    for write in last
                    if write.value is not MISSING and not self.was_beaten(write, known)
                ]
                if lost:
                    wrong = Wrong.LOST_HELD if place in held else Wrong.LOST
                    yield Fault(wrong, f"{place}: one of {lost}")
            elif all(each is MISSING for each in values):
                yield Fault(Wrong.BACK, f"{place}: {value!r}")
            elif value not in values:
                yield Fault(Wrong.STALE, f"{place}: {value!r} where {values} were set later")

    def was_beaten(self, lost: Write, known: int) -> bool:
        """Return whether a write that this one's author did not know was deleted knowingly."""
        bits = self._at[lost.place] & known
        deleted = 0
        for write in self._of(bits):
            if write.value is MISSING:
                deleted |= write.known
        unknown = self._of(deleted & bits & ~lost.known)
        return any(write.value is not MISSING and write is not lost for write in unknown)

    def with_value(self, place: Place, value: Any) -> list[int]:
        """Return the numbers of the writes that gave a place this value."""
        return list(_numbers(self._with_value[place, value]))

    def knew(self, place: Place, numbers: Iterable[int], known: int) -> list[Write]:
        """Return the writes of a place, among those known, whose authors knew one of these."""
        bits = sum(1 << number for number in numbers)
        return [write for write in self._of(self._at[place] & known) if write.known & bits]

    def _of(self, bits: int) -> Iterator[Write]:
        """Yield the writes of a set."""
        return (self.writes[number] for number in _numbers(bits))


def _numbers(bits: int) -> Iterator[int]:
    """Yield the places of the bits of a number."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
