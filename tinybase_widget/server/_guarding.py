"""Looking at an update before a document takes it: what could harm the process does not get in.

pycrdt's Rust code walks nested things by calling itself: values within values when it reads them,
containers within containers when it deletes them. Nested deep enough, either overruns the stack and
ends the process, without an exception, also in the kernels that an update is handed on to. So how
deep containers go is kept count of, with little to remember: a Store's document has tables (level
2) and rows (3), and rows need not be remembered if everything else is. Values are read here once,
in Python, which gives up with an exception at a thousand levels.

An update whose predecessors are missing is no good either: Yjs would keep it for ever, and carry
out its deletions at once. Whoever sent it is asked for what is missing.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget.persisters._yjs_reading import (
    GC,
    SKIP,
    TYPE,
    read_deletions,
    read_update,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybase_widget.persisters._yjs_reading import Struct
    from tinybase_widget.persisters._yjs_wire import ItemId

_MOST_LEVELS = 32
_ROW, _CELL = 3, 4


class RefusedUpdateError(ValueError):
    """An update that no document is to take; the text says why."""


class Looked(NamedTuple):
    """What was seen in an update.

    Attributes:
        is_complete: Whether the document has all that it refers to.
        has_news: Whether it has structs that the document has not.
        levels: The containers to remember, and how deep they are.
    """

    is_complete: bool
    has_news: bool
    levels: list[tuple[ItemId, int, int]]


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

    def look_at(self, update: bytes, clocks: Mapping[int, int]) -> Looked:
        """Look at an update.

        Args:
            update: The update.
            clocks: What the document has.

        Raises:
            RefusedUpdateError: These bytes are no update, or are nested too deep.
        """
        try:
            structs, delete_set = read_update(update)
            deletions = list(read_deletions(delete_set))
        except RecursionError:
            raise RefusedUpdateError("its values are nested too deep") from None
        except (ValueError, IndexError) as error:
            raise RefusedUpdateError(str(error) or "it ends too early") from None
        news = Levels()
        levels: list[tuple[ItemId, int, int]] = []
        ends: dict[int, int] = {}
        is_complete, has_news = True, False
        for struct in structs:
            client, clock = struct.item
            end = ends.get(client, clocks.get(client, 0))
            is_complete &= clock <= end and struct.kind != SKIP
            ends[client] = max(end, clock + struct.length)
            has_news |= clock + struct.length > clocks.get(client, 0)
            if struct.kind not in (GC, SKIP):
                level = self._level(struct, news)
                if level is not None:
                    news.add(struct.item, struct.length, level)
                    levels.append((struct.item, struct.length, level))
        is_complete = is_complete and all(
            reference[1] < ends.get(reference[0], clocks.get(reference[0], 0))
            for struct in structs
            for reference in (struct.origin, struct.right, struct.parent)
            if reference is not None and not isinstance(reference, str)
        )
        is_complete = is_complete and all(
            clock + length <= ends.get(client, clocks.get(client, 0))
            for client, clock, length in deletions
        )
        return Looked(is_complete, has_news, levels)

    def _level(self, struct: Struct, news: Levels) -> int | None:
        """Return the level of a struct, at most, if it is to be remembered."""
        is_container = struct.kind == TYPE
        neighbour = struct.origin or struct.right
        if neighbour is not None:
            level = self._known(neighbour, news)
            if level is None:
                return _CELL if is_container else None
        elif struct.parent is None or isinstance(struct.parent, str):
            level = 1
        else:
            parent = self._known(struct.parent, news)
            level = (_ROW if parent is None else parent) + 1
        if level > _MOST_LEVELS:
            raise RefusedUpdateError("its containers are nested too deep")
        if is_container:
            return None if level == _ROW else level
        return level if level > _CELL else None

    def _known(self, item: ItemId, news: Levels) -> int | None:
        level = self.get(item)
        return news.get(item) if level is None else level
