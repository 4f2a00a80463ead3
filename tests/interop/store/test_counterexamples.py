"""Programs on which this Store and TinyBase once differed, each by the name of what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.store.node import TinyBase
from tests.interop.store.test_differential import check

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET = {"ops": [], "raises": False}
UNDEFINED = {"$": "undefined"}

PROGRAMS: dict[str, list[Any]] = {
    "a row that is none is told once to a listener with wildcards": [
        ["listen", "invalid_cell", ["t1", None, None], False, QUIET],
        ["set_row", "t1", "r1", {}],
    ],
    "a whole number beyond 2^53 may be a default": [
        ["set_values_schema", {"v2": {"type": "number", "default": 1e21}}],
    ],
    "a listener that is called by hand gets no changes": [
        ["set_cell", "t1", "r1", "c1", ""],
        ["listen", "table", ["t1"], False, QUIET],
        ["call_listener", 0],
    ],
    "a row whose every cell was prevented is not in the tables": [
        ["middleware", {"will_set_cell": {"answer": UNDEFINED}}, False],
        ["set_cell", "t1", "r1", "c1", ""],
    ],
    "a hook that answers undefined allows a deletion": [
        ["middleware", {"will_del_tables": {"answer": UNDEFINED}}, False],
        ["set_cell", "t1", "r1", "c1", ""],
        ["set_tables_json", "{}"],
    ],
    "what a hook forges is refused": [
        ["middleware", {"will_set_cell": {"answer": "\ufffd"}}, False],
        ["set_cell", "t1", "r1", "c1", ""],
    ],
    "a mutator that raises undoes what it did to values": [
        [
            "listen", "has_tables", [], True,
            {"ops": [["set_cell", "t1", "r1", "c1", ""], ["del_values"]], "raises": True},
        ],
        ["set_values", {"v1": []}],
        ["set_cell", "t1", "r1", "c1", ""],
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def tinybase() -> Iterator[TinyBase]:
    node = TinyBase()
    yield node
    node.close()


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_counterexample(tinybase: TinyBase, program: list[Any]) -> None:
    check(tinybase, program)
