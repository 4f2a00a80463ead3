"""The network between peers: what is on its way, and what happens to it.

Messages between our own peers arrive in any order, twice or never. Links with an npm peer are like
the connections that its users have: what is sent arrives in order, or the connection breaks, and
then nothing arrives until the two have compared their states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Link = frozenset[int]


class Message(NamedTuple):
    """A frame on its way, the writes in it, what its sender knew, and the sender's client id."""

    sender: int
    to: int
    frame: bytes
    writes: int
    known: int
    is_greeting: bool
    client_id: int

    @property
    def link(self) -> Link:
        """The link that the message takes."""
        return frozenset((self.sender, self.to))


class Network:
    """Who is linked to whom, and the messages that wait for each peer.

    Args:
        links: Pairs of peers.
        npm: The peers that are npm's.
    """

    def __init__(self, links: Iterable[Sequence[int]], npm: Iterable[int]) -> None:
        self.links: list[Link] = [frozenset(link) for link in links]
        strangers = frozenset(npm)
        self.ordered = {link for link in self.links if link & strangers}
        self._waiting: dict[int, list[Message]] = {slot: [] for link in self.links for slot in link}
        self._broken: set[Link] = set()
        self._apart: frozenset[int] = frozenset()

    def neighbours(self, slot: int) -> list[int]:
        """Return the peers that a peer is linked to."""
        return sorted(end for link in self.links if slot in link for end in link - {slot})

    def can_reach(self, one: int, other: int) -> bool:
        """Return whether what one peer sends gets to another at the moment."""
        link = frozenset((one, other))
        return link in self.links and not self._is_cut(link)

    def is_broken(self, one: int, other: int) -> bool:
        """Return whether two peers have to compare their states first."""
        return frozenset((one, other)) in self._broken

    def _is_cut(self, link: Link) -> bool:
        return len(link & self._apart) == 1

    def part(self, slots: Iterable[int]) -> None:
        """Cut some peers off from the others."""
        self._apart = frozenset(slots)

    def meet(self) -> list[Link]:
        """End that, and return the links that were cut."""
        cut = [link for link in self.links if self._is_cut(link)]
        self._apart = frozenset()
        return cut

    # Messages

    def post(self, message: Message) -> None:
        """Send a message."""
        link = message.link
        if self._is_cut(link):
            self.lose_all(link)
        elif link not in self._broken:
            self._waiting[message.to].append(message)

    def lose_all(self, link: Link) -> None:
        """Break a link where order counts: all on it is lost."""
        if link in self.ordered:
            self._broken.add(link)
            for slot in link:
                self._waiting[slot] = [each for each in self._waiting[slot] if each.link != link]

    def mend(self, link: Link) -> None:
        """Let messages pass again, because the peers compare their states."""
        self.lose_all(link)
        self._broken.discard(link)

    def renew(self, slot: int) -> None:
        """Take note that a new peer is at this place: nothing on its way is for it."""
        if slot in self._waiting:
            self._waiting[slot].clear()
        for link in self.links:
            if slot in link:
                self.lose_all(link)

    def pick(self, slot: int, pick: int) -> Message | None:
        """Return one of the messages that wait for a peer; of an ordered link the first."""
        waiting = self._waiting.get(slot)
        if not waiting:
            return None
        message = waiting[pick % len(waiting)]
        if message.link in self.ordered:
            return next(each for each in waiting if each.link == message.link)
        return message

    def take(self, slot: int, picks: Iterable[int]) -> list[Message]:
        """Return messages that wait for a peer, which arrive now."""
        messages = []
        for pick in picks:
            message = self.pick(slot, pick)
            if message is not None:
                self._waiting[slot].remove(message)
                messages.append(message)
        return messages

    def take_all(self, slot: int) -> list[Message]:
        """Return all messages that wait for a peer, in order."""
        messages, self._waiting[slot] = self._waiting[slot], []
        return messages

    def repeat(self, slot: int, pick: int) -> None:
        """Let a message arrive twice."""
        message = self.pick(slot, pick)
        if message is not None and message.link not in self.ordered:
            self._waiting[slot].append(message)

    def drop(self, slot: int, pick: int) -> None:
        """Lose a message, and with it the connection where order counts."""
        message = self.pick(slot, pick)
        if message is not None:
            self._waiting[slot].remove(message)
            self.lose_all(message.link)

    def waiting(self) -> list[int]:
        """Return the peers for which messages wait."""
        return [slot for slot, messages in self._waiting.items() if messages]

    def clear(self) -> None:
        """Lose everything that is on its way."""
        for messages in self._waiting.values():
            messages.clear()

    def fewest_links(self) -> list[tuple[int, int]]:
        """Return links by which everybody reaches everybody, none of them in vain."""
        slots = sorted(self._waiting)
        reached = set(slots[:1])
        links = []
        for _ in slots:
            for link in self.links:
                for one, other in (sorted(link), sorted(link, reverse=True)):
                    if one in reached and other not in reached:
                        reached.add(other)
                        links.append((one, other))
        return links
