"""Peers that are processes of their own, and are told what to do by lines of JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

JS = Path(__file__).parents[2] / "js"


class PeerProcess:
    """A process that answers each line by one.

    Args:
        command: Its command line.
        cwd: The folder that it runs in.
    """

    def __init__(self, command: Sequence[str], cwd: Path = JS) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
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

    def store(self, method: str, *args: Any) -> Any:
        """Call a method of its Store, by its Python name for a kernel and TinyBase's for npm."""
        return self.call("store", method, *args)

    def close(self) -> None:
        """Let the process end, and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


class NpmPeer(PeerProcess):
    """npm's TinyBase in Node.js.

    Args:
        program: Its file below js/tests/peers.
    """

    def __init__(self, program: str) -> None:
        super().__init__(["node", f"tests/peers/{program}"])

    def content(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the Store's tables and values."""
        tables, values = self.store("getContent")
        return tables, values
