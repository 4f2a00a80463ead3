"""What a room has heard of its peers: enough to say whether a compaction would leave one behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tinybase_widget.sync._generations import FIRST, Generation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinybase_widget.sync._link import Link


@dataclass
class Peer:
    """What is known of one peer.

    Attributes:
        knows_generations: Whether it has ever named a generation.
        generation: The generation it was in when it was heard last.
        has_answered: Whether it has given, since it is there, what this replica lacked.
        is_ahead: Whether an edit of its came that could not be taken over yet.
        clocks: What it had when it said hello last.
        was_given: What it has been given since it said so, ahead of the answer.
        was_asked: Whether it was asked what it has, beside the hellos of the link.
        is_warned_of: Whether it was warned of being a stranger.
    """

    knows_generations: bool = False
    generation: Generation = FIRST
    has_answered: bool = False
    is_ahead: bool = False
    clocks: Mapping[int, int] = field(default_factory=dict)
    was_given: Mapping[int, int] = field(default_factory=dict)
    was_asked: bool = False
    is_warned_of: bool = False

    def hear(self, generation: Generation, *, names_it: bool) -> None:
        """Take note of a frame's generation."""
        if names_it:
            self.knows_generations = True
        if generation != self.generation:
            self.generation = generation
            self.has_answered = self.is_ahead = self.was_asked = False

    def obstacle(self, generation: Generation, clocks: Mapping[int, int]) -> str | None:
        """Return what speaks against a compaction, as the end of a sentence about the peer."""
        if not self.knows_generations:
            return (
                "does not know of compaction, and would be left behind with the old document; "
                "disconnect it, or update it if it runs an older version"
            )
        if self.generation != generation:
            return "has not followed the last compaction yet; try again when it has"
        if not self.has_answered:
            return "has not said yet what it has; try again in a moment"
        if self.is_ahead or any(clocks.get(each, 0) < end for each, end in self.clocks.items()):
            return "has edits that have not arrived here yet; try again in a moment"
        return None


class Peers:
    """The peers at the ends of a room's links."""

    def __init__(self) -> None:
        self._by_link: dict[Link, dict[str, Peer]] = {}

    def at(self, link: Link, sender: str) -> Peer:
        """Return what is known of a peer.

        Args:
            link: The link it is heard over.
            sender: What tells it from others at the end of that link.
        """
        return self._by_link.setdefault(link, {}).setdefault(sender, Peer())

    def forget(self, link: Link, sender: str | None = None) -> None:
        """Forget a peer that has gone; without a sender, all at the end of a link."""
        if sender is None:
            self._by_link.pop(link, None)
        else:
            self._by_link.get(link, {}).pop(sender, None)

    def obstacles(
        self, links: Iterable[Link], generation: Generation, clocks: Mapping[int, int]
    ) -> list[str]:
        """Return what speaks against a compaction, a sentence each.

        Args:
            links: The links that are open.
            generation: The generation of the document.
            clocks: What the document has.
        """
        found: list[str] = []
        for link in links:
            peers = self._by_link.get(link, {})
            if not peers:
                found.append(f"{link.name} has not been heard yet; try again in a moment")
            for sender, peer in peers.items():
                obstacle = peer.obstacle(generation, clocks)
                if obstacle is not None:
                    name = sender if sender and sender not in link.name else link.name
                    found.append(f"{name} {obstacle}")
        return found
