"""A room's document outlives its kernel."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt.store import SQLiteYStore

from tests.waiting import wait_until
from tinybase_widget import LocalLink, PlaceError, Room, Store, YjsPersister, create_doc
from tinybase_widget.sync import _ystore_tables, ystore
from tinybase_widget.sync._generations import clocks_of

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

PETS = {"pets": {"fido": {"species": "dog", "age": 3}, "felix": {"species": "cat", "age": 4}}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "zoo.db"


def kept(path: Path, name: str = "zoo") -> Any:
    """Return the content that a kernel which starts anew finds."""
    room = Room(name, Store(), path)
    content = room.store.get_content()
    room.close()
    return content


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run in a thread of its own: where browser tests ran before, this one has a running loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def rows(path: Path, sql: str = "SELECT path FROM yupdates") -> list[Any]:
    with closing(sqlite3.connect(path, timeout=10)) as db:
        return db.execute(sql).fetchall()


def test_a_room_that_begins_again_has_what_it_had(path: Path) -> None:
    room = Room("zoo", Store().set_tables(PETS), path)
    room.store.set_cell("pets", "fido", "age", 5).del_row("pets", "felix").set_value("open", True)
    room.close()
    assert kept(path) == ({"pets": {"fido": {"species": "dog", "age": 5}}}, {"open": True})


def test_every_edit_is_kept_without_closing(path: Path) -> None:
    room = Room("zoo", Store().set_tables(PETS), path)
    for age in range(50):
        room.store.set_cell("pets", "fido", "age", age)
    room.flush_outbox()
    assert kept(path) == room.store.get_content()
    room.close()


def test_a_kernel_that_loads_its_data_again_takes_back_no_edit(path: Path) -> None:
    for age in (5, 6):
        room = Room("zoo", Store().set_tables(PETS), path)
        room.store.set_cell("pets", "fido", "age", age).del_row("pets", "felix")
        room.close()
    room = Room("zoo", Store().set_tables(PETS), path)
    assert room.store.get_tables() == {"pets": {"fido": {"species": "dog", "age": 6}}}
    room.close()


def test_what_the_store_has_is_added_to_what_was_kept(path: Path) -> None:
    Room("zoo", Store().set_tables(PETS), path).close()
    room = Room("zoo", Store().set_cell("shops", "1", "city", "Ulm"), path)
    assert room.store.get_tables() == {**PETS, "shops": {"1": {"city": "Ulm"}}}
    room.close()
    assert kept(path)[0] == {**PETS, "shops": {"1": {"city": "Ulm"}}}


def test_the_history_is_kept_so_that_a_peer_needs_only_what_it_lacks(path: Path) -> None:
    room = Room("zoo", Store().set_tables(PETS), path)
    peer = Room("zoo", Store())
    ends = LocalLink.connect(room, peer)
    LocalLink.settle(*ends)
    room.close()
    peer.store.set_cell("pets", "fido", "age", 9)
    again = Room("zoo", Store(), path)
    again.store.set_cell("pets", "felix", "age", 8)
    ends = LocalLink.connect(again, peer)
    LocalLink.settle(*ends)
    assert clocks_of(again.doc) == clocks_of(peer.doc)
    assert again.store.get_content() == peer.store.get_content()
    assert peer.store.get_cell("pets", "fido", "age") == 9
    assert peer.store.get_cell("pets", "felix", "age") == 8
    again.close()
    peer.close()


def test_what_peers_send_is_kept(path: Path) -> None:
    room, peer = Room("zoo", Store(), path), Room("zoo", Store().set_tables(PETS))
    ends = LocalLink.connect(room, peer)
    LocalLink.settle(*ends)
    peer.store.set_cell("pets", "fido", "age", 7)
    LocalLink.settle(*ends)
    room.close()
    assert kept(path)[0] == peer.store.get_tables()
    peer.close()


def test_rooms_of_other_names_share_the_file(path: Path) -> None:
    for name in ("zoo", "zoo@1.2", "zoo2"):
        Room(name, Store().set_value("name", name), path).close()
    for name in ("zoo", "zoo2"):
        assert kept(path, name)[1] == {"name": name}


def test_many_updates_are_put_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ystore_tables, "_MANY", 10)
    room = Room("zoo", Store().set_tables(PETS), path)
    for age in range(25):
        room.store.set_cell("pets", "fido", "age", age)
        room.flush_outbox()
    assert len(rows(path)) < 12
    room.close()
    assert kept(path)[0]["pets"]["fido"]["age"] == 24


def test_a_compacted_room_is_kept_compact(path: Path) -> None:
    room = Room("zoo", Store().set_tables(PETS), path)
    for age in range(200):
        room.store.set_cell("pets", ["fido", "felix"][age % 2], "age", age)
    room.flush_outbox()
    (before,) = rows(path, "SELECT sum(length(yupdate)) FROM yupdates")
    room.compact()
    room.store.set_value("open", True)
    room.flush_outbox()
    (after,) = rows(path, "SELECT sum(length(yupdate)) FROM yupdates")
    assert after[0] < before[0] / 2
    generation = room._generation
    room.close()
    again = Room("zoo", Store(), path)
    assert again._generation == generation
    assert again.store.get_content() == room.store.get_content()
    again.compact()
    again.close()
    assert kept(path) == room.store.get_content()


def test_a_kernel_that_was_away_during_a_compaction_brings_its_edits(path: Path) -> None:
    room = Room("zoo", Store().set_tables(PETS), path)
    away = Room("zoo", Store(), path)  # a second kernel on the same file
    away.store.set_cell("pets", "rex", "age", 1)
    room.compact()
    away.close()
    room.close()
    content = kept(path)
    assert content[0]["pets"]["rex"] == {"age": 1}
    assert content[0]["pets"]["fido"] == PETS["pets"]["fido"]


def test_what_another_kernel_has_kept_survives_a_compaction(path: Path) -> None:
    room = Room("zoo", Store().set_tables(PETS), path)
    other = Room("zoo", Store(), path)
    other.store.set_cell("pets", "rex", "age", 1)
    other.close()
    room.compact()
    assert room.store.get_row("pets", "rex") == {"age": 1}
    room.close()
    assert kept(path) == room.store.get_content()


def test_what_another_kernel_keeps_during_a_compaction_is_carried_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room("zoo", Store().set_tables(PETS), path)
    other = Room("zoo", Store(), path)
    other.store.set_cell("pets", "rex", "age", 1)
    assert room._kept is not None
    monkeypatch.setattr(room._kept, "catch_up", lambda: None)  # it came a moment too early
    monkeypatch.setattr(room._kept, "_prune", lambda: None)
    room._kept._ystore.read()
    other.store.set_cell("pets", "rex", "age", 2)
    other.close()
    room.compact()
    room.flush_outbox()
    monkeypatch.undo()
    room.close()
    content = kept(path)
    assert content[0] == {"pets": {**PETS["pets"], "rex": {"age": 2}}}
    assert kept(path) == content
    assert len({name for (name,) in rows(path)}) == 1


def test_pycrdt_store_reads_what_is_kept(path: Path) -> None:
    Room("zoo", Store().set_tables(PETS), path).close()

    class Zoo(SQLiteYStore):
        db_path = str(path)

    async def read() -> Any:
        doc = create_doc()
        async with Zoo("zoo") as store:
            await store.apply_updates(doc)
        return doc

    doc = run(read())
    assert YjsPersister(Store(), doc).load().get_store().get_tables() == PETS


def test_what_pycrdt_store_has_written_is_read(path: Path) -> None:
    class Zoo(SQLiteYStore):
        db_path = str(path)

    async def write() -> None:
        doc = create_doc()
        YjsPersister(Store().set_tables(PETS), doc).save()
        async with Zoo("zoo") as store:
            assert isinstance(store, SQLiteYStore)
            assert store.db_initialized is not None
            await store.db_initialized.wait()
            await store.encode_state_as_update(doc)

    run(write())
    assert kept(path)[0] == PETS


# Faults

SAVE = """
import sys
from tinybase_widget import Room, Store
room = Room("zoo", Store(), sys.argv[1])
for number in range(1, 100_000):
    with room.store.transaction():
        for row in range(20):
            room.store.set_cell("t", str(row), "number", number)
    if number % 10 == 0:
        room.flush_outbox()
        print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 12])
