"""What connects a room to another replica: a link moves frames and knows nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence


class Link(Protocol):
    """A way to one or more other replicas of a room.

    `room.add_link(link)` starts it. What it receives it hands to `room.receive(link, frames)`, from
    any thread. A link that can't deliver drops what it was given: the replicas compare their states
    again when it is back, and at intervals.

    A link may say more, by attributes: that it `is_watched` by people, who are then shown that this
    replica edits, and that it `is_shared` by several who hear of each other only from here.
    """

    @property
    def name(self) -> str:
        """Who is at the other end, as far as it is known; for messages to people."""

    def is_open(self) -> bool:
        """Return whether somebody is at the other end."""

    def send(self, frames: Sequence[bytes]) -> None:
        """Send frames, in order. Never waits for the other side, never raises."""


@runtime_checkable
class WishingLink(Protocol):
    """A link to pages, which can do more than exchange frames (`_page_route`)."""

    def send_wish(self, wish: dict[str, Any], page: str | None) -> None:
        """Send what is wished of a page, or of all pages."""
