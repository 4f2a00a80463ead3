"""A real server, with its event loop in a thread of the test."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Map
from websockets.sync.client import ClientConnection, connect

from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.server import RoomServer, ServerOptions
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 60
# Asks for everything.
QUESTION = write_frame(FrameKind.STEP_1, b"\x00")


class Running:
    """A server that runs.

    Args:
        path: Its database.
        options: What it is to do.
    """

    def __init__(self, path: Path, options: ServerOptions) -> None:
        self.path = path
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        try:
            self.server: RoomServer = self.run(self._make(options))
            self.port: int = self.run(self.server.start())
        except BaseException:
            self._end()
            raise

    async def _make(self, options: ServerOptions) -> RoomServer:
        return RoomServer(str(self.path), options)

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine on the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)

    @property
    def url(self) -> str:
        """Its address, without a room."""
        return f"ws://127.0.0.1:{self.port}"

    def count(self, name: str) -> int:
        """Return what its metrics count under a name."""
        return self.server.metrics.counts[name]

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        self.run(self.server.stop())
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class RawClient:
    """A client that says whatever it is told to."""

    def __init__(self, url: str, **options: Any) -> None:
        self._stack = ExitStack()
        connection = connect(url, open_timeout=SECONDS, close_timeout=1, max_size=None, **options)
        self.socket: ClientConnection = self._stack.enter_context(connection)
        self.doc = create_doc()

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield the kinds and payloads of what comes."""
        while True:
            data = self.socket.recv(SECONDS)
            assert isinstance(data, bytes)
            yield (data[0], data) if data[0] else (0, data)

    def sync(self) -> None:
        """Ask for everything, and wait for the answer."""
        self.socket.send(QUESTION)
        while True:
            data = self.socket.recv(SECONDS)
            assert isinstance(data, bytes)
            if data[0] != 0:
                continue
            frame = read_frame(data)
            if frame.kind in (FrameKind.STEP_2, FrameKind.UPDATE):
                self.doc.apply_update(frame.payload)
            if frame.kind is FrameKind.STEP_2:
                return

    def content(self) -> Any:
        """Return what is in the document's map."""
        self.sync()
        return self.doc.get("tinybase", type=Map).to_py()

    def wait_for(self, kind: int) -> bytes:
        """Wait for a message of a kind."""
        return next(data for found, data in self.frames() if found == kind)

    def close(self) -> None:
        self._stack.close()


def edit(key: str, value: Any = 1) -> bytes:
    """Return an update that sets a key of a document's map."""
    doc = create_doc()
    doc.get("tinybase", type=Map)[key] = value
    return doc.get_update()


def update(key: str, value: Any = 1) -> bytes:
    """Return a message that sets a key of a document's map."""
    return write_frame(FrameKind.UPDATE, edit(key, value))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock a server's database, so that it can't write."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start servers, which end with the test."""
    started: list[Running] = []

    def start_one(**options: Any) -> Running:
        running = Running(tmp_path / "rooms.db", ServerOptions(port=0, **options))
        started.append(running)
        return running

    yield start_one
    for running in started:
        if running.server._server is not None and not running.server._is_stopping:
            running.stop()


@pytest.fixture
def join() -> Iterator[Callable[..., RawClient]]:
    """Make clients, which end with the test."""
    made: list[RawClient] = []

    def make(url: str, **options: Any) -> RawClient:
        client = RawClient(url, **options)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()
