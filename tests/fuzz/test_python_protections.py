"""The fuzzer sees: when Python peers lack any one of the protections, it soon finds faults."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pycrdt import Map

from tests.fuzz.casts import PYTHON, PYTHON_KEEPING, PYTHON_MANY_ROWS
from tests.fuzz.checking import faults_of, goes_wrong
from tests.fuzz.model import Wrong
from tests.fuzz.steps import Deliver, Drop, Edit, Kind, Program, Start
from tinybase_widget.persisters import _yjs_layout, yjs
from tinybase_widget.persisters._compare import compare
from tinybase_widget.persisters._yjs_calls import PUBLIC
from tinybase_widget.persisters._yjs_containers import Containers
from tinybase_widget.persisters._yjs_content import Touched, YjsContent
from tinybase_widget.persisters._yjs_race_watch import RaceWatch
from tinybase_widget.persisters._yjs_wire import Block
from tinybase_widget.persisters.yjs import YjsPersister
from tinybase_widget.sync.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.fuzz.node import Node

_fresh_clients = count(2**52)
_derived_cells = Containers.cells
_add_event = Touched.add


class Without(NamedTuple):
    """A protection, and what to put in its place."""

    owner: object
    name: str
    stand_in: object


def start_of_ones_own(self: YjsContent) -> None:
    for key in "tv":
        if key not in self.root:
            self.root[key] = Map()


def table_of_ones_own(self: YjsContent, table_id: str) -> Map[Any]:
    tables = self.tables()
    if table_id not in tables:
        tables[table_id] = Map()
    table: Map[Any] = tables[table_id]
    return table


def rows_of_ones_own(
    _self: YjsContent, _table_id: str, table: Map[Any], rows: dict[str, Any]
) -> None:
    for row_id, row in rows.items():
        table[row_id] = Map(dict(row))


def cells_of_ones_own(rows: Any) -> Block:
    return Block(next(_fresh_clients), 0, _derived_cells(rows).structs)


def delete_table(self: YjsContent, table_id: str) -> None:
    if table_id in self.tables():
        del self.tables()[table_id]


def delete_row(table: Map[Any], row_id: str) -> None:
    if row_id in table:
        del table[row_id]


def delete_what_was_never_read(*contents: Any, delete: bool) -> Any:  # noqa: ARG001 - ignored on purpose
    return compare(*contents, delete=True)


def add_event_as_if_nothing_were_replaced(self: Touched, event: Any) -> None:
    _add_event(self, event)
    self.replaced = type(self.replaced)()


UNTIMELY = {Wrong.BACK, Wrong.STALE}
PROTECTIONS = {
    "the start is the same for everybody": (
        {Wrong.LOST},
        [Without(YjsContent, "ensure_start", start_of_ones_own)],
    ),
    "a table is the same for everybody": (
        {Wrong.LOST},
        [Without(YjsContent, "_ensure_table", table_of_ones_own)],
    ),
    "a row is the same for everybody": (
        {Wrong.LOST, *UNTIMELY},
        [Without(YjsContent, "_make_rows", rows_of_ones_own)],
    ),
    "the first cells are the same for everybody": (
        UNTIMELY,
        [Without(Containers, "cells", staticmethod(cells_of_ones_own))],
    ),
    "a deletion deletes cells only": (
        {Wrong.LOST},
        [
            Without(YjsContent, "_clear_table", delete_table),
            Without(YjsContent, "_clear_row", staticmethod(delete_row)),
        ],
    ),
    "a Store deletes nothing that it has not read": (
        {Wrong.LOST},
        [Without(yjs, "compare", delete_what_was_never_read)],
    ),
    "incomplete updates are held back": (
        {Wrong.ERROR, Wrong.STORE},
        [Without(Room, "_has_what_it_needs", lambda *_: True)],
    ),
    "what a listener changes during a load is saved": (
        {Wrong.STORE},
        [Without(YjsPersister, "_changed_while_loading", lambda *_: None)],
    ),
}


def put_in_place(monkeypatch: pytest.MonkeyPatch, withouts: Iterable[Without]) -> None:
    # The stand-ins write through pycrdt's public API.
    monkeypatch.setattr(_yjs_layout, "chosen_calls", lambda: PUBLIC)
    for owner, name, stand_in in withouts:
        monkeypatch.setattr(owner, name, stand_in)


@pytest.mark.parametrize("name", PROTECTIONS)
def test_python_peers_go_wrong_without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, withouts = PROTECTIONS[name]
    put_in_place(monkeypatch, withouts)
    assert goes_wrong(PYTHON, wrong)


def test_python_peers_go_wrong_beside_npm_without_repair(
    monkeypatch: pytest.MonkeyPatch, node: Node
) -> None:
    put_in_place(monkeypatch, [Without(Touched, "add", add_event_as_if_nothing_were_replaced)])
    assert goes_wrong(PYTHON_KEEPING, {Wrong.LOST_HELD}, node)


def test_python_peers_go_wrong_without_carrying_what_lost_a_race(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_in_place(monkeypatch, [Without(RaceWatch, "race", lambda *_: None)])
    assert goes_wrong(PYTHON_MANY_ROWS, UNTIMELY)


def test_python_peers_go_wrong_without_reading_again_what_an_own_change_let_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only peers that hold nothing back have anything to let in."""
    put_in_place(monkeypatch, PROTECTIONS["incomplete updates are held back"][1])
    assert faults_of(LETS_IN, None) == []
    put_in_place(monkeypatch, [Without(YjsContent, "has_let_in", lambda _: False)])
    assert [fault.wrong for fault in faults_of(LETS_IN, None)] == [Wrong.STORE]


# Peer 1 never gets the message that makes the row, only a later one: its own edit makes the row.
LETS_IN = Program(
    (Start(Kind.PYTHON, 5_000_000), Start(Kind.PYTHON, 4_000_000)),
    ((0, 1),),
    (
        Edit(0, ((("set_cell", "third", "row 0", "a", "v1"),),)),
        Drop(1, 1),
        Edit(0, ((("set_cell", "third", "row 0", "b", "v2"),),)),
        Deliver(1, (1,)),
        Edit(1, ((("set_cell", "third", "row 0", "c", "v3"),),)),
    ),
)
