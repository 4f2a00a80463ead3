"""The table wherever a page puts it: narrow, zoomed, hidden, moved, in boxes, in few colours.

All tests share a page and a notebook of one cell, as those of the table do.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.lab import Grid
from tests.browser.server import wait_for
from tests.browser.stage import IMPORTS, PETS, PETS_VIEW, Stage, active_is, editor, shows
from tests.browser.test_hosts import legibility

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator


BETTER_READABLE = 7.0  # WCAG's enhanced contrast of text
NARROW = 320  # CSS pixels: WCAG's reflow
TEXT_COLORS = """root => ['name', 'price'].map(column => {
    const cell = root.querySelector(`[data-row="0"][data-col="${column}"]`);
    return cell && getComputedStyle(cell).color;
})"""
OVERFLOWS = """root => [...root.querySelectorAll('.tbw-toolbar *, .tbw-tabs > *')].filter(node => {
    const box = node.getBoundingClientRect();
    const around = root.getBoundingClientRect();
    const isSeen = box.width > 1 && box.height > 1;
    return isSeen && (box.right > around.right + 1 || box.left < around.left - 1);
}).map(node => node.outerHTML.slice(0, 120))"""


@contextmanager
def zoomed(stage: Stage, percent: int) -> Iterator[None]:
    """Zoom as a browser does: the same window has fewer and larger CSS pixels."""
    session = stage.context.new_cdp_session(stage.lab.page)
    scale = percent / 100
    metrics = {
        "width": int(1600 / scale),
        "height": int(1000 / scale),
        "deviceScaleFactor": scale,
        "mobile": False,
    }
    session.send("Emulation.setDeviceMetricsOverride", metrics)
    try:
        yield
    finally:
        session.send("Emulation.clearDeviceMetricsOverride")
        session.detach()


def narrowed(grid: Grid) -> None:
    """Give the table's place the width of a phone."""
    grid.root.evaluate(
        "(root, width) => { root.parentElement.style.width = `${width}px`; }", NARROW
    )
    wait_for(lambda: width_of(grid) <= NARROW, "the table is narrow")


def fits(grid: Grid) -> None:
    """Wait until nothing is cut off: what is above the table follows its width in a moment."""
    wait_for(lambda: grid.root.evaluate(OVERFLOWS) == [], "all is in its place")


def width_of(grid: Grid) -> float:
    box = grid.root.bounding_box()
    assert box is not None
    return box["width"]


def is_wider(grid: Grid, width: int) -> bool:
    return width_of(grid) > width


def is_drawn(grid: Grid, row: str, column: str) -> bool:
    """Say whether a cell is on the screen, within its grid."""
    return bool(
        grid.cell(row, column).evaluate(
            """node => {
                const box = node.getBoundingClientRect();
                const hit = document.elementFromPoint(box.left + 5, box.top + box.height / 2);
                return hit !== null && (hit === node || node.contains(hit));
            }"""
        )
    )


