"""Runs the program of a seed, and tells of a failing one what anybody needs to look into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.programs import generate
from tests.fuzz.shrinking import MOST_RUNS, shrink
from tests.fuzz.world import run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.fuzz.model import Fault, Wrong
    from tests.fuzz.node import Node
    from tests.fuzz.programs import Cast
    from tests.fuzz.steps import Program


def faults_of(
    program: Program, node: Node | None, excused: frozenset[Wrong] = frozenset()
) -> list[Fault]:
    """Return what is wrong with a program's end and not excused."""
    return [fault for fault in run(program, node).faults if fault.wrong not in excused]


def check(cast: Cast, seeds: Iterable[int], node: Node | None) -> None:
    """Run programs and fail with the shortest one that goes wrong like the first that does."""
    for seed in seeds:
        program = generate(seed, cast)
        faults = faults_of(program, node, cast.excused)
        if faults:
            raise AssertionError(report(cast, seed, program, faults, node))


def goes_wrong(
    cast: Cast, wrong: Iterable[Wrong], node: Node | None = None, seeds: int = 60
) -> bool:
    """Return whether one of the first seeds has such a fault."""
    return any(
        fault.wrong in wrong
        for seed in range(seeds)
        for fault in run(generate(seed, cast), node).faults
    )


def report(
    cast: Cast,
    seed: int,
    program: Program,
    faults: list[Fault],
    node: Node | None,
    most_runs: int = MOST_RUNS,
) -> str:
    """Return what to print of a program that fails."""
    wrong = {fault.wrong for fault in faults}
    shortest = shrink(
        program,
        lambda each: any(fault.wrong in wrong for fault in faults_of(each, node, cast.excused)),
        most_runs,
    )
    return (
        f"seed {seed} of {cast.name!r} goes wrong:\n{_lines(faults)}\n"
        f"The shortest program that does ({len(shortest.steps)} of {len(program.steps)} steps):\n\n"
        f"{shortest.show()}\n\n{_lines(faults_of(shortest, node, cast.excused))}\n"
        f"Run it again: .venv/bin/python -m tests.fuzz {cast.name} {seed}\n"
        "Once mended, it belongs into tests/fuzz/test_found_programs.py."
    )


def _lines(faults: list[Fault]) -> str:
    return "".join(f"  {fault}\n" for fault in faults[:20])
