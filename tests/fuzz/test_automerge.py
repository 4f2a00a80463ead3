"""Peers with Automerge documents: ours alone lose nothing, and npm's beside ours lose less.

The programs, the model and the judging are those of the Yjs peers.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.automerge_peers import AutomergeNode
from tests.fuzz.automerge_world import (
    KEEPING,
    PYTHON,
    THREE_NPM,
    TWO_OWN,
    check,
    faults_of,
    run,
)
from tests.fuzz.model import Wrong
from tests.fuzz.programs import Cast, generate
from tests.fuzz.steps import Edit, Kind, Program, Start, Sync
from tinybase_widget.persisters._automerge_ledger import Ledger, Moves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.node import Node

IS_LONG = bool(os.environ.get("TINYBASE_FUZZ"))
SEEDS = 2000 if IS_LONG else 60
BESIDE_NPM_SEEDS = 500 if IS_LONG else 20
PARTS = 10 if IS_LONG else 2
COMPARED_SEEDS = 100 if IS_LONG else 20


@pytest.fixture(scope="module")
def automerge_node() -> Iterator[Node]:
    """One process for all worlds, which come one after another."""
    node = AutomergeNode()
    yield node
    node.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_peers_that_meet_lose_nothing_and_revive_nothing(part: int) -> None:
    check(PYTHON, range(part, SEEDS, PARTS), None)


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_ours_hold_is_lost_beside_npm_while_nobody_deletes(
    part: int, automerge_node: Node
) -> None:
    check(KEEPING, range(part, BESIDE_NPM_SEEDS, PARTS), automerge_node)


FOUND = {
    "a value that gave way to one that was deleted does not come back": Program(
        peers=(
            Start(Kind.PYTHON, 1_432_796_728, load=1),
            Start(Kind.PYTHON, 3_746_860_204),
            Start(Kind.PYTHON, 4_258_038_986),
        ),
        links=((0, 1), (0, 2), (1, 2)),
        steps=(
            Sync(0, 1),
            Edit(0, ((("set_row", "third", "row 0", {"a": "v4"}),),)),
            Edit(1, ((("set_table", "third", {"row 0": {"a": 14}}),),)),
            Sync(2, 1),
            Sync(0, 2),
            Edit(1, ((("set_table", "third", {"0": {"b": "v86"}}),),)),
            Edit(0, ((("set_table", "third", {"row 1": {"b": 88}}),),)),
        ),
    ),
    "a listener deletes nothing that its Store has not heard of": Program(
        peers=(
            *(None, None, None),
            Start(Kind.PYTHON, 2_831_467_860, is_listening=True),
            Start(Kind.PYTHON, 1_873_121_632),
        ),
        links=((3, 4),),
        steps=(
            Edit(4, ((("set_cell", "third", "0", "a", 71),),)),
            Edit(3, ((("set_tables", {"third": {"0": {"a": "v90"}}}),),)),
            Edit(4, ((("set_tables", {"third": {"0": {"b": "v117"}}}),),), is_sent=False),
            Edit(4, ((("set_cell", "numbered", "33", "a", "v151"),),)),
        ),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_programs_that_once_went_wrong(name: str) -> None:
    assert faults_of(FOUND[name], None) == []


def test_less_is_lost_with_two_of_ours_than_among_npm_alone(automerge_node: Node) -> None:
    def lost(cast: Cast) -> int:
        faults = (
            fault
            for seed in range(COMPARED_SEEDS)
            for fault in run(generate(seed, cast), automerge_node).faults
        )
        return sum(fault.wrong in {Wrong.LOST, Wrong.LOST_HELD} for fault in faults)

    assert 0 < lost(TWO_OWN) <= 0.6 * lost(THREE_NPM)


def goes_wrong(kinds: set[Wrong], seeds: int) -> bool:
    """Return whether one of the first seeds has such a fault."""
    return any(
        fault.wrong in kinds
        for seed in range(seeds)
        for fault in faults_of(generate(seed, PYTHON), None)
    )


def test_without_moving_rows_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "moves", lambda *_, **__: Moves({}, []))
    assert goes_wrong({Wrong.LOST}, 10)


def test_without_knowing_what_moves_are_the_same_deleted_values_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Ledger, "_take_move", lambda *_: None)
    assert goes_wrong({Wrong.BACK, Wrong.STALE}, 30)


@pytest.mark.parametrize("kinds", [(Kind.PYTHON, Kind.PYTHON), (Kind.PYTHON, Kind.NPM)])
def test_a_thousand_edits_in_one_tick_all_arrive(
    kinds: tuple[Kind, Kind], automerge_node: Node
) -> None:
    burst = tuple((("set_cell", "t", str(at % 300), "abcd"[at // 300], at),) for at in range(1000))
    program = Program(
        (Start(kinds[0], 5_000_000), Start(kinds[1], 6_000_000)),
        ((0, 1),),
        (Sync(0, 1), Edit(0, burst)),
    )
    assert faults_of(program, automerge_node) == []


@pytest.mark.parametrize("load", [None, 0, 1])
@pytest.mark.parametrize("newcomer", [Kind.PYTHON, Kind.NPM])
@pytest.mark.parametrize("loses_rest", [False, True])
def test_a_newcomer_wipes_nothing_and_is_not_wiped(
    newcomer: Kind, load: int | None, loses_rest: bool, automerge_node: Node
) -> None:
    edits = [
        Edit(0, ((("set_partial_row", table_id, row_id, {"a": at, "b": f"b{at}"}),),))
        for at, table_id in enumerate(["numbered", "third"])
        for row_id in ["0", "row 1"]
    ]
    program = Program(
        (Start(Kind.PYTHON, 5_000_000), Start(newcomer, 6_000_000, load)),
        ((0, 1),),
        (*edits, Edit(0, ((("set_value", "y", 5),),))),
        loses_rest=loses_rest,
    )
    assert faults_of(program, automerge_node) == [], program.show()
