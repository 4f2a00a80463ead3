"""Rooms on servers that know nothing of this package, beside npm's TinyBase."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.servers.conftest import Kernel, Peer, Server, TinyBase, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ["y-websocket", "hocuspocus", "pycrdt-websocket"]


def join_all(server: Server, start_peer: Callable[[Any], Any]) -> list[Peer]:
    """Let two kernels and one TinyBase peer join a room; the first kernel has a table."""
    peers = [start_peer(Kernel), start_peer(Kernel), start_peer(TinyBase)]
    peers[0].set_cell("pets", "fido", "species", "dog")
    for peer in peers:
        peer.call("join", server.protocol, server.url, "zoo", server.token)
        if isinstance(peer, Kernel):
            assert peer.call("wait", 20)
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
    assert peers[0].call("wait", 20)
