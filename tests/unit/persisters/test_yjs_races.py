"""Rows that two replicas have made apart, in batches that are not the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import Store, YjsPersister, create_doc
from tinybase_widget.persisters._yjs_content import YjsContent
from tinybase_widget.persisters._yjs_races import image_client

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pycrdt import Doc

TABLE = "pets"


class Replica:
    """A Store and a document that are kept alike."""

    def __init__(self, client_id: int, rows: Iterable[int] = (), values: str = "loaded") -> None:
        self.errors: list[object] = []
        self.doc: Doc[Any] = create_doc(client_id)
        self.store = Store()
        self.persister = YjsPersister(self.store, self.doc, on_ignored_error=self.errors.append)
        self.persister.start_auto_persisting()
        if rows:
            table = {f"pet {row}": {"name": f"{values} {row}"} for row in rows}
            self.store.set_table(TABLE, table)

    def take(self, other: Replica) -> None:
        self.persister.apply_update(other.doc.get_update(self.doc.get_state()))

    def name(self, row: int) -> Any:
        return self.store.get_cell(TABLE, f"pet {row}", "name")

    def rename(self, row: int, name: str) -> None:
        self.store.set_cell(TABLE, f"pet {row}", "name", name)

    def delete(self, row: int) -> None:
        self.store.del_row(TABLE, f"pet {row}")


def meet(*replicas: Replica) -> None:
    for _ in range(4):
        for one in replicas:
            for other in replicas:
                one.take(other)
    contents = [replica.store.get_content() for replica in replicas]
    assert all(content == contents[0] for content in contents)
    assert [replica.errors for replica in replicas] == [[] for _ in replicas]
    updates = {replica.doc.get_update() for replica in replicas}
    assert len(updates) == 1


@pytest.fixture
def two() -> tuple[Replica, Replica]:
    """Two replicas that have loaded 70 rows each, of which they share 69."""
    return Replica(1_000_001, range(70)), Replica(1_000_002, range(1, 71))


def test_all_rows_of_both_are_there(two: tuple[Replica, Replica]) -> None:
    meet(*two)
    assert two[0].store.get_row_count(TABLE) == 71


def test_a_cell_that_only_the_losing_container_had_is_there(two: tuple[Replica, Replica]) -> None:
    one, other = two
    one.store.set_cell(TABLE, "pet 5", "by one", 1)
    other.store.set_cell(TABLE, "pet 5", "by other", 2)
    meet(one, other)
    row = one.store.get_row(TABLE, "pet 5")
    assert (row["by one"], row["by other"]) == (1, 2)


def test_what_was_deleted_with_all_of_it_known_stays_deleted(two: tuple[Replica, Replica]) -> None:
    one, other = two
    late = Replica(1_000_003, range(70))  # the same load as that of the first
    meet(one, other)
    one.delete(7)
    meet(one, other)
    meet(one, other, late)
    assert one.name(7) is None


@pytest.mark.parametrize("loser", [0, 1])
def test_an_edit_below_a_container_that_has_lost_elsewhere_arrives(
    two: tuple[Replica, Replica], loser: int
) -> None:
    away = Replica(1_000_003)
    away.take(two[loser])
    meet(*two)
    away.rename(9, "edited")
    two[0].take(away)
    meet(*two)
    assert two[0].name(9) in {"edited", "loaded 9"}
    away.rename(9, "edited again")
    away.store.set_cell(TABLE, "pet 9", "by", "who was away")
    two[1].take(away)
    meet(*two)
    assert two[0].store.get_cell(TABLE, "pet 9", "by") == "who was away"


def test_three_that_meet_in_any_order_end_alike() -> None:
    loads = [range(70), range(1, 71), range(2, 72)]
    three = [Replica(1_000_001 + at, load, f"load {at}") for at, load in enumerate(loads)]
    for at, replica in enumerate(three):
        replica.store.set_cell(TABLE, "pet 20", f"by {at}", at)
    three[0].take(three[1])
    three[1].take(three[2])
    three[2].take(three[0])
    meet(*three)
    row = three[0].store.get_row(TABLE, "pet 20")
    assert {key: row[key] for key in ("by 0", "by 1", "by 2")} == {
        "by 0": 0,
        "by 1": 1,
        "by 2": 2,
    }


def test_what_is_carried_is_the_same_whoever_carries(two: tuple[Replica, Replica]) -> None:
    one, other = two
    states = one.doc.get_update(), other.doc.get_update()
    one.persister.apply_update(states[1])
    other.persister.apply_update(states[0])
    assert one.doc.get_update() == other.doc.get_update()


def test_one_that_begins_with_the_bytes_of_a_race_carries_too(
    two: tuple[Replica, Replica],
) -> None:
    away = Replica(1_000_003)
    away.take(two[0])
    away_too = Replica(1_000_004)
    away_too.take(two[1])
    meet(*two)
    later = Replica(1_000_005)
    later.doc.apply_update(two[0].doc.get_update())
    away.store.set_cell(TABLE, "pet 9", "by", "who was away")
    away_too.store.set_cell(TABLE, "pet 9", "by too", "who was away too")
    later.take(away)
    later.take(away_too)
    row = later.store.get_row(TABLE, "pet 9")
    assert (row["by"], row["by too"]) == ("who was away", "who was away too")


def test_an_edit_where_no_row_was_made_twice_is_not_looked_through() -> None:
    one, other = Replica(1_000_001, range(70)), Replica(1_000_002)
    other.take(one)
    watch = YjsContent(other.doc, "tinybase", lambda _: False).watch_races()
    before = one.doc.get_state()
    one.rename(3, "edited")
    assert watch.race(one.doc.get_update(before)) is None
    before = one.doc.get_state()
    one.store.set_cell(TABLE, "a new pet", "name", "new")
    assert watch.race(one.doc.get_update(before)) is None


def test_images_have_the_order_of_what_they_are_the_images_of() -> None:
    clients = [5, 2**20, 2**31, 2**32 - 1, 2**52, 2**52 + 2**50, 2**53 - 1]
    images = [image_client(client, "some container") for client in clients]
    assert images == sorted(images)
