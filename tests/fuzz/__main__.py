"""Runs single programs, and counts what goes wrong.

    python -m tests.fuzz CAST SEED             one seed; if it goes wrong, the shortest program
    python -m tests.fuzz CAST FIRST BEHIND     some seeds; what goes wrong, added up

The casts are those of casts.py.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.fuzz.casts import CASTS
from tests.fuzz.checking import faults_of, report
from tests.fuzz.node import Node
from tests.fuzz.programs import Cast, generate
from tests.fuzz.world import run


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    cast = CASTS.get(arguments[0]) if arguments else None
    seeds = [int(number) for number in arguments[1:] if number.isdigit()]
    if cast is None or len(seeds) not in (1, 2):
        sys.stdout.write(f"{__doc__}\nThey are: {', '.join(CASTS)}\n")
        return 2
    node = Node()
    try:
        return _one(cast, seeds[0], node) if len(seeds) == 1 else _count(cast, range(*seeds), node)
    finally:
        node.close()


def _one(cast: Cast, seed: int, node: Node) -> int:
    program = generate(seed, cast)
    faults = faults_of(program, node, cast.excused)
    text = report(cast, seed, program, faults, node) if faults else "nothing is wrong"
    sys.stdout.write(f"{text}\n")
    return int(bool(faults))


def _count(cast: Cast, seeds: range, node: Node) -> int:
    wrong: Counter[str] = Counter()
    failing: list[int] = []
    steps = 0
    begin = time.monotonic()
    for seed in seeds:
        outcome = run(generate(seed, cast), node)
        wrong.update(fault.wrong.value for fault in outcome.faults)
        steps += outcome.steps
        if outcome.faults:
            failing.append(seed)
    seconds = time.monotonic() - begin
    sys.stdout.write(
        f"{cast.name}: {len(seeds)} seeds, {steps} steps, {steps / seconds:.0f} steps a second\n"
    )
    for what, count in sorted(wrong.items()):
        sys.stdout.write(f"{count:7} {what}\n")
    if failing:
        sys.stdout.write(f"seeds: {' '.join(map(str, failing[:40]))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
