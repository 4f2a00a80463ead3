"""A Store's values, and all of a Store, on a page: with keys, between kernels, and as they look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import copy_notebooks
from tests.browser.contexts import failing_on
from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Grid, Lab, write_notebook
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Locator

    from tests.browser.lab import Notebook
    from tests.browser.server import JupyterServer, Kernel

IMPORTS = "from tinybase_widget import Store, StoreView, ValuesView\n"
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"
ZOO = f"""{IMPORTS}
store = Store().set_tables({{
    "pets": {{"0": {{"name": "Fido", "price": 5}}, "1": {{"name": "Felix", "price": 4.5}}}},
    "shops": {{"0": {{"city": "Oslo"}}}},
}}).set_values({{"open": True, "limit": 5, "theme": "dark"}})
"""


class Pair:
    """Two notebooks on kernels of their own, side by side on one page."""

    def __init__(self, context: BrowserContext, server: JupyterServer) -> None:
        copy_notebooks(server)  # and their layout
        for path in (LEFT, RIGHT):
            write_notebook(server.root / path, IMPORTS)
        self.context = context
        self.lab = Lab(context.new_page(), server).open(WORKSPACE)
        self.left = self.lab.notebook(LEFT)
        self.right = self.lab.notebook(RIGHT)
        for notebook in (self.left, self.right):
            notebook.activate()
        self.left_kernel: Kernel = server.kernel(LEFT)
        self.right_kernel: Kernel = server.kernel(RIGHT)
        self.rooms = 0

    def room(self) -> str:
        """Return the name of a room that nobody has been in."""
        self.rooms += 1
        return f"zoo-{self.rooms}"


@pytest.fixture(scope="module")
def shared(shared_context: BrowserContext, server: JupyterServer) -> Iterator[Pair]:
    """The page, for all tests of this file."""
    pair = Pair(shared_context, server)
    yield pair
    pair.left_kernel.close()
    pair.right_kernel.close()


@pytest.fixture
def pair(shared: Pair, errors: list[str]) -> Iterator[Pair]:
    """The shared page; errors on it fail the test that made them."""
    with failing_on(errors):
        yield shared


def store_view(notebook: Notebook) -> Locator:
    root = notebook.panel.locator(".tbw-store")
    root.wait_for(timeout=60_000)
    return root


def values_grid(root: Locator) -> Grid:
    grid = Grid(root.locator("[data-named=value]"))
    grid.wait_until_painted()
    return grid


def table_grid(root: Locator, table: str) -> Grid:
    grid = Grid(root.locator(f'.tbw-table[data-table="{table}"]'))
    grid.wait_until_painted()
    return grid


def tab(root: Locator, table: str) -> Locator:
    return root.locator(f'[role=tab][data-tab="{table}"]')


def tab_names(root: Locator) -> list[str]:
    return root.locator(".tbw-tab-name").all_inner_texts()


def open_tab(root: Locator) -> str:
    return root.locator('[role=tab][aria-selected="true"] .tbw-tab-name').inner_text()


def value_is(kernel: Kernel, value_id: str, expected: object) -> None:
    wait_for(
        lambda: kernel.value(f"store.get_value({value_id!r})") == expected,
        f"the value {value_id} is {expected!r}",
    )


def test_values_go_both_ways_between_two_kernels(pair: Pair) -> None:
    room = pair.room()
    pair.left.run_first_cell(f"{ZOO}\nValuesView(store, room={room!r})")
    pair.right.run_first_cell(f"{IMPORTS}store = Store()\nStoreView(store, None, room={room!r})")
    left = values_grid(pair.left.panel)
    right = values_grid(store_view(pair.right))
    left.edit("theme", "value", "light")
    wait_for(lambda: right.cell("theme", "value").inner_text() == "light", "the other side has it")
    value_is(pair.right_kernel, "theme", "light")
    pair.right_kernel.run("store.set_value('limit', 9)")
    wait_for(lambda: left.cell("limit", "value").inner_text() == "9", "the left grid shows it")
    value_is(pair.left_kernel, "limit", 9)


def test_values_are_added_renamed_deleted_and_undone_by_keys(pair: Pair) -> None:
    pair.left.run_first_cell(f"{ZOO}\nview = ValuesView(store)\nview")
    grid = values_grid(pair.left.panel)
    page = pair.lab.page
    grid.root.locator("[data-action=add-row]").click()
    page.keyboard.type("speed")
    grid.press("Enter")
    page.keyboard.type("1.5")
    grid.press("Enter")
    value_is(pair.left_kernel, "speed", 1.5)
    grid.cell("speed", "value").click()
    grid.press("Shift+F10", "r", "Enter")
    page.keyboard.type("velocity")
    grid.press("Enter")
    value_is(pair.left_kernel, "velocity", 1.5)
    value_is(pair.left_kernel, "speed", None)
    wait_for(lambda: grid.active() == ("velocity", "value"), "the renamed value is active")
    grid.root.locator("[data-action=delete-row]").click()
    value_is(pair.left_kernel, "velocity", None)
    grid.press("Control+z")
    value_is(pair.left_kernel, "velocity", 1.5)


def test_a_value_keeps_its_type_and_its_schema(pair: Pair) -> None:
    pair.left.run_first_cell(
        f"{ZOO}\nstore.set_values_schema({{'open': {{'type': 'boolean', 'default': False}},"
        " 'limit': {'type': 'number'}, 'theme': {'type': 'string'}})\nValuesView(store)"
    )
    grid = values_grid(pair.left.panel)
    grid.cell("open", "value").locator(".tbw-check").click()
    value_is(pair.left_kernel, "open", False)
    grid.edit("limit", "value", "many")
    message = grid.root.locator(".tbw-editor-message")
    expect(message).to_contain_text("Not a number")
    grid.press("Escape")
    assert pair.left_kernel.value("store.get_value('limit')") == 5


def test_tabs_are_opened_by_keys_and_by_the_kernel(pair: Pair) -> None:
    pair.left.run_first_cell(f"{ZOO}\nview = StoreView(store)\nview")
    root = store_view(pair.left)
    wait_for(lambda: tab_names(root) == ["pets", "shops", "Values"], "the tables are there")
    assert open_tab(root) == "pets"
    tab(root, "pets").focus()
    page = pair.lab.page
    page.keyboard.press("ArrowRight")
    wait_for(lambda: pair.left_kernel.value("view.table_id") == "shops", "the kernel is told")
    page.keyboard.press("End")
    wait_for(lambda: pair.left_kernel.value("view.table_id") is None, "the kernel is told")
    page.keyboard.press("Tab")
    wait_for(lambda: root.locator(":focus").count() == 1, "the focus is in the widget")
    pair.left_kernel.run("view.table_id = 'pets'")
    wait_for(lambda: open_tab(root) == "pets", "the tab is open")
    table_grid(root, "pets").edit("0", "name", "Rex")
    wait_for(
        lambda: pair.left_kernel.value("store.get_cell('pets', '0', 'name')") == "Rex",
        "the edit is in the kernel",
    )


def test_a_table_is_begun_and_deleted_for_both_kernels(pair: Pair) -> None:
    room = pair.room()
    pair.left.run_first_cell(f"{ZOO}\nStoreView(store, room={room!r})")
    pair.right.run_first_cell(f"{IMPORTS}store = Store()\nStoreView(store, room={room!r})")
    left, right = store_view(pair.left), store_view(pair.right)
    wait_for(lambda: tab_names(right) == ["pets", "shops", "Values"], "the tables are there")
    page = pair.lab.page
    left.locator("[data-action=add-table]").click()
    page.keyboard.type("trees")
    page.keyboard.press("Enter")
    empty = left.locator("[role=tabpanel]:not([hidden]) .tbw-empty input")
    empty.fill("kind")
    empty.press("Enter")
    page.keyboard.type("oak")
    page.keyboard.press("Enter")
    wait_for(lambda: tab(right, "trees").count() == 1, "the other side has the table")
    wait_for(
        lambda: (
            pair.right_kernel.value("list(store.get_table('trees').values())") == [{"kind": "oak"}]
        ),
        "the other kernel has the row",
    )
    tab(left, "pets").click()
    page.keyboard.press("Delete")
    left.locator("[role=alertdialog]").wait_for()
    page.keyboard.press("Enter")
    wait_for(lambda: pair.right_kernel.value("store.has_table('pets')") is False, "it is deleted")
    page.keyboard.press("Control+z")
    wait_for(lambda: pair.right_kernel.value("store.get_row_count('pets')") == 2, "it is back")
    wait_for(lambda: open_tab(left) == "pets", "the tab is open")


def test_a_table_is_renamed_with_keys_for_both_kernels(pair: Pair) -> None:
    room = pair.room()
    pair.left.run_first_cell(f"{ZOO}\nview = StoreView(store, room={room!r})\nview")
    pair.right.run_first_cell(f"{IMPORTS}store = Store()\nStoreView(store, room={room!r})")
    left, right = store_view(pair.left), store_view(pair.right)
    wait_for(lambda: tab_names(right) == ["pets", "shops", "Values"], "the tables are there")
    # One page shows both: it has the rows before the other kernel.
    before = wait_for(lambda: pair.right_kernel.value("store.get_table('pets')"), "the rows came")
    tab(left, "pets").click()
    page = pair.lab.page
    page.keyboard.press("F2")
    page.keyboard.type("animals")
    page.keyboard.press("Enter")
    wait_for(lambda: tab(right, "animals").count() == 1, "the other side has it")
    wait_for(
        lambda: pair.right_kernel.value("store.get_tables().get('animals')") == before,
        "the other kernel has its rows",
    )
    wait_for(lambda: pair.left_kernel.value("view.table_id") == "animals", "the tab is open")
    page.keyboard.press("Control+z")
    wait_for(lambda: pair.right_kernel.value("store.has_table('animals')") is False, "it is undone")
    wait_for(lambda: open_tab(left) == "pets", "the tab is open")


def test_hostile_names_are_shown_as_their_characters(pair: Pair) -> None:
    names = ["__proto__", HOSTILE, "\u202eevil", "constructor", "Values", "a" * 5000]
    pair.left.run_first_cell(
        f"{IMPORTS}names = {names!r}\nstore = Store()\n"
        "for name in names:\n"
        "    store.set_cell(name, name, name, name).set_value(name, name)\n"
        "StoreView(store)"
    )
    root = store_view(pair.left)
    wait_for(lambda: len(tab_names(root)) == len(names) + 1, "there is a tab for each")
    assert {*names, "Values"} == set(tab_names(root))
    for name in names:
        found = root.get_by_role("tab").filter(has_text=name).first
        found.click()
        cell = root.locator("[role=tabpanel]:not([hidden]) [data-row][data-col]").first
        expect(cell).to_contain_text(name[:500])
    root.locator("[data-values]").click()
    grid = values_grid(root)
    wait_for(lambda: grid.row_count() == len(names), "all values are counted")
    assert root.locator("img").count() == 0
    assert pair.lab.page.title() != "hacked"


def test_nothing_is_wrong_for_those_who_do_not_see_the_tabs(pair: Pair) -> None:
    pair.left.run_first_cell(f"{ZOO}\nStoreView(store)")
    root = store_view(pair.left)
    table_grid(root, "pets").cell("0", "name").click()
    assert violations(root) == []
    root.locator("[data-values]").click()
    values_grid(root).cell("limit", "value").click()
    assert violations(root) == []


def test_a_saved_notebook_shows_all_tables_without_a_script(pair: Pair) -> None:
    pair.left.run_first_cell(f"{ZOO}\nview = StoreView(store)\nview")
    store_view(pair.left)
    pair.left.save()
    html = pair.left_kernel.value("view._repr_mimebundle_()[0]['text/html']")
    assert [part.split("<")[0] for part in html.split("<caption>")[1:]] == [
        "pets: 2 rows",
        "shops: 1 row",
        "Values: 3 values",
    ]
    assert "<script" not in html


def test_the_menu_of_a_tab_is_the_widgets_and_not_the_notebooks(pair: Pair) -> None:
    pair.left.run_first_cell(f"{ZOO}\nStoreView(store)")
    root = store_view(pair.left)
    tab(root, "shops").click(button="right")
    actions = root.locator(".tbw-menu [data-action]")
    actions.first.wait_for()
    assert actions.evaluate_all("all => all.map(({ dataset }) => dataset.action)") == [
        "add-table",
        "rename-table",
        "delete-table",
    ]
    assert pair.lab.page.locator(".lm-Menu:visible").count() == 0
