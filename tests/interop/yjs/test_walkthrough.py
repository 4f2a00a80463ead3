"""The guide's walkthrough between Python and real TinyBase, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interop.yjs.conftest import PythonPeer, TinyBasePeer

CELLS = {
    "text": "zoë 🐧",
    "empty": "",
    "integer": 4,
    "large": 2**53 - 1,
    "negative": -7,
    "float": 1.5,
    "tiny": 1e-300,
    "huge": 1e300,
    "true": True,
    "false": False,
    "null": None,
    "object": {"a": [1, {"b": None}]},
    "array": [1, "two", False],
}


def test_the_walkthrough_with_python_as_the_first_side(tinybase: TinyBasePeer) -> None:
    tinybase.start(2)
    python = PythonPeer(1)
    python.sync(tinybase)
    python.store.set_tables({"pets": {"fido": {"species": "dog"}}})
    python.sync(tinybase)
    assert tinybase.content() == ({"pets": {"fido": {"species": "dog"}}}, {})
    tinybase.store("setValues", {"open": True})
    python.sync(tinybase)
    assert python.store.get_values() == {"open": True}
    python.store.set_cell("pets", "fido", "color", "brown")
    tinybase.store("setCell", "pets", "fido", "price", 5)
    python.sync(tinybase)
    both = {"species": "dog", "color": "brown", "price": 5}
    assert python.store.get_row("pets", "fido") == both
    assert tinybase.store("getRow", "pets", "fido") == both
    python.store.set_cell("pets", "fido", "color", "walnut")
    tinybase.store("setCell", "pets", "fido", "color", "chestnut")
    python.sync(tinybase)
    assert python.store.get_cell("pets", "fido", "color") == "chestnut"
    assert tinybase.store("getCell", "pets", "fido", "color") == "chestnut"
    assert python.errors == []
    assert tinybase.call("errors") == []


def test_the_walkthrough_with_tinybase_as_the_first_side(tinybase: TinyBasePeer) -> None:
    tinybase.start(1)
    python = PythonPeer(2)
    python.sync(tinybase)
    tinybase.store("setTables", {"pets": {"fido": {"species": "dog"}}})
    python.sync(tinybase)
    assert python.store.get_tables() == {"pets": {"fido": {"species": "dog"}}}
    python.store.set_values({"open": True})
    python.sync(tinybase)
    assert tinybase.store("getValues") == {"open": True}
    tinybase.store("setCell", "pets", "fido", "color", "brown")
    python.store.set_cell("pets", "fido", "price", 5)
    python.sync(tinybase)
    assert python.content() == tinybase.content()
    assert python.store.get_row("pets", "fido") == {"species": "dog", "color": "brown", "price": 5}
    tinybase.store("setCell", "pets", "fido", "color", "walnut")
    python.store.set_cell("pets", "fido", "color", "chestnut")
    python.sync(tinybase)
    assert python.store.get_cell("pets", "fido", "color") == "chestnut"
    assert tinybase.store("getCell", "pets", "fido", "color") == "chestnut"


@pytest.mark.parametrize(("cell_id", "cell"), CELLS.items())
def test_a_cell_set_in_python_is_the_same_in_tinybase(
    tinybase: TinyBasePeer, cell_id: str, cell: Any
) -> None:
    python = PythonPeer()
    python.store.set_cell("t", "r", cell_id, cell)
    python.sync(tinybase)
    assert tinybase.store("getCell", "t", "r", cell_id) == cell


@pytest.mark.parametrize(("cell_id", "cell"), CELLS.items())
def test_a_cell_set_in_tinybase_is_the_same_in_python(
    tinybase: TinyBasePeer, cell_id: str, cell: Any
) -> None:
    python = PythonPeer()
    tinybase.store("setCell", "t", "r", cell_id, cell)
    python.sync(tinybase)
    got = python.store.get_cell("t", "r", cell_id)
    assert got == cell
    assert type(got) is type(cell)


@pytest.mark.parametrize(("cell_id", "cell"), CELLS.items())
def test_a_cell_changed_in_python_is_the_same_in_tinybase(
    tinybase: TinyBasePeer, cell_id: str, cell: Any
) -> None:
    python = PythonPeer()
    tinybase.store("setCell", "t", "r", cell_id, "before")
    python.sync(tinybase)
    python.store.set_cell("t", "r", cell_id, cell)
    python.sync(tinybase)
    assert tinybase.store("getCell", "t", "r", cell_id) == cell


@pytest.mark.parametrize("id_", ["__proto__", "constructor", "a/b", "", "é🐧", "0", "007", "-1"])
def test_ids_of_any_kind_arrive_both_ways(tinybase: TinyBasePeer, id_: str) -> None:
    python = PythonPeer()
    python.store.set_cell(f"p{id_}", id_, id_, 1)
    python.sync(tinybase)
    tinybase.store("setCell", f"j{id_}", id_, id_, 2)
    python.sync(tinybase)
    assert python.store.get_cell(f"j{id_}", id_, id_) == 2
    assert tinybase.store("getCell", f"p{id_}", id_, id_) == 1
    assert python.content() == tinybase.content()


def test_deletions_made_in_python_are_made_in_tinybase(tinybase: TinyBasePeer) -> None:
    python = PythonPeer()
    python.store.set_tables({"t": {"1": {"a": 1, "b": 2}, "2": {"a": 1}}, "u": {"1": {"a": 1}}})
    python.store.set_values({"v": 1, "w": 2})
    python.sync(tinybase)
    python.store.del_cell("t", "1", "a").del_row("t", "2").del_table("u").del_value("v")
    python.sync(tinybase)
    assert tinybase.content() == ({"t": {"1": {"b": 2}}}, {"w": 2})
    assert tinybase.call("errors") == []


def test_deletions_made_in_tinybase_are_made_in_python(tinybase: TinyBasePeer) -> None:
    python = PythonPeer()
    python.store.set_tables({"t": {"1": {"a": 1, "b": 2}, "2": {"a": 1}}, "u": {"1": {"a": 1}}})
    python.store.set_values({"v": 1, "w": 2})
    python.sync(tinybase)
    for call in (
        ["delCell", "t", "1", "a"],
        ["delRow", "t", "2"],
        ["delTable", "u"],
        ["delValue", "v"],
    ):
        tinybase.store(*call)
    python.sync(tinybase)
    assert python.content() == ({"t": {"1": {"b": 2}}}, {"w": 2})


def test_a_table_deleted_in_tinybase_can_be_made_again_on_either_side(
    tinybase: TinyBasePeer,
) -> None:
    python = PythonPeer()
    python.store.set_table("t", {"1": {"a": 1}})
    python.sync(tinybase)
    tinybase.store("delTable", "t")
    python.sync(tinybase)
    assert python.store.get_tables() == {}
    python.store.set_table("t", {"1": {"a": 2}})
    python.sync(tinybase)
    assert tinybase.content() == python.content() == ({"t": {"1": {"a": 2}}}, {})


@pytest.mark.parametrize(("python_id", "tinybase_id"), [(5, 10), (10, 5)])
def test_a_tinybase_peer_that_joins_empty_wipes_nothing(
    tinybase: TinyBasePeer, python_id: int, tinybase_id: int
) -> None:
    python = PythonPeer(python_id)
    python.store.set_tables({"t": {"1": {"a": 1}}}).set_values({"v": 1})
    tinybase.start(tinybase_id)
    python.sync(tinybase)
    assert python.content() == tinybase.content() == ({"t": {"1": {"a": 1}}}, {"v": 1})


@pytest.mark.parametrize(("python_id", "tinybase_id"), [(5, 10), (10, 5)])
def test_content_made_on_both_sides_before_they_met_is_united(
    tinybase: TinyBasePeer, python_id: int, tinybase_id: int
) -> None:
    python = PythonPeer(python_id)
    python.store.set_tables({"t": {"1": {"a": 1}, "2": {"p": 2}}})
    tinybase.start(tinybase_id)
    tinybase.store("setTables", {"t": {"1": {"b": 1}, "3": {"j": 3}}, "u": {"x": {"y": 1}}})
    python.sync(tinybase)
    united = {
        "t": {"1": {"a": 1, "b": 1}, "2": {"p": 2}, "3": {"j": 3}},
        "u": {"x": {"y": 1}},
    }
    assert python.content() == (united, {})
    assert tinybase.content() == (united, {})


def test_100_rows_set_one_by_one_all_arrive(tinybase: TinyBasePeer) -> None:
    python = PythonPeer()
    for number in range(100):
        python.store.set_row("t", str(number), {"n": number, "name": f"row {number}"})
    python.sync(tinybase)
    assert tinybase.content()[0] == python.store.get_tables()
    assert tinybase.store("getRowCount", "t") == 100
