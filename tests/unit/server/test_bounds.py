"""What a server does with those who want more than there is: connections, memory, a room's size."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Map
from websockets.exceptions import ConnectionClosed

from tests.unit.server.conftest import SECONDS, update
from tests.waiting import wait_until
from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.server import _connection, _server
from tinybase_widget.sync._frames import FrameKind, write_frame

if TYPE_CHECKING:
    from tests.unit.server.conftest import RawClient, Running

UPGRADE = (
    b"GET /zoo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)


def raw(running: Running, *, says_who: bool = True, path: str = "/zoo") -> socket.socket:
    """Return a connection that says what it is told to, byte by byte."""
    made = socket.create_connection(("127.0.0.1", running.port), timeout=SECONDS)
    if says_who:
        made.sendall(UPGRADE.replace(b"/zoo", path.encode()))
        assert b"101" in made.recv(10_000)
    return made


def is_ended(connection: socket.socket) -> bool:
    """Read to the end, which has to come."""
    try:
        while connection.recv(100_000):
            pass
    except ConnectionError:
        pass
    return True


def send_all(connection: socket.socket, data: bytes, times: int) -> None:
    """Send again and again, until the other end has had enough."""
    try:
        for _ in range(times):
            connection.sendall(data)
    except ConnectionError:
        pass


def still_works(running: Running, join: Any) -> bool:
    client = join(f"{running.url}/bank")
    client.socket.send(update("a"))
    return bool(client.content() == {"a": 1})


# Connections


def test_connections_that_do_not_say_who_they_are_are_bounded_too(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection, "_SPARE", 3)
    running = start(max_connections=2)
    oldest, *kept = [raw(running, says_who=False) for _ in range(5)]
    wait_until(lambda: len(running.server._bounds.connections) == 5)
    with raw(running):
        assert is_ended(oldest)
    for connection in (oldest, *kept):
        connection.close()
    wait_until(lambda: not running.server._bounds.connections)


def test_hundreds_of_connections_leave_nothing_behind(start: Any, join: Any) -> None:
    running = start(max_connections=300, max_connections_each=300)
    many = [raw(running) for _ in range(300)]
    wait_until(lambda: len(running.server._clients) == 300)
    for connection in many:
        connection.close()
    wait_until(lambda: not running.server._clients and not running.server._bounds.connections)
    assert running.server._bounds.unread == 0
    assert still_works(running, join)


# What comes in


def test_messages_are_never_compressed(start: Any, join: Any) -> None:
    client = join(f"{start().url}/zoo", compression="deflate")
    assert client.socket.protocol.extensions == []


def test_a_compressed_message_ends_its_connection_and_is_not_unpacked(
    start: Any, join: Any
) -> None:
    running = start()
    with raw(running) as connection:
        connection.sendall(b"\xc2\x84\0\0\0\0\xff\xff\xff\xff")
        assert is_ended(connection)
    assert still_works(running, join)


@pytest.mark.parametrize("piece", [b"", b"x"])
def test_a_message_of_endless_pieces_ends_its_connection(
    piece: bytes, start: Any, join: Any
) -> None:
    running = start()
    with raw(running) as connection:
        frame = bytes([0x80 | len(piece)]) + b"\0\0\0\0" + piece
        connection.sendall(b"\x02" + frame)
        send_all(connection, (b"\x00" + frame) * 1000, 100)
        assert is_ended(connection)
    assert still_works(running, join)


def test_endless_pings_take_no_memory(start: Any) -> None:
    running = start()
    with raw(running) as connection:
        for _ in range(10):
            connection.sendall(b"\x89\x84\0\0\0\0abcd" * 1000)
            pongs = b""
            while pongs.count(b"\x8a\x04abcd") < 1000:
                pongs += connection.recv(100_000)
        assert running.server._bounds.unread == 0


def test_whoever_sends_the_most_is_cut_off_when_it_is_too_much_for_the_server(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection, "_MOST_UNREAD", 1_000_000)
    running = start()
    with raw(running) as modest, raw(running) as greedy:
        modest.sendall(b"\x82\xff" + (20_000_000).to_bytes(8, "big") + b"\0\0\0\0" + b"x" * 100)
        send_all(greedy, b"\x82\xff" + (20_000_000).to_bytes(8, "big") + b"\0\0\0\0", 1)
        send_all(greedy, b"x" * 100_000, 100)
        assert is_ended(greedy)
        wait_until(lambda: len(running.server._bounds.connections) == 1)
    assert still_works(running, join)


# Updates


def structs(count: int, body: bytes, client: int = 1) -> bytes:
    return b"\x01" + varuint(count) + varuint(client) + b"\x00" + body


ROOT = b"\x01\x08tinybase\x01k"
BOMBS = {
    "a struct that counts further than any document": structs(1, b"\x00" + varuint(1 << 40)),
    "deletions that count further": structs(1, b"\x21" + ROOT + varuint(1 << 60)),
    "more structs than there are bytes": structs(1 << 60, b"\x00\x01"),
    "more clients than there are bytes": varuint(1 << 50) + b"\x01\x01\x00\x00\x01",
    "more values than there are bytes": structs(1, b"\x28" + ROOT + varuint(1 << 60) + b"\x7e"),
    "a text longer than there are bytes": structs(
        1, b"\x28" + ROOT + b"\x01\x77" + varuint(1 << 60)
    ),
    "an array longer than there are bytes": structs(
        1, b"\x28" + ROOT + b"\x01\x75" + varuint(1 << 60)
    ),
    "an endless number": structs(1, b"\x00" + b"\xff" * 10_000),
    "more clients than a room may have": varuint(60_000)
    + b"".join(b"\x01" + varuint(client) + b"\x00\x00\x01" for client in range(60_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_update_that_would_take_too_much_is_dropped(name: str, start: Any, join: Any) -> None:
    running = start()
    client = join(f"{running.url}/bank")
    client.socket.send(write_frame(FrameKind.UPDATE, BOMBS[name] + b"\x00"))
    client.socket.send(update("a"))
    assert client.content() == {"a": 1}
    assert running.count("malformed_total") == 1
    assert running.count("edits_total") == 1


def test_many_tiny_structs_count_as_what_they_take_in_memory(start: Any, join: Any) -> None:
    running = start(max_room=50 << 20)
    client = join(f"{running.url}/bank")
    bomb = structs(500_000, b"\x00\x01" * 500_000) + b"\x00"
    client.socket.send(write_frame(FrameKind.UPDATE, bomb))
    assert b"full" in client.wait_for(2)
    client.socket.send(update("a"))
    assert client.content() == {"a": 1}


def test_a_question_that_is_too_long_is_no_question(start: Any, join: Any) -> None:
    running = start()
    client = join(f"{running.url}/bank")
    state = varuint(1_000_000) + b"\x01\x01" * 1_000_000
    client.socket.send(write_frame(FrameKind.STEP_1, state))
    client.sync()
    assert running.count("malformed_total") == 1


# The size of a room


def full_room(running: Running, join: Any) -> RawClient:
    """Return an author of a room that is full."""
    author: RawClient = join(f"{running.url}/zoo")
    author.sync()
    for number in range(10):
        author.doc.get("tinybase", type=Map)[f"c{number}"] = "x" * 20_000
    author.socket.send(write_frame(FrameKind.UPDATE, author.doc.get_update()))
    author.sync()
    return author


def test_a_room_has_a_size_and_says_so_when_it_is_full(start: Any, join: Any) -> None:
    running = start(max_room=250_000)
    author = full_room(running, join)
    author.socket.send(update("more", "x" * 100_000))
    assert b"this room is full" in author.wait_for(2)
    assert "more" not in author.content()
    author.socket.send(update("small"))
    assert "small" in author.content()
    assert still_works(running, join)


def test_whoever_was_refused_comes_again_when_deletions_have_made_room(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "_MEASURE_S", 0.05)
    running = start(max_room=250_000)
    author, other = full_room(running, join), join(f"{running.url}/zoo")
    other.socket.send(update("more", "x" * 100_000))
    assert b"this room is full" in other.wait_for(2)
    state = author.doc.get_state()
    for number in range(10):
        del author.doc.get("tinybase", type=Map)[f"c{number}"]
    author.socket.send(write_frame(FrameKind.UPDATE, author.doc.get_update(state)))
    with pytest.raises(ConnectionClosed, match="room again"):
        for _ in other.frames():
            pass
    again = join(f"{running.url}/zoo")
    again.socket.send(update("more", "x" * 100_000))
    assert again.content().keys() == {"more"}
