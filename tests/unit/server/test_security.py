"""Who may do what at a server, and what it makes of those who mean harm."""

from __future__ import annotations

import logging
import ssl
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.certificates import make_certificate
from tests.unit.server.conftest import SECONDS, RawClient, edit, update
from tests.waiting import wait_until
from tinybase_widget import Room, Store
from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.server import RoomServer, ServerOptions
from tinybase_widget.server._grants import Grant
from tinybase_widget.server._shelf import Shelf
from tinybase_widget.sync._frames import FrameKind, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Start = "Callable[..., Running]"
Join = "Callable[..., RawClient]"


def make_token(tmp_path: Path, role: Any = "edit", room: str | None = None, span: float = 0) -> str:
    shelf = Shelf(tmp_path / "rooms.db")
    token = shelf.grants.make(role, room, time.time() + span if span else None)
    shelf.close()
    return token


def refusal(join: Callable[..., RawClient], url: str, **options: Any) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as raised:
        join(url, **options)
    response = raised.value.response
    return response.status_code, bytes(response.body or b"").decode()


@pytest.mark.parametrize(
    ("query", "reason"),
    [("", "is needed"), ("?token=", "is needed"), ("?token=guess", "not known")],
)
def test_without_a_known_token_nobody_comes_in(
    query: str, reason: str, tmp_path: Path, start: Any, join: Any
) -> None:
    make_token(tmp_path)
    status, words = refusal(join, f"{start().url}/zoo{query}")
    assert status == 401
    assert reason in words


def test_an_expired_token_is_refused(tmp_path: Path, start: Any, join: Any) -> None:
    token = make_token(tmp_path, span=-1)
    assert refusal(join, f"{start().url}/zoo?token={token}") == (401, "this token has expired\n")


def test_a_token_that_expires_ends_its_connection(
    tmp_path: Path, start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = make_token(tmp_path, span=1)
    monkeypatch.setattr(Grant, "has_expired", lambda _: False)  # it came in time, however slowly
    client = join(f"{start().url}/zoo?token={token}")
    with pytest.raises(ConnectionClosed, match="expired"):
        for _ in client.frames():
            pass


def test_a_token_that_is_revoked_ends_its_connections_and_no_others(
    tmp_path: Path, start: Any, join: Any
) -> None:
    revoked, kept = make_token(tmp_path), make_token(tmp_path)
    running = start()
    client, other = (join(f"{running.url}/zoo?token={token}") for token in (revoked, kept))
    other.sync()
    shelf = Shelf(tmp_path / "rooms.db")  # as the command does, in another process
    found = shelf.grants.find(revoked)
    assert found is not None
    assert shelf.grants.revoke(found.id)
    shelf.close()
    with pytest.raises(ConnectionClosed, match="not known any more"):
        for _ in client.frames():
            pass
    other.socket.send(update("a"))
    assert other.content() == {"a": 1}
    assert refusal(join, f"{running.url}/zoo?token={revoked}")[0] == 401


def test_who_came_in_without_a_token_goes_when_one_is_needed(
    tmp_path: Path, start: Any, join: Any
) -> None:
    client = join(f"{start().url}/zoo")
    client.sync()
    make_token(tmp_path)
    with pytest.raises(ConnectionClosed, match="not known any more"):
        for _ in client.frames():
            pass


def test_a_token_is_good_for_its_room_only(tmp_path: Path, start: Any, join: Any) -> None:
    token = make_token(tmp_path, room="zoo")
    running = start()
    join(f"{running.url}/zoo?token={token}")
    assert refusal(join, f"{running.url}/bank?token={token}")[0] == 403


def test_a_token_may_come_in_a_header(tmp_path: Path, start: Any, join: Any) -> None:
    token = make_token(tmp_path)
    client = join(f"{start().url}/zoo", additional_headers={"Authorization": f"Bearer {token}"})
    assert client.content() == {}


def test_edits_of_a_viewer_are_dropped_and_it_is_told(
    tmp_path: Path, start: Any, join: Any
) -> None:
    running = start()
    viewer = join(f"{running.url}/zoo?token={make_token(tmp_path, 'view')}")
    editor = join(f"{running.url}/zoo?token={make_token(tmp_path, 'edit')}")
    viewer.socket.send(update("by the viewer"))
    assert b"looking only" in viewer.wait_for(2)
    viewer.socket.send(write_frame(FrameKind.STEP_2, edit("by the viewer's answer")))
    editor.socket.send(update("by the editor"))
    assert editor.content() == {"by the editor": 1}
    assert viewer.content() == {"by the editor": 1}
    assert running.count("edits_dropped_total") == 2


def test_on_a_read_only_server_nobody_edits(start: Any, join: Any) -> None:
    client = join(f"{start(read_only=True).url}/zoo")
    client.socket.send(update("a"))
    assert client.wait_for(2)
    assert client.content() == {}


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[::", "x"]
)
def test_pages_of_other_origins_may_not_connect(origin: str, start: Any, join: Any) -> None:
    assert refusal(join, f"{start().url}/zoo", origin=origin)[0] == 403


@pytest.mark.parametrize("origin", [None, "http://localhost:8888", "http://127.0.0.1:8888"])
def test_pages_of_this_computer_may(origin: str | None, start: Any, join: Any) -> None:
    assert join(f"{start().url}/zoo", origin=origin).content() == {}


def test_named_origins_are_all_that_may(start: Any, join: Any) -> None:
    running = start(origins=["https://lab.example"])
    assert join(f"{running.url}/zoo", origin="https://lab.example").content() == {}
    assert refusal(join, f"{running.url}/zoo", origin="http://localhost:8888")[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/../etc/passwd",
        "/a/b",
        "/..",
        "/.",
        "/%2e%2e%2fetc",
        "/a%00b",
        "/a%0ab",
        "/zoo%40" + "1.2",
        "/" + "a" * 101,
        "/%ff",
        "/c:%5cwindows",
    ],
)
def test_what_is_no_plain_name_is_no_room(path: str, start: Any, join: Any) -> None:
    assert refusal(join, f"{start().url}{path}")[0] == 404


