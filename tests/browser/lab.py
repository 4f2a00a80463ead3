"""JupyterLab in a browser tab, with the demo's notebooks, as a person uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.browser.server import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.browser.server import JupyterServer

LEFT = "two_kernels/left.ipynb"
RIGHT = "two_kernels/right.ipynb"
WORKSPACE = "two_kernels/two_kernels.jupyterlab-workspace"
_PANEL = ".jp-NotebookPanel"


def write_notebook(path: Path, *cells: str) -> None:
    """Write a notebook of code cells that nobody has run."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    code_cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(cells)
    ]
    notebook = {
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
        "cells": code_cells,
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(notebook))


class Lab:
    """One browser tab with JupyterLab in it."""

    def __init__(self, page: Page, server: JupyterServer) -> None:
        self.page = page
        self.server = server

    def open(self, path: str) -> Lab:
        """Open an address below the server's notebooks, and wait until JupyterLab is there."""
        self.page.goto(f"{self.server.url}/lab/tree/{path}?token={self.server.token}")
        return self.wait_until_ready()

    def open_in_workspace(self, workspace: str, path: str) -> Lab:
        """Open a notebook in a workspace of its own, as a second tab gets one."""
        self.page.goto(
            f"{self.server.url}/lab/workspaces/{workspace}/tree/{path}?token={self.server.token}"
        )
        return self.wait_until_ready()

    def reload(self) -> Lab:
        """Reload the page."""
        self.page.reload()
        return self.wait_until_ready()

    def wait_until_ready(self) -> Lab:
        """Wait until JupyterLab has restored its layout."""
        self.page.wait_for_function(
            "() => window.jupyterapp && document.querySelector('#jupyterlab-splash') === null",
            timeout=60_000,
        )
        self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")
        return self

    def notebook(self, path: str) -> Notebook:
        """Return an open notebook."""
        name = path.rsplit("/", 1)[-1]
        tab = self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text=name)
        tab.wait_for()
        return Notebook(self, path, tab)

    def keep_quiet_about_the_connection(self) -> None:
        """Let the first request fail, and tick "Do not show this message again"."""
        requests = "**/api/sessions*"
        self.page.route(requests, lambda route: route.abort())
        self.page.evaluate(
            "() => { window.jupyterapp.serviceManager.sessions.refreshRunning().catch(() => {}); }"
        )
        dialog = self.page.locator(".jp-Dialog", has_text="Server Connection Error")
        dialog.locator("input[type=checkbox]").check()
        self.page.unroute(requests)
        dialog.locator("button", has_text="Close").click()
        dialog.wait_for(state="detached")

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Run one of JupyterLab's commands without waiting for what it does."""
        self.page.evaluate(
            "([name, args]) => { window.jupyterapp.commands.execute(name, args ?? {}); }",
            [name, arguments],
        )


class Notebook:
    """An open notebook in a tab."""

    def __init__(self, lab: Lab, path: str, tab: Locator) -> None:
        self.lab = lab
        self.path = path
        self._tab = tab

    @property
    def panel(self) -> Locator:
        """The notebook's panel; JupyterLab may make it anew when it lays out a workspace."""
        panel_id = self._tab.get_attribute("data-id")
        return self.lab.page.locator(f'[id="{panel_id}"]')

    def activate(self) -> None:
        """Make this the notebook that commands speak of, with a kernel that is ready."""
        self._tab.click()
        self.lab.page.wait_for_function(
            """path => {
                const widget = window.jupyterapp.shell.currentWidget;
                return widget?.context?.path === path
                  && widget.sessionContext?.session?.kernel?.status === 'idle';
            }""",
            arg=self.path,
            timeout=60_000,
        )

    def run_all(self) -> None:
        """Choose "Run All Cells"."""
        self.activate()
        self.lab.command("notebook:run-all-cells")

    def restart_and_run_all(self) -> None:
        """Choose "Restart Kernel and Run All Cells…", and confirm."""
        self.activate()
        self.lab.command("notebook:restart-run-all")
        self.lab.page.locator(".jp-Dialog button.jp-mod-accept").click()

    def run_first_cell(self, source: str) -> None:
        """Type something else into the first cell and run it; wait until it has run."""
        self.activate()
        self.lab.page.evaluate(
            """source => {
                const { content } = window.jupyterapp.shell.currentWidget;
                content.activeCellIndex = 0;
                content.activeCell.model.sharedModel.setSource(source);
                return window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            source,
        )

    def save(self) -> None:
        """Save the notebook."""
        self.activate()
        self.lab.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def close(self) -> None:
        """Close the notebook's tab; its kernel goes on."""
        self.save()
        self.lab.command("application:close")
        self._tab.wait_for(state="detached")

    def grid(self, table: str = "penguins") -> Grid:
        """Return the table that the notebook shows, scrolled into view and painted."""
        found = f'.tbw-table[data-table="{table}"]'
        # Until it is there the panel may be made anew.
        wait_for(lambda: self.panel.locator(found).count(), f"{self.path} shows {table}", 90)
        grid = Grid(self.panel.locator(found))
        grid.wait_until_painted()
        return grid

    def log(self) -> str:
        """Return what the notebook's listeners have printed."""
        return self.panel.locator(".jp-OutputArea-output", has_text="→").first.inner_text()


class Grid:
    """A table on the page."""

    def __init__(self, root: Locator) -> None:
        self.root = root

    def wait_until_painted(self) -> None:
        """Wait until there are cells on the screen."""
        self.root.scroll_into_view_if_needed(timeout=60_000)
        self.root.locator("[data-row][data-col]").first.wait_for(timeout=60_000)

    def cell(self, row: str, column: str) -> Locator:
        """Return a cell that is on the screen."""
        return self.root.locator(f'[data-row="{row}"][data-col="{column}"]')

    def edit(self, row: str, column: str, text: str) -> None:
        """Type a new content into a cell: click, type, Enter."""
        cell = self.cell(row, column)
        cell.click()
        page = self.root.page
        page.keyboard.press("F2")
        editor = self.root.locator("input:focus, textarea:focus")
        editor.wait_for()
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        page.keyboard.press("Enter")

    def active(self) -> tuple[str | None, str | None]:
        """Return the row and the column of the active cell; the blank line has no row."""
        cell = self.root.locator(".tbw-active")
        return cell.get_attribute("data-row"), cell.get_attribute("data-col")

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.root.page.keyboard.press(key)

    def row_count(self) -> int:
        """Return how many rows the grid says it has."""
        return int(self.root.locator(".tbw-count").inner_text().split()[0].replace(",", ""))
