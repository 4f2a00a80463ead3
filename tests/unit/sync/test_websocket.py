"""A room's connection to a server; here to one in this process."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Doc, Map, handle_sync_message
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.waiting import wait_until
from tinybase_widget import CompactionError, Room, Store, TableView, create_doc
from tinybase_widget.sync._compacting import fresh_doc
from tinybase_widget.sync._frames import FrameKind, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 60


class YServer:
    """A y-websocket server in its least form: it answers, and tells everybody what changed."""

    def __init__(self, doc: Doc[Any] | None = None) -> None:
        self.doc: Doc[Any] = create_doc() if doc is None else doc
        self.paths: list[str] = []
        self.kinds: set[int] = set()
        self._sockets: list[ServerConnection] = []
        self._lock = threading.Lock()
        self._server: Server | None = None
        self.port = 0

    def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        with self._lock:
            self._sockets.append(socket)
            socket.send(write_frame(FrameKind.STEP_1, self.doc.get_state()))
        for data in socket:
            assert isinstance(data, bytes)
            self.kinds.add(data[0])
            if data[0] == 0:
                with self._lock:
                    before = self.doc.get_state()
                    answer = handle_sync_message(data[1:], self.doc)
                    if answer is not None:
                        socket.send(answer)
                    if data[1] != FrameKind.STEP_1:
                        self.tell(self.doc.get_update(before))

    def tell(self, update: bytes) -> None:
        for socket in self._sockets:
            with suppress(ConnectionClosed):
                socket.send(write_frame(FrameKind.UPDATE, update))

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let it answer nobody for a while."""
        with self._lock:
            yield

    @contextmanager
    def running(self) -> Iterator[str]:
        with serve(self.handle, "127.0.0.1", self.port) as server:
            self.port = server.socket.getsockname()[1]
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield f"ws://127.0.0.1:{self.port}"
            for socket in self._sockets:
                socket.close_socket()
            server.shutdown()
            thread.join()
        self._sockets.clear()


@pytest.fixture
def make_room() -> Iterator[Callable[..., Room]]:
    rooms: list[Room] = []

    def make(**values: Any) -> Room:
        room = Room("zoo", Store().set_values(values) if values else Store())
        rooms.append(room)
        return room

    yield make
    for room in rooms:
        room.close()


def test_two_rooms_meet_on_a_server(make_room: Callable[..., Room]) -> None:
    one, other = make_room(a=1), make_room(b=2)
    with YServer().running() as url:
        assert one.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        assert other.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        one.store.set_value("c", 3)
        wait_until(lambda: other.store.get_values() == {"a": 1, "b": 2, "c": 3})
        wait_until(lambda: one.store.get_values() == {"a": 1, "b": 2, "c": 3})


def test_states_are_told_as_they_change(make_room: Callable[..., Room]) -> None:
    server, seen = YServer(), []
    with server.running() as url:
        connection = make_room().connect(f"{url}/zoo")
        connection.add_state_listener(lambda each: seen.append(each.state))
        wait_until(lambda: connection.state == "synced")
    wait_until(lambda: connection.error and "offline" in seen)
    with server.running():
        wait_until(lambda: seen[-2:] == ["connecting", "synced"])
        assert connection.error is None


def test_what_was_edited_while_the_server_was_away_is_exchanged(
    make_room: Callable[..., Room],
) -> None:
    server, room = YServer(), make_room()
    with server.running() as url:
        connection = room.connect(f"{url}/zoo")
        assert connection.wait_until_synced(SECONDS)
    wait_until(lambda: connection.state != "synced")
    room.store.set_value("here", 1)
    with server.running():
        assert connection.wait_until_synced(SECONDS)
        other = make_room()
        assert other.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        assert other.store.get_values() == {"here": 1}


def test_a_server_that_lost_its_document_gets_it_again(make_room: Callable[..., Room]) -> None:
    server, room = YServer(), make_room(a=1)
    with server.running() as url:
        connection = room.connect(f"{url}/zoo")
        assert connection.wait_until_synced(SECONDS)
    server.doc = create_doc()
    with server.running():
        assert connection.wait_until_synced(SECONDS)
        other = make_room()
        assert other.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        assert other.store.get_values() == {"a": 1}


