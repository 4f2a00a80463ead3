"""Where the pictures are taken: JupyterLab servers, and tabs of people who are signed in.

A picture is what a tab shows of some elements and a margin around them, in JupyterLab's light theme
and in its dark one. Pages are drawn at twice their size, so that letters are sharp on any screen.
"""

from __future__ import annotations

import base64
import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.documents import collaboration_options
from tests.browser.lab import Lab, Notebook, write_notebook
from tests.browser.server import JupyterServer, wait_for
from tools._browser import find_chromium
from tools._checkout import NOTEBOOKS, ROOT
from tools.pictures._png import write_png

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator, Page
    from typing_extensions import Self

FOLDER = ROOT / "docs"
THEMES = {"JupyterLab Light": "", "JupyterLab Dark": "-dark"}
BESIDE_OUTPUTS = 116  # CSS pixels, when the stage is clear
SETTLED_MS = 600  # until what moves has come to its end
_OVERLAYS = ".tbw-popover:visible, .tbw-box:visible, .tbw-editor:visible"
NO_FRAMES = """
.jp-Cell, .jp-Cell::before, .jp-Cell::after {
  border-color: transparent !important; outline: none !important; box-shadow: none !important;
}
"""
_STAGE = f"""{NO_FRAMES}
.jp-InputArea, .jp-OutputPrompt, .jp-Notebook-footer, .jp-Collapser {{ display: none !important; }}
.jp-WindowedPanel-viewport {{ padding-top: 20px !important; }}
"""
_PIXELS = """async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  let text = '';
  for (let at = 0; at < data.length; at += 65536)
    text += String.fromCharCode(...data.subarray(at, at + 65536));
  return [image.width, image.height, btoa(text)];
}"""
PENGUINS = """
import csv
from tinybase_widget import *

def as_cell(text):
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text

with open("data/penguins.csv", newline="") as file:
    penguins = {
        str(number): {column: as_cell(text) for column, text in line.items() if text != "NA"}
        for number, line in enumerate(csv.DictReader(file))
    }
"""


class Studio:
    """The servers and the browser, for as long as pictures are taken."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._servers: dict[bool, JupyterServer] = {}
        self._tabs = 0

    def __enter__(self) -> Self:
        self._folder = Path(self._stack.enter_context(TemporaryDirectory()))
        playwright = self._stack.enter_context(sync_playwright())
        self._browser = playwright.chromium.launch(
            executable_path=find_chromium() or None, args=["--no-sandbox", "--disable-gpu"]
        )
        self._stack.callback(self._browser.close)
        self._darkroom = self._browser.new_page()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def server(self, *, has_collaboration: bool = False) -> JupyterServer:
        """Return a server on a copy of the notebooks; each of the two is started once."""
        if has_collaboration not in self._servers:
            home = self._folder / f"home-{has_collaboration}"
            root = self._folder / f"notebooks-{has_collaboration}"
            home.mkdir()
            shutil.copytree(NOTEBOOKS, root)
            server = JupyterServer.start(
                root,
                home,
                *(collaboration_options(home) if has_collaboration else ()),
                has_collaboration=has_collaboration,
            )
            self._stack.callback(server.stop)
            self._servers[has_collaboration] = server
        return self._servers[has_collaboration]

    def folder(self, name: str) -> Path:
        """Return the path of a folder that is not there yet, and that goes at the end."""
        return self._folder / name

    def context(self, width: int, height: int, scale: float = 2) -> BrowserContext:
        """Return a browser of somebody's own, with a window of that size in CSS pixels."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale
        )
        context.set_default_timeout(30_000)
        return context

    def notebook(
        self, width: int, *cells: str, height: int = 900, context: BrowserContext | None = None
    ) -> Notebook:
        """Open a notebook of these cells; its outputs are so many CSS pixels wide. It is run."""
        self._tabs += 1
        name = f"penguins-{self._tabs}.ipynb"
        server = self.server()
        write_notebook(server.root / name, *cells)
        page = (context or self.context(width + BESIDE_OUTPUTS, height)).new_page()
        lab = Lab(page, server).open_in_workspace(f"picture-{self._tabs}", name)
        notebook = lab.notebook(name)
        notebook.run_all()
        clear_stage(page)
        return notebook

    def shoot(
        self,
        page: Page,
        name: str,
        *parts: Locator,
        margin: int = 14,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        """Take both pictures of some elements and of all that lies over them.

        Args:
            page: The tab.
            name: What the picture is called.
            parts: The elements.
            margin: How much around them is to be seen, in CSS pixels.
            prepare: What is to be done just before; without it the pointer goes away.
        """
        for theme, suffix in THEMES.items():
            set_theme(page, theme)
            if prepare is None:
                page.mouse.move(2, 2)
            else:
                prepare()
            page.wait_for_timeout(SETTLED_MS)
            self.take(page, f"{name}{suffix}", *parts, margin=margin)

    def take(self, page: Page, name: str, *parts: Locator, margin: int = 14) -> None:
        """Take one picture, as the page is now, of some elements and of all that lies over them."""
        boxes = [part.bounding_box() for part in (*parts, *page.locator(_OVERLAYS).all())]
        clip = around([dict(box) for box in boxes if box is not None], margin)
        taken = page.screenshot(clip=clip, animations="disabled")  # type: ignore[arg-type]
        self.develop(name, taken)

    def shoot_page(self, page: Page, name: str) -> None:
        """Take both pictures of a whole page."""
        for theme, suffix in THEMES.items():
            set_theme(page, theme)
            page.wait_for_timeout(SETTLED_MS)
            self.develop(f"{name}{suffix}", page.screenshot(animations="disabled"))

    def develop(self, name: str, taken: bytes) -> None:
        """Write a screenshot as a small file."""
        address = f"data:image/png;base64,{base64.b64encode(taken).decode()}"
        width, height, text = self._darkroom.evaluate(_PIXELS, address)
        pixels = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
        path = FOLDER / f"{name}.png"
        write_png(path, pixels.reshape(height, width, 4)[:, :, :3])
        print(f"{path.name}: {width} x {height}, {path.stat().st_size / 1000:.0f} kB", flush=True)


def around(boxes: list[dict[str, Any]], margin: int) -> dict[str, float]:
    """Return what holds all of these boxes, and a margin."""
    left = max(0, min(box["x"] for box in boxes) - margin)
    top = max(0, min(box["y"] for box in boxes) - margin)
    right = max(box["x"] + box["width"] for box in boxes) + margin
    bottom = max(box["y"] + box["height"] for box in boxes) + margin
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def clear_stage(page: Page) -> None:
    """Hide what is around a notebook's outputs."""
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.add_style_tag(content=_STAGE)


def set_theme(page: Page, theme: str) -> None:
    """Choose one of JupyterLab's themes, and wait until it is there."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    wait_for(condition, what, 60)