def test_a_kill_leaves_the_document_whole(path: Path, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAVE, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(after)][-1]
        process.kill()
    table = kept(path)[0]["t"]
    numbers = {row["number"] for row in table.values()}
    assert len(table) == 20
    assert len(numbers) == 1
    assert numbers.pop() >= told


def test_the_end_of_python_keeps_the_last_edit(path: Path) -> None:
    code = (
        "import sys; from tinybase_widget import Room, Store; "
        "room = Room('zoo', Store(), sys.argv[1]); room.store.set_value('last', 1)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert kept(path)[1] == {"last": 1}


def test_what_could_not_be_kept_is_kept_later(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ystore, "_RETRY_S", 0.02)
    room = Room("zoo", Store().set_tables(PETS), path)

    def refuse(*_: Any) -> None:
        raise PlaceError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(_ystore_tables.YStore, "_insert", refuse)
        room.store.set_cell("pets", "fido", "age", 7)
        room.flush_outbox()
        assert "room 'zoo': its last edits are not kept: the disk is full" in caplog.text
    wait_until(lambda: kept(path)[0]["pets"]["fido"]["age"] == 7)
    room.close()


@pytest.mark.parametrize("content", [b"certainly no database" * 200, b"x"])
def test_a_file_that_is_something_else_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    store = Store().set_tables(PETS)
    with pytest.raises(PlaceError, match="file is not a database"):
        Room("zoo", store, path)
    assert path.read_bytes() == content
    Room("zoo", store).close()  # the Store is free for another one


def test_updates_that_are_none_are_left_as_they_are(path: Path) -> None:
    Room("zoo", Store().set_tables(PETS), path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO yupdates VALUES ('zoo', x'ffffff', x'', 1)")
    before = rows(path, "SELECT * FROM yupdates")
    with pytest.raises(PlaceError, match="something else than the updates of a document"):
        Room("zoo", Store(), path)
    assert rows(path, "SELECT * FROM yupdates") == before


def test_tables_of_another_version_are_left_as_they_are(path: Path) -> None:
    Room("zoo", Store().set_tables(PETS), path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version = 3")
    with pytest.raises(PlaceError, match="version 3"):
        Room("zoo", Store(), path)
    assert len(rows(path)) > 0
