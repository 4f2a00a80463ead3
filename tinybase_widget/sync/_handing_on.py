"""What goes on to others of what was received.

What arrives is handed on as it came, not as what it changed here: where its author knew less than
we do, the document deleted what lost, and that is nobody's wish. An answer to a hello is different
in one thing. Its structs are what we lacked, but its deletions are all that its author knows of,
also those of cells that were overwritten by something we have and others may not. To them such a
deletion would come without what took the cell's place; if its author then leaves, the cell is gone.
So of an answer's deletions only those go on that were new here.

What came without its content is below a container that was lost in a race, or deleted. Its deletion
says nothing more, and without that of its container, which was known, it would look as if somebody
had wished it (`_yjs_races`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pycrdt import get_state, get_update

from tinybase_widget.persisters._yjs_reading import GC, read_deletions, read_structs, read_update
from tinybase_widget.persisters._yjs_wire import varuint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pycrdt import TransactionEvent

    from tinybase_widget.sync._link import Link

_NO_STRUCTS = b"\0"

_Range = tuple[int, int, int]


class Received(NamedTuple):
    """An update that is being taken over.

    Attributes:
        update: Its bytes, as they came.
        origin: The link that it came from; `None` for one that was carried over from another
            document.
        is_answer: Whether it answers a hello.
        delete_set: Its end, with its deletions, where somebody has looked at it already.
    """

    update: bytes
    origin: Link | None
    is_answer: bool
    delete_set: bytes | None = None

    def handed_on(self, event: TransactionEvent) -> bytes:
        """Return what goes on to others, now that the document has taken the update over."""
        if not self.is_answer:
            return self.update
        deleted: bytes = event.delete_set  # type: ignore[attr-defined]
        delete_set = self.delete_set
        if delete_set is None:
            delete_set = _delete_set_of(self.update)
        ranges = list(read_deletions(delete_set))
        new = _common(ranges, read_deletions(deleted))
        if sum(length for *_, length in new) == sum(length for *_, length in ranges):
            return self.update
        if new:
            new = _without(new, _gone(self.update))
        return self.update[: len(self.update) - len(delete_set)] + _write(new)


def _delete_set_of(update: bytes) -> bytes:
    rest = get_update(update, get_state(update))  # no structs are left, in no time
    if rest.startswith(_NO_STRUCTS) and update.endswith(rest[1:]):
        return rest[1:]
    return read_update(update)[1]


def _gone(update: bytes) -> list[_Range]:
    return [(*struct.item, struct.length) for struct in read_structs(update) if struct.kind == GC]


def _without(ranges: list[_Range], others: list[_Range]) -> list[_Range]:
    """Return what is in ranges and not in others."""
    taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for client, clock, length in sorted(_common(ranges, others)):
        taken[client].append((clock, length))
    left = []
    for client, clock, length in ranges:
        start = clock
        of_client = taken[client]
        for at in range(bisect_left(of_client, (clock,)), len(of_client)):
            first, size = of_client[at]
            if first >= clock + length:
                break
            if start < first:
                left.append((client, start, first - start))
            start = first + size
        if start < clock + length:
            left.append((client, start, clock + length - start))
    return left


def _common(ranges: Iterable[_Range], others: Iterable[_Range]) -> list[_Range]:
    """Return what is in some range of each of the two."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for client, clock, length in others:
        spans[client].append((clock, clock + length))
    for of_client in spans.values():
        of_client.sort()
    common = []
    for client, clock, length in ranges:
        of_client = spans.get(client, [])
        at = max(0, bisect_right(of_client, (clock,)) - 1)
        while at < len(of_client) and of_client[at][0] < clock + length:
            start, end = of_client[at]
            first, behind = max(start, clock), min(end, clock + length)
            if first < behind:
                common.append((client, first, behind - first))
            at += 1
    return common


def _write(ranges: Iterable[_Range]) -> bytes:
    by_client: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for client, clock, length in ranges:
        by_client[client].append((clock, length))
    parts = [varuint(len(by_client))]
    for client, spans in by_client.items():
        parts += [varuint(client), varuint(len(spans))]
        parts += [varuint(number) for span in spans for number in span]
    return b"".join(parts)
