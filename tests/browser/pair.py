"""The demo's two notebooks side by side, each with a kernel, and what to expect of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Lab, Notebook
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from tests.browser.server import JupyterServer, Kernel

TABLE = "store.get_table('penguins')"


class Pair:
    """The two notebooks, run; for tests that leave to each other what they need."""

    def __init__(self, context: BrowserContext, server: JupyterServer) -> None:
        self.context = context
        self.lab = Lab(context.new_page(), server).open(WORKSPACE)
        self.left, self.right = self.lab.notebook(LEFT), self.lab.notebook(RIGHT)
        run_both(self.left, self.right)
        self.left_kernel, self.right_kernel = server.kernel(LEFT), server.kernel(RIGHT)

    def close(self) -> None:
        """Let go of the kernels."""
        self.left_kernel.close()
        self.right_kernel.close()


def run_both(*notebooks: Notebook) -> None:
    """Run the notebooks at the same time, and wait for their tables."""
    for notebook in notebooks:
        notebook.run_all()
    for notebook in notebooks:
        notebook.grid()


def kernel_says(kernel: Kernel, expression: str, expected: object) -> None:
    """Wait until an expression has this value in a kernel."""
    wait_for(
        lambda: kernel.value(expression) == expected, f"{expression} is {expected!r} in the kernel"
    )


def cell_is(kernel: Kernel, row: str, column: str, expected: object) -> None:
    """Wait until a kernel's Store has this cell."""
    kernel_says(kernel, f"store.get_cell('penguins', {row!r}, {column!r})", expected)


def grid_has_rows(notebook: Notebook, count: int, timeout_s: float = 60.0) -> None:
    """Wait until a notebook's table has so many rows."""
    wait_for(lambda: notebook.grid().row_count() == count, f"the grid has {count} rows", timeout_s)


def grid_shows(
    notebook: Notebook, row: str, column: str, text: str, timeout_s: float = 60.0
) -> None:
    """Wait until a cell of a notebook's table has this text."""
    cell = notebook.grid().cell(row, column)
    what = f"the grid shows {text!r} in {row}/{column}"
    wait_for(lambda: cell.inner_text() == text, what, timeout_s)
