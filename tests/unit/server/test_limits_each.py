"""What one token may take up, or one address without any, so that others come in all the same."""

from __future__ import annotations

import logging
import socket
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.unit.server.conftest import update
from tests.unit.server.test_bounds import is_ended, raw
from tests.unit.server.test_security import make_token
from tests.waiting import wait_until
from tinybase_widget import Room, Store
from tinybase_widget.server import _connection, _holders
from tinybase_widget.server._grants import OPEN, Grant
from tinybase_widget.server._holders import Holders, LimitError, Limits, network_of
from tinybase_widget.server._room import ServedRoom
from tinybase_widget.server._shelf import Shelf

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.server.conftest import RawClient

REFUSED = "too many connections with this"


def ending(client: RawClient) -> str:
    """Return why a connection ends, which it has to."""
    with pytest.raises(ConnectionClosed) as raised:
        for _ in client.frames():
            pass
    assert raised.value.rcvd is not None
    return raised.value.rcvd.reason


def proxied(address: str) -> dict[str, Any]:
    """Return the options of a connection that a proxy would make for an address."""
    return {"additional_headers": {"X-Forwarded-For": f"203.0.113.9, {address}"}}


# Connections


def test_one_token_takes_no_more_than_half_of_all_connections(
    tmp_path: Path, start: Any, join: Any, caplog: pytest.LogCaptureFixture
) -> None:
    greedy, other = make_token(tmp_path), make_token(tmp_path)
    running = start(max_connections=4)
    caplog.set_level(logging.INFO)
    kept = [join(f"{running.url}/zoo?token={greedy}") for _ in range(2)]
    for client in kept:
        client.sync()
    for _ in range(3):
        reason = ending(join(f"{running.url}/zoo?token={greedy}"))
        assert reason == f"{REFUSED} token (2 at most); try again later"
    for _ in range(2):
        join(f"{running.url}/zoo?token={other}").sync()
    assert running.count("limited_total") == running.count("refused_total") == 3
    assert caplog.text.count(REFUSED) == 1
    assert greedy not in caplog.text


def test_a_token_comes_in_again_when_a_connection_of_it_has_ended(
    tmp_path: Path, start: Any, join: Any
) -> None:
    token = make_token(tmp_path)
    running = start(max_connections_each=1)
    first = join(f"{running.url}/zoo?token={token}")
    first.sync()
    assert REFUSED in ending(join(f"{running.url}/zoo?token={token}"))
    first.close()
    wait_until(lambda: not running.server._clients)
    join(f"{running.url}/zoo?token={token}").sync()


def test_a_class_with_a_token_each_comes_in_from_one_address(
    tmp_path: Path, start: Any, join: Any
) -> None:
    tokens = [make_token(tmp_path) for _ in range(5)]
    running = start(max_connections_each=1)
    for token in tokens:
        join(f"{running.url}/zoo?token={token}").sync()


def test_without_tokens_an_address_takes_no_more_than_its_part(start: Any, join: Any) -> None:
    running = start(max_connections_each=1, read_only=True, behind_proxy=True)
    join(f"{running.url}/zoo", **proxied("198.51.100.1")).sync()
    reason = ending(join(f"{running.url}/zoo", **proxied("198.51.100.1")))
    assert reason == f"{REFUSED} address (1 at most); try again later"
    join(f"{running.url}/zoo", **proxied("198.51.100.2")).sync()


@pytest.mark.parametrize("named", ["198.51.100.2", "nonsense"])
def test_what_a_stranger_says_of_its_address_counts_only_from_a_proxy(
    named: str, start: Any, join: Any
) -> None:
    running = start(max_connections_each=1, behind_proxy=named == "nonsense")
    join(f"{running.url}/zoo").sync()
    assert REFUSED in ending(join(f"{running.url}/zoo", **proxied(named)))


def test_a_kernel_says_why_it_is_not_let_in(tmp_path: Path, start: Any, join: Any) -> None:
    token = make_token(tmp_path)
    running = start(max_connections_each=1)
    join(f"{running.url}/zoo?token={token}").sync()
    room = Room("zoo", Store())
    try:
        connection = room.connect(f"{running.url}/zoo", token)
        wait_until(lambda: connection.error)
        words = f"{REFUSED} token (1 at most); try again later"
        assert connection.error == f"the server has ended the connection: {words}"
    finally:
        room.close()