def test_nothing_of_a_narrow_table_is_cut_off_and_it_can_be_edited(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    narrowed(grid)
    fits(grid)
    grid.edit("1", "price", "6")
    stage.cell_is("1", "price", 6)
    grid.cell("1", "price").click()
    grid.press("End")
    active_is(grid, "1", "sold")
    wait_for(lambda: is_drawn(grid, "1", "sold"), "it is drawn")
    grid.root.locator("[data-action=add-row]").click()
    assert editor(grid).is_visible()
    grid.press("Escape")


@pytest.mark.parametrize("width", [860, 740, 640, 540, 480, 400, NARROW])
def test_nothing_above_a_table_is_cut_off_where_there_is_much_to_say(
    stage: Stage, width: int
) -> None:
    status = {"state": "offline", "text": "Offline \u2013 3 edits waiting", "title": "No line"}
    grid = stage.show(PETS_VIEW + f"\nview.set_trait('_server', {status!r})\nview")
    grid.root.locator("[data-state=offline]").wait_for()
    grid.root.evaluate("(root, width) => { root.parentElement.style.width = `${width}px`; }", width)
    wait_for(lambda: width_of(grid) == width, "the table is as wide")
    fits(grid)
    search = grid.root.locator(".tbw-search").bounding_box()
    summary = grid.root.locator("[data-action=summary]").bounding_box()
    assert search is not None
    assert summary is not None
    is_beside = search["x"] + search["width"] <= summary["x"]
    assert is_beside or search["y"] + search["height"] <= summary["y"]


def test_all_of_a_store_fits_a_narrow_place(stage: Stage) -> None:
    stage.notebook.run_first_cell(
        PETS + "from tinybase_widget import StoreView\n"
        "for n in range(12):\n    store.set_cell(f'table {n}', 'r', 'c', n)\n"
        "StoreView(store)"
    )
    root = stage.notebook.panel.locator(".tbw-store")
    root.wait_for()
    narrowed(Grid(root))
    fits(Grid(root))
    root.locator("[role=tab][data-tab=pets]").focus()
    stage.lab.page.keyboard.press("End")
    values = root.locator("[role=tab][data-values]")
    wait_for(lambda: values.get_attribute("aria-selected") == "true", "the values are open")

    def is_in_sight() -> bool:
        box, around = values.bounding_box(), root.bounding_box()
        assert box is not None
        assert around is not None
        return box["x"] + box["width"] <= around["x"] + around["width"]

    wait_for(is_in_sight, "their tab is in sight")


def test_a_long_text_has_the_room_there_is_until_a_width_is_set(stage: Stage) -> None:
    note = "a note that is much longer than what a column has at first, to its very end"
    view = "view = TableView(store, 'pets')\nview"
    grid = stage.show(f"{PETS}store.set_cell('pets', '0', 'note', {note!r})\n{view}")
    cell = grid.cell("0", "note")
    place = "(root, width) => { root.parentElement.style.width = width; }"
    is_cut = "node => node.scrollWidth > node.clientWidth"
    wait_for(lambda: not cell.evaluate(is_cut), "there is room for all of it")
    grid.root.evaluate(place, "560px")
    wait_for(lambda: cell.evaluate(is_cut), "there is none")
    grid.root.evaluate(place, "")
    wait_for(lambda: not cell.evaluate(is_cut), "it has its room again")
    before = cell.bounding_box()
    grid.cell("0", "name").click()
    grid.press("Alt+ArrowDown")
    grid.root.locator("[data-action=column-wide]").click()
    grid.press("Escape")
    assert before is not None
    wait_for(lambda: (cell.bounding_box() or before)["x"] != before["x"], "it has moved")
    after = cell.bounding_box()
    assert after is not None
    assert after["width"] == before["width"]


def test_a_table_works_at_200_percent(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    with zoomed(stage, 200):
        grid.root.scroll_into_view_if_needed()
        fits(grid)
        grid.edit("2", "name", "Roy")
        stage.cell_is("2", "name", "Roy")
        grid.cell("0", "name").click(button="right")
        menu = grid.root.locator(".tbw-menu").bounding_box()
        assert menu is not None
        assert menu["y"] >= 0
        assert menu["y"] + menu["height"] <= 500
        grid.press("Escape")


def test_the_active_cell_and_the_selection_can_be_told_in_forced_colors(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    page = stage.lab.page
    page.emulate_media(forced_colors="active")
    try:
        grid.cell("0", "name").click()
        assert style(grid, "0", "name", "outlineStyle") == "solid"
        assert style(grid, "1", "name", "outlineStyle") == "none"
        grid.press("Shift+Space")
        selected = style(grid, "0", "name", "backgroundColor")
        usual = style(grid, "1", "name", "backgroundColor")
        assert selected != usual
        grid.press("Control+Home", "Shift+ArrowDown")
        assert style(grid, "1", "name", "backgroundColor") == selected
        assert style(grid, "2", "name", "backgroundColor") == usual
        assert violations(grid.root) == []
    finally:
        page.emulate_media(forced_colors="none")


def test_states_that_are_colours_else_can_be_told_in_forced_colors(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW.replace('"pets")', '"pets", read_only_columns=["price"])'))
    page = stage.lab.page
    page.emulate_media(forced_colors="active")
    try:
        grid.root.locator(".tbw-status[data-state=synced]").wait_for()
        dot, bar = grid.root.locator(".tbw-dot"), grid.root.locator(".tbw-toolbar")
        assert computed(dot, "backgroundColor") != computed(bar, "backgroundColor")
        summary = grid.root.locator("[data-action=summary]")
        assert computed(summary, "outlineStyle") == "none"
        summary.click()
        wait_for(lambda: computed(summary, "outlineStyle") == "solid", "it is seen to be pressed")
        lock, head = grid.root.locator(".tbw-head-locked"), grid.root.locator(".tbw-head").first
        assert computed(lock, "backgroundColor", "::after") != computed(head, "backgroundColor")
    finally:
        page.emulate_media(forced_colors="none")


def computed(part: Locator, name: str, pseudo: str | None = None) -> str:
    """Return a computed style of an element, or of what stands before or behind its text."""
    found = part.evaluate(
        "(node, [name, pseudo]) => getComputedStyle(node, pseudo)[name]", [name, pseudo]
    )
    return str(found)


def test_who_asks_for_more_contrast_gets_it(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    count = grid.root.locator(".tbw-count")
    usual = legibility(count)
    stage.lab.page.emulate_media(contrast="more")
    try:
        wait_for(lambda: legibility(count) > max(usual, BETTER_READABLE), "it is easier to be read")
        assert violations(grid.root) == []
    finally:
        stage.lab.page.emulate_media(contrast="no-preference")


def style(grid: Grid, row: str, column: str, name: str) -> str:
    """Return a computed style of a cell, or of its row where the cell lets that shine through."""
    found = grid.cell(row, column).evaluate(
        """(node, name) => {
            const own = getComputedStyle(node)[name];
            const isClear = own === 'rgba(0, 0, 0, 0)';
            return isClear ? getComputedStyle(node.closest('.slick-row'))[name] : own;
        }""",
        name,
    )
    return str(found)


def test_only_a_part_that_is_read_only_is_fainter_than_the_rest(stage: Stage) -> None:
    grid = stage.show(PETS + "view = TableView(store, 'pets', read_only_columns=['name'])\nview")
    protected, free = grid.root.evaluate(TEXT_COLORS)
    assert protected != free
    assert legibility(grid.cell("0", "name")) < legibility(grid.cell("0", "price"))
    stage.kernel.run("view.read_only = True")
    wait_for(lambda: grid.root.evaluate(TEXT_COLORS) == [free, free], "all of it is as legible")


def test_a_table_that_is_resized_taken_off_and_put_back_goes_on(stage: Stage) -> None:
    grid = stage.show(
        IMPORTS + "store = Store().set_table('many', {str(n): {'n': n} for n in range(500)})\n"
        "view = TableView(store, 'many', height=300)\nview",
        "many",
    )
    grid.cell("0", "n").click()
    grid.press("Control+End")
    active_is(grid, "499", "n")
    narrowed(grid)
    tight = grid.root.locator(".tbw-toolbar[data-tight~=wrap]")
    expect(tight).to_have_count(1)  # what is above takes more of the height
    wait_for(lambda: is_drawn(grid, "499", "n"), "it is drawn")
    grid.press("F2", "5")
    page = stage.lab.page
    page.evaluate(
        """() => {
            const table = document.querySelector('.tbw-table').parentElement;
            window.taken = { table, parent: table.parentElement, before: table.nextSibling };
            table.remove();
        }"""
    )
    stage.kernel.run("store.set_cell('many', '498', 'n', -1)")
    page.evaluate("() => window.taken.parent.insertBefore(window.taken.table, window.taken.before)")
    shows(grid, "498", "n", "-1")
    wait_for(lambda: is_drawn(grid, "499", "n"), "it is drawn")
    grid.cell("498", "n").click()
    grid.press("7", "Enter")
    wait_for(lambda: stage.kernel.value("store.get_cell('many', '498', 'n')") == 7, "it goes on")


def test_two_views_of_one_table_in_a_box_have_their_own_place_and_the_same_cells(
    stage: Stage,
) -> None:
    stage.notebook.run_first_cell(
        PETS + "import ipywidgets\n"
        "views = [TableView(store, 'pets', sort=[('price', 'desc')]), TableView(store, 'pets')]\n"
        "ipywidgets.HBox(views)"
    )
    tables = stage.notebook.panel.locator(".tbw-table")
    wait_for(lambda: tables.count() == 2, "both are there")
    first, second = Grid(tables.nth(0)), Grid(tables.nth(1))
    for grid in (first, second):
        grid.wait_until_painted()
        wait_for(partial(is_wider, grid, 200), "it has its place")
    first.edit("0", "price", "6")
    shows(second, "0", "price", "6")
    second.cell("1", "name").click()
    active_is(second, "1", "name")
    assert first.active() != second.active()
    ids = stage.lab.page.evaluate(
        "() => [...document.querySelectorAll('.tbw-table [id]')].map(({ id }) => id)"
    )
    assert len(set(ids)) == len(ids)


def test_a_table_in_a_tab_is_drawn_when_the_tab_is_opened(stage: Stage) -> None:
    stage.notebook.run_first_cell(
        PETS + "import ipywidgets\n"
        "tab = ipywidgets.Tab([ipywidgets.HTML('first'), TableView(store, 'pets')])\ntab"
    )
    panel = stage.notebook.panel
    panel.locator(".widget-tab").wait_for()
    stage.kernel.run("tab.selected_index = 1")
    grid = stage.notebook.grid("pets")
    wait_for(lambda: grid.row_count() == 3, "the rows are there")
    grid.edit("2", "name", "Roy")
    stage.cell_is("2", "name", "Roy")
    stage.kernel.run("tab.selected_index = 0")
    stage.kernel.run("store.set_cell('pets', '2', 'name', 'Rex')")
    stage.kernel.run("tab.selected_index = 1")
    shows(grid, "2", "name", "Rex")
    wait_for(lambda: is_drawn(grid, "2", "name"), "it is drawn")
