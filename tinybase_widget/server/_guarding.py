"""Looking at an update before a document takes it: what could harm the process does not get in.

pycrdt's Rust code walks nested things by calling itself: values within values when it reads them,
containers within containers when it deletes them. Nested deep enough, either overruns the stack and
ends the process, without an exception, also in the kernels that an update is handed on to. So how
deep containers go is kept count of (`_levels`). Values are read here once, in Python, which gives
up with an exception at a thousand levels.

An update whose predecessors are missing is no good either: Yjs would keep it for ever, and carry
out its deletions at once. Whoever sent it is asked for what is missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.persisters._yjs_reading import GC, iterate_structs, read_deletions
from tinybase_widget.persisters._yjs_wire import ItemId
from tinybase_widget.server._levels import Level, Leveling, Levels, RefusedUpdateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybase_widget.persisters._yjs_reading import Struct

_MOST_CLIENTS = 50_000  # where all write at one place, the time it takes grows with their square
_MOST_CLOCK = 1 << 31  # pycrdt's numbers have 32 bits
_A_STRUCT = 200  # bytes that a struct takes in memory, beside its content


class FullError(TinyBaseError):
    """An edit for which there is no place; the text is for who made it."""


class Looked(NamedTuple):
    """What was seen in an update.

    Attributes:
        is_complete: Whether the document has all that it refers to.
        has_news: Whether it has structs that the document has not.
        levels: The containers to remember, and how deep they are.
        clocks: What the document has afterwards of the clients that are in it.
        size: What it takes in memory, in bytes, at a guess.
        delete_set: Its end, with its deletions.
    """

    is_complete: bool
    has_news: bool
    levels: list[Level]
    clocks: dict[int, int]
    size: int
    delete_set: bytes


def look_at(
    update: bytes, clocks: Mapping[int, int], levels: Levels, most: float = math.inf
) -> Looked:
    """Look at an update.

    Args:
        update: The update.
        clocks: What the document has.
        levels: How deep its containers are.
        most: What it may take in memory, in bytes, at a guess.

    Raises:
        FullError: It takes more.
        RefusedUpdateError: These bytes are no update, or are nested too deep.
    """
    look = _Look(clocks, levels, most)
    try:
        delete_set = update[look.at_structs(update) :]
        look.at_deletions(delete_set)
        found = look.leveling.settle(update, look.count)
    except RecursionError:
        raise RefusedUpdateError("its values are nested too deep") from None
    except RefusedUpdateError:
        raise
    except (ValueError, IndexError) as error:
        raise RefusedUpdateError(str(error) or "it ends too early") from None
    size = len(update) + look.count * _A_STRUCT
    if look.has_news and size > most:
        raise FullError
    return Looked(look.is_complete(), look.has_news, found, look.ends, size, delete_set)


class _Look:
    """What is seen of an update, a struct after the other: it may have millions."""

    def __init__(self, clocks: Mapping[int, int], levels: Levels, most: float) -> None:
        self._most = most / _A_STRUCT
        self.ends: dict[int, int] = {}
        self.has_news = False
        self.count = 0
        self._clocks = clocks
        self.leveling = Leveling(levels, self._end_of)
        self._needed: dict[int, int] = {}  # clients to how much of theirs is referred to
        self._has_gaps = False

    def at_structs(self, update: bytes) -> int:
        """Look at the structs; return where they end."""
        reader = iterate_structs(update)
        while True:
            try:
                struct = next(reader)
            except StopIteration as end:
                position: int = end.value
                return position
            self._at(struct)

    def _at(self, struct: Struct) -> None:
        item, length, kind, origin, right, parent = struct[:6]
        client, clock = item
        self.count += 1
        if self.count > self._most and self.has_news:
            raise FullError
        if kind != GC:
            self.leveling.take(struct)
        end = clock + length
        known = self._end_of(client)
        if clock > known:
            self._has_gaps = True
        if end > known:
            self.has_news = True
            self.ends[client] = end
        elif client not in self.ends:
            self.ends[client] = known
        if end > _MOST_CLOCK:
            raise RefusedUpdateError("it counts further than any document")
        if len(self.ends) > _MOST_CLIENTS:
            raise RefusedUpdateError("it is of too many clients")
        for reference in (origin, right, parent):
            if reference.__class__ is ItemId:
                self._need(reference[0], reference[1] + 1)

    def at_deletions(self, delete_set: bytes) -> None:
        """Look at the deletions."""
        for client, clock, length in read_deletions(delete_set):
            self._need(client, clock + length)

    def is_complete(self) -> bool:
        """Return whether the document has all that the update refers to."""
        return not self._has_gaps and all(
            clock <= self._end_of(client) for client, clock in self._needed.items()
        )

    def _end_of(self, client: int) -> int:
        end = self.ends.get(client)
        return self._clocks.get(client, 0) if end is None else end

    def _need(self, client: int, clock: int) -> None:
        if clock > self._needed.get(client, 0):
            self._needed[client] = clock
