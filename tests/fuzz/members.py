"""A peer in its place in a world, with all that the model needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.fuzz.network import Message

if TYPE_CHECKING:
    from tests.fuzz.model import Place
    from tests.fuzz.peers import Peer
    from tests.fuzz.steps import Start


class Saved(NamedTuple):
    """A peer's document, what it had got of the model's writes, and the places it had held."""

    document: bytes
    has: int
    held: frozenset[Place]


@dataclass
class Member:
    """A peer in its place, what it has got of the model's writes, and what it has not sent yet.

    `held` are the places that have had a value in its Store, where that is of interest.
    """

    slot: int
    start: Start
    peer: Peer
    has: int = 0
    held: set[Place] = field(default_factory=set)
    unsent: list[tuple[int, int | None]] = field(default_factory=list)  # writes, whence they came
    saved: Saved | None = None

    def save(self) -> Saved:
        """Return what it would begin from again."""
        return Saved(self.peer.save(), self.has, frozenset(self.held))

    def message(
        self, to: int, frame: bytes, writes: int = 0, *, is_greeting: bool = False
    ) -> Message:
        """Return a message of its own."""
        client_id = self.start.client_id
        return Message(self.slot, to, frame, writes, self.has, is_greeting, client_id)

    def take_over(self, writes: int, sender: int, *, as_it_came: bool) -> None:
        """Take note of what has come from another peer, to be handed on: all, or what is new."""
        self.unsent.append((writes if as_it_came else writes & ~self.has, sender))
        self.has |= writes

    def writes_for(self, other: int) -> int:
        """Return the writes that go to another peer with what has not been sent yet."""
        writes = 0
        for bits, origin in self.unsent:
            if origin != other:
                writes |= bits
        return writes