def test_a_server_for_others_does_not_start_without_a_token(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="token make"):
        RoomServer(str(tmp_path / "rooms.db"), ServerOptions(host="0.0.0.0"))  # noqa: S104


def test_too_large_a_frame_ends_its_connection_only(start: Any, join: Any) -> None:
    running = start(max_frame=10_000)
    other, client = join(f"{running.url}/zoo"), join(f"{running.url}/zoo")
    with pytest.raises(ConnectionClosed):  # noqa: PT012 - sending may fail or receiving
        client.socket.send(b"\x00" * 20_000)
        for _ in client.frames():
            pass
    other.socket.send(update("a"))
    assert other.content() == {"a": 1}


def test_a_small_message_that_unpacks_to_a_large_one_is_too_large(start: Any, join: Any) -> None:
    client = join(f"{start(max_frame=100_000).url}/zoo", compression="deflate")
    with pytest.raises(ConnectionClosed):  # noqa: PT012
        client.socket.send(b"\x00" * 50_000_000)
        for _ in client.frames():
            pass


NONSENSE = [
    b"",
    b"\x00",
    b"\x00\x00",
    b"\x00\x00\x05\x01",
    b"\x00\x02\x04\x01\xff\xff\xff",
    b"\xff" * 1000,
    write_frame(FrameKind.UPDATE, b"\xff" * 1000),
    write_frame(FrameKind.UPDATE, b"\x01\xff\xff\xff\xff\x7f\x01\x00"),
    write_frame(FrameKind.STEP_1, b"\xff\xff\xff\xff\x0f"),
    write_frame(FrameKind.STEP_1, b"\x01\x01"),
    write_frame(FrameKind.AWARENESS, b"\x01\x05\x01\x03abc"),
    write_frame(FrameKind.AWARENESS, b"\xff\xff\xff\xff\x0f"),
    "text",
]


@pytest.mark.parametrize("data", NONSENSE)
def test_nonsense_is_dropped_and_the_rest_goes_on(data: Any, start: Any, join: Any) -> None:
    running = start()
    client = join(f"{running.url}/zoo")
    client.socket.send(data)
    client.socket.send(update("a"))
    assert client.content() == {"a": 1}


def test_endless_nonsense_ends_its_connection(start: Any, join: Any) -> None:
    client = join(f"{start().url}/zoo")
    with pytest.raises(ConnectionClosed):  # noqa: PT012
        for _ in range(1000):
            client.socket.send(b"\x00\x02\x01")
        for _ in client.frames():
            pass


def nested_values(depth: int) -> bytes:
    head = b"\x01\x01\x01\x00" + bytes([8 | 0x20]) + b"\x01\x08tinybase" + b"\x01k" + b"\x01"
    return head + b"\x75\x01" * depth + b"\x7e" + b"\x00"


def nested_maps(depth: int) -> bytes:
    structs = [bytes([7 | 0x20]) + b"\x01\x08tinybase" + b"\x01k" + b"\x01"]
    structs += [
        bytes([7 | 0x20]) + b"\x00\x01" + varuint(clock) + b"\x01k" + b"\x01"
        for clock in range(depth - 1)
    ]
    return b"\x01" + varuint(depth) + b"\x01\x00" + b"".join(structs) + b"\x00"


