"""What is to be written so that nothing is lost where two replicas made the same table or row.

Automerge keeps every object that was made under a key and shows one; its Python package gives the
others only to those who know their ids. The operations of the changes tell these
(`_automerge_objects`), so what a hidden object holds can be *moved* into the shown one: a cell that
both have keeps the later value, as it would within one object, and the hidden one is emptied.

Every replica that sees the two does so at once; nobody waits for anybody. So a move may meet an
edit or a deletion by somebody who has not heard of it:

- A value and what it was moved to, by whomever, are the same one, and as old as the first of them.
  Who overwrites or deletes one of them has meant all of them.
- Where such a one shows all the same, what it hides is moved in its place, or nothing is.
- Of several values that did not know each other the one whose first is latest stays, whoever moves
  them, and the others are overwritten by that move.

Moves are recognized by how their author's id begins. A document without hidden objects and moves
needs no ledger, and has none; the first such change has it made, from all changes of the document.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._automerge_changes import DELETE, Op, read_ops
from tinybase_widget.persisters._automerge_core import OpId, obj_id_of
from tinybase_widget.persisters._automerge_objects import Objects, Path, is_of_cells
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from automerge.core import Change

    from tinybase_widget.persisters._automerge_layout import LayoutReader

_MOVER = b"\0tbm"
_ACTOR_BYTES = 16
Place = tuple[Path, str]  # a path of cells, and a cell's key


def mover_of(actor: bytes) -> bytes:
    """Return the author's id for the moves of a replica with this one."""
    return _MOVER + hashlib.sha256(actor).digest()[: _ACTOR_BYTES - len(_MOVER)]


def is_move(change: Change) -> bool:
    """Return whether a change is a move."""
    return change.actor_id.startswith(_MOVER)


class Kept(NamedTuple):
    """A value that is there: in which object, and since which change."""

    obj: OpId
    change: bytes


class Moves(NamedTuple):
    """What to write: in the place of what is shown, and what to empty.

    Attributes:
        shown: What the shown object is to have at each place; `MISSING` for nothing.
        emptied: Hidden objects and keys.
    """

    shown: dict[Place, Any]
    emptied: list[tuple[OpId, str]]

    def __bool__(self) -> bool:
        return bool(self.shown or self.emptied)


class Ledger:
    """All values of a document's cells that are there, shown or not.

    Args:
        map_key: The key of the layout's map in the document's root.
        changes: All changes of the document.
    """

    def __init__(self, map_key: str, changes: Iterable[Change]) -> None:
        self.objects = Objects(map_key)
        self._kept: dict[Place, dict[OpId, Kept]] = {}
        self._places: dict[OpId, set[Place]] = {}  # those that an object has something at
        self._same: dict[OpId, OpId] = {}
        # By whom one was overwritten or deleted on purpose, under what stands for it and its like.
        self._enders: dict[OpId, list[bytes]] = {}
        self._deps: dict[bytes, list[bytes]] = {}
        self._doubtful: set[Place] = set()
        for change in changes:
            self.take(change, list(read_ops(bytes(change.bytes))))

    def take(self, change: Change, ops: Iterable[Op]) -> None:
        """Take note of a change."""
        self._deps[change.hash] = change.deps
        moved: dict[Place, list[Op]] = {}
        is_moving = is_move(change)
        for op in ops:
            if op.key is None or self.objects.take(op) is not None:
                continue
            path = self.objects.paths.get(op.obj)
            if path is None or not is_of_cells(path):
                continue
            place = (path, op.key)
            kept = self._kept.setdefault(place, {})
            for pred in op.preds:
                kept.pop(pred, None)
            if op.action != DELETE:
                kept[op.id] = Kept(op.obj, change.hash)
                self._places.setdefault(op.obj, set()).add(place)
            if is_moving:
                moved.setdefault(place, []).append(op)
            else:
                for pred in op.preds:
                    self._enders.setdefault(self._first(pred), []).append(change.hash)
            if self._same:
                self._doubtful.add(place)
        for place, of_place in moved.items():
            self._take_move(place, of_place, change)

    def _take_move(self, place: Place, ops: list[Op], change: Change) -> None:
        self._doubtful.add(place)
        made = [op.id for op in ops if op.action != DELETE]
        before = sorted({p for op in ops for p in op.preds}, key=self._first, reverse=True)
        if len(before) > 1:
            known = self._known_to(change, {self._first(each) for each in before})
            before = [each for each in before if self._first(each) not in known]
        if not (made and before):
            return
        one, other = self._first(made[0]), self._first(before[0])
        for beaten in before[1:]:
            if self._first(beaten) != other:
                self._enders.setdefault(self._first(beaten), []).append(change.hash)
        if one != other:
            self._same[one] = other
            enders = self._enders.pop(one, [])
            if enders:
                self._enders.setdefault(other, []).extend(enders)

    def _known_to(self, change: Change, ended: set[OpId]) -> set[OpId]:
        """Return which of these the author of a change knew to be overwritten or deleted."""
        by_ender: dict[bytes, set[OpId]] = {}
        for first in ended:
            for ender in self._enders.get(first, ()):
                by_ender.setdefault(ender, set()).add(first)
        known: set[OpId] = set()
        seen: set[bytes] = set()
        waiting = list(change.deps) if by_ender else []
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                known |= by_ender.get(each, set())
                waiting += self._deps.get(each, ())
        return known

    def _first(self, op_id: OpId) -> OpId:
        """Return what stands for all that are the same as one."""
        while op_id in self._same:
            op_id = self._same[op_id]
        return op_id

    def moves(self, reader: LayoutReader, *, everything: bool) -> Moves:
        """Return what to write.

        Args:
            reader: Reads the document.
            everything: Whether nothing that is shown will be.
        """
        places, self._doubtful = self._doubtful, set()
        for obj in self.objects.hidden():
            places |= self._places.get(obj, set())
        if everything:
            places = set(self._kept)
        moves = Moves({}, [])
        for place in sorted(places):
            self._look(place, reader, moves, everything=everything)
        return moves

    def _look(self, place: Place, reader: LayoutReader, moves: Moves, *, everything: bool) -> None:
        path, key = place
        shown = None if everything else self.objects.visible(path)
        there = {
            op_id: kept
            for op_id, kept in self._kept[place].items()
            if self.objects.is_there(kept.obj)
        }
        living = [op_id for op_id in there if self._first(op_id) not in self._enders]
        in_shown = [op_id for op_id, kept in there.items() if kept.obj == shown]
        visible = max(in_shown, default=None)
        right = max(living, key=self._first, default=None)
        if right is None:
            if visible is not None:
                moves.shown[place] = MISSING
        elif visible is None or any(
            self._first(op_id) != self._first(right)
            for op_id, kept in there.items()
            if op_id == visible or kept.obj != shown
        ):
            moves.shown[place] = self._value(reader, key, right, there)
        if not everything:
            hidden = {kept.obj for kept in there.values() if kept.obj != shown}
            moves.emptied.extend((obj, key) for obj in sorted(hidden))

    def _value(self, reader: LayoutReader, key: str, op_id: OpId, there: dict[OpId, Kept]) -> Any:
        obj, change = there[op_id]
        return reader.value_at(obj_id_of(obj), key, change)
