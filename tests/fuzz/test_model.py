"""The model itself: what it calls a fault, and what not."""

from __future__ import annotations

import pytest

from tests.fuzz.judging import conflict_faults
from tests.fuzz.model import Change, Conflict, Flat, History, Wrong
from tinybase_widget import MISSING

PLACE = ("t", "r", "c")
ALL = -1  # every write there is


def faults(history: History, value: object) -> list[Wrong]:
    """Return the kinds of fault of a document that has this value."""
    document: Flat = {} if value is MISSING else {PLACE: value}
    return [fault.wrong for fault in history.faults(document, ALL, set())]


@pytest.fixture
def history() -> History:
    return History()


def test_a_cell_that_was_set_and_is_absent_is_lost(history: History) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    assert faults(history, 1) == []
    assert faults(history, MISSING) == [Wrong.LOST]


def test_a_cell_deleted_by_somebody_who_knew_it_must_stay_away(history: History) -> None:
    first = history.add(Change(PLACE, MISSING, 1), 0)
    history.add(Change(PLACE, 1, MISSING), first)
    assert faults(history, MISSING) == []
    assert faults(history, 1) == [Wrong.BACK]


def test_a_cell_made_again_on_purpose_must_be_there(history: History) -> None:
    first = history.add(Change(PLACE, MISSING, 1), 0)
    deleted = history.add(Change(PLACE, 1, MISSING), first)
    history.add(Change(PLACE, MISSING, 2), first | deleted)
    assert faults(history, 2) == []
    assert faults(history, MISSING) == [Wrong.LOST]
    assert faults(history, 1) == [Wrong.STALE]


def test_a_cell_set_by_somebody_who_did_not_know_of_its_deletion_survives(
    history: History,
) -> None:
    first = history.add(Change(PLACE, MISSING, 1), 0)
    history.add(Change(PLACE, 1, MISSING), first)
    history.add(Change(PLACE, 1, 2), first)
    assert faults(history, 2) == []
    assert faults(history, MISSING) == [Wrong.LOST]


def test_of_two_values_set_without_knowing_each_other_either_may_stand(history: History) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    history.add(Change(PLACE, MISSING, 2), 0)
    assert faults(history, 1) == faults(history, 2) == []
    assert faults(history, MISSING) == [Wrong.LOST]


def test_a_value_that_gave_way_to_one_deleted_later_is_no_loss(history: History) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    winner = history.add(Change(PLACE, MISSING, 2), 0)
    history.add(Change(PLACE, 2, MISSING), winner)
    assert faults(history, MISSING) == []
    assert faults(history, 1) == []


def test_an_overwritten_value_is_stale(history: History) -> None:
    first = history.add(Change(PLACE, MISSING, 1), 0)
    history.add(Change(PLACE, 1, 2), first)
    assert faults(history, 1) == [Wrong.STALE]


def test_what_a_store_showed_was_known_though_no_message_had_brought_it(
    history: History,
) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    history.add(Change(PLACE, 1, MISSING), 0)
    assert faults(history, 1) == [Wrong.BACK]


def test_the_same_data_loaded_twice_is_one_write(history: History) -> None:
    loaded = history.load(0, {PLACE: 1})
    history.add(Change(PLACE, 1, MISSING), loaded)
    assert history.load(0, {PLACE: 1}) == loaded
    assert faults(history, 1) == [Wrong.BACK]


def test_a_write_that_nobody_has_in_the_end_does_not_count(history: History) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    assert list(history.faults({}, 0, set())) == []


def conflicts_of(history: History, value: int, *conflicts: tuple[int, int]) -> list[str]:
    """Return what is wrong with a peer's conflicts, each the winner's and the loser's value."""
    open_ = [Conflict(PLACE, winner, loser) for winner, loser in conflicts]
    faults = conflict_faults(history, {PLACE: value}, ALL, open_)
    return [fault.what.partition(": ")[2] for fault in faults]


def test_a_value_that_gave_way_to_one_that_did_not_know_it_is_a_conflict(
    history: History,
) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    history.add(Change(PLACE, MISSING, 2), 0)
    assert conflicts_of(history, 2, (2, 1)) == []
    assert conflicts_of(history, 2) == ["nobody is told that 1 was overwritten"]


def test_a_value_overwritten_knowingly_is_no_conflict(history: History) -> None:
    first = history.add(Change(PLACE, MISSING, 1), 0)
    history.add(Change(PLACE, 1, 2), first)
    assert conflicts_of(history, 2) == []
    assert conflicts_of(history, 2, (2, 1)) == [
        "1 was overwritten knowingly",
        "2 and 1 knew each other",
    ]


def test_whoever_edits_a_cell_with_a_conflict_they_were_shown_settles_it(
    history: History,
) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    winner = history.add(Change(PLACE, MISSING, 2), 0)
    history.add(Change(PLACE, 2, 3), winner, [Conflict(PLACE, 2, 1)])
    assert conflicts_of(history, 3) == []
    assert conflicts_of(history, 3, (2, 1)) == ["1 was overwritten knowingly"]


def test_a_lost_cell_that_one_of_ours_held_is_told_apart(history: History) -> None:
    history.add(Change(PLACE, MISSING, 1), 0)
    assert [fault.wrong for fault in history.faults({}, ALL, {PLACE})] == [Wrong.LOST_HELD]
