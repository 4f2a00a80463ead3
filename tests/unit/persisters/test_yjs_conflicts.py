"""Two edits of one cell that did not know of each other: told, shared, settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Map

from tinybase_widget import MISSING, Store, YjsPersister, create_doc

if TYPE_CHECKING:
    from tinybase_widget.persisters._yjs_records import Conflict

AGE = ("pets", "fido", "age")


class Side:
    """A Store and its document, kept alike, and what it was told of conflicts."""

    def __init__(self, client_id: int, saved: bytes | None = None) -> None:
        self.store = Store()
        self.doc = create_doc(client_id)
        if saved is not None:
            self.doc.apply_update(saved)
        self.errors: list[Exception] = []
        self.told: list[Conflict] = []
        self.persister = YjsPersister(self.store, self.doc, on_ignored_error=self.errors.append)
        self.persister.start_auto_persisting()
        self.persister.add_conflict_listener(None, None, None, self._hear)
        self.persister.add_value_conflict_listener(None, self._hear)

    def _hear(self, _: YjsPersister, conflict: Conflict) -> None:
        self.told.append(conflict)

    def give(self, other: Side) -> None:
        other.persister.apply_update(self.doc.get_update(other.doc.get_state()))

    def open(self) -> list[tuple[Any, Any]]:
        return [(each.winner.value, each.loser.value) for each in self.persister.get_conflicts()]


def exchange(*sides: Side) -> None:
    for _ in range(4):
        for side in sides:
            for other in sides:
                if side is not other:
                    side.give(other)


@pytest.fixture
def sides() -> tuple[Side, Side]:
    """Two sides that know one pet; the second wins conflicts."""
    left, right = Side(1), Side(2)
    left.store.set_row("pets", "fido", {"species": "dog", "age": 1})
    exchange(left, right)
    return left, right


def test_both_sides_are_told_of_the_same_conflict(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    assert left.told == right.told
    (conflict,) = left.told
    assert conflict[1:4] == AGE
    assert conflict.winner == (4, 2)
    assert conflict.loser == (3, 1)


def updates_of(side: Side) -> list[bytes]:
    updates: list[bytes] = []
    side.doc.observe(lambda event: updates.append(event.update))
    return updates


def test_a_record_that_comes_before_what_lost_is_told_when_that_has_come(
    sides: tuple[Side, Side],
) -> None:
    left, right = sides
    third = Side(3, right.doc.get_update())
    left.store.set_cell(*AGE, 3)
    updates = updates_of(right)
    right.store.set_cell(*AGE, 4)
    left.give(right)
    edit, *_, record = updates
    for update in (edit, record):
        third.persister.apply_update(update)
    assert (third.told, third.open()) == ([], [])
    left.give(third)
    assert third.told == right.told
    assert third.open() == [(4, 3)]


def test_who_has_not_seen_what_lost_does_not_settle_the_conflict(
    sides: tuple[Side, Side],
) -> None:
    left, right = sides
    third = Side(3, right.doc.get_update())
    left.store.set_cell(*AGE, 3)
    updates = updates_of(right)
    right.store.set_cell(*AGE, 4)
    left.give(right)
    edit, *_, record = updates
    for update in (edit, record):
        third.persister.apply_update(update)
    third.store.set_cell(*AGE, 5)
    exchange(left, right, third)
    assert left.store.get_cell(*AGE) == 5
    assert [side.open() for side in (left, right, third)] == [[(4, 3)]] * 3


def test_an_edit_that_followed_another_is_no_conflict(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    exchange(left, right)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    assert left.told == right.told == []


def test_two_sides_that_chose_the_same_value_are_no_conflict(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 3)
    exchange(left, right)
    assert left.told == right.told == []


def test_of_several_edits_of_one_side_the_last_one_has_lost(sides: tuple[Side, Side]) -> None:
    left, right = sides
    for age in (3, 4, 5):
        left.store.set_cell(*AGE, age)
    right.store.set_cell(*AGE, 9)
    exchange(left, right)
    assert left.open() == right.open() == [(9, 5)]


@pytest.mark.parametrize("by", [0, 1])
def test_an_edit_of_the_cell_settles_the_conflict_for_all(
    sides: tuple[Side, Side], by: int
) -> None:
    sides[0].store.set_cell(*AGE, 3)
    sides[1].store.set_cell(*AGE, 4)
    exchange(*sides)
    sides[by].store.set_cell(*AGE, 5)
    exchange(*sides)
    assert [side.open() for side in sides] == [[], []]


def test_dismissing_settles_it_for_all_and_leaves_the_cell(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    left.persister.dismiss_conflict(left.told[0].key)
    exchange(left, right)
    assert right.open() == []
    assert right.store.get_cell(*AGE) == 4


def test_who_comes_back_with_what_lost_keeps_silent_where_others_have_settled_it(
    sides: tuple[Side, Side],
) -> None:
    left, right = sides
    away = Side(3)
    left.store.set_cell(*AGE, 3)
    left.give(away)  # has 3 before its eyes, and goes
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    right.store.set_cell(*AGE, 5)
    exchange(left, right)
    exchange(left, right, away)
    assert away.open() == []
    assert away.told == []


def test_values_meet_too_and_objects_are_told_as_objects(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_value("open", [1])
    right.store.set_value("open", {"a": None})
    exchange(left, right)
    assert left.open() == right.open() == [({"a": None}, [1])]
    assert left.told[0][1:4] == (None, None, "open")


def test_three_sides_leave_two_losers(sides: tuple[Side, Side]) -> None:
    third = Side(3)
    exchange(*sides, third)
    for age, side in enumerate((*sides, third)):
        side.store.set_cell(*AGE, 10 + age)
    exchange(*sides, third)
    for side in (*sides, third):
        assert sorted(loser for _, loser in side.open()) == [10, 11]


def test_a_conflict_outlasts_a_restart(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    assert Side(7, left.doc.get_update()).open() == [(4, 3)]


def test_a_newcomer_is_told_what_is_open(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    newcomer = Side(9)
    exchange(left, right, newcomer)
    assert newcomer.open() == [(4, 3)]


def test_an_edit_survives_the_deletion_of_its_row_and_both_are_told(
    sides: tuple[Side, Side],
) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    right.store.del_row("pets", "fido")
    exchange(left, right)
    for side in sides:
        assert side.store.get_tables() == {"pets": {"fido": {"age": 3}}}
        assert side.open() == [(3, MISSING)]


def test_deleting_one_cell_of_an_edited_row_is_no_conflict(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    left.store.set_cell("pets", "fido", "name", "Fido")
    exchange(left, right)
    right.store.del_cell("pets", "fido", "species")
    exchange(left, right)
    assert left.open() == right.open() == []


def test_a_conflict_of_a_deleted_cell_is_not_open(sides: tuple[Side, Side]) -> None:
    left, right = sides
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    right.store.del_cell(*AGE)
    exchange(left, right)
    assert left.open() == right.open() == []


@pytest.mark.parametrize(
    ("listens_to", "is_told"),
    [
        (AGE, True),
        (("pets", None, "age"), True),
        (("pets", None, "species"), False),
        (("people", None, None), False),
    ],
)
def test_a_listener_hears_of_the_cells_that_it_names(
    sides: tuple[Side, Side], listens_to: tuple[Any, Any, Any], is_told: bool
) -> None:
    left, right = sides
    told: list[Conflict] = []
    left.persister.add_conflict_listener(*listens_to, lambda _, conflict: told.append(conflict))
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    assert bool(told) is is_told


def test_a_deleted_listener_hears_nothing(sides: tuple[Side, Side]) -> None:
    left, right = sides
    told: list[Conflict] = []
    listener_id = left.persister.add_conflict_listener(None, None, None, lambda *_: told.append)
    left.persister.del_listener(listener_id)
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    assert told == []


def test_what_a_listener_raises_goes_to_the_handler(sides: tuple[Side, Side]) -> None:
    left, right = sides

    def fail(*_: object) -> None:
        raise ValueError("no")

    left.persister.add_conflict_listener(None, None, None, fail)
    left.store.set_cell(*AGE, 3)
    right.store.set_cell(*AGE, 4)
    exchange(left, right)
    assert [str(error) for error in left.errors] == ["no"]
    assert left.open() == [(4, 3)]


@pytest.mark.parametrize(
    "entry",
    [1, "", "{}", "[]", "[1, 2, 3, 4, 5, 6, 7]", '["t", "r", "c", 1, {}, 2, 3]'],
)
def test_a_record_that_makes_no_sense_is_passed_over(
    sides: tuple[Side, Side], entry: object
) -> None:
    left, right = sides
    left.doc.get("tinybase/conflicts", type=Map)["5:5"] = entry
    exchange(left, right)
    assert right.open() == []
    assert right.errors == []


def test_a_row_that_was_made_again_on_purpose_is_followed(sides: tuple[Side, Side]) -> None:
    left, _ = sides
    stranger = create_doc(3)
    stranger.apply_update(left.doc.get_update())
    table = stranger.get("tinybase", type=Map)["t"]["pets"]
    with stranger.transaction():  # as TinyBase does it: the container goes, another comes
        table["fido"] = Map({"species": "cat"})
    left.persister.apply_update(stranger.get_update(left.doc.get_state()))
    assert left.store.get_row("pets", "fido") == {"species": "cat"}


def test_a_row_that_lost_a_race_is_written_back(sides: tuple[Side, Side]) -> None:
    left, _ = sides
    left.store.set_row("pets", "felix", {"age": 5})
    stranger = create_doc(2**53 - 1)  # wins against whatever we make
    stranger.apply_update(sides[1].doc.get_update())
    stranger.get("tinybase", type=Map)["t"]["pets"]["felix"] = Map({"species": "cat"})
    left.persister.apply_update(stranger.get_update(left.doc.get_state()))
    assert left.store.get_row("pets", "felix") == {"species": "cat", "age": 5}
    document = left.doc.get("tinybase", type=Map).to_py() or {}
    assert document["t"]["pets"]["felix"] == {"species": "cat", "age": 5}
