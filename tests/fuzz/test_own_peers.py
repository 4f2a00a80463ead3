"""Peers that all run our code: nothing is lost, nothing comes back, nothing is stale.

Each seed is a run of 3 to 6 peers and up to 200 steps, checked in the end: all documents are equal,
every Store is its document, and what is there is what the model says (`model.py`).
`TINYBASE_FUZZ=1` (`make fuzz`) runs many more seeds.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.casts import OF_MANY_ROWS, OWN, PYTHON
from tests.fuzz.checking import check, faults_of
from tests.fuzz.steps import Edit, Kind, Program, Start, Sync

if TYPE_CHECKING:
    from tests.fuzz.node import Node
    from tests.fuzz.programs import Cast

SEEDS = 5000 if os.environ.get("TINYBASE_FUZZ") else 100
PARTS = 20 if os.environ.get("TINYBASE_FUZZ") else 4


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("cast", OWN, ids=lambda cast: cast.name)
def test_peers_that_meet_lose_nothing_and_revive_nothing(cast: Cast, part: int, node: Node) -> None:
    check(cast, range(part, SEEDS, PARTS), None if cast is PYTHON else node)


@pytest.mark.parametrize("cast", OF_MANY_ROWS, ids=lambda cast: cast.name)
def test_peers_that_make_many_rows_at_once_lose_nothing(cast: Cast, node: Node) -> None:
    check(cast, range(SEEDS // 5), node)


@pytest.mark.parametrize("kind", [Kind.PYTHON, Kind.JS])
def test_a_thousand_edits_in_one_tick_all_arrive(kind: Kind, node: Node) -> None:
    burst = tuple((("set_cell", "t", str(at % 300), "abcd"[at // 300], at),) for at in range(1000))
    program = Program(
        (Start(kind, 5_000_000), Start(Kind.PYTHON, 6_000_000), Start(Kind.JS, 7_000_000)),
        ((0, 1), (1, 2)),
        (Sync(0, 1), Edit(0, burst)),
    )
    assert faults_of(program, node) == []
