"""Hocuspocus with its SQLite and its Redis extension: two server processes, and peers on each."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.interop.servers.conftest import Kernel, Peer, Redis, Server, TinyBase
from tests.waiting import wait_until
from tinybase_widget import Store, YjsPersister, create_doc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def join(server: Server, *peers: Peer) -> None:
    """Let peers join a room."""
    for peer in peers:
        peer.call("join", server.protocol, server.url, "zoo", None)
        if isinstance(peer, Kernel):
            assert peer.call("wait", 60)


def edit(peers: list[Peer], when: str, expected: dict[str, Any]) -> None:
    """Let everybody edit; what is to be there then is added to what is expected."""
    for number, peer in enumerate(peers):
        for step in range(20):
            expected[f"{when} {number} {step}"] = step
            peer.set_cell("pets", "fido", f"{when} {number} {step}", step)


def all_have(peers: list[Peer], expected: dict[str, Any]) -> None:
    """Wait until everybody has what is expected."""
    for peer in peers:
        wait_until(partial(peer.shows, "pets", {"fido": expected}))


def stored(folder: Path) -> Any:
    """Return the table that is in the SQLite extension's database."""
    with closing(sqlite3.connect(folder / "rooms.sqlite")) as database:
        row = database.execute("SELECT data FROM documents WHERE name = 'zoo'").fetchone()
    doc, store = create_doc(), Store()
    if row is not None:
        doc.apply_update(row[0])
    persister = YjsPersister(store, doc).load()
    persister.destroy()
    return store.get_table("pets")


def test_two_servers_with_one_redis_and_one_database_lose_nothing_when_one_is_killed(
    start_server: Callable[..., Server],
    start_peer: Callable[[Any], Any],
    redis: Redis,
    tmp_path: Path,
) -> None:
    one, other = (start_server("hocuspocus-sqlite", redis=redis.port) for _ in range(2))
    here: list[Peer] = [start_peer(Kernel), start_peer(TinyBase)]
    there: list[Peer] = [start_peer(Kernel), start_peer(TinyBase)]
    expected: dict[str, Any] = {"species": "dog"}
    here[0].set_cell("pets", "fido", "species", "dog")
    join(one, *here)
    join(other, there[0])
    wait_until(partial(there[0].shows, "pets", {"fido": expected}))
    join(other, there[1])
    peers = here + there
    edit(peers, "before", expected)
    all_have(peers, expected)
    edit(peers, "at the kill", expected)
    one.kill()
    edit(peers, "while one is down", expected)
    one.start()
    edit(peers, "after", expected)
    all_have(peers, expected)
    wait_until(lambda: stored(tmp_path) == {"fido": expected})
    for peer in peers:
        peer.close()
    one.kill()
    other.kill()
    one.start()
    newcomer: Peer = start_peer(Kernel)
    join(one, newcomer)
    assert newcomer.table("pets") == {"fido": expected}


def test_two_servers_agree_again_when_their_redis_was_killed(
    start_server: Callable[..., Server], start_peer: Callable[[Any], Any], redis: Redis
) -> None:
    one, other = (start_server("hocuspocus-sqlite", redis=redis.port) for _ in range(2))
    peers: list[Peer] = [start_peer(Kernel), start_peer(Kernel)]
    expected: dict[str, Any] = {}
    join(one, peers[0])
    join(other, peers[1])
    edit(peers, "before", expected)
    all_have(peers, expected)
    redis.kill()
    edit(peers, "while it is down", expected)
    redis.start()
    tries = 0

    def agree() -> bool:
        nonlocal tries
        if tries % 50 == 0:
            edit(peers, "after", expected)  # Hocuspocus compares when somebody edits
            for number, peer in enumerate(peers):
                expected[f"try {number}"] = tries
                peer.set_cell("pets", "fido", f"try {number}", tries)
        tries += 1
        return all(peer.shows("pets", {"fido": expected}) for peer in peers)

    wait_until(agree)
