"""The questions of a room's clients that wait for an answer.

A client counts the answers to its questions, so each is answered: the first of those that wait with
what the client lacks, which is all that the others could ask for, and these with nothing. What is
kept of them is one state vector and a few numbers, however many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tinybase_widget.server._client import Client


class _Waiting(NamedTuple):
    state: bytes
    needed: list[list[int]]  # how many edits have to be on the disk, and how many questions wait


class Questions:
    """Questions by their clients."""

    def __init__(self) -> None:
        self._waiting: dict[Client, _Waiting] = {}

    def add(self, client: Client, state: bytes, needed: int) -> None:
        """Note a question.

        Args:
            client: Who asks.
            state: What they have.
            needed: How many of the room's edits have to be on the disk before it is answered.
        """
        waiting = self._waiting.setdefault(client, _Waiting(state, []))
        if waiting.needed and waiting.needed[-1][0] == needed:
            waiting.needed[-1][1] += 1
        else:
            waiting.needed.append([needed, 1])

    def clients(self) -> list[Client]:
        """Return whose questions wait."""
        return list(self._waiting)

    def take(self, client: Client, kept: int) -> tuple[bytes, int] | None:
        """Return what a client has, and how many questions of theirs to answer; if there are any.

        Args:
            client: The client.
            kept: How many of the room's edits are on the disk.
        """
        waiting = self._waiting.get(client)
        if waiting is None:
            return None
        count = 0
        while waiting.needed and waiting.needed[0][0] <= kept:
            count += waiting.needed.pop(0)[1]
        if not waiting.needed:
            del self._waiting[client]
        return (waiting.state, count) if count else None

    def forget(self, client: Client) -> None:
        """Forget a client."""
        self._waiting.pop(client, None)