def nested_maps_the_innermost_first(depth: int) -> bytes:
    blocks = [
        b"\x01" + varuint(client) + b"\x00\x27\x00" + varuint(client - 1) + b"\x00\x01k\x01"
        for client in range(depth, 1, -1)
    ]
    blocks.append(b"\x01\x01\x00\x27\x01\x08tinybase\x01k\x01")
    return varuint(depth) + b"".join(blocks) + b"\x00"


@pytest.mark.parametrize(
    "harm",
    [nested_values(200_000), nested_maps(100_000), nested_maps_the_innermost_first(49_000)],
)
def test_what_is_nested_so_deep_that_it_would_end_the_process_does_not_get_in(
    harm: bytes, start: Any, join: Any
) -> None:
    running = start()
    client = join(f"{running.url}/zoo")
    client.socket.send(write_frame(FrameKind.UPDATE, harm))
    client.socket.send(write_frame(FrameKind.UPDATE, b"\x00\x01\x01\x01\x00\x01"))
    client.socket.send(update("a"))
    assert client.content() == {"a": 1}
    assert running.count("malformed_total") == 1


def test_an_update_without_its_predecessors_is_asked_for_instead_of_kept(
    start: Any, join: Any
) -> None:
    running = start()
    client = join(f"{running.url}/zoo")
    client.sync()
    client.socket.send(write_frame(FrameKind.UPDATE, b"\x00\x01\x05\x01\x00\x01"))
    assert client.wait_for(0)[1] == FrameKind.STEP_1
    assert running.count("edits_total") == 0


def test_there_are_no_more_connections_than_allowed(start: Any, join: Any) -> None:
    running = start(max_connections=2, max_connections_each=2)
    kept = [join(f"{running.url}/zoo") for _ in range(2)]
    for client in kept:
        client.sync()
    assert refusal(join, f"{running.url}/zoo")[0] == 503


def test_there_are_no_more_rooms_in_memory_than_allowed(start: Any, join: Any) -> None:
    running = start(max_rooms=1)
    join(f"{running.url}/zoo").sync()
    with pytest.raises(ConnectionClosed, match="too many rooms"):
        for _ in join(f"{running.url}/bank").frames():
            pass


def test_a_room_that_is_damaged_on_the_disk_harms_no_other(
    tmp_path: Path, start: Any, join: Any
) -> None:
    shelf = Shelf(tmp_path / "rooms.db")
    shelf.write([("broken", b"\x05nonsense")])
    shelf.close()
    running = start()
    with pytest.raises(ConnectionClosed, match="log"):
        for _ in join(f"{running.url}/broken").frames():
            pass
    client = join(f"{running.url}/zoo")
    client.socket.send(update("a"))
    assert client.content() == {"a": 1}


def test_the_log_has_no_tokens(
    tmp_path: Path, start: Any, join: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = make_token(tmp_path, "view", "zoo")
    running = start()
    client = join(f"{running.url}/zoo?token={token}", logger=logging.getLogger("client of a test"))
    client.socket.send(update("a"))
    client.wait_for(2)
    refusal(join, f"{running.url}/bank?token={token}", logger=logging.getLogger("client of a test"))
    ours = [record for record in caplog.records if record.name.startswith(("tiny", "websockets"))]
    assert ours
    assert not any(token in record.getMessage() for record in ours)


def test_the_database_has_no_tokens(tmp_path: Path) -> None:
    token = make_token(tmp_path)
    assert all(token.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def read(url: str, **headers: str) -> str:
    request = urllib.request.Request(url.replace("ws://", "http://"), headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
        text: str = response.read().decode()
    return text


def test_health_and_metrics_are_told(tmp_path: Path, start: Any, join: Any) -> None:
    token = make_token(tmp_path)
    running = start()
    join(f"{running.url}/zoo?token={token}").sync()
    assert read(f"{running.url}/health") == "ok\n"
    metrics = read(f"{running.url}/metrics", Authorization=f"Bearer {token}")
    assert "\ntinybase_widget_connections 1\n" in metrics
    with pytest.raises(urllib.error.HTTPError, match="401") as raised:
        read(f"{running.url}/metrics")
    raised.value.close()


def test_with_a_certificate_kernels_join_that_trust_it_and_others_say_why(
    tmp_path: Path, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    url = f"wss://localhost:{start(ssl=context).port}/zoo"
    trusting, other = Room("zoo", Store()), Room("zoo", Store())
    try:
        refused = other.connect(url)
        wait_until(lambda: refused.error)
        assert "certificate verify failed" in (refused.error or "")
        other.disconnect()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert trusting.connect(url).wait_until_synced(SECONDS)
    finally:
        trusting.close()
        other.close()
