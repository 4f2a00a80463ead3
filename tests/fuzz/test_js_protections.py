"""The fuzzer sees: when TypeScript peers lack any one of the protections, it soon finds faults.

Each protection is taken out of the sources before they are bundled; a piece that is no longer there
as it stands here is an error.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.casts import JS, JS_KEEPING, JS_MANY_ROWS
from tests.fuzz.checking import faults_of, goes_wrong
from tests.fuzz.model import Wrong
from tests.fuzz.node import Node
from tests.fuzz.steps import Kind
from tests.fuzz.test_python_protections import LETS_IN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


WRITING = "src/sync/writing.ts"
EXCHANGE = "src/sync/exchange.ts"
BINDING = "src/sync/binding.ts"

UNTIMELY = {Wrong.BACK, Wrong.STALE}
DELETE_EMPTIED_ROW = (
    "if (row !== undefined && !contentOf(entries).size && row.size === entries.size)"
    " table?.delete(rowId);"
)
PROTECTIONS = {
    "the start is the same for everybody": (
        {Wrong.LOST},
        WRITING,
        "if (isFree(this.#root, TABLES) && Y.getState(this.#doc.store, client) === 0) {",
        "if (false) {",
    ),
    "a table is the same for everybody": (
        {Wrong.LOST},
        WRITING,
        "this.#as(client, () => makeMaps(tables, [tableId]));",
        "",
    ),
    "a row is the same for everybody": (
        {Wrong.LOST, *UNTIMELY},
        WRITING,
        "if (items.size === 0) {",
        "if (true) {",
    ),
    "the first cells are the same for everybody": (
        UNTIMELY,
        WRITING,
        "this.#as(client, fill);",
        "fill();",
    ),
    "a deletion deletes cells only": (
        {Wrong.LOST},
        WRITING,
        "      if (row !== undefined) {\n",
        DELETE_EMPTIED_ROW + " else if (row !== undefined) {",
    ),
}
HOLDING_BACK = (
    EXCHANGE,
    "if (kind === 'update' && !isWhole) {",
    "if (false) {",
)
READING_AGAIN = (WRITING, "this.#hasLetIn = true;", "")
CARRYING = (BINDING, "this.#races.documentBefore(update);", "undefined as Uint8Array | undefined;")
REPAIR = (BINDING, "if (!replaced.isEmpty) {", "if (false) {")


@contextmanager
def without(*pieces: tuple[str, str, str]) -> Iterator[Node]:
    """Yield a process whose TypeScript peers run without pieces of the sources."""
    replaced: dict[str, list[tuple[str, str]]] = {}
    for file, old, new in pieces:
        replaced.setdefault(file, []).append((old, new))
    node = Node(replaced)
    try:
        yield node
    finally:
        node.close()


@pytest.mark.parametrize("name", PROTECTIONS)
def test_js_peers_go_wrong_without(name: str) -> None:
    wrong, file, old, new = PROTECTIONS[name]
    with without((file, old, new)) as node:
        assert goes_wrong(JS, wrong, node)


def test_js_peers_go_wrong_beside_npm_without_repair() -> None:
    with without(REPAIR) as node:
        assert goes_wrong(JS_KEEPING, {Wrong.LOST_HELD}, node)


def test_js_peers_go_wrong_without_carrying_what_lost_a_race() -> None:
    with without(CARRYING) as node:
        assert goes_wrong(JS_MANY_ROWS, UNTIMELY, node)


def test_js_peers_go_wrong_without_holding_incomplete_updates_back() -> None:
    with without(HOLDING_BACK) as node:
        assert goes_wrong(JS, {Wrong.UNSETTLED, Wrong.CONFLICT}, node)


@pytest.mark.parametrize(("pieces", "wrong"), [((), []), ((READING_AGAIN,), [Wrong.STORE])])
def test_js_peers_go_wrong_without_reading_again_what_an_own_change_let_in(
    pieces: Sequence[tuple[str, str, str]], wrong: list[Wrong]
) -> None:
    """Only peers that hold nothing back have anything to let in."""
    program = LETS_IN._replace(
        peers=tuple(start and start._replace(kind=Kind.JS) for start in LETS_IN.peers)
    )
    with without(HOLDING_BACK, *pieces) as node:
        assert [fault.wrong for fault in faults_of(program, node)] == wrong
