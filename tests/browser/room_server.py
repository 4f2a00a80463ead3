"""A real `tinybase-widget serve`, which a test can kill and start again."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class RoomServer:
    """The command in a process of its own.

    Args:
        folder: Where its database is.
        room: The room that it makes links to.
    """

    def __init__(self, folder: Path, room: str) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.links: dict[str, str] = {}
        self._process = self._start("--share", room, lines=3)

    def _start(self, *options: str, lines: int = 1) -> subprocess.Popen[str]:
        where = ["--db", str(self._folder / "rooms.db"), "--port", str(self.port)]
        process = subprocess.Popen(
            [sys.executable, "-m", "tinybase_widget.server.cli", "serve", *where, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        self.links |= dict(re.findall(r"^  (edit|view) (ws://\S+)$", "".join(said), re.MULTILINE))
        return process

    @property
    def tokens(self) -> list[str]:
        """The secrets in the links."""
        return [link.partition("token=")[2] for link in self.links.values()]

    def start(self) -> None:
        """Start it again, at the same address."""
        self._process = self._start()

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._end()

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        self._process.terminate()
        self._end()

    def _end(self) -> None:
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
