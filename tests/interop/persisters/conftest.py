"""npm's TinyBase with its own persisters, in Node.js."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.peer_process import NpmPeer

if TYPE_CHECKING:
    from collections.abc import Iterator


class TinyBase(NpmPeer):
    """A Store of npm's TinyBase and one of its persisters."""

    def __init__(self) -> None:
        super().__init__("tinybase_places.mjs")

    def start(self, kind: str, *args: Any) -> None:
        """Begin anew with an empty Store."""
        self.call("start", kind, *args)

    def persister(self, method: str, *args: Any) -> Any:
        """Call a method of the persister, and wait for it."""
        return self.call("persister", method, *args)

    def errors(self) -> list[Any]:
        """Return the errors that were ignored since this was asked last."""
        found: list[Any] = self.call("errors")
        return found


@pytest.fixture(scope="session")
def node_process() -> Iterator[TinyBase]:
    """One Node.js process for all tests."""
    peer = TinyBase()
    yield peer
    peer.close()


@pytest.fixture
def tinybase(node_process: TinyBase) -> Iterator[TinyBase]:
    """npm's TinyBase, whose persister ends with the test."""
    yield node_process
    node_process.call("stop")
