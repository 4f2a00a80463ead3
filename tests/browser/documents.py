"""Files `*.tinybase.json` in JupyterLab: a folder for a test, and what is open in tabs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from tests.browser.lab import Grid, Lab
from tests.browser.server import JupyterServer, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Locator

ZOO: list[Any] = [
    {
        "pets": {
            "0": {"species": "dog", "price": 5, "sold": False},
            "1": {"species": "cat", "price": 4, "sold": True},
        },
        "people": {"ann": {"age": 30}},
    },
    {"open": True},
]
NAME = "zoo.tinybase.json"


def collaboration_options(home: Path, save_delay_s: float = 0.3) -> tuple[str, ...]:
    """Return what makes jupyter-collaboration quick, and keeps what it stores in a folder."""
    return (
        f"--SQLiteYStore.db_path={home / 'ystore.db'}",
        "--YDocExtension.file_poll_interval=0.2",
        f"--YDocExtension.document_save_delay={save_delay_s}",
    )


def content_of(file: Path) -> Any:
    """Return what a file holds, if that is JSON: Jupyter's server empties a file before writing."""
    try:
        return json.loads(file.read_text())
    except ValueError:
        return None


class Desk:
    """JupyterLab with one folder for one test, in as many tabs as it needs."""

    def __init__(self, context: BrowserContext, server: JupyterServer, folder: str) -> None:
        self.context = context
        self.server = server
        self.folder = folder
        self.root: Path = server.root / folder
        self.root.mkdir()
        self.file = self.root / NAME
        self.write(ZOO)

    def write(self, content: Any) -> None:
        """Write the file as somebody else would: a text as it is, all else as JSON."""
        before = self.file.stat().st_mtime_ns if self.file.exists() else 0
        self.file.write_text(content if isinstance(content, str) else json.dumps(content))
        later = max(self.file.stat().st_mtime_ns, before + 2_000_000_000)
        os.utime(self.file, ns=(later, later))

    def open(self, workspace: str = "one", context: BrowserContext | None = None) -> Document:
        """Open the file in one more tab, by its address; `context` is another browser."""
        lab = Lab((context or self.context).new_page(), self.server)
        lab.open_in_workspace(f"{self.folder}-{workspace}", f"{self.folder}/{NAME}")
        return Document(lab)

    def browse(self) -> Lab:
        """Open one more tab that shows the folder."""
        lab = Lab(self.context.new_page(), self.server)
        address = f"{self.server.url}/lab/workspaces/{self.folder}-files"
        lab.page.goto(f"{address}?token={self.server.token}")
        lab.wait_until_ready()
        lab.page.evaluate(
            "path => window.jupyterapp.commands.execute('filebrowser:open-path', { path })",
            self.folder,
        )
        return lab

    def content(self) -> Any:
        """Return what is on the disk, if that is JSON."""
        return content_of(self.file)

    def has_on_disk(self, row: str, column: str, expected: object) -> None:
        """Wait until the file has this cell."""
        wait_for(
            lambda: (
                (self.content() or [{}])[0].get("pets", {}).get(row, {}).get(column) == expected
            ),
            f"{row}/{column} is {expected!r} on the disk",
        )


class Document:
    """An open file in a tab."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.page = lab.page
        self.panel = self.page.locator(".tbw-document:visible")
        self.panel.wait_for()

    def table(self, name: str = "pets") -> Grid:
        """Choose one of the tables."""
        self.page.bring_to_front()
        self.panel.locator(f'[role=tab][data-tab="{name}"]').click()
        grid = Grid(self.panel.locator(f'.tbw-table[data-table="{name}"]'))
        grid.wait_until_painted()
        return grid

    @property
    def status(self) -> str:
        """What the table says of itself."""
        return self.panel.locator(".tbw-status-text").inner_text()

    @property
    def tab(self) -> Locator:
        """The tab of JupyterLab's dock panel."""
        return self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab.jp-mod-current")

    @property
    def notice(self) -> Locator:
        """What is shown in place of a table."""
        return self.panel.locator(".tbw-unreadable")

    def says(self, status: str) -> None:
        """Wait until the table says this of itself."""
        wait_for(lambda: self.status == status, f"the table says {status!r}")
