"""npm's TinyBase with its own persisters, in Node.js."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

JS = Path(__file__).parents[3] / "js"


class TinyBase:
    """A Store of npm's TinyBase and one of its persisters."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "tests/peers/tinybase_places.mjs"],
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

    def start(self, kind: str, *args: Any) -> None:
        """Begin anew with an empty Store."""
        self.call("start", kind, *args)

    def store(self, method: str, *args: Any) -> Any:
        """Call a method of the Store."""
        return self.call("store", method, *args)

    def persister(self, method: str, *args: Any) -> Any:
        """Call a method of the persister, and wait for it."""
        return self.call("persister", method, *args)

    def content(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the Store's tables and values."""
        tables, values = self.store("getContent")
        return tables, values

    def errors(self) -> list[Any]:
        """Return the errors that were ignored since this was asked last."""
        found: list[Any] = self.call("errors")
        return found

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


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
