"""Undo and redo of one's own edits.

A history belongs to a Store. It keeps what each transaction of this replica changed, as the old and
the new content of each cell and value; what listeners of the Store did in the same transaction
belongs to it. What a room loads into the Store is somebody else's edit and is not kept.

Undoing a step puts the old content back where there still is what the step had left. Where somebody
has changed it since, theirs stays, and the result says so; the step is used up all the same. To
others an undo is an ordinary edit. What it really changed, as a transaction of its own, is the step
that redo takes back in the same way. A new edit ends what could be redone.

The history is bounded in steps and in cells. A transaction beyond the bound of cells, such as the
load of a large table, is not kept, and nor is anything before it: undo says so once, and has then
nothing to undo.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import same
from tinybase_widget.store._steps import (
    Change,
    Place,
    as_changes,
    changes_of_transaction,
    read_place,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinybase_widget.store import Store

MAX_STEPS = 500
MAX_CELLS = 50_000
_SHOWN = 3

_Step = list[Change]


class Kept(NamedTuple):
    """A place that was left as it is, and what is there; MISSING where there is nothing."""

    place: Place
    value: Any


@dataclass(frozen=True, repr=False)
class Undone:
    """What an undo or a redo did. False where there was nothing to do.

    Attributes:
        changed: The cells and values that were put back.
        kept: Those that somebody else had changed since, with what they are now.
        refused: Those that the Store did not take back, because of its schema or a listener.
        too_large: Whether the edit was of more cells than are kept, and nothing was done.
        is_redo: Whether this was a redo.

    Example:
        >>> from tinybase_widget import Room, Store
        >>> room = Room("zoo", Store())
        >>> room.store.set_cell("pets", "fido", "age", 4).get_tables()
        {'pets': {'fido': {'age': 4}}}
        >>> room.undo()
        Undone: 1 cell set back
        >>> room.undo()
        Nothing to undo
        >>> room.redo()
        Redone: 1 cell set again
        >>> room.close()
    """

    changed: tuple[Place, ...] = ()
    kept: tuple[Kept, ...] = ()
    refused: tuple[Kept, ...] = ()
    too_large: bool = False
    is_redo: bool = False

    def __bool__(self) -> bool:
        """Return whether there was something to undo, or to redo."""
        return bool(self.changed or self.kept or self.refused or self.too_large)

    def __repr__(self) -> str:
        """Return what was done and what was not, in words."""
        if not self:
            return f"Nothing to {'redo' if self.is_redo else 'undo'}"
        if self.too_large:
            return f"Not undone: an edit of more than {MAX_CELLS} cells is not kept"
        back = "again" if self.is_redo else "back"
        parts = [f"{_count(self.changed)} set {back}"]
        parts += _reasons(
            self.kept, "was changed by somebody else since", "were changed by somebody else since"
        )
        parts += _reasons(
            self.refused,
            f"was not taken {back} by the Store",
            f"were not taken {back} by the Store",
        )
        return f"{'Redone' if self.is_redo else 'Undone'}: {'; '.join(parts)}"


class UndoHistory:
    """The own edits of a Store, to undo and to redo. `history_of(store)` makes it.

    Args:
        store: The Store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sources: list[Callable[[], bool]] = []
        self._undo: deque[_Step | None] = deque()  # None: one that was too large
        self._redo: deque[_Step | None] = deque()
        self._cells = 0
        self._replaying = False
        self._replayed: _Step | None = None
        self._listener_id = ""

    def add_source(self, is_loading: Callable[[], bool]) -> None:
        """Take what happens while `is_loading()` for somebody else's edits."""
        with self._store.lock:
            if not self._sources:
                self._listener_id = self._store.add_did_finish_transaction_listener(
                    self._on_transaction
                )
            self._sources.append(is_loading)

    def remove_source(self, is_loading: Callable[[], bool]) -> None:
        """Forget a source; with the last one the history ends."""
        with self._store.lock:
            if is_loading in self._sources:
                self._sources.remove(is_loading)
                if not self._sources:
                    self._store.del_listener(self._listener_id)
                    _histories.pop(self._store, None)

    def undo(self) -> Undone:
        """Undo the last edit that was not undone yet."""
        return self._replay(self._undo, self._redo, is_redo=False)

    def redo(self) -> Undone:
        """Redo what was undone last, as long as no edit has been made since."""
        return self._replay(self._redo, self._undo, is_redo=True)

    def _on_transaction(self, store: Store) -> None:
        for is_loading in self._sources:
            if is_loading():
                return
        step = changes_of_transaction(store, MAX_CELLS)
        if self._replaying:
            self._replayed = step
        elif step is None:
            self._undo.clear()
            self._redo.clear()
            self._undo.append(None)
            self._cells = 0
        elif step:
            self._redo.clear()
            self._push(self._undo, step)

    def _push(self, stack: deque[_Step | None], step: _Step | None) -> None:
        if not step:
            return  # an undo inside a transaction, which is a step of its own when it ends
        stack.append(step)
        if stack is self._undo:
            self._cells += len(step)
            while len(stack) > MAX_STEPS or self._cells > MAX_CELLS:
                self._cells -= len(stack.popleft() or ())

    def _pop(self, stack: deque[_Step | None]) -> _Step | None:
        step = stack.pop()
        if stack is self._undo:
            self._cells -= len(step or ())
        return step

    def _replay(
        self, source: deque[_Step | None], target: deque[_Step | None], *, is_redo: bool
    ) -> Undone:
        store = self._store
        with store.lock:
            if not source:
                return Undone(is_redo=is_redo)
            step = self._pop(source)
            if step is None:
                return Undone(too_large=True, is_redo=is_redo)
            todo, kept = [], []
            for change in step:
                present = read_place(store, change.place)
                if same(present, change.new):
                    todo.append(change)
                else:
                    kept.append(Kept(change.place, shown(present)))
            if todo and not self._apply(step, todo, source, target):
                return Undone(is_redo=is_redo)
            changed, refused = [], []
            for place, old, _ in todo:
                present = read_place(store, place)
                if same(present, old):
                    changed.append(place)
                else:
                    refused.append(Kept(place, shown(present)))
            return Undone(tuple(changed), tuple(kept), tuple(refused), is_redo=is_redo)

    def _apply(
        self,
        step: _Step,
        todo: _Step,
        source: deque[_Step | None],
        target: deque[_Step | None],
    ) -> bool:
        """Put the old content back; return whether the Store can be written to at the moment."""
        began = False

        def put_back() -> None:
            nonlocal began
            began = True
            self._store.apply_changes(as_changes((place, old) for place, old, _ in todo))

        self._replayed, self._replaying = None, True
        try:
            self._store.transaction(put_back)
        except BaseException:
            began = bool(self._replayed)  # otherwise all was rolled back
            raise
        finally:
            self._replaying = False
            self._push(*((target, self._replayed) if began else (source, step)))
        return began


_histories: WeakKeyDictionary[Store, UndoHistory] = WeakKeyDictionary()


def history_of(store: Store) -> UndoHistory:
    """Return the history of a Store, which its rooms share."""
    history = _histories.get(store)
    if history is None:
        history = _histories[store] = UndoHistory(store)
    return history


def _count(places: Sequence[Place]) -> str:
    values = sum(place.table_id is None for place in places)
    cells = len(places) - values
    parts = [
        f"{number} {noun}{'' if number == 1 else 's'}"
        for number, noun in ((cells, "cell"), (values, "value"))
        if number
    ]
    return " and ".join(parts) or "nothing"


def _reasons(left: Sequence[Kept], one: str, many: str) -> list[str]:
    reasons = [
        f"{place} {one} and stays {'deleted' if value is MISSING else repr(value)}"
        for place, value in left[:_SHOWN]
    ]
    if len(left) > _SHOWN:
        reasons.append(f"{len(left) - _SHOWN} more {many}")
    return reasons
