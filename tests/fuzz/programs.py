"""Programs from seeds.

Each seed draws anew how large everything is, how likely each kind of step, and which kinds do not
occur at all: runs that lack something reach states that runs with a bit of everything do not.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.fuzz.loads import LARGE, SMALL
from tests.fuzz.operations import Operations, swarm
from tests.fuzz.steps import (
    Deliver,
    Drop,
    Edit,
    Hello,
    Kind,
    Meet,
    Part,
    Program,
    Repeat,
    Replace,
    Restart,
    Save,
    Start,
    Step,
    Sync,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.fuzz.model import Wrong

MOST_STEPS = 200
_MOST_LARGE_STEPS = 50


class Cast(NamedTuple):
    """Who takes part, and in what.

    Attributes:
        name: What tests call it.
        draw: Draws the kinds of the peers.
        has_deletions: Whether anything is deleted, or replaced as a whole.
        is_large: Whether there are tables of many rows that are made at once.
        excused: What may go wrong.
    """

    name: str
    draw: Callable[[Random], Sequence[Kind]]
    has_deletions: bool = True
    is_large: bool = False
    excused: frozenset[Wrong] = frozenset()


def generate(seed: int, cast: Cast, most_steps: int = MOST_STEPS) -> Program:
    """Return the program of a seed."""
    return _Generator(seed, cast, most_steps).generate()


class _Generator:
    """Draws one program."""

    def __init__(self, seed: int, cast: Cast, most_steps: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a seed that repeats the run is the point
        self._has_deletions = cast.has_deletions
        self._kinds = list(cast.draw(Random(seed)))  # noqa: S311 - the same; apart from the steps
        self._operations = Operations(
            self._random, has_deletions=cast.has_deletions, is_large=cast.is_large
        )
        self._loads = LARGE if cast.is_large else SMALL
        self._most_steps = min(most_steps, _MOST_LARGE_STEPS) if cast.is_large else most_steps
        self._is_bursty = self._random.random() < 0.3

    # Peers, links and steps

    def generate(self) -> Program:
        random = self._random
        everybody = range(len(self._kinds))
        loads_at_start = random.random() < 0.5
        peers = tuple(
            Start(
                kind,
                self._client_id(),
                random.choice(self._loads) if loads_at_start and random.random() < 0.6 else None,
                is_listening=random.random() < 0.05,
            )
            for kind in self._kinds
        )
        kinds = swarm(
            random,
            {
                self._edit: 30,
                self._deliver: 30,
                self._sync: 6,
                self._hello: 4,
                self._repeat: 3,
                self._drop: 3,
                self._part: 1,
                self._meet: 3,
                self._save: 2,
                self._restart: 3,
                self._replace: 2,
                self._recreate: 3 if self._has_deletions else 0,
                self._meet_again: 2,
            },
            always=(self._edit, self._deliver),
        )
        wanted = random.randint(10, self._most_steps)
        steps: list[Step] = []
        while len(steps) < wanted:
            steps += random.choices(list(kinds), list(kinds.values()))[0]()
        return Program(peers, self._links(everybody), tuple(steps[:wanted]), random.random() < 0.5)

    def _links(self, everybody: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Link everybody with everybody, in a star or in a line."""
        shape = self._random.choice(["mesh", "mesh", "star", "line"])
        if shape == "star":
            return tuple((0, other) for other in everybody[1:])
        if shape == "line":
            return tuple(pairwise(everybody))
        return tuple(combinations(everybody, 2))

    def _client_id(self) -> int:
        return self._random.randrange(1 << 20, 1 << 32)

    def _peer(self) -> int:
        return self._random.randrange(len(self._kinds))

    def _two(self) -> list[int]:
        return self._random.sample(range(len(self._kinds)), 2)

    def _pick(self) -> int:
        return self._random.randrange(1000)

    def _edit(self, peer: int | None = None) -> list[Step]:
        random = self._random
        if peer is None:
            peer = self._peer()
        how_many = 1
        if random.random() < 0.1:
            how_many = random.randint(10, 40) if self._is_bursty else random.randint(2, 6)
        transactions = tuple(self._operations.transaction() for _ in range(how_many))
        return [Edit(peer, transactions, random.random() < 0.7)]

    def _deliver(self) -> list[Step]:
        how_many = self._random.choice([1, 1, 2, 3, 6, 12])
        return [Deliver(self._peer(), tuple(self._pick() for _ in range(how_many)))]

    def _sync(self) -> list[Step]:
        return [Sync(*self._two())]

    def _hello(self) -> list[Step]:
        return [Hello(*self._two())]

    def _repeat(self) -> list[Step]:
        return [Repeat(self._peer(), self._pick())]

    def _drop(self) -> list[Step]:
        return [Drop(self._peer(), self._pick()) for _ in range(self._random.choice([1, 3]))]

    def _part(self) -> list[Step]:
        group = self._random.randrange(1, len(self._kinds))
        return [Part(tuple(sorted(self._random.sample(range(len(self._kinds)), group))))]

    def _meet(self) -> list[Step]:
        return [Meet()]

    def _save(self) -> list[Step]:
        return [Save(self._peer())]

    def _restart(self) -> list[Step]:
        return [Restart(self._peer(), self._client_id(), self._random.random() < 0.25)]

    def _replace(self) -> list[Step]:
        peer, other = self._two()
        tells = other if self._random.random() < 0.7 else None
        load = self._random.choice(self._loads) if self._random.random() < 0.5 else None
        return [Replace(peer, tells, self._client_id(), load)]

    def _recreate(self) -> list[Step]:
        """Delete a table or a row and make it again on purpose, here or at another peer."""
        peer, other = self._two()
        delete, make = self._operations.delete_and_recreate()
        maker = other if self._random.random() < 0.3 else peer
        return [Edit(peer, ((delete,),)), Sync(peer, other), Edit(maker, ((make,),))]

    def _meet_again(self) -> list[Step]:
        """Let two peers work on one row while apart, then compare."""
        one, other = self._two()
        edits = [self._edit(self._random.choice([one, other])) for _ in range(4)]
        return [step for edit in edits for step in edit] + [Sync(one, other)]
