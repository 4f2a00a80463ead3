"""Programs: the same seed is the same program, a shown program is Python, a failing one shrinks."""

from __future__ import annotations

from tests.fuzz import steps
from tests.fuzz.casts import CASTS, PYTHON
from tests.fuzz.programs import generate
from tests.fuzz.shrinking import shrink
from tests.fuzz.steps import Deliver, Edit, Kind, Program, Start, Sync
from tests.fuzz.world import run


def test_a_seed_is_always_the_same_program() -> None:
    assert [generate(seed, PYTHON) for seed in range(5)] == [
        generate(seed, PYTHON) for seed in range(5)
    ]


def test_a_program_always_ends_the_same() -> None:
    outcomes = [run(generate(7, PYTHON)) for _ in range(2)]
    assert outcomes[0].contents == outcomes[1].contents


def test_a_program_as_it_is_shown_is_that_program() -> None:
    for cast in CASTS.values():
        program = generate(3, cast)
        assert eval(program.show(), vars(steps)) == program  # noqa: S307 - our own text


def test_a_part_of_a_program_is_a_program() -> None:
    for seed in range(10):
        program = generate(seed, PYTHON)
        assert run(program._replace(steps=program.steps[seed % 2 :: 2])).faults == []


def test_all_kinds_of_steps_and_operations_occur() -> None:
    programs = [generate(seed, PYTHON) for seed in range(40)]
    seen = {type(step).__name__ for program in programs for step in program.steps}
    assert seen == {each.__name__ for each in steps.Step.__args__}  # type: ignore[attr-defined]
    operations = {
        operation[0]
        for program in programs
        for step in program.steps
        if isinstance(step, Edit)
        for transaction in step.transactions
        for operation in transaction
    }
    assert len(operations) == 14


def test_a_failing_program_shrinks_to_what_makes_it_fail() -> None:
    def fails(program: Program) -> bool:
        return "'del_table', 'named'" in repr(program) and "Sync" in repr(program)

    failing = next(program for seed in range(100) if fails(program := generate(seed, PYTHON)))
    shortest = shrink(failing, fails)
    edit, sync = sorted(shortest.steps, key=lambda step: isinstance(step, Sync))
    assert isinstance(sync, Sync)
    assert isinstance(edit, Edit)
    assert edit.transactions == ((("del_table", "named"),),)
    assert sum(start is not None for start in shortest.peers) == 1


def test_shrinking_keeps_those_linked_who_were() -> None:
    start = Start(Kind.PYTHON, 1)
    program = Program((start,) * 3, ((0, 1), (1, 2)), (Deliver(0, (1, 2)),))
    shortest = shrink(program, lambda each: each.peers[0] is not None and each.peers[2] is not None)
    assert shortest == Program((start, None, start), ((0, 2),), ())
