"""Rooms of Python and of TypeScript in a row, for tests of what the fuzzer has no steps for.

What a peer sends waits until it is delivered. Links can be parted: then what is on them is lost,
and nothing is delivered until both ends have met again, and greeted each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycrdt import Doc

from tests.fuzz.peers import Arrival, Sent
from tests.fuzz.python_peer import PythonPeer
from tests.fuzz.steps import Kind, Start
from tinybase_widget.sync._generations import clocks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.model import Conflict, Flat
    from tests.fuzz.node import Node, NodePeer
    from tests.fuzz.steps import Transaction

_FIRST_CLIENT_ID = 1001


class Mesh:
    """Peers in a row, each linked to the next.

    Args:
        node: Where the TypeScript peers live.
        kinds: What runs at each peer, from first to last.
    """

    def __init__(self, node: Node, kinds: Sequence[Kind]) -> None:
        self.peers: list[PythonPeer | NodePeer] = []
        self.waiting: list[tuple[int, int, bytes]] = []
        self._links = {frozenset((slot, slot + 1)) for slot in range(len(kinds) - 1)}
        self._parted: set[frozenset[int]] = set()
        for slot, kind in enumerate(kinds):
            start = Start(kind, _FIRST_CLIENT_ID + slot)
            others = [each for each in (slot - 1, slot + 1) if 0 <= each < len(kinds)]
            make = PythonPeer if kind is Kind.PYTHON else node.make_peer
            self.peers.append(make(slot, start, others))
        self.greet()

    def edit(self, slot: int, *transactions: Transaction) -> None:
        """Run transactions on a peer's Store."""
        self._post(slot, self.peers[slot].edit(transactions, send=True).sent)

    def compact(self, slot: int) -> None:
        """Let a peer put a fresh document in the place of the one so far.

        Raises:
            CompactionError: The room refuses.
        """
        self._post(slot, self.peers[slot].compact())

    def part(self, one: int, other: int) -> None:
        """Cut a link."""
        link = frozenset((one, other))
        self._parted.add(link)
        self.waiting = [each for each in self.waiting if {each[0], each[1]} != link]

    def meet(self) -> None:
        """Mend all links."""
        self._parted.clear()
        self.greet()

    def greet(self) -> None:
        """Let all say hello, as they do at intervals."""
        for one, other in map(sorted, sorted(self._links, key=sorted)):
            for sender, to in ((one, other), (other, one)):
                self._post(sender, [Sent(to, each) for each in self.peers[sender].greeting()])

    def deliver(self, pick: int = 0) -> None:
        """Deliver one of the messages that wait; each link keeps its order."""
        sender, to, _ = self.waiting[pick]
        first = next(at for at, each in enumerate(self.waiting) if each[:2] == (sender, to))
        _, _, frame = self.waiting.pop(first)
        received = self.peers[to].receive([Arrival(sender, frame, is_greeting=False)])
        self._post(to, [Sent(sender, each) for taken in received.taken for each in taken.answers])
        self._post(to, received.sent)

    def drain(self) -> None:
        """Deliver everything, with what follows from it."""
        limit = 2000
        while self.waiting:
            self.deliver()
            limit -= 1
            assert limit, "the peers talk without end"

    def settle(self) -> None:
        """Deliver everything, greet again as often as anybody may need, and compare."""
        for _ in range(4):
            self.drain()
            self.greet()
        self.drain()
        assert len({frozenset(clocks_of(self.doc(slot)).items()) for slot in self.slots}) == 1
        for slot in self.slots:
            content = self.peers[slot].content()
            assert content.document == content.store == self.content(0)

    @property
    def slots(self) -> range:
        """The numbers of the peers."""
        return range(len(self.peers))

    def doc(self, slot: int) -> Doc[Any]:
        """Return a copy of a peer's document."""
        doc: Doc[Any] = Doc()
        doc.apply_update(self.peers[slot].save())
        return doc

    def content(self, slot: int) -> Flat:
        """Return what a peer's Store has."""
        return self.peers[slot].content().store

    def conflicts(self, slot: int) -> list[Conflict]:
        """Return the open conflicts that a peer knows of."""
        return self.peers[slot].content().conflicts or []

    def _post(self, sender: int, sent: Sequence[Sent]) -> None:
        for to, frame in sent:
            if frozenset((sender, to)) not in self._parted:
                self.waiting.append((sender, to, frame))
