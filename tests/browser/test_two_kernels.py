"""Two notebooks, two kernels, one table: how they meet, and meet again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.contexts import watched_context
from tests.browser.lab import LEFT, RIGHT, Lab, Notebook
from tests.browser.pair import TABLE, cell_is, grid_has_rows, grid_shows, kernel_says, run_both
from tests.browser.server import is_running, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.browser.server import JupyterServer, Kernel

    Kernels = Callable[[str], Kernel]

ROWS = 344
# As soon as a cell has put the Store into the room, and before the page has heard of that.
EDIT_AT_ONCE = """
from tinybase_widget.sync.room import rooms_of_store

def edit(*_):
    if 'store' in globals() and rooms_of_store(store):
        get_ipython().events.unregister('post_run_cell', edit)
        store.set_cell('penguins', '1', 'island', 'Right')
        store.add_row('penguins', {'species': 'Right'})

get_ipython().events.register('post_run_cell', edit)
"""
ALL_ROWS = "len(store.get_row_ids('penguins')), len(set(store.get_row_ids('penguins')))"


@pytest.mark.parametrize("order", ["left first", "right first", "both at once"])
def test_no_row_is_missing_or_doubled_whoever_runs_first(
    left: Notebook, right: Notebook, kernels: Kernels, order: str
) -> None:
    first, second = (right, left) if order == "right first" else (left, right)
    first.run_all()
    if order != "both at once":
        first.grid()
    second.run_all()
    for notebook in (left, right):
        grid_has_rows(notebook, ROWS)
    for path in (LEFT, RIGHT):
        assert kernels(path).value(ALL_ROWS) == (ROWS, ROWS)
    assert kernels(LEFT).value(TABLE) == kernels(RIGHT).value(TABLE)


def test_kernels_that_edited_before_they_met_keep_the_edits_of_both(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    for notebook in (left, right):
        notebook.activate()
    kernels(LEFT).run("import tinybase_widget")
    run_both(left)
    kernels(LEFT).run("store.set_cell('penguins', '0', 'island', 'Left')")
    kernels(LEFT).run("only_left = store.add_row('penguins', {'species': 'Left'})")
    kernels(RIGHT).run(EDIT_AT_ONCE)
    right.run_all()
    right.grid()
    for path in (LEFT, RIGHT):
        cell_is(kernels(path), "0", "island", "Left")
        cell_is(kernels(path), "1", "island", "Right")
        kernel_says(kernels(path), ALL_ROWS, (ROWS + 2, ROWS + 2))


def test_after_a_reload_everything_is_still_there_and_live(
    lab: Lab, left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    left.grid().edit("0", "island", "Dream")
    cell_is(kernels(RIGHT), "0", "island", "Dream")
    for notebook in (left, right):
        notebook.save()
    lab.reload()
    left, right = lab.notebook(LEFT), lab.notebook(RIGHT)
    for notebook in (left, right):
        grid_shows(notebook, "0", "island", "Dream")
    right.grid().edit("0", "island", "Biscoe")
    grid_shows(left, "0", "island", "Biscoe")
    for path in (LEFT, RIGHT):
        cell_is(kernels(path), "0", "island", "Biscoe")


def test_a_second_tab_shows_the_same_and_edits_both_ways(
    left: Notebook, right: Notebook, new_lab: Callable[[], Lab], kernels: Kernels
) -> None:
    run_both(left, right)
    left.grid().edit("0", "island", "Dream")
    left.save()
    second = new_lab().open_in_workspace("second", LEFT).notebook(LEFT)
    grid_shows(second, "0", "island", "Dream")
    second.grid().edit("1", "island", "Biscoe")
    grid_shows(right, "1", "island", "Biscoe")
    right.lab.page.bring_to_front()
    right.grid().edit("2", "island", "Biscoe")
    grid_shows(second, "2", "island", "Biscoe")
    cell_is(kernels(RIGHT), "1", "island", "Biscoe")
    cell_is(kernels(LEFT), "2", "island", "Biscoe")


def test_another_browser_on_the_same_notebook_follows_and_edits_both_ways(
    left: Notebook,
    right: Notebook,
    chromium: Browser,
    console: list[str],
    server: JupyterServer,
    kernels: Kernels,
) -> None:
    run_both(left, right)
    left.save()
    with watched_context(chromium, console) as elsewhere:
        tab = Lab(elsewhere.new_page(), server)
        there = tab.open_in_workspace("elsewhere", LEFT).notebook(LEFT)
        grid_shows(there, "0", "island", "Torgersen")
        left.grid().edit("0", "island", "Here")
        grid_shows(there, "0", "island", "Here")
        there.grid().edit("1", "island", "There")
        grid_shows(left, "1", "island", "There")
        grid_shows(right, "1", "island", "There")
        cell_is(kernels(RIGHT), "1", "island", "There")


def test_a_kernel_that_restarts_and_runs_again_takes_nothing_back(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    for row in range(6):
        left.grid().edit(str(row), "island", f"edited {row}")
    right.grid().cell("7", "species").click()
    right.grid().root.locator("[data-action=delete-row]").click()
    wait_for(lambda: not kernels(LEFT).value("store.has_row('penguins', '7')"), "deleted")
    old = kernels(RIGHT).value("__import__('os').getpid()")
    right.restart_and_run_all()
    # What a kernel that ends has been asked is not answered any more: nobody asks until it has.
    wait_for(lambda: not is_running(old), "the old kernel has ended")
    wait_for(
        lambda: (
            kernels(RIGHT).value(
                "'store' in globals() and store.get_cell('penguins', '0', 'island')"
            )
            == "edited 0"
        ),
        "the new kernel has the edits",
    )
    for notebook, path in ((left, LEFT), (right, RIGHT)):
        for row in range(6):
            cell_is(kernels(path), str(row), "island", f"edited {row}")
        grid_shows(notebook, "0", "island", "edited 0")
        assert kernels(path).value(ALL_ROWS) == (ROWS - 1, ROWS - 1)
    assert kernels(LEFT).value(TABLE) == kernels(RIGHT).value(TABLE)


def test_a_notebook_that_is_closed_and_opened_again_is_live_again(
    lab: Lab, left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    right.grid()
    right.close()
    left.grid().edit("0", "island", "Dream")
    lab.command("docmanager:open", {"path": RIGHT})
    right = lab.notebook(RIGHT)
    grid_shows(right, "0", "island", "Dream")
    right.grid().edit("1", "island", "Biscoe")
    left.activate()
    grid_shows(left, "1", "island", "Biscoe")
    cell_is(kernels(RIGHT), "0", "island", "Dream")
