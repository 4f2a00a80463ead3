"""Hundreds of connections to `tinybase-widget serve`; in `make fuzz` ten thousand."""

from __future__ import annotations

import os
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.interop.servers.conftest import Kernel
from tests.interop.servers.crowd import Crowd, most_connections
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.servers.conftest import Peer, Server

WANTED = 10_000 if os.environ.get("TINYBASE_FUZZ") else 500
SPARE = 100  # connections that are told that there are too many
MOST_KB = 100  # for a connection; without any limit it would be megabytes


def test_a_crowd_takes_little_memory_and_the_rest_is_refused_while_others_work(
    start_server: Callable[..., Server], start_peer: Callable[..., Any]
) -> None:
    count = most_connections(WANTED)
    options = ["--max-connections", str(count + 2), "--max-connections-each", str(count + 2)]
    server = start_server("serve", options=options)
    peers: list[Peer] = [start_peer(Kernel), start_peer(Kernel)]
    for peer in peers:
        peer.call("join", "y-websocket", server.url, "zoo", None)
        assert peer.call("wait", 60)
    before = server.kilobytes()
    crowd = Crowd(server.port, rooms=count // 10)
    try:
        statuses = [crowd.join() for _ in range(count)]
        assert set(statuses) == {"101"}
        assert (server.kilobytes() - before) / count < MOST_KB
        assert {crowd.join() for _ in range(SPARE // 2)} == {"503"}
        peers[0].set_cell("pets", "fido", "species", "dog")
        wait_until(lambda: peers[1].shows("pets", {"fido": {"species": "dog"}}), 60)
        with urllib.request.urlopen(f"http{server.url[2:]}/health") as response:  # noqa: S310
            assert response.read() == b"ok\n"
    finally:
        crowd.close()
    peers[1].set_cell("pets", "fido", "species", "cat")
    wait_until(lambda: peers[0].shows("pets", {"fido": {"species": "cat"}}), 60)
