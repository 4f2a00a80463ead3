"""Documents that npm's persister and ours read and write alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import AutomergeDocHandle

from .conftest import PythonPeer

if TYPE_CHECKING:
    from .conftest import TinyBasePeer

CELLS: dict[str, Any] = {
    "text": "dog",
    "empty": "",
    "unicode": "héllo 😀 \u0000 \u200d wörld",
    "long": "é" * 3000,
    "integer": 5,
    "negative": -7,
    "large": 2**53 - 1,
    "float": 0.1,
    "tiny": 5e-324,
    "huge": 1.5e300,
    "yes": True,
    "no": False,
    "null": None,
    "object": {"a": [1, None, {"b": "ü"}]},
    "array": [1, "two", None],
}
ODD_IDS = ["__proto__", "constructor", "prototype", "toString", "\0", "\0x", "é", "😀", "0", "a b"]


@pytest.fixture
def both(tinybase: TinyBasePeer) -> tuple[PythonPeer, TinyBasePeer]:
    """A Python and a JavaScript peer of one document."""
    tinybase.call("create")
    tinybase.call("persist")
    python = PythonPeer(AutomergeDocHandle.load(tinybase.save()))
    python.sync(tinybase)
    return python, tinybase


def assert_alike(python: PythonPeer, tinybase: TinyBasePeer) -> None:
    assert python.content() == tinybase.content()
    assert python.handle.doc() == AutomergeDocHandle.load(tinybase.save()).doc()
    assert python.errors == []
    assert tinybase.call("errors") == []


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_and_a_value_reach_javascript(
    name: str, both: tuple[PythonPeer, TinyBasePeer]
) -> None:
    python, tinybase = both
    python.store.set_cell("t", "r", "c", CELLS[name]).set_value("v", CELLS[name])
    python.sync(tinybase)
    assert tinybase.content() == ({"t": {"r": {"c": CELLS[name]}}}, {"v": CELLS[name]})
    assert_alike(python, tinybase)


# Automerge in JavaScript makes of integers beyond 2**53 what it can't read as numbers itself.
@pytest.mark.parametrize("name", sorted(CELLS.keys() - {"huge"}))
def test_a_cell_and_a_value_reach_python(name: str, both: tuple[PythonPeer, TinyBasePeer]) -> None:
    python, tinybase = both
    tinybase.store("setCell", "t", "r", "c", CELLS[name])
    tinybase.store("setValue", "v", CELLS[name])
    python.sync(tinybase)
    assert python.content() == ({"t": {"r": {"c": CELLS[name]}}}, {"v": CELLS[name]})
    assert_alike(python, tinybase)


def test_odd_ids_go_both_ways(both: tuple[PythonPeer, TinyBasePeer]) -> None:
    python, tinybase = both
    for id_ in ODD_IDS:
        python.store.set_cell(f"from python {id_}", id_, id_, id_).set_value(id_, 1)
        python.store.set_cell(id_, id_, id_, 2)
    python.sync(tinybase)
    for id_ in ODD_IDS:
        tinybase.store("setCell", f"from javascript {id_}", id_, id_, id_)
        tinybase.store("setCell", id_, id_, f"{id_} too", 3)
    python.sync(tinybase)
    assert_alike(python, tinybase)
    assert set(python.store.get_table_ids()) == {
        f"{prefix}{id_}" for prefix in ("", "from python ", "from javascript ") for id_ in ODD_IDS
    }


def test_edits_and_deletions_go_both_ways(both: tuple[PythonPeer, TinyBasePeer]) -> None:
    python, tinybase = both
    python.store.set_table("pets", {str(row): {"a": row, "b": f"b{row}"} for row in range(5)})
    python.sync(tinybase)
    tinybase.store("delRow", "pets", "0")
    tinybase.store("delCell", "pets", "1", "b")
    tinybase.store("setCell", "pets", "2", "b", "changed")
    python.sync(tinybase)
    python.store.del_row("pets", "3").del_cell("pets", "2", "a").set_cell("pets", "4", "a", 44)
    python.sync(tinybase)
    expected = {"1": {"a": 1}, "2": {"b": "changed"}, "4": {"a": 44, "b": "b4"}}
    assert python.store.get_table("pets") == expected
    assert tinybase.content() == python.content()


def test_what_both_sides_made_before_they_met_is_kept(tinybase: TinyBasePeer) -> None:
    python = PythonPeer()
    python.store.set_row("pets", "fido", {"species": "dog"})
    tinybase.call("create")
    tinybase.call("persist")
    tinybase.store("setRow", "pets", "fido", {"price": 5})
    tinybase.store("setRow", "pets", "felix", {"price": 4})
    python.sync(tinybase)
    expected = {"felix": {"price": 4}, "fido": {"price": 5, "species": "dog"}}
    assert python.store.get_table("pets") == expected
    assert_alike(python, tinybase)


def test_a_newcomer_in_javascript_wipes_nothing(tinybase: TinyBasePeer) -> None:
    python = PythonPeer()
    python.store.set_content(({"pets": {"fido": {"price": 5}}}, {"open": True}))
    tinybase.call("create")
    tinybase.call("persist")
    python.sync(tinybase)
    assert python.content() == ({"pets": {"fido": {"price": 5}}}, {"open": True})
    assert_alike(python, tinybase)


@pytest.mark.parametrize(("kind", "value"), [("counter", 3), ("date", 1000)])
def test_what_is_no_cell_reads_as_absent_and_stays(
    kind: str, value: int, both: tuple[PythonPeer, TinyBasePeer], capfd: pytest.CaptureFixture[str]
) -> None:
    python, tinybase = both
    python.store.set_row("t", "r", {"a": 1})
    python.sync(tinybase)
    tinybase.call("change", ["tinybase", "t", "t", "r", "odd"], kind, value)
    python.handle.merge(AutomergeDocHandle.load(tinybase.save()))
    python.store.set_cell("t", "r", "a", 2)
    tinybase.merge(python.handle.save())
    capfd.readouterr()  # automerge tells of its panics there
    assert python.store.get_row("t", "r") == {"a": 2}
    assert sorted(tinybase.call("doc")["tinybase"]["t"]["t"]["r"]) == ["a", "odd"]
    assert python.errors == []
