"""The table in a real Notebook 7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.lab import Grid, write_notebook
from tests.browser.server import wait_for
from tests.browser.stage import PETS_VIEW
from tests.browser.test_hosts import READABLE, is_as_dark, legibility

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page

    from tests.browser.server import JupyterServer

NAME = "classic.ipynb"
# Notebook's own settings, on every page of it.
NOT_OURS = (
    "page error: Cannot read properties of undefined (reading 'schema')",
    # ... and of JupyterLab's file browser, which some extension there starts before its commands
    "page error: Command 'filebrowser:open-path' not registered.",
)


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    """A profile with a clipboard."""
    return {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.fixture
def context(context: BrowserContext, console: list[str]) -> Iterator[BrowserContext]:
    """A profile whose pages may have Notebook's errors."""
    yield context
    context.close()
    console[:] = [error for error in console if not error.startswith(NOT_OURS)]


@pytest.fixture
def page(context: BrowserContext, server: JupyterServer) -> Iterator[Page]:
    """A notebook of one cell, that has been run."""
    write_notebook(server.root / NAME, PETS_VIEW)
    page = context.new_page()
    page.goto(f"{server.url}/notebooks/{NAME}?token={server.token}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    wait_for(
        lambda: [each["kernel"]["execution_state"] for each in server.get("sessions")] == ["idle"],
        "the kernel is ready",
    )
    page.locator(
        '[data-command="notebook:run-cell-and-select-next"] button, '
        'jp-button[data-command="notebook:run-cell-and-select-next"]'
    ).first.click()
    yield page
    server.end_sessions()


def test_the_table_works_in_notebook_7(page: Page, server: JupyterServer) -> None:
    grid = Grid(page.locator(".tbw-table"))
    grid.wait_until_painted()
    kernel = server.kernel(NAME)
    grid.edit("0", "price", "6.5")
    wait_for(lambda: kernel.value("store.get_cell('pets', '0', 'price')") == 6.5, "Python has it")
    kernel.run("store.set_cell('pets', '1', 'name', 'Tom')")
    wait_for(lambda: grid.cell("1", "name").inner_text() == "Tom", "the page shows it")
    grid.cell("1", "name").click()
    grid.press("Shift+ArrowRight", "Control+c")
    copied = "() => navigator.clipboard.readText()"
    wait_for(lambda: page.evaluate(copied) == "Tom\t4.5", "they are copied")
    page.evaluate("() => navigator.clipboard.writeText('Tim\\t1.5\\nRoy\\t2')")
    grid.press("Control+v")
    wait_for(
        lambda: (
            kernel.value("store.get_row('pets', '2')") == {"name": "Roy", "price": 2, "sold": False}
        ),
        "Python has what was pasted",
    )
    cells = page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    grid.press("Escape", "a", "b", "d", "d", "Escape")
    grid.root.locator("[data-action=add-row]").focus()
    grid.press("b", "d", "d")
    assert cells.count() == before, "the notebook's shortcuts do nothing here"
    kernel.close()


def test_the_table_is_as_dark_as_notebook_7(page: Page) -> None:
    grid = Grid(page.locator(".tbw-table"))
    grid.wait_until_painted()
    assert is_as_dark(grid.root, is_dark=False)
    page.get_by_role("menuitem", name="Settings").click()
    page.get_by_text("Theme", exact=True).click()
    page.get_by_text("JupyterLab Dark", exact=True).click()
    wait_for(lambda: is_as_dark(grid.root, is_dark=True), "the table is dark")
    wait_for(lambda: legibility(grid.cell("0", "name")) >= READABLE, "it is readable")
