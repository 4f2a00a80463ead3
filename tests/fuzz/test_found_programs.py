"""Programs that once went wrong: the shortest that the fuzzer found for each fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.casts import KEEPING
from tests.fuzz.checking import faults_of
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
    Start,
    Sync,
)

if TYPE_CHECKING:
    from tests.fuzz.node import Node

OWN = {
    "a kernel that loads the same values again overwrites nothing": Program(
        peers=(
            Start(Kind.PYTHON, 3_825_203_648),
            Start(Kind.PYTHON, 180_923_239),
            Start(Kind.PYTHON, 65_476_228),
        ),
        links=((0, 1), (0, 2), (1, 2)),
        steps=(
            Replace(0, 1, 1_997_949_996, load=0),
            Replace(1, 2, 4_232_799_994),
            Deliver(0, (205,)),
            Deliver(1, (582,)),
            Replace(2, 1, 3_593_257_674, load=0),
            Edit(1, ((("set_value", "x", 163),),)),
        ),
        loses_rest=True,
    ),
    "a value that was deleted does not come back with a kernel that loads it again": Program(
        peers=(Start(Kind.PYTHON, 4_014_778_500), Start(Kind.PYTHON, 2_057_240_043)),
        links=((0, 1),),
        steps=(
            Replace(0, 1, 3_739_299_102, load=0),
            Replace(1, None, 2_460_353_245, load=0),
            Edit(1, ((("del_value", "x"),),), is_sent=False),
        ),
        loses_rest=True,
    ),
    "a record whose edits went with their replica is no conflict": Program(
        peers=(
            Start(Kind.PYTHON, 758_182_101),
            Start(Kind.PYTHON, 1_008_022_162),
            Start(Kind.PYTHON, 552_299_096),
            Start(Kind.PYTHON, 3_214_940_199),
        ),
        links=((0, 1), (0, 2), (0, 3)),
        steps=(
            Replace(1, 2, 1_894_034_891, load=0),
            Replace(2, None, 368_122_781, load=2),
            Deliver(0, (899,)),
            Deliver(2, (913,)),
            Deliver(0, (489,)),
            Deliver(1, (673,)),
            Replace(1, 2, 1_770_096_983),
        ),
    ),
    "an update with a gap in its middle is held back": Program(
        peers=(
            Start(Kind.PYTHON, 3_000_001),
            Start(Kind.JS, 3_000_002),
            Start(Kind.PYTHON, 3_000_003),
        ),
        links=((0, 1), (0, 2), (1, 2)),
        steps=(
            *(Deliver(peer, (0,) * 4) for peer in (0, 1, 2, 0)),
            Hello(0, 2),
            Edit(0, ((("set_value", "x", 1),),)),
            Deliver(2, (1,)),
            Edit(0, ((("set_value", "y", 2),),)),
            Drop(1, 0),
            Drop(1, 0),
            Edit(2, ((("set_value", "x", 3),),), is_sent=False),
            Deliver(2, (0,)),
            Edit(0, ((("set_value", "z", 4),),), is_sent=False),
            Deliver(0, (1,)),  # and is handed on with its own
            Deliver(1, (3,)),
            Edit(1, ((("set_value", "z", 5),),)),
        ),
    ),
    "what a listener of a page's Store changes is saved": Program(
        peers=(
            Start(Kind.JS, 3_427_899_998, is_listening=True),
            Start(Kind.JS, 2_318_143_266, load=2),
        ),
        links=((0, 1),),
        steps=(),
    ),
    "a cell stays where only its deletion was handed on": Program(
        peers=(
            Start(Kind.PYTHON, 2_957_326_512),
            Start(Kind.PYTHON, 1_239_530_602),
            Start(Kind.PYTHON, 1_215_497_535),
            Start(Kind.PYTHON, 3_925_979_860),
            Start(Kind.PYTHON, 1_103_161_764, load=1),
            Start(Kind.PYTHON, 1_869_203_435),
        ),
        links=((0, 1), (0, 2), (0, 3), (0, 4), (0, 5)),
        steps=(
            Edit(2, ((("set_partial_row", "numbered", "5", {"b": "v53"}),),)),
            Part((0, 3, 4)),
            Deliver(0, (963, 528, 153, 728)),
            Edit(0, ((("set_cell", "numbered", "5", "b", "v57"),),)),
            Replace(3, 5, 3_944_464_263),
            Meet(),
            Replace(0, 4, 2_811_058_830),
            Replace(4, None, 1_932_124_077),
        ),
    ),
    "a record of a conflict is settled where its loser was overwritten knowingly": Program(
        peers=(Start(Kind.JS, 483_990_006), Start(Kind.JS, 261_397_911)),
        links=((0, 1),),
        steps=(
            Replace(0, 1, 258_974_116),
            Edit(1, ((("set_row", "named", "row 3", {"a": "v3"}),),)),
            Sync(1, 0),
            Edit(0, ((("set_cell", "named", "row 3", "a", "v26"),),)),
            Edit(1, ((("set_cell", "named", "row 3", "a", "v27"),),), is_sent=False),
            Edit(0, ((("set_cell", "named", "row 3", "a", "v28"),),), is_sent=False),
            Deliver(1, (77,)),
            Replace(1, None, 3_249_526_498, load=1),
        ),
    ),
    "of edits that came with their row, each that lost is known": Program(
        peers=(
            Start(Kind.PYTHON, 2_710_688_519),
            Start(Kind.JS, 1_947_870_446),
            Start(Kind.PYTHON, 4_058_198_252),
        ),
        links=((0, 1), (1, 2)),
        steps=(
            Edit(1, ((("set_row", "numbered", "33", {"b": 94.5}),),)),
            Edit(
                2,
                (
                    (
                        ("set_cell", "numbered", "33", "b", {"n": 128}),
                        ("set_cell", "numbered", "33", "a", "v129"),
                    ),
                    (("del_tables",),),
                ),
            ),
            Deliver(1, (898, 362)),
            Sync(1, 0),
            Edit(0, ((("set_tables", {"numbered": {"33": {"b": "v352"}}}),),)),
        ),
    ),
}

BESIDE_NPM = {
    "what a listener puts back while the Store takes over another value is saved": Program(
        peers=(
            Start(Kind.JS, 3_858_624_542, load=0),
            Start(Kind.NPM, 2_689_204_921, load=2),
            Start(Kind.JS, 3_364_349_047, is_listening=True),
        ),
        links=((0, 1), (0, 2), (1, 2)),
        steps=(
            Edit(2, ((("set_cell", "numbered", "1", "a", "v64"),),), is_sent=False),
            Deliver(0, (20,)),
            Deliver(2, (605, 458)),
            Deliver(0, (833,)),
        ),
        loses_rest=True,
    ),
    "a peer hands on what it got, and not what became of it under npm's containers": Program(
        peers=(
            Start(Kind.PYTHON, 2_785_832_300),
            Start(Kind.PYTHON, 1_181_350_113),
            Start(Kind.PYTHON, 1_510_785_318),
            Start(Kind.NPM, 1_499_280_995),
        ),
        links=((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)),
        steps=(
            Deliver(2, (727,)),
            Part((2, 3)),
            Replace(0, 2, 1_932_128_274),
            Edit(0, ((("set_cell", "numbered", "0", "c", "v121"),),), is_sent=False),
            Sync(3, 2),
            Deliver(1, (149, 809)),
        ),
    ),
    "a document without tables for a moment loses none": Program(
        peers=(
            Start(Kind.PYTHON, 3_458_616_762),
            Start(Kind.PYTHON, 401_648_188),
            Start(Kind.NPM, 3_543_730_764),
        ),
        links=((0, 1), (1, 2)),
        steps=(
            Replace(2, 1, 3_035_706_749),
            Edit(0, ((("set_partial_row", "numbered", "2", {"b": {"n": 2}}),),)),
            Hello(2, 1),
            Deliver(0, (869,)),
        ),
    ),
    "a document without tables for a moment is no error": Program(
        peers=(
            Start(Kind.PYTHON, 2_615_107_420),
            Start(Kind.NPM, 2_786_848_815),
            Start(Kind.NPM, 1_205_195_437),
            Start(Kind.PYTHON, 1_663_301_025),
        ),
        links=((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)),
        steps=(Part((3,)), Repeat(0, 67), Meet(), Deliver(0, (499,))),
        loses_rest=True,
    ),
}


@pytest.mark.parametrize("is_other_kind", [False, True], ids=["as found", "the other kind"])
@pytest.mark.parametrize("name", OWN)
def test_among_our_own_peers(name: str, is_other_kind: bool, node: Node) -> None:
    program = OWN[name]
    if is_other_kind:
        program = program._replace(peers=tuple(map(_of_the_other_kind, program.peers)))
    assert faults_of(program, node) == []


def _of_the_other_kind(start: Start | None) -> Start | None:
    return start and start._replace(kind=Kind.JS if start.kind is Kind.PYTHON else Kind.PYTHON)


@pytest.mark.parametrize("name", BESIDE_NPM)
def test_beside_npm(name: str, node: Node) -> None:
    assert faults_of(BESIDE_NPM[name], node, KEEPING.excused) == []
