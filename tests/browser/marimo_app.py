"""A real marimo server with one app, and a way into the session that shows it."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
import urllib.request
from textwrap import indent
from typing import TYPE_CHECKING, Any

from tests.browser.server import START_WITHIN_S, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

# The app's Python answers what is put into a folder, as a kernel does by its connection.
_APP = """\
# /// script
# [tool.marimo.display]
# theme = {theme!r}
# ///
import marimo

app = marimo.App()


@app.cell
def _():
    import threading
    import time
    from pathlib import Path

    def answer(names, folder=Path({folder!r})):
        # Each page that is opened has a session of its own; the last one answers.
        newest = folder / "newest"
        newest.write_text(str(id(names)))
        while newest.read_text() == str(id(names)):
            for path in folder.glob("*.py"):
                text = path.read_text()
                path.unlink()
                exec(text, names)
                told = repr(names.pop("told", None))
                done = path.with_suffix(".part")
                done.write_text(told)
                done.rename(path.with_suffix(".answer"))
            time.sleep(0.01)

    def listen(names):
        threading.Thread(target=answer, args=[names], daemon=True).start()

    return (listen,)


@app.cell
def _(listen):
{cell}
    listen(dict(locals()))
    {shown}
    return
"""


class MarimoApp:
    """A running app; close it at the end."""

    def __init__(self, folder: Path, source: str, shown: str, theme: str = "light") -> None:
        folder.mkdir()
        self._folder = folder
        self._count = 0
        cell = indent(source, "    ")
        text = _APP.format(folder=str(folder), theme=theme, cell=cell, shown=shown)
        (folder / "app").mkdir()
        (folder / "app" / "app.py").write_text(text)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        options = ["--headless", "--no-token", "--host", "127.0.0.1", "--port", str(port)]
        log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "marimo", "run", str(folder / "app" / "app.py"), *options],
            env={**os.environ, "XDG_CONFIG_HOME": str(folder), "MARIMO_SKIP_UPDATE_CHECK": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        try:
            wait_for(self._is_up, "the marimo server answers", START_WITHIN_S)
        except AssertionError:
            self.close()
            raise AssertionError((folder / "log").read_text()) from None

    def open(self, page: Page) -> Locator:
        """Open the app in a page; return its table."""
        page.goto(self.url)
        root = page.locator(".tbw-table")
        root.locator("[data-row][data-col]").first.wait_for(timeout=60_000)
        return root

    def value(self, expression: str) -> Any:
        """Return the value of an expression that has a literal as its repr."""
        return self.run(f"told = {expression}")

    def run(self, code: str) -> Any:
        """Run statements; return what they leave in `told`."""
        self._count += 1
        path = self._folder / f"{self._count}.part"
        path.write_text(code)
        path.rename(path.with_suffix(".py"))
        answer = path.with_suffix(".answer")
        wait_for(answer.exists, f"marimo has run {code!r}")
        return ast.literal_eval(answer.read_text())

    def close(self) -> None:
        """Stop the server."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _is_up(self) -> bool:
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as response:  # noqa: S310
                return response.status == 200  # type: ignore[no-any-return]
        except OSError:
            return False
