"""Real TinyBase and automerge-repo in Node.js as the other side."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.peer_process import JS, NpmPeer
from tinybase_widget import AutomergeDocHandle, AutomergePersister, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TinyBasePeer(NpmPeer):
    """npm's TinyBase: a Store, a handle of automerge-repo and `createAutomergePersister`."""

    def __init__(self) -> None:
        super().__init__("automerge_peer.mjs")

    def save(self) -> bytes:
        """Return the document."""
        return base64.b64decode(self.call("save"))

    def merge(self, data: bytes) -> None:
        """Take over another's document."""
        self.call("merge", base64.b64encode(data).decode())


class SyncServer:
    """A real automerge-repo sync server, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"ws://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, on the port of the last time."""
        self._process = subprocess.Popen(
            ["node", "tests/peers/automerge_server.mjs", str(self._port), str(self._folder)],
            cwd=JS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def stop(self) -> None:
        """Stop at once, as a crash would."""
        process = self._process
        if process is not None:
            self._process = None
            process.kill()
            process.wait(60)
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()


class PythonPeer:
    """This package's Store and persister on a handle, with auto-load and auto-save."""

    def __init__(self, handle: AutomergeDocHandle | None = None) -> None:
        self.errors: list[Exception] = []
        self.handle = handle or AutomergeDocHandle()
        self.store = Store()
        self.persister = AutomergePersister(
            self.store, self.handle, on_ignored_error=self.errors.append
        )
        self.persister.start_auto_persisting()

    def sync(self, other: TinyBasePeer) -> None:
        """Exchange documents until both have the same."""
        for _ in range(3):
            self.handle.merge(AutomergeDocHandle.load(other.save()))
            other.merge(self.handle.save())

    def content(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the Store's tables and values."""
        return self.store.get_tables(), self.store.get_values()


@pytest.fixture
def tinybase() -> Iterator[TinyBasePeer]:
    """A TinyBase peer without a document."""
    peer = TinyBasePeer()
    yield peer
    peer.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SyncServer]:
    """A sync server with a folder."""
    server = SyncServer(tmp_path / "server")
    yield server
    server.stop()
