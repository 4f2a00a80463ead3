"""Reading a document that a persister, or somebody else, has written."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Array, Map

from tinybase_widget import PersistedContentError, Store, YjsPersister, create_doc
from tinybase_widget.persisters._yjs_content import only_cell
from tinybase_widget.persisters._yjs_layout import LayoutReader
from tinybase_widget.store import MISSING


def reader_of(tables: dict[str, Any], values: dict[str, Any] | None = None) -> LayoutReader:
    doc = create_doc()
    root = doc.get("tinybase", type=Map)
    with doc.transaction():
        root["v"] = Map(values or {})
        root["t"] = Map(
            {
                table_id: Map({row_id: Map(row) for row_id, row in table.items()})
                for table_id, table in tables.items()
            }
        )
    return LayoutReader(doc, "tinybase")


def test_rows_of_different_cells_are_read_whole() -> None:
    table: dict[str, Any] = {
        "1": {"a": 1, "b": 2},
        "2": {"a": 3, "b": 4},
        "3": {"b": 5, "c": 6},  # as many as the ones before, but others
        "4": {"c": 7},
        "5": {"a": 8, "b": 9},
    }
    assert reader_of({"t": table}).read_table("t") == table


def test_tables_rows_and_cells_come_in_the_order_of_their_ids() -> None:
    tables = reader_of({"u": {"10": {"b": 1, "a": 1}, "9": {"a": 1}}, "t": {"r": {"a": 1}}})
    assert repr(tables.read_tables()) == repr(
        {"t": {"r": {"a": 1.0}}, "u": {"9": {"a": 1.0}, "10": {"a": 1.0, "b": 1.0}}}
    )


def test_empty_rows_and_tables_read_as_absent() -> None:
    reader = reader_of({"t": {"r": {}, "s": {"a": 1}}, "u": {"r": {}}, "w": {}})
    assert reader.read_tables() == {"t": {"s": {"a": 1}}}
    assert reader.read_row("t", "r") == {} == reader.read_row("none", "r")
    assert reader.read_table("u") == {} == reader.read_table("none")


def test_every_kind_of_cell_is_read() -> None:
    row = {"a": "zoë", "b": 0.5, "c": 4, "d": True, "e": None, "f": 2**53}
    reader = reader_of({"t": {"r": row}}, row)
    assert reader.read_table("t") == {"r": row}
    assert reader.read_row("t", "r") == row == reader.read_values()
    assert {cell_id: reader.read_cell("t", "r", cell_id) for cell_id in row} == row
    assert {cell_id: reader.read_value(cell_id) for cell_id in row} == row
    assert reader.read_table("t")["r"]["d"] is True


def test_what_is_not_there_is_missing() -> None:
    reader = reader_of({"t": {"r": {"a": 1}}})
    assert reader.read_cell("t", "r", "b") is MISSING
    assert reader.read_cell("t", "s", "a") is MISSING
    assert reader.read_cell("u", "r", "a") is MISSING
    assert reader.read_value("v") is MISSING


def test_what_others_put_into_a_cell_is_read_as_json() -> None:
    row = {"list": [1, "x"], "object": {"deep": None}, "map": Map({"y": 1}), "plain": 1}
    read = reader_of({"t": {"r": row, "s": {"plain": 2}}}).read_table("t")
    assert read == {
        "r": {"list": [1, "x"], "object": {"deep": None}, "map": {"y": 1}, "plain": 1},
        "s": {"plain": 2},
    }


@pytest.mark.parametrize("strange", [lambda: 1, lambda: None, Array], ids=["1", "None", "Array"])
@pytest.mark.parametrize("path", [("t",), ("t", "t"), ("t", "t", "r")], ids="/".join)
def test_something_else_in_place_of_a_map_is_told(path: tuple[str, ...], strange: Any) -> None:
    reader = reader_of({"t": {"r": {"a": 1}}})
    *steps, last = path
    parent = reader.root
    for step in steps:
        parent = parent[step]
    parent[last] = strange()
    for read in (reader.read_tables, lambda: reader.read_cell("t", "r", "a")):
        with pytest.raises(PersistedContentError) as raised:
            read()
        assert "the Yjs document" in raised.value.explanation


def test_values_that_are_no_map_are_told() -> None:
    reader = reader_of({})
    reader.root["v"] = 1
    for read in (reader.read_values, lambda: reader.read_value("v")):
        with pytest.raises(PersistedContentError):
            read()


def test_reading_inside_a_transaction_sees_what_was_just_written() -> None:
    reader = reader_of({"t": {"r": {"a": 1}}})
    with reader.doc.transaction():
        reader.root["t"]["t"]["r"]["a"] = 2
        assert reader.read_cell("t", "r", "a") == 2
        assert reader.read_tables() == {"t": {"r": {"a": 2}}}


def test_loading_again_changes_only_what_differs() -> None:
    reader = reader_of({"t": {"r": {"a": 1, "b": 2}, "s": {"a": 3}}}, {"v": True})
    store = Store().set_tables({"t": {"r": {"a": 1, "c": 9}}, "gone": {"r": {"a": 1}}})
    store.set_values({"v": 1, "gone": 2})
    heard: list[Any] = []
    store.add_did_finish_transaction_listener(
        lambda store: heard.append(store.get_transaction_changes())
    )
    YjsPersister(store, reader.doc).load()
    assert store.get_content() == (
        {"t": {"r": {"a": 1, "b": 2}, "s": {"a": 3}}},
        {"v": True},
    )
    assert heard == [
        [
            {"t": {"r": {"b": 2, "c": MISSING}, "s": {"a": 3}}, "gone": MISSING},
            {"v": True, "gone": MISSING},
            1,
        ]
    ]


def cells_heard_of(change: Any) -> list[Any]:
    """Return what `only_cell` makes of the events of a change."""
    reader = reader_of({"t": {"r": {"a": 1, "b": 2}}})
    found: list[Any] = []
    reader.observe(lambda events: found.append(only_cell(events)), lambda: False)
    with reader.doc.transaction():
        change(reader.root)
    return found


def test_the_event_of_a_single_cell_tells_it() -> None:
    row = ("t", "r")
    assert cells_heard_of(lambda root: root["t"]["t"]["r"].update({"a": 5})) == [(*row, "a", 5)]
    assert cells_heard_of(lambda root: root["t"]["t"]["r"].update({"c": None})) == [
        (*row, "c", None)
    ]
    assert cells_heard_of(lambda root: root["t"]["t"]["r"].pop("a")) == [(*row, "a", MISSING)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: root["t"]["t"]["r"].update({"a": 5, "b": 6}), id="two cells"),
        pytest.param(lambda root: root["t"]["t"]["r"].update({"a": Map({"x": 1})}), id="a map"),
        pytest.param(lambda root: root["t"]["t"].update({"s": Map({"a": 1})}), id="a row"),
        pytest.param(lambda root: root["v"].update({"a": 1}), id="a value"),
        pytest.param(
            lambda root: (root["v"].update({"a": 1}), root["t"]["t"]["r"].update({"a": 1})),
            id="a cell and a value",
        ),
    ],
)
def test_other_events_tell_of_no_single_cell(change: Any) -> None:
    assert cells_heard_of(change) == [None]
