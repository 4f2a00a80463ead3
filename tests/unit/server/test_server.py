"""What a server does for those who may come in."""

from __future__ import annotations

import socket
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Map
from websockets.exceptions import ConnectionClosed

from tests.unit.server.conftest import QUESTION, SECONDS, locked, update
from tinybase_widget import PlaceError, Room, Store
from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.server import _client, _server, _writing
from tinybase_widget.server._shelf import Shelf
from tinybase_widget.sync._dialects import write_text
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.server.conftest import RawClient, Running

PRESENT = write_frame(FrameKind.AWARENESS, b"\x01\x05\x01" + write_text('{"name": "Ada"}'))

UPGRADE = (
    b"GET /zoo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        count: int = database.execute("SELECT count(*) FROM yupdates").fetchone()[0]
    return count


def wait_for_frame(client: RawClient, kind: FrameKind) -> bytes:
    """Wait for a frame of the document's; return what it carries."""
    while (frame := read_frame(client.wait_for(0))).kind is not kind:
        pass
    return frame.payload


def test_an_edit_that_was_acknowledged_is_on_the_disk(start: Any, join: Any) -> None:
    running = start()
    author = join(f"{running.url}/zoo")
    author.sync()
    for number in range(20):
        author.socket.send(update(f"c{number}"))
        author.socket.send(QUESTION)
        wait_for_frame(author, FrameKind.STEP_2)
        assert rows(running.path) == number + 1


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


def test_every_question_is_answered_and_the_first_with_all(start: Any, join: Any) -> None:
    running = start()
    author = join(f"{running.url}/zoo")
    author.sync()
    with locked(running.path):
        author.socket.send(update("a"))
        for _ in range(5):
            author.socket.send(QUESTION)
    answers = [wait_for_frame(author, FrameKind.STEP_2) for _ in range(5)]
    assert len(answers[0]) > 10
    assert answers[1:] == [b"\x00\x00"] * 4


@contextmanager
def not_reading(running: Running) -> Iterator[socket.socket]:
    """Be a client that joins, asks for everything, and stops reading at the level of TCP."""
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", running.port))
        slow.sendall(UPGRADE)
        slow.recv(10_000)
        slow.sendall(b"\x82\x84\0\0\0\0" + QUESTION)
        yield slow


def test_a_client_that_does_not_read_is_cut_off_and_harms_no_other(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_client, "_MOST_WAITING", 1 << 20)
    running = start()
    author, reader = join(f"{running.url}/zoo"), join(f"{running.url}/zoo")
    reader.sync()
    with not_reading(running):
        sent = 0
        while not running.count("slow_total"):
            author.socket.send(update(f"c{sent}", "x" * 300_000))
            assert b"x" * 300_000 in wait_for_frame(reader, FrameKind.UPDATE)
            sent += 1
    assert sent < 100
    assert len(author.content()) == sent


def test_a_client_that_takes_nothing_of_an_answer_is_cut_off_after_a_while(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start()
    author = join(f"{running.url}/zoo")
    author.socket.send(update("large", "x" * 20_000_000))
    author.sync()
    monkeypatch.setattr(_client, "_LONGEST_PIECE_S", 0.2)  # not for the author, who may be slow
    with not_reading(running):
        while not running.count("slow_total"):
            author.socket.send(QUESTION)
            wait_for_frame(author, FrameKind.STEP_2)


def test_a_large_document_comes_in_pieces_and_as_it_is_now(start: Any, join: Any) -> None:
    running = start()
    author = join(f"{running.url}/zoo")
    author.socket.send(update("large", "x" * 3_000_000))
    author.sync()
    for number in range(3):
        author.socket.send(update(f"c{number}"))
        newcomer = join(f"{running.url}/zoo")
        newcomer.socket.recv(SECONDS)
        newcomer.socket.send(QUESTION)
        pieces = list(newcomer.socket.recv_streaming())
        assert len(pieces) > 40
        newcomer.doc.apply_update(read_frame(b"".join(pieces)).payload)
        assert newcomer.content().keys() == author.content().keys()


def test_whoever_lacks_most_of_a_large_document_gets_it_whole(start: Any, join: Any) -> None:
    running = start()
    author = join(f"{running.url}/zoo")
    author.sync()
    author.doc.get("tinybase", type=Map)["small"] = 1
    state = author.doc.get_state()
    author.doc.get("tinybase", type=Map)["large"] = "x" * 1_000_000
    author.socket.send(write_frame(FrameKind.UPDATE, author.doc.get_update()))
    author.socket.send(write_frame(FrameKind.STEP_1, state))
    assert wait_for_frame(author, FrameKind.STEP_2) == author.doc.get_update()


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
    monkeypatch.setattr(_writing, "_MANY", 10)
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


def test_a_kernel_shows_how_much_of_a_large_document_has_arrived(start: Any) -> None:
    running = start()
    here, there = Room("zoo", Store().set_value("a", "x" * 5_000_000)), Room("zoo", Store())
    seen: list[tuple[float | None, str]] = []
    try:
        assert here.connect(f"{running.url}/zoo").wait_until_synced()
        connection = there.connect(f"{running.url}/zoo")
        connection.add_state_listener(lambda each: seen.append((each.progress, repr(there))))
        assert connection.wait_until_synced()
        assert there.store.get_value("a") == here.store.get_value("a")
        assert connection.progress is None
    finally:
        here.close()
        there.close()
    parts = [progress for progress, _ in seen if progress is not None]
    assert len(parts) > 40
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    assert any("50% received from ws://" in shown for _, shown in seen)


def test_a_kernel_says_that_its_document_is_too_large_for_a_server(start: Any) -> None:
    room = Room("zoo", Store().set_value("a", "x" * 50_000))
    try:
        connection = room.connect(f"{start(max_frame=10_000).url}/zoo")
        while "--max-frame" not in str(connection.error):
            threading.Event().wait(0.01)
        assert connection.state != "synced"
    finally:
        room.close()


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
