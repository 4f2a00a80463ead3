"""A link between two rooms of one process: for tests, lessons and benchmarks.

Nothing is delivered by itself: messages wait until `deliver` is called, in order or not, so that a
lesson can look at what happens between an edit and its arrival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tinybase_widget.sync.room import Room


class LocalLink:
    """One end of a link between two rooms; `LocalLink.connect` makes both.

    Args:
        room: The room at this end.
        name: What the room at this end calls the other.

    Attributes:
        room: The room at this end.
        other: The other end; `None` when the link is closed.
        waiting: The frames that have arrived at this end and were not delivered yet.
    """

    def __init__(self, room: Room, name: str) -> None:
        self.room = room
        self._name = name
        self.other: LocalLink | None = None
        self.waiting: list[bytes] = []

    @classmethod
    def connect(cls, one: Room, other: Room) -> tuple[LocalLink, LocalLink]:
        """Link two rooms and let both say hello.

        Example:
            >>> from tinybase_widget import LocalLink, Room, Store
            >>> left, right = Store().set_value("open", True), Store()
            >>> rooms = Room("zoo", left), Room("zoo", right)
            >>> links = LocalLink.connect(*rooms)
            >>> LocalLink.settle(*links)
            >>> right.get_value("open")
            True
        """
        ends = cls(one, other.peer), cls(other, one.peer)
        ends[0].other, ends[1].other = ends[1], ends[0]
        for end in ends:
            end.room.add_link(end)
        for end in ends:
            end.send(end.room.greeting())
        return ends

    @staticmethod
    def settle(*ends: LocalLink) -> None:
        """Deliver until nothing waits any more at these ends."""
        moved = True
        while moved:
            for end in ends:
                end.room.flush_outbox()
            moved = False
            for end in ends:
                moved = end.deliver() or moved

    @property
    def name(self) -> str:
        """The other room's peer id."""
        return self._name

    def is_open(self) -> bool:
        """Return whether the link has another end."""
        return self.other is not None

    def send(self, frames: Sequence[bytes]) -> None:
        """Put frames where the other end will find them."""
        if self.other is not None:
            self.other.waiting.extend(frames)

    def deliver(self, shuffle: Random | None = None) -> bool:
        """Hand what has arrived at this end to its room; return whether there was anything.

        Args:
            shuffle: Deliver in an order that this generator draws.
        """
        frames, self.waiting = self.waiting, []
        if shuffle is not None:
            shuffle.shuffle(frames)
        answers = self.room.receive(self, frames)
        if answers:
            self.send(answers)
        return bool(frames)

    def close(self) -> None:
        """Part the two rooms."""
        for end in (self, self.other):
            if end is not None:
                end.room.remove_link(end)
                end.other = None
