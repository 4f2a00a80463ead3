"""`tinybase-widget serve` on a disk that is full, by several ways, and on a database in use."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.servers.conftest import Kernel, Peer, Server
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LARGE = "x" * 1_500_000
HELP = "a small disk can't be made here; see what tests/interop/servers/bad_line.py says it takes"
LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def health(server: Server) -> tuple[int, str]:
    """Return what a server says of itself."""
    try:
        with urllib.request.urlopen(f"http{server.url[2:]}/health") as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def says(server: Server, words: str) -> bool:
    """Say whether a server says that edits are not kept, and why."""
    status, text = health(server)
    return status == 503 and words in text


@pytest.fixture
def join(start_peer: Callable[..., Any]) -> Callable[[Server, str], Peer]:
    """Let kernels join rooms."""

    def one(server: Server, room: str) -> Peer:
        peer: Peer = start_peer(Kernel)
        peer.call("join", "y-websocket", server.url, room, None)
        return peer

    return one


@pytest.fixture
def small_disk(tmp_path: Path) -> list[str]:
    """Give what to put before a command for which the test's folder is a disk of 2 MB."""
    script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"'
    at = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(tmp_path)]
    tried = subprocess.run([*at, "true"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, f"{HELP}; it said: {tried.stderr}"
    return at


def test_on_a_full_disk_nothing_is_acknowledged_and_all_is_kept_when_there_is_room_again(
    small_disk: list[str],
    start_server: Callable[..., Server],
    join: Callable[[Server, str], Peer],
    tmp_path: Path,
) -> None:
    server = start_server("serve", at=small_disk)
    disk = server.root / tmp_path.relative_to("/")
    greedy, modest = join(server, "zoo"), join(server, "bank")
    modest.set_cell("pets", "fido", "species", "dog")
    assert greedy.call("wait", 60)
    assert modest.call("wait", 60)
    (disk / "something else").write_bytes(bytes(1_000_000))
    greedy.set_cell("pets", "fido", "species", LARGE)
    wait_until(partial(says, server, "full"))
    assert not greedy.call("wait", 0.2)
    reader = join(server, "bank")
    assert reader.call("wait", 60)
    assert reader.table("pets") == {"fido": {"species": "dog"}}
    (disk / "something else").unlink()
    assert greedy.call("wait", 60)
    assert health(server) == (200, "ok\n")
    greedy.close()
    newcomer = join(server, "zoo")
    assert newcomer.call("wait", 60)
    assert newcomer.table("pets") == {"fido": {"species": LARGE}}


def test_where_files_may_not_grow_nothing_is_acknowledged_and_nothing_lost(
    start_server: Callable[..., Server], join: Callable[[Server, str], Peer]
) -> None:
    server = start_server("serve", at=["prlimit", "--fsize=1000000"])
    author = join(server, "zoo")
    assert author.call("wait", 60)
    author.set_cell("pets", "fido", "species", LARGE)
    wait_until(partial(says, server, "limit"))
    assert not author.call("wait", 0.2)
    server.kill()
    server.at = []
    server.start()
    assert author.call("wait", 60)
    author.close()
    newcomer = join(server, "zoo")
    assert newcomer.call("wait", 60)
    assert newcomer.table("pets") == {"fido": {"species": LARGE}}


def test_while_another_program_has_locked_the_database_others_hear_and_nothing_is_acknowledged(
    start_server: Callable[..., Server], join: Callable[[Server, str], Peer], tmp_path: Path
) -> None:
    server = start_server("serve")
    author, reader = join(server, "zoo"), join(server, "zoo")
    assert author.call("wait", 60)
    assert reader.call("wait", 60)
    command = [sys.executable, "-c", LOCK, str(tmp_path / "rooms.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        author.set_cell("pets", "fido", "species", "dog")
        wait_until(partial(reader.shows, "pets", {"fido": {"species": "dog"}}))
        wait_until(partial(says, server, "locked"))
        assert not author.call("wait", 0.2)
        other.communicate()
    assert author.call("wait", 60)
    assert health(server) == (200, "ok\n")
