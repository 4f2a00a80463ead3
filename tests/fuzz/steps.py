"""What a program is made of: peers, links, and steps that mean something on their own.

A step names all that it needs, so that any part of a program is a program again: what a step finds
missing (a peer that is not there, no message, no row of that name) it leaves alone. A program's
repr is Python: what a failing test prints can be run again as it stands.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple, Union

# A method of the Store in Python's spelling, and its arguments. ("add_row", table, row, name) gives
# the new row a name that other operations may use in place of its id.
Operation = tuple[Any, ...]
Transaction = tuple[Operation, ...]


class Kind(str, Enum):
    """What runs at a peer."""

    PYTHON = "python"
    JS = "js"
    NPM = "npm"

    def __repr__(self) -> str:
        return f"Kind.{self.name}"

    @property
    def is_own(self) -> bool:
        """Whether the peer runs our code."""
        return self is not Kind.NPM


class Start(NamedTuple):
    """A peer as it begins: `load` is the number of the data that it loads, before it meets anyone.

    A peer that is `listening` counts changes, from a listener of its Store, in a value of its own.
    """

    kind: Kind
    client_id: int
    load: int | None = None
    is_listening: bool = False


class Edit(NamedTuple):
    """A peer's Store runs transactions, all in one tick; what follows is sent, or waits."""

    peer: int
    transactions: tuple[Transaction, ...]
    is_sent: bool = True


class Deliver(NamedTuple):
    """Some of the messages that wait for a peer arrive, in the order that the picks give."""

    peer: int
    picks: tuple[int, ...]


class Repeat(NamedTuple):
    """A message that waits for a peer will arrive twice."""

    peer: int
    pick: int


class Drop(NamedTuple):
    """A message that waits for a peer is lost."""

    peer: int
    pick: int


class Part(NamedTuple):
    """These peers can no longer reach the others: what is sent is lost."""

    peers: tuple[int, ...]


class Meet(NamedTuple):
    """Everybody can reach everybody again, and says hello."""


class Hello(NamedTuple):
    """A peer says hello to another, by a message like any other."""

    peer: int
    other: int


class Sync(NamedTuple):
    """Two peers compare their states, and the answers arrive at once."""

    peer: int
    other: int


class Save(NamedTuple):
    """A peer's document is saved."""

    peer: int


class Restart(NamedTuple):
    """A peer ends and begins again from its document: as it is, or as it was last saved."""

    peer: int
    client_id: int
    from_saved: bool = False


class Replace(NamedTuple):
    """A peer is gone, after telling another all it has or not, and a new one takes its place."""

    peer: int
    tells: int | None
    client_id: int
    load: int | None = None


Step = Union[  # noqa: UP007 - `X | Y` of classes is no type alias in Python 3.10's typing
    Edit, Deliver, Repeat, Drop, Part, Meet, Hello, Sync, Save, Restart, Replace
]


class Program(NamedTuple):
    """A run: who takes part, who is linked to whom, what happens, how it ends.

    In the end everybody exchanges everything. Messages still on their way arrive before, or are
    lost (`loses_rest`).
    """

    peers: tuple[Start | None, ...]
    links: tuple[tuple[int, int], ...]
    steps: tuple[Step, ...]
    loses_rest: bool = False

    def show(self) -> str:
        """Return the program as lines of Python, a step a line."""
        peers = "".join(f"        {peer!r},\n" for peer in self.peers)
        steps = "".join(f"        {step!r},\n" for step in self.steps)
        return (
            f"Program(\n    peers=(\n{peers}    ),\n    links={self.links!r},\n"
            f"    steps=(\n{steps}    ),\n    loses_rest={self.loses_rest!r},\n)"
        )
