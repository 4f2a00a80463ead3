"""What one token takes up, or one address where there is no token; so that none shuts others out.

Whoever comes with a token is counted by it and never by an address: a class behind one router has
one of these and may have as many tokens as people. IPv6 addresses count by their /64, of which one
computer has all.

Connections are counted while they are open; rooms that a token has made for good, in the database.
Edits leak from their count as fast as they may come in the long run: so much may come at once, and
in each hour as much again.
"""

from __future__ import annotations

import ipaddress
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget.server._grants import OPEN
from tinybase_widget.server._guarding import FullError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybase_widget.server._grants import Grant
    from tinybase_widget.server._room import ServedRoom

_PERIOD_S = 3600.0
_EASED = 0.9  # of what may come: who was refused comes again when there is that little
_MANY = 1000  # holders, from which on those are forgotten that hold nothing
_OF_A_NETWORK = 64  # bits of an IPv6 address

_STAYS = "what you change stays with you"


class LimitError(FullError):
    """A token or an address has as much as it may; the text is for whoever wants more."""


class Limits(NamedTuple):
    """What each may have.

    Attributes:
        connections: How many connections at once.
        rooms: How many rooms it may make; 0 for any.
        edits: How many bytes of edits it may bring in an hour; 0 for any.
    """

    connections: int
    rooms: int
    edits: int


class Holder:
    """A token, or an address.

    Args:
        token: The token's id; `None` for an address.
        limits: What it may have.
        rooms: How many rooms it has made.
    """

    def __init__(self, token: str | None, limits: Limits, rooms: int = 0) -> None:
        self.token = token
        self.is_warned_of = False
        self._kind = "address" if token is None else "token"
        self._limits = limits
        self._connections = 0
        self._rooms = rooms
        self._edits = 0.0
        self._leaked = monotonic()

    def is_idle(self) -> bool:
        """Return whether it holds nothing that would have to be remembered."""
        return self._connections <= 0 and self._rooms <= 0 and self._level() <= 0

    # Connections

    def enter(self) -> None:
        """Count a connection more.

        Raises:
            LimitError: It has as many as it may.
        """
        most = self._limits.connections
        if self._connections >= most:
            raise LimitError(
                f"too many connections with this {self._kind} ({most} at most); try again later"
            )
        self._connections += 1

    def leave(self) -> None:
        """Count a connection less."""
        self._connections -= 1
        self.is_warned_of = False

    # Edits

    def begin(self, room: ServedRoom, size: int) -> None:
        """Count an edit that is to come, and the room if it is the first there.

        Args:
            room: Its room.
            size: Its size in bytes.

        Raises:
            LimitError: It is too much.
        """
        if self.has_too_many_edits():
            raise LimitError(
                f"this {self._kind} has brought {self._limits.edits >> 20} MB of edits in an hour, "
                f"as much as it may; {_STAYS}, and comes again by itself"
            )
        if room.is_new() and room.maker is None:
            if 0 < self._limits.rooms <= self._rooms:
                raise LimitError(
                    f"this {self._kind} has made {self._rooms} rooms, as many as it may; go on in "
                    f"one of them; {_STAYS}"
                )
            room.maker = self
            self._rooms += 1
        self._edits += size

    def end(self, room: ServedRoom, size: int, taken: int) -> None:
        """Count what of an edit was taken.

        Args:
            room: Its room.
            size: What was counted for it, in bytes.
            taken: What was new of it, in bytes.
        """
        self._edits -= size - taken
        if room.maker is self and room.is_new():
            room.maker = None
            self._rooms -= 1

    def has_too_many_edits(self) -> bool:
        """Return whether it may bring no more edits now."""
        return 0 < self._limits.edits <= self._level()

    def seconds_to_ease(self) -> float:
        """Return after how long it may bring edits again, and some at once."""
        excess = self._level() - _EASED * self._limits.edits
        return max(0.0, excess / max(1, self._limits.edits) * _PERIOD_S)

    def _level(self) -> float:
        now = monotonic()
        leaked = (now - self._leaked) / _PERIOD_S * self._limits.edits
        self._leaked = now
        self._edits = max(0.0, self._edits - leaked)
        return self._edits


class Holders:
    """All of them.

    Args:
        limits: What each may have.
        made: How many rooms tokens have made, by their ids.
    """

    def __init__(self, limits: Limits, made: Mapping[str, int]) -> None:
        self._limits = limits
        self._made = made
        self._holders: dict[tuple[str, str], Holder] = {}

    def of(self, grant: Grant, address: str) -> Holder:
        """Return who holds what a client does that has come by a grant from an address."""
        key = ("address", network_of(address)) if grant == OPEN else ("token", grant.id)
        holder = self._holders.get(key)
        if holder is None:
            if len(self._holders) >= _MANY:
                self._holders = {
                    each: held for each, held in self._holders.items() if not held.is_idle()
                }
            token = None if grant == OPEN else grant.id
            rooms = self._made.get(grant.id, 0)
            holder = self._holders[key] = Holder(token, self._limits, rooms)
        return holder


def network_of(address: str) -> str:
    """Return what one computer can have of an address: all of it, or IPv6's first 64 bits."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ipaddress.ip_network((read, _OF_A_NETWORK), strict=False))
