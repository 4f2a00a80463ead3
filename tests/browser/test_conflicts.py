"""A conflict on the screen, in two browsers: marked, explained, and settled for everybody.

All tests share two tabs of two browsers. Each makes its conflict by editing both while one of them
is offline, and leaves none behind.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import copy_notebooks
from tests.browser.contexts import failing_on, offline
from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Grid, Lab
from tests.browser.server import wait_for
from tests.browser.stage import active_is
from tests.browser.tabs import Tab, delete_row, kernel_says, marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext

    from tests.browser.server import JupyterServer, Kernel

    Kernels = Callable[[str], Kernel]

NUMBERS = count()


class Tabs(NamedTuple):
    """The tab in which the notebooks have run, and one of another browser."""

    here: Tab
    there: Tab


class Conflict(NamedTuple):
    """What won, what was overwritten, and what was set in which tab."""

    won: str
    lost: str
    here: str
    there: str


@pytest.fixture(scope="module")
def shared(
    shared_context: BrowserContext, other_context: BrowserContext, server: JupyterServer
) -> Tabs:
    """The two tabs, for all tests of this file."""
    copy_notebooks(server)
    here = Tab.run(Lab(shared_context.new_page(), server).open(WORKSPACE))
    return Tabs(here, Tab.join(Lab(other_context.new_page(), server)))


@pytest.fixture
def tabs(shared: Tabs, errors: list[str]) -> Iterator[Tabs]:
    """The two tabs; errors on them fail the test that made them."""
    with failing_on(errors):
        yield shared


@pytest.fixture
def conflict(tabs: Tabs) -> Conflict:
    """A new conflict at 0/island."""
    here, there = f"Here {next(NUMBERS)}", f"There {next(NUMBERS)}"
    with offline(tabs.there.page.context):
        tabs.there.show().left.grid().edit("0", "island", there)
        tabs.here.show().right.grid().edit("0", "island", here)
    for tab in tabs:
        tab.has_marks("0/island")
    cell = tabs.here.left.grid().cell("0", "island")
    wait_for(lambda: cell.inner_text() in (here, there), "one of them is shown")
    won = cell.inner_text()
    for tab in tabs:
        tab.shows("0", "island", won)
    return Conflict(won, there if won == here else here, here, there)


def rest_on(grid: Grid, row: str, column: str) -> None:
    grid.root.page.mouse.move(0, 0)
    grid.cell(row, column).hover()


def test_a_tooltip_says_whose_value_won_and_what_was_overwritten(
    tabs: Tabs, conflict: Conflict
) -> None:
    for tab, own in ((tabs.there, conflict.there), (tabs.here, conflict.here)):
        grid = tab.show().left.grid()
        person = grid.root.locator(".tbw-avatar[data-kind=page]").first
        person.wait_for(timeout=60_000)
        rest_on(grid, "0", "island")
        tab.box.wait_for()
        expect(tab.box).to_contain_text("Yours")
        lines = [line for line in tab.box.inner_text().splitlines() if line.strip()]
        assert lines[1:3] == ["Won", conflict.won]
        assert lines[4:6] == ["Overwritten", conflict.lost]
        owners = {conflict.won: lines[3], conflict.lost: lines[6]}
        assert owners.pop(own) == "Yours"
        (other,) = owners.values()
        assert (person.get_attribute("title") or "").startswith(f"{other}, ")
    settle(tabs)


def test_one_click_puts_the_overwritten_value_back_for_everybody(
    tabs: Tabs, conflict: Conflict, kernels: Kernels
) -> None:
    here = tabs.here.show()
    rest_on(here.right.grid(), "0", "island")
    here.box.locator("[data-action=put-back]").click()
    for tab in tabs:
        tab.has_marks()
        tab.shows("0", "island", conflict.lost)
    for path in (LEFT, RIGHT):
        kernel_says(kernels(path), "store.get_cell('penguins', '0', 'island')", conflict.lost)


def test_a_conflict_can_be_found_and_settled_with_the_keyboard_alone(
    tabs: Tabs, conflict: Conflict
) -> None:
    here = tabs.here.show()
    grid = here.left.grid()
    grid.cell("1", "species").click()
    grid.press("F8")
    here.box.wait_for()
    focused = here.box.locator("button:focus")
    expect(focused).to_have_text("Put back")
    grid.press("Escape")
    expect(here.box).to_have_count(0)
    active_is(grid, "0", "island")
    grid.press("Alt+Enter", "Tab")
    expect(focused).to_have_text("Keep what won")
    grid.press("Enter")
    for tab in tabs:
        tab.has_marks()
        tab.shows("0", "island", conflict.won)
    grid.press("ArrowDown")
    active_is(grid, "1", "island")


def test_a_conflict_is_settled_for_everybody_when_a_kernel_edits_the_cell(
    tabs: Tabs, conflict: Conflict, kernels: Kernels
) -> None:
    edited = f"not {conflict.won}"
    kernels(RIGHT).run(f"store.set_cell('penguins', '0', 'island', {edited!r})")
    for tab in tabs:
        tab.has_marks()
        tab.shows("0", "island", edited)


def test_the_count_in_the_toolbar_leads_to_a_conflict_out_of_sight(tabs: Tabs) -> None:
    with offline(tabs.there.page.context):
        for tab, island in ((tabs.there, "There"), (tabs.here, "Here")):
            grid = tab.show().left.grid()
            grid.cell("0", "island").click()
            grid.press("Control+End", "Home", "ArrowRight", "Enter")
            grid.root.locator(".tbw-editor-field").fill(island)
            grid.press("Enter", "Control+Home")
    grid = tabs.here.left.grid()
    number = grid.root.locator("[data-action=next-conflict]")
    number.wait_for(timeout=60_000)
    expect(number).to_have_text(re.compile("^1"))
    wait_for(lambda: marks(grid) == set(), "it is out of sight")
    number.click()
    tabs.here.box.wait_for()
    wait_for(lambda: marks(grid) == {"343/island"}, "it is in sight")
    active_is(grid, "343", "island")
    tabs.here.box.locator("[data-action=keep]").click()
    grid.press("Control+Home")
    settle(tabs)


def test_an_edit_that_was_kept_says_so_and_can_be_deleted_with_its_row(
    tabs: Tabs, kernels: Kernels
) -> None:
    with offline(tabs.there.page.context):
        tabs.there.show().left.grid().edit("4", "island", "Kept")
        delete_row(tabs.here.show().right.grid(), "4")
    for tab in tabs:
        tab.has_marks("4/island")
        tab.shows("4", "island", "Kept")
    for tab in tabs:
        rest_on(tab.show().right.grid(), "4", "island")
        tab.box.wait_for()
        text = "This row was deleted by somebody while this cell was edited; the edit was kept."
        expect(tab.box).to_contain_text(text)
    tabs.there.box.locator("[data-action=delete-kept-row]").click()
    for tab in tabs:
        tab.has_marks()
    settle(tabs)
    for path in (LEFT, RIGHT):
        kernel_says(kernels(path), "store.has_row('penguins', '4')", False)


def settle(tabs: Tabs) -> None:
    """Leave no conflicts to other tests, and wait until everybody knows."""
    here = tabs.here.show()
    number = here.left.grid().root.locator("[data-action=next-conflict]")
    if number.is_visible():
        number.click()
        here.box.locator("[data-action=keep]").click()
    for tab in tabs:
        tab.show().left.grid().root.locator("[data-action=next-conflict]").wait_for(state="hidden")
        tab.box.wait_for(state="hidden")
