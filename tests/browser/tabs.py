"""Two tabs of two browsers that show the same notebooks: they meet only by the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Grid, Lab, Notebook
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.server import Kernel

RECONCILED_WITHIN_S = 90.0  # whoever missed a message asks again after 20 s


class Tab:
    """A tab with both notebooks."""

    def __init__(self, lab: Lab) -> None:
        self.page = lab.page
        self.left = lab.notebook(LEFT)
        self.right = lab.notebook(RIGHT)

    @classmethod
    def run(cls, lab: Lab) -> Tab:
        """Run both notebooks, and save them with what they show."""
        tab = cls(lab)
        for notebook in tab.notebooks:
            notebook.run_all()
        for notebook in tab.notebooks:
            notebook.grid()
            notebook.save()
        return tab

    @classmethod
    def join(cls, lab: Lab) -> Tab:
        """Open the notebooks that run elsewhere; wait until they are in sync."""
        tab = cls(lab.open(WORKSPACE))
        for notebook in tab.notebooks:
            status = notebook.grid().root.locator('.tbw-status[data-state="synced"]')
            status.wait_for(timeout=60_000)
        lab.keep_quiet_about_the_connection()
        return tab

    @property
    def notebooks(self) -> tuple[Notebook, Notebook]:
        """Both notebooks."""
        return self.left, self.right

    @property
    def box(self) -> Locator:
        """The box that explains a conflict."""
        return self.page.locator(".tbw-box:visible")

    def show(self) -> Tab:
        """Bring the tab to the front, so that its page is painted."""
        self.page.bring_to_front()
        return self

    def has_marks(self, *cells: str) -> None:
        """Wait until exactly these cells are marked, in both notebooks."""
        self.show()
        for notebook in self.notebooks:
            _has_marks(notebook.grid(), set(cells))

    def shows(self, row: str, column: str, text: str) -> None:
        """Wait until a cell has this text, in both notebooks."""
        self.show()
        for notebook in self.notebooks:
            _shows(notebook.grid().cell(row, column), text)


def marks(grid: Grid) -> set[str]:
    """Return the cells that are marked, as "row/column"."""
    found = grid.root.locator("[data-conflict]").evaluate_all(
        "nodes => nodes.map(({ dataset }) => `${dataset.row}/${dataset.col}`)"
    )
    return set(found)


def delete_row(grid: Grid, row: str) -> None:
    """Delete a row with the button above the table."""
    grid.cell(row, "species").click()
    grid.root.locator("[data-action=delete-row]").click()


def add_row(grid: Grid, species: str) -> None:
    """Add a row with the button above the table, and go back to the top."""
    grid.root.locator("[data-action=add-row]").click()
    grid.root.locator(".tbw-editor-field").fill(species)
    grid.press("Enter", "Control+Home")


def kernel_says(kernel: Kernel, expression: str, expected: object) -> None:
    """Wait until an expression has this value in a kernel."""
    wait_for(
        lambda: kernel.value(expression) == expected,
        f"{expression} is {expected!r}",
        RECONCILED_WITHIN_S,
    )


def _has_marks(grid: Grid, cells: set[str]) -> None:
    wait_for(lambda: marks(grid) == cells, f"marks at {cells}", RECONCILED_WITHIN_S)


def _shows(cell: Locator, text: str) -> None:
    wait_for(lambda: cell.inner_text() == text, f"the grid shows {text!r}", RECONCILED_WITHIN_S)
