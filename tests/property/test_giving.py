"""Whatever a document has been through, its parts and the answer are what it is as a whole."""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest

from tinybase_widget import LocalLink, Room, Store, YjsPersister, create_doc
from tinybase_widget.persisters._yjs_reading import is_complete
from tinybase_widget.sync._generations import clocks_of, write_clocks
from tinybase_widget.sync._giving import Giving

SEEDS = 1000 if os.environ.get("TINYBASE_FUZZ") else 8
NAMES = ("{}", "r{}", "0{}", "ü{}")


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinybase_widget.sync._giving.LARGE", 0)


def load(store: Store, random: Random) -> None:
    """Load rows that others may have loaded, too."""
    name, first = random.choice(NAMES), random.choice((0, 0, 20, 5_000))
    rows = {
        name.format(first + n): {"n": n, "of": random.choice((1, 2)), "text": "x" * (n % 5)}
        for n in range(random.choice((3, 70, 300, 1_200)))
    }
    store.set_table(random.choice("abc"), {**store.get_table("a"), **rows})


def edit(store: Store, random: Random) -> None:
    """Change what is there."""
    for _ in range(random.randrange(60)):
        table_id = random.choice(store.get_table_ids() or ["a"])
        row_id = random.choice(store.get_row_ids(table_id) or ["0"])
        change = random.randrange(5)
        if change == 0:
            store.del_row(table_id, row_id)
        elif change == 1:
            store.add_row(table_id, {"n": 1})
        elif change == 2:
            store.del_cell(table_id, row_id, "n")
        else:
            store.set_cell(table_id, row_id, "n", random.randrange(9))


def lived(random: Random) -> Room:
    """Return a room that has been through something together with another."""
    rooms = [Room("zoo", Store()), Room("zoo", Store())]
    for _ in range(random.randrange(1, 4)):
        for room in rooms:
            random.choice((load, edit))(room.store, random)
        if random.random() < 0.7:
            links = LocalLink.connect(*rooms)
            LocalLink.settle(*links)
            for link, room in zip(links, rooms, strict=True):
                room.remove_link(link)
    rooms[1].close()
    return rooms[0]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_parts_and_the_rest_are_the_document(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    room = lived(random)
    giving = Giving(room.store, lambda: room.doc)
    page: Any = create_doc()
    for part in giving.parts():
        if is_complete(part.update, clocks_of(page)):  # as a page does
            page.apply_update(part.update)
        if random.random() < 0.5:
            random.choice((load, edit))(room.store, random)
    page.apply_update(room.doc.get_update(write_clocks(giving.given)))
    page.apply_update(room.doc.get_update(page.get_state()))  # it asks for what it had to drop
    assert clocks_of(page) == clocks_of(room.doc)
    store = YjsPersister(Store(), page).load().get_store()
    assert store.get_content() == room.store.get_content()
    room.close()