def test_tokens_are_in_no_log_repr_error_or_widget_state(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    store = Store().set_table("pets", {"fido": {"species": "dog"}})
    server = YServer()
    with server.running() as url:
        view = TableView(store, "pets", room=f"{url}/zoo?token=sesame")
        connection = view.room.connections[0]
        assert connection.wait_until_synced(SECONDS)
    wait_until(lambda: connection.error)
    shown = f"{view!r} {view.room!r} {connection!r} {connection.error} {view.get_state()}"
    view.close()
    view.room.close()
    assert server.paths[0] == "/zoo?token=sesame"
    assert "sesame" not in shown
    logged = [record for record in caplog.records if record.name.startswith("tinybase_widget")]
    assert logged
    assert not any("sesame" in record.getMessage() for record in logged)
    clients = [each for each in caplog.records if each.name.startswith("websockets.client")]
    assert clients == []


def test_connecting_again_to_the_same_address_gives_the_same_connection(
    make_room: Callable[..., Room],
) -> None:
    room = make_room()
    first = room.connect("ws://127.0.0.1:9/zoo")
    assert room.connect("ws://127.0.0.1:9/zoo") is first
    second = room.connect("ws://127.0.0.1:9/zoo", token="another")  # noqa: S106
    assert second is not first
    assert room.connections == [second]


def test_after_disconnecting_nothing_is_sent_any_more(make_room: Callable[..., Room]) -> None:
    room, other = make_room(), make_room()
    with YServer().running() as url:
        assert room.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        room.disconnect()
        assert room.connections == []
        room.store.set_value("late", 1)
        assert other.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        assert other.store.get_values() == {}


def test_a_server_is_never_sent_frames_that_name_a_generation(
    make_room: Callable[..., Room],
) -> None:
    server, room = YServer(), make_room(a=1)
    room.compact()
    with server.running() as url:
        connection = room.connect(f"{url}/zoo")
        assert connection.wait_until_synced(SECONDS)
        room.store.set_value("b", 2)
        assert connection.wait_until_synced(SECONDS)
        other = make_room(c=3)
        assert other.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        wait_until(lambda: room.store.get_values() == {"a": 1, "b": 2, "c": 3})
        wait_until(lambda: other.store.get_values() == {"a": 1, "b": 2, "c": 3})
        assert other.generation == room.generation
    assert server.kinds == {0}


def test_a_compacted_room_does_not_mix_with_the_document_from_before(
    make_room: Callable[..., Room],
) -> None:
    server, room = YServer(), make_room(a=1)
    with server.running() as url:
        assert room.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        room.disconnect()
        before = server.doc.get_state()
        room.compact()
        connection = room.connect(f"{url}/zoo")
        wait_until(lambda: connection.state == "offline")
        assert "another name" in str(connection.error)
        assert server.doc.get_state() == before
        assert room.store.get_values() == {"a": 1}


def test_a_server_that_comes_back_with_a_newer_document_is_followed(
    make_room: Callable[..., Room],
) -> None:
    server, room = YServer(), make_room(a=1)
    with server.running() as url:
        connection = room.connect(f"{url}/zoo")
        assert connection.wait_until_synced(SECONDS)
    server.doc = fresh_doc(server.doc, "tinybase")
    room.store.set_value("b", 2)
    with server.running():
        wait_until(lambda: room.generation.number == 1)
        assert connection.wait_until_synced(SECONDS)
        other = make_room()
        assert other.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        assert other.store.get_values() == {"a": 1, "b": 2}


def test_a_room_on_a_server_is_not_compacted(make_room: Callable[..., Room]) -> None:
    room = make_room()
    room.connect("ws://127.0.0.1:9/zoo")
    with pytest.raises(CompactionError, match=r"room\.disconnect"):
        room.compact()


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xff" * 20, b"\x00\x02\x05\x01", b"\x00\x07", b"\x63"]
)
def test_nonsense_from_a_server_is_dropped(data: bytes, make_room: Callable[..., Room]) -> None:
    server, room = YServer(), make_room(a=1)
    with server.running() as url:
        connection = room.connect(f"{url}/zoo")
        assert connection.wait_until_synced(SECONDS)
        for socket in server._sockets:
            socket.send(data)
            socket.send("text")
        assert connection.wait_until_synced(SECONDS)


def test_no_such_protocol_is_told_with_those_there_are(make_room: Callable[..., Room]) -> None:
    with pytest.raises(ValueError, match='"y-websocket" or "hocuspocus"'):
        make_room().connect("ws://host/zoo", protocol="http")


def test_the_connections_thread_ends_with_it(make_room: Callable[..., Room]) -> None:
    name = "tinybase-widget ws://127.0.0.1:9/zoo"
    room = make_room()
    room.connect("ws://127.0.0.1:9/zoo")
    assert any(thread.name == name for thread in threading.enumerate())
    room.disconnect()
    wait_until(lambda: not any(thread.name == name for thread in threading.enumerate()))


def test_edits_wait_while_the_server_is_away_and_no_longer_when_it_has_answered(
    make_room: Callable[..., Room],
) -> None:
    server, room, other = YServer(), make_room(), make_room()
    with server.running() as url:
        connection = room.connect(f"{url}/zoo")
        assert connection.wait_until_synced(SECONDS)
        with server.silent():
            room.store.set_value("a", 1)
            assert connection.waiting_edits == 1
        wait_until(lambda: connection.waiting_edits == 0)  # it asks, and is answered
        assert other.connect(f"{url}/zoo").wait_until_synced(SECONDS)
        other.store.set_value("b", 2)
        wait_until(lambda: room.store.get_value("b") == 2)
        assert connection.waiting_edits == 0  # what others edit is there
    wait_until(lambda: connection.state != "synced")
    for number in range(3):
        room.store.set_value("a", number)
    assert connection.waiting_edits == 3
    with server.running():
        assert connection.wait_until_synced(SECONDS)
        assert connection.waiting_edits == 0


def test_a_question_never_overtakes_the_edits_that_it_is_to_cover(
    make_room: Callable[..., Room],
) -> None:
    server, room = YServer(), make_room()
    with server.running() as url:
        connection = room.connect(f"{url}/zoo")
        for number in range(50):
            room.store.set_value("a", number)
            if connection.wait_until_synced(SECONDS):
                assert server.doc.get("tinybase", type=Map)["v"]["a"] == number
                assert connection.waiting_edits == 0


def test_a_room_tells_when_its_connections_change(make_room: Callable[..., Room]) -> None:
    server, room = YServer(), make_room()
    states: list[list[str]] = []

    def listener() -> None:
        states.append([connection.state for connection in room.connections])

    room.add_connections_listener(listener)
    with server.running() as url:
        room.connect(f"{url}/zoo")
        wait_until(lambda: ["synced"] in states)
        room.disconnect()
        wait_until(lambda: states[-1] == [])
    room.del_connections_listener(listener)
    seen = len(states)
    room.connect(f"{url}/zoo")
    assert len(states) == seen
