"""Undo and redo of a Store's own edits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinybase_widget import MISSING, LocalLink, Room, Store
from tinybase_widget.store._steps import Place
from tinybase_widget.sync import undo as undo_module

AGE = Place("pets", "fido", "age")


def pets() -> Room:
    return Room("zoo", Store().set_row("pets", "fido", {"species": "dog", "age": 3}))


def two_rooms() -> tuple[Room, Room, tuple[LocalLink, LocalLink]]:
    rooms = pets(), Room("zoo", Store())
    links = LocalLink.connect(*rooms)
    LocalLink.settle(*links)
    return *rooms, links


def test_a_changed_cell_is_set_back() -> None:
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)
    assert room.undo().changed == (AGE,)
    assert room.store.get_cell("pets", "fido", "age") == 3


def test_an_added_row_is_removed_and_comes_again_with_redo() -> None:
    room = pets()
    row_id = room.store.add_row("pets", {"species": "cat"})
    room.undo()
    assert room.store.get_row_ids("pets") == ["fido"]
    room.redo()
    assert room.store.get_row("pets", str(row_id)) == {"species": "cat"}


def test_a_deleted_table_is_restored() -> None:
    room = pets()
    before = room.store.get_tables()
    room.store.del_table("pets")
    room.undo()
    assert room.store.get_tables() == before


def test_values_are_undone_too() -> None:
    room = pets()
    room.store.set_values({"open": True, "hours": {"from": 9}})
    room.store.set_value("open", False)
    assert repr(room.undo()) == "Undone: 1 value set back"
    assert room.store.get_values() == {"open": True, "hours": {"from": 9}}
    room.undo()
    assert room.store.get_values() == {}


def test_one_transaction_is_one_step() -> None:
    room = pets()
    with room.store.transaction():
        room.store.set_cell("pets", "fido", "age", 4)
        room.store.set_cell("pets", "fido", "color", "brown").set_value("open", True)
    assert repr(room.undo()) == "Undone: 2 cells and 1 value set back"
    assert not room.undo()


def test_what_a_mutator_listener_did_belongs_to_the_step() -> None:
    room = pets()
    room.store.add_cell_listener(
        "pets",
        "fido",
        "age",
        lambda store: store.set_cell(
            "pets", "fido", "twice", 2 * store.get_cell("pets", "fido", "age")
        ),
        mutator=True,
    )
    room.store.set_cell("pets", "fido", "age", 4)
    assert room.store.get_cell("pets", "fido", "twice") == 8
    undone = room.undo()
    assert room.store.get_cell("pets", "fido", "age") == 3
    assert undone.changed == (AGE,)
    assert undone.refused[0].value == 6
    room.redo()
    assert room.store.get_row("pets", "fido") == {"species": "dog", "age": 4, "twice": 8}


def test_a_new_edit_ends_what_could_be_redone() -> None:
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)
    room.undo()
    room.store.set_cell("pets", "fido", "color", "brown")
    assert not room.redo()
    assert repr(room.redo()) == "Nothing to redo"


def test_a_transaction_that_changed_nothing_is_no_step() -> None:
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)
    with room.store.transaction():
        room.store.set_cell("pets", "fido", "age", 5).set_cell("pets", "fido", "age", 4)
    room.undo()
    assert room.store.get_cell("pets", "fido", "age") == 3


def test_what_the_store_held_before_the_room_is_not_undone() -> None:
    room = pets()
    assert not room.undo()
    assert repr(room.undo()) == "Nothing to undo"


def test_the_edits_of_others_are_not_undone() -> None:
    one, other, links = two_rooms()
    other.store.set_cell("pets", "fido", "age", 4)
    LocalLink.settle(*links)
    assert not one.undo()
    assert one.store.get_cell("pets", "fido", "age") == 4


def test_a_cell_that_somebody_changed_since_is_left_and_told() -> None:
    one, other, links = two_rooms()
    one.store.set_row("pets", "fido", {"species": "wolf", "age": 4})
    LocalLink.settle(*links)
    other.store.set_cell("pets", "fido", "age", 7)
    LocalLink.settle(*links)
    undone = one.undo()
    assert repr(undone) == (
        "Undone: 1 cell set back; pets/fido/age was changed by somebody else since and stays 7"
    )
    assert undone.kept == ((AGE, 7),)
    assert one.store.get_row("pets", "fido") == {"species": "dog", "age": 7}


def test_a_step_of_which_nothing_remains_is_used_up_and_told() -> None:
    one, other, links = two_rooms()
    one.store.set_cell("pets", "fido", "age", 4)
    LocalLink.settle(*links)
    other.store.del_row("pets", "fido")
    LocalLink.settle(*links)
    undone = one.undo()
    assert undone
    assert undone.kept == ((AGE, MISSING),)
    assert repr(undone) == (
        "Undone: nothing set back; "
        "pets/fido/age was changed by somebody else since and stays deleted"
    )
    assert not one.undo()
    assert not one.redo()


def test_redo_leaves_what_somebody_changed_since() -> None:
    one, other, links = two_rooms()
    one.store.set_cell("pets", "fido", "age", 4)
    one.undo()
    LocalLink.settle(*links)
    other.store.set_cell("pets", "fido", "age", 7)
    LocalLink.settle(*links)
    assert repr(one.redo()) == (
        "Redone: nothing set again; pets/fido/age was changed by somebody else since and stays 7"
    )


def test_an_undo_reaches_the_others_as_an_edit() -> None:
    one, other, links = two_rooms()
    one.store.set_cell("pets", "fido", "age", 4)
    LocalLink.settle(*links)
    one.undo()
    LocalLink.settle(*links)
    assert other.store.get_cell("pets", "fido", "age") == 3


def test_an_undo_is_one_transaction() -> None:
    room = pets()
    room.store.del_row("pets", "fido")
    finished: list[Any] = []
    room.store.add_did_finish_transaction_listener(finished.append)
    room.undo()
    assert len(finished) == 1


def test_what_the_schema_refuses_is_told() -> None:
    room = Room("zoo", Store().set_cell("pets", "fido", "age", "three"))
    room.store.set_cell("pets", "fido", "age", 3)
    room.store.set_tables_schema({"pets": {"age": {"type": "number"}}})
    with pytest.warns(UserWarning, match="'three' was not set"):
        undone = room.undo()
    assert undone.refused == ((AGE, 3),)
    assert repr(undone) == (
        "Undone: nothing set back; pets/fido/age was not taken back by the Store and stays 3"
    )


def test_many_places_are_counted_rather_than_listed() -> None:
    one, other, links = two_rooms()
    one.store.set_row("pets", "rex", {str(number): number for number in range(9)})
    LocalLink.settle(*links)
    other.store.del_table("pets")
    LocalLink.settle(*links)
    assert repr(one.undo()).endswith("; 6 more were changed by somebody else since")


def test_an_edit_that_is_too_large_is_told_and_ends_the_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(undo_module, "MAX_CELLS", 10)
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)
    room.store.set_table("more", {str(row): {"n": row} for row in range(11)})
    assert repr(room.undo()) == "Not undone: an edit of more than 10 cells is not kept"
    assert not room.undo()
    assert room.store.get_row_count("more") == 11


def test_the_history_is_bounded_in_steps_and_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    room = pets()
    monkeypatch.setattr(undo_module, "MAX_STEPS", 3)
    for age in range(10):
        room.store.set_cell("pets", "fido", "age", age)
    assert [bool(room.undo()) for _ in range(4)] == [True, True, True, False]
    monkeypatch.setattr(undo_module, "MAX_CELLS", 10)
    for row in range(3):
        room.store.set_row("t", str(row), {str(cell): 0 for cell in range(4)})
    assert [bool(room.undo()) for _ in range(3)] == [True, True, False]


def test_a_listener_that_raises_does_not_lose_the_step() -> None:
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)

    def fail(*_: object) -> None:
        raise ValueError("no")

    listener = room.store.add_cell_listener("pets", "fido", "age", fail, mutator=True)
    with pytest.raises(ValueError, match="no"):
        room.undo()
    assert room.store.get_cell("pets", "fido", "age") == 4
    room.store.del_listener(listener)
    room.undo()
    assert room.store.get_cell("pets", "fido", "age") == 3


def test_inside_a_transaction_an_undo_becomes_a_part_of_it() -> None:
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)
    with room.store.transaction():
        assert room.undo().changed == (AGE,)
        room.store.set_cell("pets", "fido", "color", "brown")
    assert repr(room.undo()) == "Undone: 2 cells set back"
    assert room.store.get_row("pets", "fido") == {"species": "dog", "age": 4}


def test_a_listener_that_may_not_write_undoes_nothing() -> None:
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)
    results: list[Any] = []
    listener = room.store.add_value_listener("open", lambda: results.append(room.undo()))
    with pytest.warns(UserWarning, match="cannot write"):
        room.store.set_value("open", True)
    assert not results[0]
    room.store.del_listener(listener)
    room.undo()
    assert repr(room.undo()) == "Undone: 1 cell set back"


def test_two_rooms_of_one_store_share_its_history() -> None:
    room = pets()
    park = Room("park", room.store)
    elsewhere = Room("park", Store())
    links = LocalLink.connect(park, elsewhere)
    LocalLink.settle(*links)
    elsewhere.store.set_cell("pets", "fido", "age", 9)
    LocalLink.settle(*links)
    assert not room.undo()
    room.store.set_cell("pets", "fido", "age", 4)
    assert park.undo()
    assert not room.undo()
    assert room.redo()


def test_a_closed_room_has_nothing_to_undo() -> None:
    room = pets()
    room.store.set_cell("pets", "fido", "age", 4)
    room.close()
    assert not room.undo()


ids = st.sampled_from(["a", "b", "1"])
contents = st.sampled_from([0, 1, True, "x", None, {"y": 1}])


@st.composite
def edits(draw: st.DrawFn) -> tuple[Any, ...]:
    name = draw(
        st.sampled_from(["set_cell", "set_row", "del_cell", "del_row", "del_table", "set_value"])
    )
    if name == "set_value":
        return name, draw(ids), draw(contents)
    depth = {"set_cell": 3, "set_row": 2, "del_cell": 3, "del_row": 2, "del_table": 1}[name]
    path = [draw(ids) for _ in range(depth)]
    if name == "set_cell":
        return name, *path, draw(contents)
    if name == "set_row":
        return name, *path, draw(st.dictionaries(ids, contents, min_size=1))
    return name, *path


@given(before=st.lists(edits(), max_size=5), steps=st.lists(st.lists(edits(), max_size=3)))
def test_undoing_all_restores_the_content_and_redoing_all_brings_it_again(
    before: list[Any], steps: list[list[Any]]
) -> None:
    store = Store()
    for name, *arguments in before:
        getattr(store, name)(*arguments)
    room, other = Room("zoo", store), Room("zoo", Store())
    first = store.get_content()
    for step in steps:
        with store.transaction():
            for name, *arguments in step:
                getattr(store, name)(*arguments)
    last = store.get_content()
    while undone := room.undo():
        assert undone.kept == undone.refused == ()
    assert store.get_content() == first
    while redone := room.redo():
        assert redone.kept == redone.refused == ()
    assert store.get_content() == last
    LocalLink.settle(*LocalLink.connect(room, other))
    assert other.store.get_content() == last
    room.close()
    other.close()
