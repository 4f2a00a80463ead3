"""Random programs do the same on this Store as on npm's TinyBase."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.interop.store.node import TinyBase
from tests.interop.store.run_program import run_program
from tests.property.strategies import js_order, programs
from tinybase_widget.store._cells import to_number

if TYPE_CHECKING:
    from collections.abc import Iterator

# TINYBASE_FUZZ=1 asks for the long run, a larger number for so many programs.
_ASKED = int(os.environ.get("TINYBASE_FUZZ", "0"))
COUNT = 300 if _ASKED == 0 else 20_000 if _ASKED == 1 else _ASKED


@pytest.fixture(scope="module")
def tinybase() -> Iterator[TinyBase]:
    node = TinyBase()
    yield node
    node.close()


def comparable(log: Any) -> Any:
    """Drop what JavaScript's order of an object's integer keys makes different."""
    return [[_ordered(each) for each in entry] for entry in log]


def _ordered(thing: Any) -> Any:
    if isinstance(thing, list):
        things = [_ordered(each) for each in thing]
        if things and all(isinstance(each, str) for each in things):
            things.sort(key=js_order)
        return things
    if isinstance(thing, dict):
        return {key: _ordered(each) for key, each in thing.items()}
    if isinstance(thing, str) and thing[:1] in {"[", "{"}:
        return _ordered(json.loads(thing, parse_int=to_number, parse_float=to_number))
    # Python takes `True` for `1`, JavaScript does not.
    return f"bool {thing}" if isinstance(thing, bool) else thing


def check(tinybase: TinyBase, program: list[Any]) -> None:
    """Run a program on both, and compare entry by entry."""
    theirs = comparable(tinybase.run(program))
    ours = comparable(run_program(program))
    for index, (their, our) in enumerate(zip(theirs, ours, strict=False)):
        assert their == our, f"entry {index} of the log"
    assert len(theirs) == len(ours)


SETTINGS = settings(
    max_examples=COUNT,
    deadline=None,
    # Finding out which parts of a counterexample matter takes longer than reading it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.timeout(3600)
@SETTINGS
@given(program=programs())
def test_programs_do_the_same(tinybase: TinyBase, program: list[Any]) -> None:
    check(tinybase, program)


@pytest.mark.timeout(3600)
@settings(SETTINGS, max_examples=COUNT // 2)
@given(program=programs(with_middleware=True))
def test_programs_with_middleware_do_the_same(tinybase: TinyBase, program: list[Any]) -> None:
    check(tinybase, program)
