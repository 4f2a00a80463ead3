"""A compaction in a room of Python and TypeScript peers: whoever begins it, all follow."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.fuzz.mesh import Mesh
from tests.fuzz.peers import Arrival
from tests.fuzz.steps import Kind
from tests.scenarios.canonical import canonical
from tinybase_widget import CompactionError
from tinybase_widget.sync import _staging
from tinybase_widget.sync._carrying import carry
from tinybase_widget.sync._frames import FrameKind, write_frame, write_generation
from tinybase_widget.sync._generations import Lineage, clocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.node import Node

PY, JS = Kind.PYTHON, Kind.JS
PAIRS = pytest.mark.parametrize("kinds", [(PY, JS), (JS, PY), (JS, JS)], ids=str)
ROWS = pytest.mark.parametrize("kinds", [(PY, JS, PY), (JS, PY, JS)], ids=str)
FIDO, FELIX = ("pets", "fido", "age"), ("pets", "felix", "age")
START = (("set_table", "pets", {"fido": {"age": 1}, "felix": {"age": 2}}),)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes in these tests: who lacks something asks at once."""
    monkeypatch.setattr(_staging, "_ASK_INTERVAL_S", 0.0)


@pytest.fixture(autouse=True)
def _no_errors(node: Node) -> Iterator[None]:
    """The TypeScript peers complain of nothing."""
    yield
    assert node.end_peers() == []


def set_(place: tuple[str, str, str], value: Any) -> tuple[tuple[Any, ...]]:
    """A transaction that sets one cell."""
    return (("set_cell", *place, value),)


def grown(node: Node, kinds: tuple[Kind, ...]) -> Mesh:
    """Peers that have heard all of each other, with a history."""
    mesh = Mesh(node, kinds)
    mesh.edit(0, START)
    mesh.settle()
    for age in range(40):
        mesh.edit(age % len(kinds), set_((FIDO, FELIX)[age % 3 == 0], age))
        mesh.drain()
    return mesh


@PAIRS
def test_everybody_goes_on_with_the_fresh_document(node: Node, kinds: tuple[Kind, ...]) -> None:
    mesh = grown(node, kinds)
    before = mesh.content(0)
    mesh.compact(0)
    mesh.settle()
    assert mesh.content(0) == before
    assert all(Lineage(mesh.doc(slot), "tinybase").generation.number == 1 for slot in mesh.slots)
    assert canonical(mesh.peers[0].save()) == canonical(mesh.peers[1].save())
    mesh.edit(1, set_(FIDO, "by the other"))
    mesh.edit(0, set_(FELIX, "by the first"))
    mesh.settle()
    assert mesh.content(0) == {FIDO: "by the other", FELIX: "by the first"}


@PAIRS
def test_edits_and_deletions_that_were_on_their_way_arrive(
    node: Node, kinds: tuple[Kind, ...]
) -> None:
    mesh = grown(node, kinds)
    mesh.edit(1, set_(FIDO, "on its way"))
    mesh.edit(1, (("del_row", "pets", "felix"), ("set_value", "open", True)))
    mesh.compact(0)
    mesh.settle()
    assert mesh.content(0) == {FIDO: "on its way", ("open",): True}


@PAIRS
def test_who_was_away_brings_edits_and_deletions_along(node: Node, kinds: tuple[Kind, ...]) -> None:
    mesh = grown(node, kinds)
    mesh.part(0, 1)
    mesh.edit(1, set_(FIDO, "made away"))
    mesh.edit(1, (("del_row", "pets", "felix"), ("set_value", "open", True)))
    mesh.compact(0)
    mesh.edit(0, set_(("pets", "rex", "age"), 3))
    mesh.meet()
    mesh.settle()
    assert mesh.content(0) == {
        FIDO: "made away",
        ("pets", "rex", "age"): 3,
        ("open",): True,
    }


@PAIRS
def test_an_edit_made_away_meets_one_made_since_as_a_conflict(
    node: Node, kinds: tuple[Kind, ...]
) -> None:
    mesh = grown(node, kinds)
    mesh.part(0, 1)
    mesh.edit(1, set_(FIDO, "made away"))
    mesh.compact(0)
    mesh.edit(0, set_(FIDO, "made since"))
    mesh.meet()
    mesh.settle()
    for slot in mesh.slots:
        (conflict,) = mesh.conflicts(slot)
        assert {conflict.winner, conflict.loser} == {"made away", "made since"}
        assert conflict.winner == mesh.content(0)[FIDO]


