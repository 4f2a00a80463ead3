"""What the live benchmarks run in: a JupyterLab server, Chromium, and the demo's two notebooks.

Everything is real and as in the demo: a server process, a kernel process for each notebook, a
browser without a window. The notebooks print what their listeners hear; where a benchmark counts
what the room itself costs, it says so and switches that off (`silence_log`).
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bench.machine import chromium_path
from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Lab, Notebook
from tests.browser.server import JupyterServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.server import Kernel

_NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
_PROBE = Path(__file__).parent / "live_probe.js"
_VIEWPORT = {"width": 1600, "height": 1200}
_WAIT_FOR_KERNEL_MS = 60_000


@dataclass
class Demo:
    """The server and the browser."""

    server: JupyterServer
    browser: Browser

    def new_lab(self) -> Lab:
        """Open a window of a browser profile of its own, as if it were another person's."""
        context = self.browser.new_context(viewport=_VIEWPORT)  # type: ignore[arg-type]
        context.set_default_timeout(_WAIT_FOR_KERNEL_MS)
        context.add_init_script(path=_PROBE)
        return Lab(context.new_page(), self.server)

    def open(self, lab: Lab | None = None) -> tuple[Notebook, Notebook]:
        """Open both notebooks side by side, with their kernels ready and nothing run."""
        lab = (lab or self.new_lab()).open(WORKSPACE)
        notebooks = lab.notebook(LEFT), lab.notebook(RIGHT)
        for notebook in notebooks:
            notebook.activate()
        return notebooks

    def run(self, lab: Lab | None = None) -> tuple[Notebook, Notebook]:
        """Open both notebooks and run all their cells, until both grids are there."""
        notebooks = self.open(lab)
        for notebook in notebooks:
            notebook.run_all()
        for notebook in notebooks:
            notebook.grid()
        return notebooks

    def end(self, lab: Lab) -> None:
        """Close a window, and end all kernels."""
        lab.page.context.close()
        self.server.end_sessions()


@contextmanager
def running_demo() -> Iterator[Demo]:
    """Start a server on fresh copies of the notebooks, and a browser."""
    with TemporaryDirectory(prefix="tinybase-widget-bench-") as folder:
        root = Path(folder) / "root"
        for name in ("two_kernels", "data"):
            shutil.copytree(_NOTEBOOKS / name, root / name)
        server = JupyterServer.start(root, Path(folder) / "home")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
                )
                try:
                    yield Demo(server, browser)
                finally:
                    browser.close()
                    server.end_sessions()
        finally:
            server.stop()


def silence_log(kernel: Kernel) -> None:
    """Let the notebook's own listeners print nothing more."""
    kernel.run("note = lambda line: None")
