"""A peer as a world sees it: frames go in and out, a Store can be edited and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.fuzz.model import Change, Conflict, Flat
    from tests.fuzz.steps import Start, Transaction

STEP_1, STEP_2, UPDATE = range(3)
COUNT = "changes seen by "  # and a peer's number: a value that only that peer's listener sets


def frame_kind(frame: bytes) -> int | None:
    """Return what a frame of y-protocols is: one of three, or none of them."""
    return frame[1] if frame[0] == 0 else None


class Sent(NamedTuple):
    """A frame that a peer sends to another."""

    to: int
    frame: bytes


class Arrival(NamedTuple):
    """A frame that arrives at a peer; a greeting is also answered by the peer's own state."""

    sender: int
    frame: bytes
    is_greeting: bool


class Taken(NamedTuple):
    """What became of an arrival: whether it was taken over, and goes on as it came; the answers."""

    is_applied: bool
    is_handed_on: bool
    answers: list[bytes]


class Edited(NamedTuple):
    """What transactions did: the changes of each, the ids of rows they added by name.

    `conflicts` are those that were open when each transaction began.
    """

    changes: list[list[Change]]
    row_ids: dict[str, str]
    sent: list[Sent]
    conflicts: list[list[Conflict]]


class Received(NamedTuple):
    """What became of some arrivals, and what a peer sends because of them."""

    taken: list[Taken]
    sent: list[Sent]


class Content(NamedTuple):
    """What a peer has: its document's content, its Store's, the open conflicts it knows of."""

    document: Flat
    store: Flat
    conflicts: list[Conflict] | None


class Peer(Protocol):
    """A Store and a document with a way to others."""

    @property
    def moves(self) -> int:
        """How often the document has changed."""

    def edit(self, transactions: Sequence[Transaction], *, send: bool) -> Edited:
        """Run transactions in one tick."""

    def receive(self, arrivals: Sequence[Arrival]) -> Received:
        """Take frames, and send what follows from them and what has waited."""

    def hello(self) -> bytes:
        """Return the frame that says what this peer has."""

    def save(self) -> bytes:
        """Return the document."""

    def content(self) -> Content:
        """Return what the peer has."""

    def places(self) -> Iterable[tuple[str, ...]]:
        """Return the places where the Store has something."""

    def end(self) -> None:
        """Go away."""


class MakePeer(Protocol):
    """A way to make peers."""

    def __call__(
        self,
        slot: int,
        start: Start,
        others: Sequence[int],
        saved: bytes | None = None,
        load: tuple[dict[str, Any], dict[str, Any]] | None = None,
    ) -> Peer:
        """Make a peer.

        Args:
            slot: Its number.
            start: How it begins.
            others: The peers that it is linked to.
            saved: A document to begin with.
            load: The Store's first tables and values.
        """
