"""The shortest program that still fails: leaves away steps, then what is in them, then peers.

Steps are left away by delta debugging (Zeller's ddmin): large pieces first, then smaller ones, as
long as that gets anywhere and time allows: a test that is stopped prints nothing.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from tests.fuzz.steps import Deliver, Edit, Program, Start, Step, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")
MOST_RUNS = 1000
MOST_SECONDS = 60.0


class _SpentError(Exception):
    """All runs have been used, or all time."""


def shrink(
    program: Program,
    fails: Callable[[Program], bool],
    most_runs: int = MOST_RUNS,
    most_seconds: float = MOST_SECONDS,
) -> Program:
    """Return a program that fails too and of which nothing can be left away.

    Args:
        program: A program that fails.
        fails: Runs a program and says whether it fails.
        most_runs: After so many runs the shortest one found so far must do.
        most_seconds: So it must after this time.
    """
    shrinking = _Shrinking(program, fails, most_runs, time.monotonic() + most_seconds)
    with suppress(_SpentError):
        shrinking.run()
    return shrinking.shortest


class _Shrinking:
    def __init__(
        self, program: Program, fails: Callable[[Program], bool], most_runs: int, end: float
    ) -> None:
        self.shortest = program
        self._fails = fails
        self._left = most_runs
        self._end = end

    def run(self) -> None:
        before = None
        while self.shortest != before:
            before = self.shortest
            self._leave_away_steps()
            self._simplify_steps()
            self._leave_away_peers()

    def _still_fails(self, program: Program) -> bool:
        if not self._left or time.monotonic() >= self._end:
            raise _SpentError
        self._left -= 1
        if not self._fails(program):
            return False
        self.shortest = program
        return True

    def _with(self, steps: Sequence[Step]) -> Program:
        return self.shortest._replace(steps=tuple(steps))

    def _leave_away_steps(self) -> None:
        size = max(len(self.shortest.steps) // 2, 1)
        while True:
            steps = self.shortest.steps
            found = any(
                self._still_fails(self._with(steps[:at] + steps[at + size :]))
                for at in reversed(range(0, len(steps), size))
            )
            if not found:
                if size == 1:
                    return
                size //= 2

    def _simplify_steps(self) -> None:
        at = 0
        while at < len(self.shortest.steps):
            steps = self.shortest.steps
            if not any(
                self._still_fails(self._with([*steps[:at], simpler, *steps[at + 1 :]]))
                for simpler in _simpler(steps[at])
            ):
                at += 1

    def _leave_away_peers(self) -> None:
        for slot, start in enumerate(self.shortest.peers):
            for simpler in _simpler_peers(start):
                if simpler is None and sum(map(bool, self.shortest.peers)) == 1:
                    continue
                peers = (*self.shortest.peers[:slot], simpler, *self.shortest.peers[slot + 1 :])
                links = self.shortest.links if simpler else _around(slot, self.shortest.links)
                if self._still_fails(self.shortest._replace(peers=peers, links=links)):
                    break


def _simpler_peers(start: Start | None) -> Iterator[Start | None]:
    """Yield what a peer may be instead: nobody, or one that begins with less."""
    if start is not None:
        yield None
        simpler = start._replace(load=None, is_listening=False)
        if simpler != start:
            yield simpler


def _around(slot: int, links: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return links without a peer, those it was linked to linked with one another."""
    neighbours = sorted({end for link in links if slot in link for end in link} - {slot})
    new = {(one, other) for one in neighbours for other in neighbours if one < other}
    return tuple(sorted({link for link in links if slot not in link} | new))


def _simpler(step: Step) -> Iterator[Step]:
    """Yield steps that do a little less than one."""
    if isinstance(step, Edit):
        for less in _without_one(step.transactions):
            yield step._replace(transactions=less)
        for at, transaction in enumerate(step.transactions):
            for operations in (*_without_one(transaction), *_smaller(transaction)):
                transactions = (*step.transactions[:at], operations, *step.transactions[at + 1 :])
                yield step._replace(transactions=transactions)
    elif isinstance(step, Deliver):
        for picks in _without_one(step.picks):
            yield step._replace(picks=picks)


def _smaller(transaction: Transaction) -> Iterator[Transaction]:
    """Yield a transaction with less in one of the things it sets."""
    for at, (*arguments, content) in enumerate(transaction):
        if isinstance(content, dict):
            for smaller in _parts(content):
                yield (*transaction[:at], (*arguments, smaller), *transaction[at + 1 :])


def _parts(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield contents of a half, or without one, of what there is, here or further below."""
    keys = list(content)
    if len(keys) > 1:
        for half in (keys[: len(keys) // 2], keys[len(keys) // 2 :]):
            yield {key: content[key] for key in half}
        for without in keys:
            yield {key: content[key] for key in keys if key != without}
    for key, below in content.items():
        if isinstance(below, dict):
            for part in _parts(below):
                yield {**content, key: part}


def _without_one(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    if len(items) > 1:
        for at in range(len(items)):
            yield items[:at] + items[at + 1 :]
