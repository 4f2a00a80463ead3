"""The peer that runs in this process: a Store in a Room.

Frames and answers are the room's own. Only its outbox is replaced: what changes waits there until
the world has it sent, instead of for a moment's time.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest import mock

from pycrdt import Map

from tests.fuzz.model import Change, Conflict, Flat, changes_between, flat
from tests.fuzz.peers import (
    COUNT,
    Arrival,
    Content,
    Edited,
    Received,
    Sent,
    Taken,
)
from tinybase_widget import MISSING, Room, Store, create_doc
from tinybase_widget.store._cells import to_raw
from tinybase_widget.sync import room
from tinybase_widget.sync._outbox import Outbox, Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pycrdt import Doc, TransactionEvent

    from tests.fuzz.steps import Start, Transaction
    from tinybase_widget.sync import Link


class HeldOutbox(Outbox):
    """An outbox that sends when it is told to."""

    def add(self, update: bytes, origin: Link | None) -> None:
        """Keep an update."""
        self._waiting.append(Outgoing(update, origin))

    def send(self) -> None:
        """Send what is kept."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._send(waiting)


class HeldRoom(Room):
    """A room with such an outbox, a document that is given to it, and no clock."""

    def __init__(self, store: Store, doc: Doc[Any]) -> None:
        self.moves = 0
        self.has_applied = self.hands_on = False
        with mock.patch.object(room, "create_doc", return_value=doc):
            super().__init__("fuzz", store)
        self._row_ids._now = partial(next, count(1))

    def _new_outbox(self) -> HeldOutbox:
        return HeldOutbox(partial(self._send_merged, generation=self._generation))

    def _apply(self, link: Link | None, update: bytes, *, is_answer: bool = False) -> None:
        self.has_applied = True
        super()._apply(link, update, is_answer=is_answer)

    def _on_update(self, event: TransactionEvent) -> None:
        self.moves += 1
        self.hands_on = self.hands_on or self._received is not None
        super()._on_update(event)

    def send(self) -> None:
        """Send what has changed."""
        for outbox in (self._former_outbox, self._outbox):
            assert isinstance(outbox, HeldOutbox)
            outbox.send()


class Wire:
    """A room's link to one other peer: keeps what is sent."""

    def __init__(self, other: int, sent: list[Sent]) -> None:
        self.other = other
        self._sent = sent

    @property
    def name(self) -> str:
        """The other peer's number."""
        return f"peer {self.other}"

    def is_open(self) -> bool:
        """Return True: that a message is lost nobody notices."""
        return True

    def send(self, frames: Sequence[bytes]) -> None:
        """Keep frames."""
        self._sent += (Sent(self.other, frame) for frame in frames)


class PythonPeer:
    """This package's Store in a room."""

    def __init__(
        self,
        slot: int,
        start: Start,
        others: Sequence[int],
        saved: bytes | None = None,
        load: tuple[dict[str, Any], dict[str, Any]] | None = None,
    ) -> None:
        self.store = Store()
        if load is not None:
            self.store.set_content(load)
        doc = create_doc(start.client_id)
        if saved is not None:
            doc.apply_update(saved)
        self.room = HeldRoom(self.store, doc)
        self._sent: list[Sent] = []
        self._wires = {other: Wire(other, self._sent) for other in others}
        for wire in self._wires.values():
            self.room.add_link(wire)
        if start.is_listening:
            self.store.add_tables_listener(
                partial(_count, self.store, f"{COUNT}{slot}"), mutator=True
            )

    @property
    def moves(self) -> int:
        return self.room.moves

    def edit(self, transactions: Sequence[Transaction], *, send: bool) -> Edited:
        changes: list[list[Change]] = []
        row_ids: dict[str, str] = {}
        conflicts: list[list[Conflict]] = []
        after: Flat = {}
        for transaction in transactions:
            conflicts.append(self._conflicts())
            before = self._flat()
            with self.store.transaction():
                for method, *arguments in transaction:
                    if method == "add_row":
                        table_id, row, name = arguments
                        row_ids[name] = str(self.store.add_row(table_id, row))
                    else:
                        getattr(self.store, method)(*arguments)
                after = self._flat()
            changes.append(changes_between(before, after))
        self.room.persister.flush()  # as the event loop of a kernel does
        return Edited(changes, row_ids, self._send() if send else [], conflicts)

    def receive(self, arrivals: Sequence[Arrival]) -> Received:
        taken = []
        for sender, frame, is_greeting in arrivals:
            self.room.has_applied = self.room.hands_on = False
            answers = self.room.receive(self._wires[sender], [frame])
            if is_greeting:
                answers.append(self.room.hello())
            taken.append(Taken(self.room.has_applied, self.room.hands_on, answers))
        return Received(taken, self._send())

    def _send(self) -> list[Sent]:
        self.room.send()
        sent = self._sent[:]
        self._sent.clear()
        return sent

    def hello(self) -> bytes:
        return self.room.hello()

    def greeting(self) -> list[bytes]:
        """Return the frames to greet a peer with."""
        return self.room.greeting()

    def compact(self) -> list[Sent]:
        """Put a fresh document in the place of the one so far.

        Raises:
            CompactionError: The room refuses.
        """
        self.room.compact()
        return self._send()

    def save(self) -> bytes:
        return self.room.doc.get_update()

    def content(self) -> Content:
        root = self.room.doc.get("tinybase", type=Map).to_py() or {}
        document = flat(root.get("t") or {}, root.get("v") or {})
        return Content(document, self._flat(), self._conflicts())

    def _conflicts(self) -> list[Conflict]:
        conflicts = [
            Conflict(
                tuple(filter(None, (each.table_id, each.row_id, each.cell_id))),
                _encoded(each.winner.value),
                _encoded(each.loser.value),
            )
            for each in self.room.persister.get_conflicts()
        ]
        return sorted(conflicts, key=repr)  # pycrdt has its own order each time

    def places(self) -> Iterable[tuple[str, ...]]:
        return self._flat().keys()

    def _flat(self) -> Flat:
        return flat(*self.store.get_content(encoded=True))

    def end(self) -> None:
        self.room.close()


def _encoded(cell: Any) -> Any:
    return cell if cell is MISSING else to_raw(cell)


def _count(store: Store, value_id: str, *_: Any) -> None:
    seen = store.get_value(value_id)
    store.set_value(value_id, seen + 1 if isinstance(seen, int) else 1)
