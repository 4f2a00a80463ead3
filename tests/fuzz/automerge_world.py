"""The fuzzer's worlds with Automerge in the place of Yjs."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.fuzz.automerge_peers import AutomergeNode, AutomergePeer
from tests.fuzz.model import Fault, Wrong
from tests.fuzz.programs import Cast, generate
from tests.fuzz.shrinking import MOST_RUNS, shrink
from tests.fuzz.steps import Kind
from tests.fuzz.world import Outcome, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from tests.fuzz.node import Node
    from tests.fuzz.peers import MakePeer
    from tests.fuzz.steps import Program

# Frames carry hashes and base64, so their size says nothing; conflicts are not told of.
_NOT_JUDGED = frozenset({Wrong.SIZE, Wrong.CONFLICT})
# What npm's persister does to its own content, also beside us.
_OF_NPM = frozenset({Wrong.LOST, Wrong.BACK, Wrong.STALE, Wrong.NPM_STORE})


def _beside_npm(random: Random) -> Sequence[Kind]:
    kinds = [Kind.PYTHON] * random.randint(2, 3) + [Kind.NPM]
    random.shuffle(kinds)
    return kinds


PYTHON = Cast("automerge", lambda random: [Kind.PYTHON] * random.randint(3, 6))
KEEPING = Cast("automerge-keeping", _beside_npm, has_deletions=False, excused=_OF_NPM)
THREE_NPM = Cast("automerge-npm", lambda _: [Kind.NPM] * 3, excused=_OF_NPM)
TWO_OWN = Cast("automerge-two-own", lambda _: [Kind.PYTHON, Kind.PYTHON, Kind.NPM], excused=_OF_NPM)
CASTS = {cast.name: cast for cast in (PYTHON, KEEPING, THREE_NPM, TWO_OWN)}


class AutomergeWorld(World):
    """One run of a program whose peers have Automerge documents."""

    def _make_peer(self, kind: Kind) -> MakePeer:
        if kind is Kind.PYTHON:
            return AutomergePeer
        assert self._node is not None, f"a {kind.value} peer needs Node.js"
        return self._node.make_peer


def run(program: Program, node: Node | None = None) -> Outcome:
    """Run a program; `node` has npm's peers."""
    return AutomergeWorld(program, node).run()


def faults_of(
    program: Program, node: Node | None, excused: frozenset[Wrong] = frozenset()
) -> list[Fault]:
    """Return what is wrong with a program's end and not excused."""
    return [
        fault for fault in run(program, node).faults if fault.wrong not in excused | _NOT_JUDGED
    ]


def check(cast: Cast, seeds: Iterable[int], node: Node | None) -> None:
    """Run programs and fail with the shortest one that goes wrong like the first that does."""
    for seed in seeds:
        program = generate(seed, cast)
        faults = faults_of(program, node, cast.excused)
        if faults:
            raise AssertionError(report(cast, seed, program, faults, node))


def report(cast: Cast, seed: int, program: Program, faults: list[Fault], node: Node | None) -> str:
    """Return what to print of a program that fails."""
    wrong = {fault.wrong for fault in faults}
    shortest = shrink(
        program,
        lambda each: any(fault.wrong in wrong for fault in faults_of(each, node, cast.excused)),
        MOST_RUNS,
    )
    ends = "".join(f"  {fault}\n" for fault in faults_of(shortest, node, cast.excused)[:20])
    return (
        f"seed {seed} of {cast.name!r} goes wrong; the shortest program that does:\n\n"
        f"{shortest.show()}\n\n{ends}\n"
        f"Run it again: .venv/bin/python -m tests.fuzz.automerge_world {cast.name} {seed}\n"
    )


def main(arguments: list[str]) -> int:
    """Run one seed, or some: `python -m tests.fuzz.automerge_world CAST FIRST [BEHIND]`."""
    cast, *numbers = arguments
    seeds = [int(number) for number in numbers]
    node = AutomergeNode()
    wrong: Counter[str] = Counter()
    failing: list[int] = []
    begin = time.monotonic()
    try:
        if len(seeds) == 1:
            check(CASTS[cast], seeds, node)
            return 0
        for seed in range(*seeds):
            faults = faults_of(generate(seed, CASTS[cast]), node, CASTS[cast].excused)
            wrong.update(fault.wrong.value for fault in faults)
            failing += [seed] * bool(faults)
    finally:
        node.close()
    seconds = time.monotonic() - begin
    sys.stdout.write(f"{seconds:.0f} s, {dict(wrong)}, seeds: {failing[:40]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
