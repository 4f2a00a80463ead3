"""A fresh document in the place of one whose history has grown large."""

from __future__ import annotations

import pytest

from tinybase_widget import CompactionError, LocalLink, Room, Store
from tinybase_widget.sync._frames import FrameKind, write_frame

EDITS = 2000


def linked_rooms() -> tuple[Room, Room, tuple[LocalLink, LocalLink]]:
    """Two rooms that have heard all of each other, with a long history of edits of two cells."""
    one = Room("zoo", Store().set_table("pets", {"fido": {"age": 1}, "felix": {"age": 2}}))
    other = Room("zoo", Store())
    ends = LocalLink.connect(one, other)
    LocalLink.settle(*ends)
    for age in range(EDITS):
        one.store.set_cell("pets", ["fido", "felix"][age % 2], "age", age)
    LocalLink.settle(*ends)
    return one, other, ends


def test_the_history_goes_and_the_content_stays_for_everybody() -> None:
    one, other, ends = linked_rooms()
    sizes = one.compact()
    LocalLink.settle(*ends)
    assert sizes.after < sizes.before / 10
    assert len(other.doc.get_update()) == sizes.after
    expected = {"pets": {"fido": {"age": EDITS - 2}, "felix": {"age": EDITS - 1}}}
    assert one.store.get_tables() == other.store.get_tables() == expected


def test_no_listener_of_the_store_hears_of_it() -> None:
    one, other, ends = linked_rooms()
    heard: list[object] = []
    for room in (one, other):
        room.store.add_cell_listener(None, None, None, lambda *cell: heard.append(cell))
    one.compact()
    LocalLink.settle(*ends)
    assert heard == []


def test_edits_go_on_both_ways_after_it() -> None:
    one, other, ends = linked_rooms()
    one.compact()
    LocalLink.settle(*ends)
    one.store.set_cell("pets", "fido", "age", "by one")
    other.store.set_cell("pets", "felix", "age", "by other")
    LocalLink.settle(*ends)
    for room in (one, other):
        assert room.store.get_cell("pets", "fido", "age") == "by one"
        assert room.store.get_cell("pets", "felix", "age") == "by other"


def test_edits_that_were_on_their_way_arrive() -> None:
    one, other, ends = linked_rooms()
    other.store.set_cell("pets", "fido", "age", "on its way")
    one.compact()
    LocalLink.settle(*ends)
    for room in (one, other):
        assert room.store.get_cell("pets", "fido", "age") == "on its way"


def test_who_was_away_brings_edits_and_deletions_along() -> None:
    one, other, ends = linked_rooms()
    ends[0].close()
    other.store.set_cell("pets", "fido", "age", "made away")
    other.store.del_row("pets", "felix")
    other.store.set_value("open", True)
    one.compact()
    one.store.set_cell("pets", "rex", "age", 3)
    LocalLink.settle(*LocalLink.connect(one, other))
    for room in (one, other):
        assert room.store.get_tables() == {
            "pets": {"fido": {"age": "made away"}, "rex": {"age": 3}}
        }
        assert room.store.get_values() == {"open": True}


def test_a_newcomer_gets_the_content_and_brings_its_own() -> None:
    one, other, ends = linked_rooms()
    one.compact()
    newcomer = Room("zoo", Store().set_value("open", True))
    LocalLink.settle(*ends, *LocalLink.connect(one, newcomer))
    assert newcomer.store.get_content() == one.store.get_content() == other.store.get_content()
    assert newcomer.store.get_row_count("pets") == 2
    assert other.store.get_value("open") is True


def test_two_compactions_at_once_end_in_one_document() -> None:
    one, other, ends = linked_rooms()
    ends[0].close()
    one.store.set_cell("pets", "fido", "age", "by one")
    other.store.set_cell("pets", "felix", "age", "by other")
    one.compact()
    other.compact()
    LocalLink.settle(*LocalLink.connect(one, other))
    expected = {"pets": {"fido": {"age": "by one"}, "felix": {"age": "by other"}}}
    assert one.store.get_tables() == other.store.get_tables() == expected
    assert one.doc.get_state() == other.doc.get_state()


def test_a_peer_that_was_not_heard_yet_is_a_reason_to_refuse() -> None:
    one = Room("zoo", Store().set_value("open", True))
    other = Room("zoo", Store())
    LocalLink.connect(one, other)
    with pytest.raises(CompactionError, match="not compacted"):
        one.compact()
    assert one.store.get_values() == {"open": True}


def test_a_peer_that_knows_no_generations_is_a_reason_to_refuse() -> None:
    one, other, ends = linked_rooms()
    old = LocalLink(one, "old peer")
    old.other = ends[1]
    one.add_link(old)
    one.receive(old, [write_frame(FrameKind.STEP_1, other.doc.get_state())])
    with pytest.raises(CompactionError, match="old peer"):
        one.compact()


def test_inside_a_transaction_it_is_refused() -> None:
    room = Room("zoo", Store().set_value("open", True))
    with room.store.transaction(), pytest.raises(CompactionError, match="transaction"):
        room.compact()
