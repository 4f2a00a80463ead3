"""Real TinyBase in Node.js as the other side."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import Store, YjsPersister, create_doc

if TYPE_CHECKING:
    from collections.abc import Iterator

JS = Path(__file__).parents[3] / "js"


class TinyBasePeer:
    """npm's TinyBase: a Store, a Y.Doc and `createYjsPersister` with auto-load and auto-save."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "tests/peers/tinybase_yjs.mjs"],
            cwd=JS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def call(self, name: str, *args: Any) -> Any:
        """Run one of the peer's calls."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": name, "args": args}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def start(self, client_id: int | None = None) -> None:
        """Begin anew with an empty Store and document."""
        self.call("start", client_id, None)

    def store(self, method: str, *args: Any) -> Any:
        """Call a method of the Store."""
        return self.call("store", method, *args)

    def state(self) -> bytes:
        """Return the document's state vector."""
        return base64.b64decode(self.call("state"))

    def update(self, state: bytes) -> bytes:
        """Return what somebody of this state lacks."""
        return base64.b64decode(self.call("update", base64.b64encode(state).decode()))

    def apply(self, update: bytes) -> None:
        """Apply an update."""
        self.call("apply", base64.b64encode(update).decode())

    def content(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the Store's tables and values."""
        tables, values = self.store("getContent")
        return tables, values

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


class PythonPeer:
    """This package's Store, document and persister, with auto-load and auto-save."""

    def __init__(self, client_id: int | None = None) -> None:
        self.errors: list[Exception] = []
        self.doc = create_doc(client_id)
        self.store = Store()
        self.persister = YjsPersister(self.store, self.doc, on_ignored_error=self.errors.append)
        self.persister.start_auto_load()
        self.persister.start_auto_save()

    def sync(self, other: TinyBasePeer) -> None:
        """Exchange what each side lacks, until neither lacks anything."""
        for _ in range(3):
            self.doc.apply_update(other.update(self.doc.get_state()))
            self.persister.flush()
            other.apply(self.doc.get_update(other.state()))

    def content(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the Store's tables and values."""
        return self.store.get_tables(), self.store.get_values()


@pytest.fixture(scope="session")
def node_process() -> Iterator[TinyBasePeer]:
    """One Node.js process for all tests."""
    peer = TinyBasePeer()
    yield peer
    peer.close()


@pytest.fixture
def tinybase(node_process: TinyBasePeer) -> TinyBasePeer:
    """A TinyBase peer with nothing in it."""
    node_process.start()
    return node_process
