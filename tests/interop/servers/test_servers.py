"""Rooms on real servers, beside npm's TinyBase."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.servers.conftest import Kernel, Peer, Server, TinyBase
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ["y-websocket", "hocuspocus", "pycrdt-websocket", "serve"]


def join_all(server: Server, start_peer: Callable[[Any], Any]) -> list[Peer]:
    """Let two kernels and one TinyBase peer join a room; the first kernel has a table."""
    peers = [start_peer(Kernel), start_peer(Kernel), start_peer(TinyBase)]
    peers[0].set_cell("pets", "fido", "species", "dog")
    for peer in peers:
        peer.call("join", server.protocol, server.url, "zoo", server.token)
        if isinstance(peer, Kernel):
            assert peer.call("wait", 60)
    return peers


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_gets_everybodys_edits(
    kind: str, start_server: Callable[..., Server], start_peer: Callable[[Any], Any]
) -> None:
    peers = join_all(start_server(kind), start_peer)
    for number, peer in enumerate(peers):
        peer.set_cell("pets", "fido", f"by {number}", number)
    expected = {"fido": {"species": "dog", "by 0": 0, "by 1": 1, "by 2": 2}}
    for peer in peers:
        wait_until(partial(peer.shows, "pets", expected))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_when_the_server_is_killed_while_all_edit(
    kind: str, start_server: Callable[..., Server], start_peer: Callable[[Any], Any]
) -> None:
    server = start_server(kind)
    peers = join_all(server, start_peer)
    expected: dict[str, Any] = {"species": "dog"}

    def edit(when: str) -> None:
        for number, peer in enumerate(peers):
            for step in range(20):
                expected[f"{when} {number} {step}"] = step
                peer.set_cell("pets", "fido", f"{when} {number} {step}", step)

    edit("before")
    server.kill()
    edit("while it is down")
    server.start()
    edit("after")
    for peer in peers:
        wait_until(partial(peer.shows, "pets", {"fido": expected}))
    assert peers[0].call("wait", 60)


def test_what_was_acknowledged_outlasts_a_kill_of_serve_without_any_other_peer(
    start_server: Callable[..., Server], start_peer: Callable[[Any], Any]
) -> None:
    server = start_server("serve")
    author = start_peer(Kernel)
    author.call("join", "y-websocket", server.url, "zoo", None)
    expected = {}
    for step in range(50):
        author.set_cell("pets", "fido", f"c{step}", step)
        expected[f"c{step}"] = step
    assert author.call("wait", 60)
    server.kill()
    author.close()
    server.start()
    newcomer = start_peer(Kernel)
    newcomer.call("join", "y-websocket", server.url, "zoo", None)
    assert newcomer.call("wait", 60)
    assert newcomer.table("pets") == {"fido": expected}


def test_what_was_acknowledged_under_load_outlasts_a_kill_and_all_who_heard_of_it(
    start_server: Callable[..., Server], start_peer: Callable[[Any], Any]
) -> None:
    server = start_server("serve")
    author, *others = peers = [start_peer(Kernel) for _ in range(3)]
    for peer in peers:
        peer.call("join", "y-websocket", server.url, "zoo", None)
        assert peer.call("wait", 60)
    acknowledged = {}
    for step in range(20):
        for other in others:
            for number in range(20):
                other.set_cell("pets", "felix", f"c{number}", step)
        author.set_cell("pets", "fido", f"c{step}", step)
        assert author.call("wait", 60)
        acknowledged[f"c{step}"] = step
    server.kill()
    for peer in peers:
        peer.close()
    server.start()
    newcomer = start_peer(Kernel)
    newcomer.call("join", "y-websocket", server.url, "zoo", None)
    assert newcomer.call("wait", 60)
    assert newcomer.table("pets")["fido"] == acknowledged


def is_offline(peer: Peer) -> bool:
    """Say whether a kernel is not connected."""
    return bool(peer.call("state") == "offline")


def test_a_token_lets_into_hocuspocus_by_message_and_into_y_websocket_by_address(
    start_server: Callable[..., Server], start_peer: Callable[[Any], Any]
) -> None:
    for kind in ("hocuspocus", "y-websocket"):
        server = start_server(kind, "sesame")
        with_token, without = start_peer(Kernel), start_peer(Kernel)
        with_token.call("join", server.protocol, server.url, "zoo", "sesame")
        assert with_token.call("wait", 60)
        without.call("join", server.protocol, server.url, "zoo", "wrong")
        wait_until(partial(is_offline, without))
