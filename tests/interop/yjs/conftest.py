"""Real TinyBase in Node.js as the other side."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.peer_process import NpmPeer
from tinybase_widget import Store, YjsPersister, create_doc

if TYPE_CHECKING:
    from collections.abc import Iterator


class TinyBasePeer(NpmPeer):
    """npm's TinyBase: a Store, a Y.Doc and `createYjsPersister` with auto-load and auto-save."""

    def __init__(self) -> None:
        super().__init__("tinybase_yjs.mjs")

    def start(self, client_id: int | None = None) -> None:
        """Begin anew with an empty Store and document."""
        self.call("start", client_id, None)

    def state(self) -> bytes:
        """Return the document's state vector."""
        return base64.b64decode(self.call("state"))

    def update(self, state: bytes) -> bytes:
        """Return what somebody of this state lacks."""
        return base64.b64decode(self.call("update", base64.b64encode(state).decode()))

    def apply(self, update: bytes) -> None:
        """Apply an update."""
        self.call("apply", base64.b64encode(update).decode())


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
