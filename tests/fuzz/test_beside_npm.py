"""Our peers beside unmodified npm TinyBase, whose persister makes and deletes whole containers.

It loses of its own content: that is counted, here and among npm peers alone. What ours hold must
not be lost as long as nobody deletes anything; and newcomers wipe nothing, nor are they wiped.
"""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.casts import KEEPING, THREE_NPM, TWO_OWN
from tests.fuzz.checking import check
from tests.fuzz.model import Wrong
from tests.fuzz.programs import Cast, generate
from tests.fuzz.steps import Edit, Kind, Program, Start
from tests.fuzz.world import run

if TYPE_CHECKING:
    from tests.fuzz.node import Node

IS_LONG = bool(os.environ.get("TINYBASE_FUZZ"))
SEEDS = 2000 if IS_LONG else 80
PARTS = 10 if IS_LONG else 2
COMPARED_SEEDS = 200 if IS_LONG else 40
NEWCOMERS = 100 if IS_LONG else 10


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_ours_hold_is_lost_while_nobody_deletes(part: int, node: Node) -> None:
    check(KEEPING, range(part, SEEDS, PARTS), node)


def test_less_is_lost_with_two_of_ours_than_among_npm_alone(node: Node) -> None:
    def lost(cast: Cast) -> int:
        faults = (
            fault
            for seed in range(COMPARED_SEEDS)
            for fault in run(generate(seed, cast), node).faults
        )
        return sum(fault.wrong in {Wrong.LOST, Wrong.LOST_HELD} for fault in faults)

    assert 0 < lost(TWO_OWN) <= 0.6 * lost(THREE_NPM)


@pytest.mark.parametrize(
    ("first", "newcomer"),
    [
        (Kind.PYTHON, Kind.PYTHON),
        (Kind.PYTHON, Kind.JS),
        (Kind.PYTHON, Kind.NPM),
        (Kind.JS, Kind.PYTHON),
        (Kind.JS, Kind.JS),
        (Kind.JS, Kind.NPM),
        (Kind.NPM, Kind.PYTHON),
        (Kind.NPM, Kind.JS),
    ],
)
@pytest.mark.parametrize("load", [None, 0, 1])
def test_a_newcomer_wipes_nothing_and_is_not_wiped(
    first: Kind, newcomer: Kind, load: int | None, node: Node
) -> None:
    for seed in range(NEWCOMERS):
        random = Random(seed)  # noqa: S311 - a seed that repeats the run is the point
        one, other = (random.randrange(1 << 20, 1 << 32) for _ in range(2))
        edits = [
            Edit(0, ((("set_partial_row", table_id, row_id, {"a": at, "b": f"b{at}"}),),))
            for at, table_id in enumerate(["numbered", "third"])
            for row_id in ["0", "row 1"]
        ]
        program = Program(
            (Start(first, one), Start(newcomer, other, load)),
            ((0, 1),),
            (*edits, Edit(0, ((("set_value", "y", 5),),))),
            loses_rest=bool(seed % 2),
        )
        assert run(program, node).faults == [], program.show()
