"""What must hold in the end of a run, beside what the model says of each place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fuzz.model import Change, Conflict, Fault, Flat, History, Place, Wrong
from tinybase_widget import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.fuzz.peers import Content, Sent
    from tests.fuzz.steps import Kind

_MOST_BYTES_OF_A_CELL = 200
_MOST_BYTES_OF_A_ROW = 1200  # with the empty predecessors that an integer id may need


def end_faults(kinds: Sequence[Kind], contents: Sequence[Content]) -> Iterator[Fault]:
    """Yield where documents differ from one another, and Stores from their documents."""
    first = contents[0].document
    for number, (kind, content) in enumerate(zip(kinds, contents, strict=True)):
        if content.document != first:
            differences = _differences(content.document, first)
            yield Fault(Wrong.DOCUMENTS, f"the {number + 1}. peer: {differences}")
        if content.store != content.document:
            differences = _differences(content.store, content.document)
            wrong = Wrong.STORE if kind.is_own else Wrong.NPM_STORE
            yield Fault(wrong, f"the {number + 1}. peer: {differences}")


def _differences(one: Flat, other: Flat) -> str:
    return ", ".join(
        f"{place}: {one.get(place, MISSING)!r} instead of {other.get(place, MISSING)!r}"
        for place in sorted({**one, **other})
        if place not in one or place not in other or one[place] != other[place]
    )


def size_faults(changes: Sequence[Change], sent: Sequence[Sent]) -> Iterator[Fault]:
    """Yield where a cell that was set, or a row that was made, is more than one small message."""
    is_one = len({change.place[:2] for change in changes}) == 1
    if not is_one or any(change.new is MISSING for change in changes):
        return
    is_cell = len(changes) == 1 and changes[0].old is not MISSING
    most = _MOST_BYTES_OF_A_CELL if is_cell else _MOST_BYTES_OF_A_ROW
    most += sum(len(str((change.place, change.new))) for change in changes)
    for receiver in {to for to, _ in sent}:
        frames = [len(frame) for to, frame in sent if to == receiver]
        if len(frames) > 1 or sum(frames) > most:
            yield Fault(Wrong.SIZE, f"{frames} bytes for {changes}")


def conflict_faults(
    history: History, document: Flat, known: int, conflicts: Sequence[Conflict]
) -> Iterator[Fault]:
    """Yield what is wrong with the open conflicts of a peer in the end.

    Those must be open whose loser is a final write, of another value than what is there; and no
    others. Winner and loser did not know each other.

    Deletions leave room in two ways, because nothing in a document tells them from the winner's: a
    loser that somebody deleted who knew of no conflict may be open; and one that gave way to
    something deleted since may not be.
    """
    open_ = {(each.place, each.loser) for each in conflicts if each.loser is not MISSING}
    final = [
        write
        for place, value in document.items()
        for write in history.final(place, known)
        if write.value not in (MISSING, value)
    ]
    possible = {(write.place, write.value) for write in final}
    due = {(each.place, each.value) for each in final if not history.was_beaten(each, known)}
    for place, value in sorted(open_ - possible, key=repr):
        if not _was_only_deleted(history, place, value, known):
            yield Fault(Wrong.CONFLICT, f"{place}: {value!r} was overwritten knowingly")
    for place, value in sorted(due - open_, key=repr):
        yield Fault(Wrong.CONFLICT, f"{place}: nobody is told that {value!r} was overwritten")
    for place, winner, loser in conflicts:
        if loser is not MISSING and not _are_concurrent(history, place, winner, loser):
            yield Fault(Wrong.CONFLICT, f"{place}: {winner!r} and {loser!r} knew each other")


def _was_only_deleted(history: History, place: Place, value: Any, known: int) -> bool:
    """Return whether somebody deleted a value that they saw, and nobody overwrote it otherwise."""
    later = history.knew(place, history.with_value(place, value), known)
    return all(write.value is MISSING for write in later) and any(
        write.old == value for write in later
    )


def _are_concurrent(history: History, place: Place, winner: Any, loser: Any) -> bool:
    return any(
        not history.writes[one].known >> other & 1 and not history.writes[other].known >> one & 1
        for one in history.with_value(place, winner)
        for other in history.with_value(place, loser)
    )
