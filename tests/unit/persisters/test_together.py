"""Several persisters on one Store: a room, a file, a database, and what else there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.persisters.contract.places import PLACES
from tests.waiting import wait_until
from tinybase_widget import FilePersister, LocalLink, Room, SqlitePersister, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PETS = {"pets": {"fido": {"species": "dog", "age": 3}, "felix": {"species": "cat", "age": 4}}}
TABULAR = {
    "mode": "tabular",
    "tables": {"load": {"pets": "pets"}, "save": {"pets": "pets"}},
    "values": {"load": True, "save": True},
    "auto_load_interval_seconds": 0.02,
}


class Zoo:
    """A Store in a room, in a file, and in a database twice: as JSON and as tables."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.store = store
        self.errors: list[Exception] = []
        self.room = Room("zoo", store)
        interval = {"auto_load_interval_seconds": 0.02}
        self.tables = SqlitePersister(store, folder / "tables.db", TABULAR, self.errors.append)
        self.persisters = [
            FilePersister(store, folder / "zoo.json", self.errors.append),
            SqlitePersister(store, folder / "zoo.db", interval, self.errors.append),
            self.tables,
        ]
        for persister in self.persisters:
            persister.start_auto_persisting()

    def saves(self) -> list[int]:
        return [persister.get_stats()["saves"] for persister in self.persisters]

    def close(self) -> None:
        for persister in self.persisters:
            persister.destroy()
        self.room.close()


@pytest.fixture
def make_zoo(tmp_path: Path) -> Iterator[Callable[[Store], Zoo]]:
    made: list[Zoo] = []

    def make(store: Store) -> Zoo:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Zoo(folder, store))
        return made[-1]

    yield make
    for zoo in made:
        zoo.close()
        assert zoo.errors == []


def everywhere(folder: Path) -> list[Any]:
    """Return the content of all places of a zoo."""
    stores = [
        FilePersister(Store(), folder / "zoo.json").load(),
        SqlitePersister(Store(), folder / "zoo.db").load(),
        SqlitePersister(Store(), folder / "tables.db", TABULAR).load(),
    ]
    found = [persister.get_store().get_content() for persister in stores]
    for persister in stores:
        persister.destroy()
    return found


def test_an_edit_reaches_every_place(make_zoo: Callable[[Store], Zoo], tmp_path: Path) -> None:
    zoo = make_zoo(Store().set_tables(PETS))
    zoo.store.set_cell("pets", "fido", "age", 5).set_value("open", "yes")
    assert everywhere(tmp_path / "0") == [zoo.store.get_content()] * 3


def test_an_edit_is_saved_once_at_each_place(make_zoo: Callable[[Store], Zoo]) -> None:
    zoo = make_zoo(Store().set_tables(PETS))
    before = zoo.saves()
    zoo.store.set_cell("pets", "fido", "age", 5)
    somebody = Store()
    persister = SqlitePersister(
        somebody,
        zoo.tables.get_db(),
        TABULAR,
    ).start_auto_persisting()
    somebody.set_cell("pets", "rex", "species", "dog")
    wait_until(lambda: zoo.store.has_row("pets", "rex"))
    assert zoo.saves() == [before[0] + 2, before[1] + 2, before[2] + 1]
    persister.destroy()


def test_a_remote_edit_reaches_every_place(
    make_zoo: Callable[[Store], Zoo], tmp_path: Path
) -> None:
    zoo = make_zoo(Store().set_tables(PETS))
    other = Room("zoo", Store())
    ends = LocalLink.connect(zoo.room, other)
    LocalLink.settle(*ends)
    other.store.set_cell("pets", "felix", "age", 9).del_row("pets", "fido")
    LocalLink.settle(*ends)
    assert zoo.store.get_tables() == {"pets": {"felix": {"species": "cat", "age": 9}}}
    assert everywhere(tmp_path / "0") == [zoo.store.get_content()] * 3
    other.close()


def test_an_edit_of_the_file_reaches_the_room_and_the_databases(
    make_zoo: Callable[[Store], Zoo], tmp_path: Path
) -> None:
    zoo = make_zoo(Store().set_tables(PETS))
    other = Room("zoo", Store())
    ends = LocalLink.connect(zoo.room, other)
    path = tmp_path / "0" / "zoo.json"
    content = json.loads(path.read_text())
    content[0]["pets"]["rex"] = {"species": "dog", "age": 1}
    path.write_text(json.dumps(content, indent=2))
    wait_until(lambda: zoo.store.has_row("pets", "rex"))
    LocalLink.settle(*ends)
    assert other.store.get_content() == zoo.store.get_content()
    wait_until(lambda: everywhere(tmp_path / "0") == [zoo.store.get_content()] * 3)
    other.close()


def test_two_zoos_in_one_room_and_edits_everywhere_lose_nothing(
    make_zoo: Callable[[Store], Zoo], tmp_path: Path
) -> None:
    zoos = [make_zoo(Store()), make_zoo(Store())]
    ends = LocalLink.connect(zoos[0].room, zoos[1].room)
    LocalLink.settle(*ends)
    for number in range(5):
        for at, zoo in enumerate(zoos):
            zoo.store.set_cell("pets", f"store-{at}-{number}", "age", number)
            path = tmp_path / str(at) / "tables.db"
            somebody = SqlitePersister(Store(), path, TABULAR).load().start_auto_save()
            somebody.get_store().set_cell("pets", f"table-{at}-{number}", "age", number)
            somebody.destroy()
        LocalLink.settle(*ends)

    def is_everywhere() -> bool:
        LocalLink.settle(*ends)
        return all(
            found == zoo.store.get_content() and len(found[0]["pets"]) == 20
            for at, zoo in enumerate(zoos)
            for found in everywhere(tmp_path / str(at))
        )

    wait_until(is_everywhere)
    loads = [persister.get_stats() for zoo in zoos for persister in zoo.persisters]
    assert zoos[0].store.get_content() == zoos[1].store.get_content()
    LocalLink.settle(*ends)
    assert [persister.get_stats() for zoo in zoos for persister in zoo.persisters] == loads


@pytest.mark.parametrize("second", list(PLACES), ids=lambda name: f"and {name}")
@pytest.mark.parametrize("first", list(PLACES))
def test_any_two_persisters_share_a_store(tmp_path: Path, first: str, second: str) -> None:
    folders = tmp_path / "1", tmp_path / "2"
    for folder in folders:
        folder.mkdir()
    places = [PLACES[name](folder) for name, folder in zip((first, second), folders, strict=True)]
    store, others = Store().set_tables(PETS), (Store(), Store())
    for place in places:
        place.persister(store).start_auto_persisting()
    for place, other in zip(places, others, strict=True):
        place.persister(other).start_auto_persisting()
    store.set_cell("pets", "fido", "age", 5)
    wait_until(lambda: all(other.get_cell("pets", "fido", "age") == 5 for other in others))
    others[0].set_cell("pets", "rex", "species", "dog")
    wait_until(lambda: others[1].get_cell("pets", "rex", "species") == "dog")
    others[1].set_cell("pets", "felix", "age", 1)
    wait_until(lambda: others[0].get_cell("pets", "felix", "age") == 1)
    for place in places:
        place.close()