def test_who_says_nothing_makes_place_for_who_says_who_they_are(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection, "_SPARE", 3)
    running = start(max_connections=2)
    silent = [raw(running, says_who=False) for _ in range(5)]
    wait_until(lambda: len(running.server._bounds.connections) == 5)
    client = join(f"{running.url}/zoo")
    client.sync()
    assert is_ended(silent[0])
    assert running.count("strangers_total") == 1
    for each in silent:
        each.close()


def test_strangers_of_the_address_with_the_most_make_place(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection, "_SPARE", 3)
    running = start(max_connections=1)
    modest = socket.socket()
    modest.bind(("127.0.0.1", 0))
    port = modest.getsockname()[1]
    monkeypatch.setattr(_connection, "where", lambda each: str(each.remote_address[1] == port))
    modest.connect(("127.0.0.1", running.port))
    wait_until(lambda: len(running.server._bounds.connections) == 1)
    silent = [raw(running, says_who=False) for _ in range(3)]
    wait_until(lambda: len(running.server._bounds.connections) == 4)
    silent.append(raw(running, says_who=False))
    assert is_ended(silent[0])
    assert {each.holder for each in running.server._bounds.connections} == {"True", "False"}
    for each in (modest, *silent):
        each.close()


def test_of_those_who_send_too_much_a_connection_of_the_greediest_token_is_cut_off(
    tmp_path: Path, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection, "_MOST_UNREAD", 1_000_000)
    tokens = [make_token(tmp_path), make_token(tmp_path)]
    running = start()
    modest, *greedy = [
        raw(running, path=f"/zoo?token={token}") for token in (tokens[0], *[tokens[1]] * 4)
    ]
    wait_until(lambda: len(running.server._clients) == 5)
    head = b"\x82\xff" + (20_000_000).to_bytes(8, "big") + b"\0\0\0\0"
    for sender, size in [(modest, 400_000), *[(each, 170_000) for each in greedy]]:
        sender.sendall(head + b"x" * size)
    wait_until(lambda: len(running.server._bounds.connections) == 4)
    held = Counter(each.holder for each in running.server._bounds.connections)
    assert sorted(held.values()) == [1, 3]
    for each in (modest, *greedy):
        each.close()


# Rooms


def test_a_token_makes_no_more_rooms_than_it_may_and_goes_on_in_those(
    tmp_path: Path, start: Any, join: Any
) -> None:
    greedy, other = make_token(tmp_path), make_token(tmp_path)
    running = start(max_rooms_each=2)
    first, second = (join(f"{running.url}/{name}?token={greedy}") for name in ("one", "two"))
    for client in (first, second):
        client.socket.send(update("a"))
        client.sync()
    third = join(f"{running.url}/three?token={greedy}")
    third.socket.send(update("a"))
    assert b"this token has made 2 rooms" in third.wait_for(2)
    assert third.content() == {}
    second.socket.send(update("b"))
    assert second.content() == {"a": 1, "b": 1}
    maker = join(f"{running.url}/three?token={other}")
    maker.socket.send(update("b"))
    maker.sync()
    third.socket.send(update("a"))
    assert third.content() == {"a": 1, "b": 1}
    assert running.count("limited_total") == 1


def test_rooms_that_a_token_made_count_when_the_server_is_started_again(
    tmp_path: Path, start: Any, join: Any
) -> None:
    token = make_token(tmp_path)
    running = start(max_rooms_each=1)
    client = join(f"{running.url}/one?token={token}")
    client.socket.send(update("a"))
    client.sync()
    running.stop()
    running = start(max_rooms_each=1)
    refused = join(f"{running.url}/two?token={token}")
    refused.socket.send(update("a"))
    assert b"has made 1 rooms" in refused.wait_for(2)
    again = join(f"{running.url}/one?token={token}")
    again.socket.send(update("b"))
    assert again.content() == {"a": 1, "b": 1}


def test_what_was_refused_in_a_new_room_has_made_none(
    tmp_path: Path, start: Any, join: Any
) -> None:
    token = make_token(tmp_path)
    running = start(max_rooms_each=1)
    client = join(f"{running.url}/one?token={token}")
    client.socket.send(b"\x00\x02\x05nonse")
    client.sync()
    other = join(f"{running.url}/two?token={token}")
    other.socket.send(update("a"))
    assert other.content() == {"a": 1}


def test_who_only_looks_makes_no_room(tmp_path: Path, start: Any, join: Any) -> None:
    token = make_token(tmp_path, "view")
    running = start(max_rooms_each=1)
    client = join(f"{running.url}/one?token={token}")
    client.socket.send(update("a"))
    client.sync()
    [holder] = running.server._holders._holders.values()
    assert holder._rooms == 0


