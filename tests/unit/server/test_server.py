"""What a server does for those who may come in."""

from __future__ import annotations

import socket
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.unit.server.conftest import edit
from tinybase_widget import PlaceError, Room, Store
from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.server import _client, _server
from tinybase_widget.server._shelf import Shelf
from tinybase_widget.sync._dialects import write_text
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame

if TYPE_CHECKING:
    from pathlib import Path

PRESENT = write_frame(FrameKind.AWARENESS, b"\x01\x05\x01" + write_text('{"name": "Ada"}'))

UPGRADE = (
    b"GET /zoo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def update(key: str, value: Any = 1) -> bytes:
    return write_frame(FrameKind.UPDATE, edit(key, value))


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        count: int = database.execute("SELECT count(*) FROM yupdates").fetchone()[0]
    return count


def test_an_edit_that_was_told_of_is_on_the_disk(start: Any, join: Any) -> None:
    running = start()
    author, reader = join(f"{running.url}/zoo"), join(f"{running.url}/zoo")
    reader.sync()
    author.socket.send(update("a"))
    while read_frame(reader.wait_for(0)).kind is not FrameKind.UPDATE:
        pass
    assert rows(running.path) == 1


def test_rooms_outlast_the_server(start: Any, join: Any) -> None:
    first = start()
    for name in ("zoo", "my%20bank"):
        client = join(f"{first.url}/{name}")
        client.socket.send(update(name))
        client.sync()
    first.stop()
    second = start()
    assert join(f"{second.url}/zoo").content() == {"zoo": 1}
    assert join(f"{second.url}/my%20bank").content() == {"my%20bank": 1}


def test_stopping_writes_what_waits(start: Any, join: Any) -> None:
    running = start()
    client = join(f"{running.url}/zoo")
    client.sync()
    for number in range(100):
        client.socket.send(update(f"c{number}"))
    client.sync()
    client.socket.send(update("last"))
    running.stop()
    assert {"c0", "c99"} <= join(f"{start().url}/zoo").content().keys()


def test_while_the_database_is_locked_edits_wait_and_nobody_is_told(start: Any, join: Any) -> None:
    running = start()
    author = join(f"{running.url}/zoo")
    author.sync()
    with closing(sqlite3.connect(running.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        author.socket.send(update("a"))
        author.socket.send(write_frame(FrameKind.STEP_1, b"\x00"))
        while running.count("commit_failures_total") == 0:
            threading.Event().wait(0.01)
        with pytest.raises(TimeoutError):
            author.socket.recv(0)
        other.execute("ROLLBACK")
    assert author.content() == {"a": 1}
    assert rows(running.path) == 1


def test_a_client_that_does_not_read_is_cut_off_and_harms_no_other(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_client, "_MOST_WAITING", 1 << 20)
    running = start()
    author = join(f"{running.url}/zoo")
    with socket.create_connection(("127.0.0.1", running.port)) as slow:
        slow.sendall(UPGRADE)
        slow.recv(10_000)
        for number in range(200):
            author.socket.send(update(f"c{number}", "x" * 300_000))
            while running.count("edits_total") <= number:
                threading.Event().wait(0.001)
            if running.count("slow_total"):
                break
        while not running.count("slow_total"):
            threading.Event().wait(0.01)
    assert "c0" in author.content()


def test_a_newcomer_is_told_who_is_there_and_others_when_somebody_goes(
    start: Any, join: Any
) -> None:
    running = start()
    one, other = join(f"{running.url}/zoo"), join(f"{running.url}/zoo")
    other.sync()
    one.socket.send(PRESENT)
    assert other.wait_for(1) == PRESENT
    newcomer = join(f"{running.url}/zoo")
    assert newcomer.wait_for(1) == PRESENT
    newcomer.socket.send(varuint(3))
    assert newcomer.wait_for(1) == PRESENT
    one.close()
    assert b"null" in other.wait_for(1)


def test_an_idle_room_is_let_go_of_and_comes_back(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "_UNLOAD_S", 0.0)
    running = start()
    client = join(f"{running.url}/zoo")
    client.socket.send(update("a"))
    client.sync()
    client.close()
    while running.server._rooms:
        threading.Event().wait(0.01)
    assert join(f"{running.url}/zoo").content() == {"a": 1}


def test_many_updates_are_put_together(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "_MANY", 10)
    running = start()
    client = join(f"{running.url}/zoo")
    for number in range(50):
        client.socket.send(update(f"c{number}"))
        client.sync()
    assert rows(running.path) <= 12
    assert len(client.content()) == 50


def test_a_document_that_fails_is_read_from_the_disk_again(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start()
    client = join(f"{running.url}/zoo")
    client.socket.send(update("a"))
    client.sync()

    class PanicError(BaseException):
        """As pycrdt's, which is no Exception either."""

    def panic(*_: object) -> None:
        raise PanicError

    room = running.server._rooms["zoo"]
    monkeypatch.setattr(room, "_on_event", panic)
    room._doc.unobserve(room._subscription)
    room._subscription = room._doc.observe(panic)
    client.socket.send(update("b"))
    with pytest.raises(ConnectionClosed):
        for _ in client.frames():
            pass
    again = join(f"{running.url}/zoo")
    assert again.content() == {"a": 1}
    again.socket.send(update("c"))
    assert again.content() == {"a": 1, "c": 1}


def test_a_room_of_a_kernel_kept_in_the_same_tables_can_be_served(
    tmp_path: Path, start: Any, join: Any
) -> None:
    room = Room("zoo", Store().set_value("open", True), path=tmp_path / "rooms.db")
    room.close()
    content = join(f"{start().url}/zoo").content()
    assert content["v"] == {"open": True}


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rooms.db"
    path.write_text("my diary, which is longer than a header of SQLite")
    with pytest.raises(PlaceError, match="left as it is"):
        Shelf(path)
    assert path.read_text().startswith("my diary")


def test_kernels_tell_who_is_there(start: Any) -> None:
    url = f"{start().url}/zoo"
    here, there = Room("zoo", Store()), Room("zoo", Store())
    try:
        there.user = "Ada"
        assert there.connect(url).wait_until_synced()
        assert here.connect(url).wait_until_synced()
        while [peer.name for peer in here.peers] != ["Ada"]:
            threading.Event().wait(0.01)
    finally:
        here.close()
        there.close()
