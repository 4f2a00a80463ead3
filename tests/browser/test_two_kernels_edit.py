"""Two notebooks, two kernels, one table: what either changes while both are open.

All tests share the page and the kernels; each has rows of its own, or says what it found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import copy_notebooks
from tests.browser.contexts import watched_context
from tests.browser.lab import WORKSPACE, Notebook
from tests.browser.pair import TABLE, Pair, cell_is, grid_has_rows, grid_shows, kernel_says
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.server import JupyterServer, Kernel

SPECIES = f"[row.get('species') for row in {TABLE}.values()]"
SCROLL_UP = "viewports => viewports.forEach(viewport => viewport.scrollTo(0, 0))"
# Notes each text that a cell has had, however slowly somebody looks at the page.
NOTE_TEXTS = """(root, cell) => {
    const texts = new Set();
    const note = () => texts.add(root.querySelector(cell)?.textContent);
    const all = { subtree: true, childList: true, characterData: true };
    new MutationObserver(note).observe(root, all);
    note();
    return texts;
}"""


@pytest.fixture(scope="module")
def opened(chromium: Browser, server: JupyterServer, errors: list[str]) -> Iterator[Pair]:
    """The two notebooks, run once for all tests of this file."""
    copy_notebooks(server)
    with watched_context(chromium, errors) as context:
        pair = Pair(context, server)
        yield pair
        pair.close()
        server.end_sessions()


@pytest.fixture
def pair(opened: Pair, errors: list[str]) -> Iterator[Pair]:
    """The two notebooks, scrolled up; errors on the page fail the test that made them."""
    for notebook in (opened.left, opened.right):
        notebook.grid().root.locator(".slick-viewport").evaluate_all(SCROLL_UP)
    yield opened
    noted = list(errors)
    errors.clear()
    assert not noted, "\n".join(noted)


@pytest.fixture(params=["from left to right", "from right to left"])
def way(request: pytest.FixtureRequest, pair: Pair) -> tuple[Kernel, Notebook, Kernel]:
    """The kernel that changes something, and the notebook and the kernel that follow."""
    if request.param == "from left to right":
        return pair.left_kernel, pair.right, pair.right_kernel
    return pair.right_kernel, pair.left, pair.left_kernel


def test_an_edit_in_the_left_grid_reaches_the_right_grid_kernel_and_listener(pair: Pair) -> None:
    for row in ("0", "1", "2"):
        pair.left.grid().edit(row, "island", f"Dream {row}")
        grid_shows(pair.right, row, "island", f"Dream {row}")
        cell_is(pair.right_kernel, row, "island", f"Dream {row}")
    printed = [f"penguins / {row} / island: 'Torgersen' → 'Dream {row}'" for row in "012"]
    wait_for(
        lambda: pair.right.log().splitlines()[-3:] == printed, "the right listener prints them"
    )


def test_an_edit_in_the_right_grid_reaches_the_left_grid_and_kernel(pair: Pair) -> None:
    pair.right.grid().edit("1", "bill_depth_mm", "4001")
    grid_shows(pair.left, "1", "bill_depth_mm", "4001")
    cell_is(pair.left_kernel, "1", "bill_depth_mm", 4001)


def test_set_cell_in_a_kernel_changes_the_other_grid_and_kernel(
    way: tuple[Kernel, Notebook, Kernel],
) -> None:
    source, notebook, target = way
    number = 1 + source.value("store.get_cell('penguins', '2', 'body_mass_g')")
    source.run(f"store.set_cell('penguins', '2', 'body_mass_g', {number})")
    cell_is(target, "2", "body_mass_g", number)
    grid_shows(notebook, "2", "body_mass_g", f"{number}")


def test_a_row_added_in_a_grid_arrives_everywhere(pair: Pair) -> None:
    count = pair.right.grid().row_count()
    pair.left.grid().root.locator("[data-action=add-row]").click()
    pair.lab.page.keyboard.type("Emperor")
    pair.lab.page.keyboard.press("Enter")
    for kernel in (pair.left_kernel, pair.right_kernel):
        kernel_says(kernel, f"{SPECIES}.count('Emperor')", 1)
    grid_has_rows(pair.right, count + 1)


def test_a_row_deleted_in_a_grid_goes_everywhere(pair: Pair) -> None:
    count = pair.left.grid().row_count()
    pair.right.grid().cell("5", "species").click()
    pair.right.grid().root.locator("[data-action=delete-row]").click()
    for kernel in (pair.left_kernel, pair.right_kernel):
        kernel_says(kernel, "store.has_row('penguins', '5')", False)
    grid_has_rows(pair.left, count - 1)


def test_rows_added_and_deleted_by_a_kernel_follow_in_the_other(
    way: tuple[Kernel, Notebook, Kernel],
) -> None:
    source, notebook, target = way
    row = source.value("next(row for row in ('6', '7') if store.has_row('penguins', row))")
    cell = notebook.grid().cell(row, "species")
    wait_for(lambda: cell.count() == 1, "the row is in the grid")
    source.run(
        f"store.del_row('penguins', {row!r})\n"
        "new = store.add_row('penguins', {'species': 'King'})"
    )
    new = source.value("new")
    has = f"[store.has_row('penguins', row) for row in ({row!r}, {new!r})]"
    kernel_says(target, has, [False, True])
    wait_for(lambda: cell.count() == 0, "the row leaves the grid")


def test_values_follow(way: tuple[Kernel, Notebook, Kernel]) -> None:
    source, _, target = way
    season = source.value("(store.get_value('season') or '') + '+'")
    source.run(f"store.set_value('season', {season!r})")
    kernel_says(target, "store.get_value('season')", season)


def test_a_loop_of_100_000_sets_shows_progress_and_loses_nothing(pair: Pair) -> None:
    cell = '[data-row="0"][data-col="bill_depth_mm"]'
    painted = pair.left.grid().root.evaluate_handle(NOTE_TEXTS, cell)
    pair.right_kernel.start(
        "for number in range(100_000):\n"
        "    store.set_cell('penguins', str(number % 5), 'bill_depth_mm', number)"
    )
    grid_shows(pair.left, "0", "bill_depth_mm", "99995", 120)
    assert len(painted.evaluate("texts => [...texts]")) > 3, "progress is seen"
    for row in range(5):
        grid_shows(pair.left, str(row), "bill_depth_mm", str(99_995 + row))
        cell_is(pair.left_kernel, str(row), "bill_depth_mm", 99_995 + row)


def test_a_cell_that_holds_html_is_shown_as_its_characters(pair: Pair) -> None:
    attack = "<img src=x onerror=\"document.title='hacked'\">"
    pair.left_kernel.run(f"store.set_cell('penguins', '4', 'island', {attack!r})")
    grid_shows(pair.right, "4", "island", attack)
    assert pair.right.grid().root.locator("img").count() == 0
    assert pair.lab.page.title() != "hacked"


def test_the_workspace_shows_both_notebooks_side_by_side(pair: Pair) -> None:
    boxes = [notebook.panel.bounding_box() for notebook in (pair.left, pair.right)]
    assert all(boxes)
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1  # type: ignore[index]
    assert pair.lab.page.url.split("?")[0].endswith(WORKSPACE) or "lab" in pair.lab.page.url
