"""Two notebooks, two kernels, one table: what a newcomer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.contexts import watched_context
from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Lab, Notebook
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.browser.server import JupyterServer, Kernel

    Kernels = Callable[[str], Kernel]

ROWS = 344
ALL_ROWS = "len(store.get_row_ids('penguins')), len(set(store.get_row_ids('penguins')))"
TABLE = "store.get_table('penguins')"
# Notes each text that a cell has had, however slowly somebody looks at the page.
NOTE_TEXTS = """(root, cell) => {
    const texts = new Set();
    const note = () => texts.add(root.querySelector(cell)?.textContent);
    const all = { subtree: true, childList: true, characterData: true };
    new MutationObserver(note).observe(root, all);
    note();
    return texts;
}"""
SPECIES = f"[row.get('species') for row in {TABLE}.values()]"


def run_both(*notebooks: Notebook) -> None:
    for notebook in notebooks:
        notebook.run_all()
    for notebook in notebooks:
        notebook.grid()


def kernel_says(kernel: Kernel, expression: str, expected: object) -> None:
    wait_for(
        lambda: kernel.value(expression) == expected, f"{expression} is {expected!r} in the kernel"
    )


def cell_is(kernel: Kernel, row: str, column: str, expected: object) -> None:
    kernel_says(kernel, f"store.get_cell('penguins', {row!r}, {column!r})", expected)


def grid_has_rows(notebook: Notebook, count: int) -> None:
    wait_for(lambda: notebook.grid().row_count() == count, f"the grid has {count} rows")


def grid_shows(
    notebook: Notebook, row: str, column: str, text: str, timeout_s: float = 30.0
) -> None:
    cell = notebook.grid().cell(row, column)
    what = f"the grid shows {text!r} in {row}/{column}"
    wait_for(lambda: cell.inner_text() == text, what, timeout_s)


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
    right.run_all()
    kernels(RIGHT).run(
        "while 'store' not in globals(): pass\n"
        "store.set_cell('penguins', '1', 'island', 'Right')\n"
        "only_right = store.add_row('penguins', {'species': 'Right'})"
    )
    right.grid()
    for path in (LEFT, RIGHT):
        cell_is(kernels(path), "0", "island", "Left")
        cell_is(kernels(path), "1", "island", "Right")
        kernel_says(kernels(path), ALL_ROWS, (ROWS + 2, ROWS + 2))


def test_an_edit_in_the_left_grid_reaches_the_right_grid_kernel_and_listener(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    for row in ("0", "1", "2"):
        left.grid().edit(row, "island", f"Dream {row}")
        grid_shows(right, row, "island", f"Dream {row}")
        cell_is(kernels(RIGHT), row, "island", f"Dream {row}")
    printed = [f"penguins / {row} / island: 'Torgersen' → 'Dream {row}'" for row in "012"]
    wait_for(lambda: right.log().splitlines() == printed, "the right listener prints them")


def test_an_edit_in_the_right_grid_reaches_the_left_grid_and_kernel(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    right.grid().edit("1", "bill_depth_mm", "4001")
    grid_shows(left, "1", "bill_depth_mm", "4001")
    cell_is(kernels(LEFT), "1", "bill_depth_mm", 4001)


@pytest.mark.parametrize(("source", "target"), [(RIGHT, LEFT), (LEFT, RIGHT)])
def test_set_cell_in_a_kernel_changes_the_other_grid_and_kernel(
    lab: Lab, left: Notebook, right: Notebook, kernels: Kernels, source: str, target: str
) -> None:
    run_both(left, right)
    kernels(source).run("store.set_cell('penguins', '2', 'bill_depth_mm', 1999)")
    grid_shows(lab.notebook(target), "2", "bill_depth_mm", "1999")
    cell_is(kernels(target), "2", "bill_depth_mm", 1999)


def test_a_row_added_in_a_grid_arrives_everywhere(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    left.grid().root.locator("[data-action=add-row]").click()
    left.lab.page.keyboard.type("Emperor")
    left.lab.page.keyboard.press("Enter")
    for path in (LEFT, RIGHT):
        kernel_says(kernels(path), f"'Emperor' in {SPECIES}", True)
    grid_has_rows(right, ROWS + 1)


def test_a_row_deleted_in_a_grid_goes_everywhere(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    right.grid().cell("3", "species").click()
    right.grid().root.locator("[data-action=delete-row]").click()
    for path in (LEFT, RIGHT):
        kernel_says(kernels(path), "store.has_row('penguins', '3')", False)
    grid_has_rows(left, ROWS - 1)


@pytest.mark.parametrize(("source", "target"), [(RIGHT, LEFT), (LEFT, RIGHT)])
def test_rows_added_and_deleted_by_a_kernel_follow_in_the_other(
    lab: Lab, left: Notebook, right: Notebook, kernels: Kernels, source: str, target: str
) -> None:
    run_both(left, right)
    kernels(source).run(
        "store.add_row('penguins', {'species': 'King'}); store.del_row('penguins', '0')"
    )
    wait_for(
        lambda: (
            kernels(target).value(
                "store.has_row('penguins', '0'), 'King' in "
                "[row.get('species') for row in store.get_table('penguins').values()]"
            )
            == (False, True)
        ),
        "both arrive in the other kernel",
    )
    target_grid = lab.notebook(target).grid()
    wait_for(lambda: target_grid.cell("0", "species").count() == 0, "the row leaves the grid")


@pytest.mark.parametrize(("source", "target"), [(RIGHT, LEFT), (LEFT, RIGHT)])
def test_values_follow(
    left: Notebook, right: Notebook, kernels: Kernels, source: str, target: str
) -> None:
    run_both(left, right)
    kernels(source).run("store.set_value('season', '2025/26')")
    wait_for(
        lambda: kernels(target).value("store.get_value('season')") == "2025/26",
        "the value arrives",
    )


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
    wait_for(lambda: kernels(RIGHT).value("__import__('os').getpid()") != old, "a new kernel")
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


def test_a_loop_of_100_000_sets_shows_progress_and_loses_nothing(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    kernel = kernels(RIGHT)
    cell = '[data-row="0"][data-col="bill_depth_mm"]'
    painted = left.grid().root.evaluate_handle(NOTE_TEXTS, cell)
    kernel.start(
        "for number in range(100_000):\n"
        "    store.set_cell('penguins', str(number % 5), 'bill_depth_mm', number)"
    )
    grid_shows(left, "0", "bill_depth_mm", "99995", 120)
    assert len(painted.evaluate("texts => [...texts]")) > 3, "progress is seen"
    for row in range(5):
        grid_shows(left, str(row), "bill_depth_mm", str(99_995 + row))
        cell_is(kernels(LEFT), str(row), "bill_depth_mm", 99_995 + row)


def test_a_cell_that_holds_html_is_shown_as_its_characters(
    left: Notebook, right: Notebook, kernels: Kernels
) -> None:
    run_both(left, right)
    attack = "<img src=x onerror=\"document.title='hacked'\">"
    kernels(LEFT).run(f"store.set_cell('penguins', '0', 'island', {attack!r})")
    grid_shows(right, "0", "island", attack)
    assert right.grid().root.locator("img").count() == 0
    assert right.lab.page.title() != "hacked"


def test_the_workspace_shows_both_notebooks_side_by_side(lab: Lab) -> None:
    boxes = [lab.notebook(path).panel.bounding_box() for path in (LEFT, RIGHT)]
    assert all(boxes)
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1  # type: ignore[index]
    assert lab.page.url.split("?")[0].endswith(WORKSPACE) or "lab" in lab.page.url
