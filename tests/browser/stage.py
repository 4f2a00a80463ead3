"""One page and a notebook of one cell, which tests write what they want to see into, and run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.lab import Grid, Lab, write_notebook
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator

    from tests.browser.server import JupyterServer

NOTEBOOK = "table_view.ipynb"
IMPORTS = "from tinybase_widget import Store, TableView\n"
PETS = f"""{IMPORTS}
store = Store().set_table("pets", {{
    "0": {{"name": "Fido", "price": 5, "sold": False}},
    "1": {{"name": "Felix", "price": 4.5, "sold": True}},
    "2": {{"name": "Rex", "price": 7, "sold": False}},
}})
"""
PETS_VIEW = PETS + 'view = TableView(store, "pets")\nview'


class Stage:
    """The page that the tests share."""

    def __init__(self, context: BrowserContext, server: JupyterServer) -> None:
        self.context = context
        write_notebook(server.root / NOTEBOOK, IMPORTS)
        self.lab = Lab(context.new_page(), server).open_in_workspace("stage", NOTEBOOK)
        self.notebook = self.lab.notebook(NOTEBOOK)
        self.notebook.activate()
        self.kernel = server.kernel(NOTEBOOK)

    def show(self, source: str, table: str = "pets") -> Grid:
        """Run this in the notebook's cell; return the table that it shows."""
        self.notebook.run_first_cell(source)
        return self.notebook.grid(table)

    def reload(self) -> None:
        """Save the notebook and reload the page."""
        self.notebook.save()
        self.lab.reload()
        self.notebook = self.lab.notebook(NOTEBOOK)

    def cell_is(self, row: str, column: str, expected: object) -> None:
        """Wait until the kernel's Store has this cell."""
        wait_for(lambda: self.cell(row, column) == expected, f"{row}/{column} is {expected!r}")

    def cell(self, row: str, column: str) -> Any:
        """Return a cell of the kernel's Store."""
        return self.kernel.value(f"store.get_row('pets', {row!r}).get({column!r})")


def editor(grid: Grid) -> Locator:
    """Return the field of the open editor."""
    return grid.root.locator(".tbw-editor-field")


def active_is(grid: Grid, row: str | None, column: str, when: str = "") -> None:
    """Wait until this is the active cell."""
    wait_for(lambda: grid.active() == (row, column), f"{row}/{column} is the active cell {when}")


def shows(grid: Grid, row: str, column: str, text: str, timeout_s: float = 60.0) -> None:
    """Wait until a cell has this text."""
    cell = grid.cell(row, column)
    what = f"the grid shows {text!r} in {row}/{column}"
    wait_for(lambda: cell.inner_text() == text, what, timeout_s)