def test_rooms_that_nobody_is_in_make_place_in_memory(start: Any, join: Any) -> None:
    running = start(max_rooms=2)
    for number in range(5):
        client = join(f"{running.url}/room{number}")
        client.socket.send(update("a", number))
        client.sync()
        client.close()
        wait_until(lambda: not running.server._clients)
    assert len(running.server._rooms) == 2
    assert join(f"{running.url}/room0").content() == {"a": 0}


def test_names_of_rooms_that_were_refused_are_not_remembered(start: Any, join: Any) -> None:
    running = start(max_rooms=1)
    join(f"{running.url}/zoo").sync()
    for number in range(3):
        assert "too many rooms" in ending(join(f"{running.url}/room{number}"))
    wait_until(lambda: set(running.server._loading) <= {"zoo"})


# Edits


def test_a_token_brings_no_more_edits_than_it_may_in_a_time_and_others_go_on(
    tmp_path: Path, start: Any, join: Any
) -> None:
    greedy, other = make_token(tmp_path), make_token(tmp_path)
    running = start(max_edits_each=1 << 20)
    client = join(f"{running.url}/zoo?token={greedy}")
    client.socket.send(update("a", "x" * (1 << 20)))
    client.sync()
    client.socket.send(update("b"))
    assert b"this token has brought 1 MB of edits in an hour" in client.wait_for(2)
    assert set(client.content()) == {"a"}
    neighbour = join(f"{running.url}/zoo?token={other}")
    neighbour.socket.send(update("c"))
    assert set(neighbour.content()) == {"a", "c"}
    assert running.count("limited_total") == 1


def test_whoever_brought_too_much_comes_again_when_that_is_a_while_ago(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start(max_edits_each=1000)
    client = join(f"{running.url}/zoo")
    client.socket.send(update("a", "x" * 1100))
    client.sync()
    monkeypatch.setattr(_holders, "_EASED", 2.0)  # so that it is a while ago at once
    client.socket.send(update("b"))
    assert b"in an hour" in client.wait_for(2)
    assert ending(client) == "there is room again"
    [holder] = running.server._holders._holders.values()
    holder._edits = 0.0
    again = join(f"{running.url}/zoo")
    again.socket.send(update("b"))
    assert set(again.content()) == {"a", "b"}


def test_in_an_hour_as_much_may_come_again_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(_holders, "monotonic", lambda: now)
    holder = Holders(Limits(1, 1, 1000), {}).of(OPEN, "192.0.2.1")
    room = ServedRoom("zoo", None)
    holder.begin(room, 1500)
    assert holder.has_too_many_edits()
    assert holder.seconds_to_ease() == pytest.approx(0.6 * 3600)
    with pytest.raises(LimitError, match="in an hour"):
        holder.begin(room, 1)
    now = 0.7 * 3600
    assert holder.seconds_to_ease() == 0
    holder.begin(room, 100)
    now += 3600
    assert not holder.has_too_many_edits()
    assert holder._level() == 0


def test_what_is_known_already_is_no_edit(start: Any, join: Any) -> None:
    running = start(max_edits_each=5000)
    client = join(f"{running.url}/zoo")
    same = update("a", "x" * 1000)
    for _ in range(20):
        client.socket.send(same)
    client.socket.send(update("b"))
    assert set(client.content()) == {"a", "b"}


# Who is who


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("somebody", "somebody"),
    ],
)
def test_of_an_address_counts_what_one_computer_has_of_it(address: str, network: str) -> None:
    assert network_of(address) == network


def test_addresses_that_hold_nothing_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_holders, "_MANY", 3)
    holders = Holders(Limits(1, 1, 0), {"made": 5})
    kept = holders.of(OPEN, "192.0.2.1")
    kept.enter()
    maker = holders.of(Grant("made", "edit"), "192.0.2.2")
    for number in range(10):
        holders.of(OPEN, f"192.0.2.{number + 3}")
    assert len(holders._holders) <= 4
    assert holders.of(OPEN, "192.0.2.1") is kept
    assert holders.of(Grant("made", "edit"), "") is maker


def test_who_made_a_room_is_kept_with_it_and_only_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "rooms.db")
    shelf.write([("zoo", b"\x00\x00")], {"zoo": "one"})
    shelf.write([("zoo", b"\x00\x00")], {"zoo": "two"})
    assert shelf.rooms_made() == {"one": 1}
    shelf.close()