@PAIRS
def test_open_conflicts_stay_open(node: Node, kinds: tuple[Kind, ...]) -> None:
    mesh = grown(node, kinds)
    mesh.edit(0, set_(FIDO, "by the first"))
    mesh.edit(1, set_(FIDO, "by the other"))
    mesh.settle()
    before = mesh.conflicts(0)
    assert len(before) == 1
    mesh.compact(0)
    mesh.settle()
    assert mesh.conflicts(0) == mesh.conflicts(1) == before
    mesh.edit(1, set_(FIDO, "settled"))
    mesh.settle()
    assert mesh.conflicts(0) == mesh.conflicts(1) == []


@PAIRS
def test_two_compactions_at_once_end_in_one_document(node: Node, kinds: tuple[Kind, ...]) -> None:
    mesh = grown(node, kinds)
    mesh.part(0, 1)
    mesh.edit(0, set_(FIDO, "by the first"))
    mesh.edit(1, set_(FELIX, "by the other"))
    mesh.compact(0)
    mesh.compact(1)
    mesh.meet()
    mesh.settle()
    assert mesh.content(0) == {FIDO: "by the first", FELIX: "by the other"}


@pytest.mark.parametrize("kinds", [(PY, JS), (JS, PY)], ids=str)
def test_it_is_refused_while_a_peer_does_not_know_of_generations(
    node: Node, kinds: tuple[Kind, ...]
) -> None:
    mesh = Mesh(node, kinds)
    mesh.waiting.clear()
    step_1 = write_frame(FrameKind.STEP_1, b"\x00")  # as those before generations say hello
    mesh.waiting.append((1, 0, step_1))
    mesh.deliver()
    with pytest.raises(CompactionError, match="peer 1 does not know of compaction"):
        mesh.compact(0)


def test_python_and_typescript_carry_the_same_structs(node: Node) -> None:
    """Two that were away together bring the same, and each alone has all of it."""
    mesh = grown(node, (PY, PY, JS))
    mesh.part(0, 1)
    mesh.edit(1, set_(FIDO, "made away"), set_(FIDO, "twice"))
    mesh.edit(2, set_(FIDO, "by the page"), set_(("pets", "rex", "age"), 3))
    mesh.drain()
    mesh.edit(1, set_(FIDO, "knowing both"), (("del_row", "pets", "felix"),))
    mesh.drain()
    away = mesh.doc(1)
    assert clocks_of(away) == clocks_of(mesh.doc(2))
    mesh.compact(0)
    fresh = mesh.doc(0)
    step_2 = write_frame(FrameKind.STEP_2, fresh.get_update())
    named = write_generation(Lineage(fresh, "tinybase").generation, step_2)
    mesh.peers[2].receive([Arrival(1, named, is_greeting=False)])
    carried = carry([away], fresh, "tinybase")
    assert carried is not None
    fresh.apply_update(carried)
    assert canonical(mesh.peers[2].save()) == canonical(fresh.get_update())


@ROWS
@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_all_end_with_one_document(
    node: Node, kinds: tuple[Kind, ...], seed: int
) -> None:
    """What nobody else has set is there, or shown as overwritten where two carried it at once."""
    draw = random.Random(seed)  # noqa: S311 - a seed that repeats the run is the point
    mesh = Mesh(node, kinds)
    own: dict[tuple[int, str], int] = {}
    for turn in range(50):
        slot = draw.randrange(3)
        chance = draw.randrange(9)
        if chance == 0:
            _attempt_compaction(mesh, slot)
        elif chance == 1:
            mesh.edit(slot, (("del_row", "t", f"r{draw.randrange(4)}"),))
        elif chance == 2:
            mesh.part(*draw.choice([(0, 1), (1, 2)])) if draw.randrange(2) else mesh.meet()
        elif chance <= 4:
            for _ in range(draw.randrange(12)):
                mesh.deliver(draw.randrange(len(mesh.waiting))) if mesh.waiting else None
        else:
            cell = f"c{draw.randrange(3)}"
            mesh.edit(slot, set_(("t", f"r{draw.randrange(4)}", cell), turn))
            mesh.edit(slot, set_(("own", str(slot), cell), turn))
            own[slot, cell] = turn
    mesh.meet()
    mesh.settle()
    for (slot, cell), value in own.items():
        place = ("own", str(slot), cell)
        overwritten = [each.loser for each in mesh.conflicts(0) if each.place == place]
        assert value in [mesh.content(0)[place], *overwritten], place


def _attempt_compaction(mesh: Mesh, slot: int) -> None:
    try:
        mesh.compact(slot)
    except CompactionError:
        return
