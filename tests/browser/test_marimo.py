"""The table in a real marimo: its Python, its page, and the shadow root that widgets are in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Grid
from tests.browser.marimo_app import MarimoApp
from tests.browser.server import wait_for
from tests.browser.test_hosts import READABLE, is_as_dark, legibility, readable_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext

PETS = """
from tinybase_widget import Store, TableView
store = Store().set_table("pets", {
    "fido": {"species": "dog", "name": "Fido", "price": 5},
    "felix": {"species": "cat", "name": "Felix", "price": 4},
})
view = TableView(store, "pets")
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarimoApp]:
    """A light app."""
    app = MarimoApp(tmp_path_factory.mktemp("marimo") / "app", PETS, "view")
    yield app
    app.close()


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    """A profile with a clipboard."""
    return {"permissions": ["clipboard-read", "clipboard-write"]}


def test_edits_go_both_ways_between_marimos_python_and_its_page(
    app: MarimoApp, context: BrowserContext
) -> None:
    grid = Grid(app.open(context.new_page()))
    is_in_shadow = "node => node.getRootNode() instanceof ShadowRoot"
    assert grid.root.evaluate(is_in_shadow), "marimo shows widgets in a shadow root"
    wait_for(lambda: grid.row_count() == 2, "both rows are counted")
    grid.edit("fido", "price", "6.5")
    wait_for(lambda: app.value("store.get_cell('pets', 'fido', 'price')") == 6.5, "Python has it")
    app.run("store.set_cell('pets', 'felix', 'name', 'Tom')")
    wait_for(lambda: grid.cell("felix", "name").inner_text() == "Tom", "the page shows it")
    grid.press("Control+z")
    wait_for(lambda: app.value("store.get_cell('pets', 'fido', 'price')") == 5, "it is undone")


def test_cells_are_copied_and_pasted_in_marimo(app: MarimoApp, context: BrowserContext) -> None:
    page = context.new_page()
    grid = Grid(app.open(page))
    grid.cell("felix", "name").click()
    grid.press("Shift+ArrowRight", "Control+c")
    copied = "() => navigator.clipboard.readText()"
    wait_for(lambda: page.evaluate(copied) == "Felix\t4", "they are copied")
    page.evaluate("() => navigator.clipboard.writeText('Tom\\t1.5\\nTim\\t2')")
    grid.press("Control+v")
    wait_for(
        lambda: (
            app.value("[store.get_cell('pets', row, 'price') for row in ('felix', 'fido')]")
            == [1.5, 2]
        ),
        "Python has what was pasted",
    )
    grid.edit("felix", "price", "many")
    expect(grid.root.locator(".tbw-editor-message")).to_contain_text("Not a number")


def test_rows_are_sorted_filtered_inserted_and_refused_in_marimo(
    app: MarimoApp, context: BrowserContext
) -> None:
    page = context.new_page()
    grid = Grid(app.open(page))
    grid.root.locator(".tbw-head", has_text="price").click()
    wait_for(lambda: app.value("view.sort") == [("price", "asc")], "Python knows the order")
    grid.cell("fido", "species").click()
    grid.press("Alt+ArrowDown")
    grid.root.get_by_role("checkbox", name="dog").check()
    grid.press("Escape")
    wait_for(lambda: app.value("view.visible_row_ids") == ["fido"], "Python knows the filter")
    grid.root.locator(".tbw-chip-clear").click()
    grid.cell("felix", "name").click(button="right")
    grid.root.locator(".tbw-menu [data-action=insert-below]").click()
    page.keyboard.type("lynx")
    grid.press("Enter")
    wait_for(lambda: app.value("store.get_row_count('pets')") == 3, "Python has the row")
    grid.edit("fido", "price", "cheap")
    message = grid.root.locator(".tbw-editor-message")
    expect(message).to_contain_text("Not a number")
    grid.press("Escape")
    app.run("view.selection = {'rows': [], 'cell': ('felix', 'name')}")
    wait_for(lambda: grid.active() == ("felix", "name"), "Python selects")
    grid.press("F2", "End", "!")
    app.run("store.set_cell('pets', 'felix', 'name', 'Theirs')")
    note = grid.root.locator(".tbw-editor-note:visible, .tbw-editor-message:visible")
    wait_for(lambda: "“Theirs”" in note.inner_text(), "the edit in between is told of")
    grid.press("Escape")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_table_is_as_light_or_dark_as_marimo_and_readable(
    context: BrowserContext, tmp_path_factory: pytest.TempPathFactory, theme: str
) -> None:
    app = MarimoApp(tmp_path_factory.mktemp("marimo") / "app", PETS, "view", theme)
    try:
        grid = Grid(app.open(context.new_page()))
        wait_for(lambda: is_as_dark(grid.root, theme == "dark"), f"it is {theme}")
        for part in readable_parts(grid):
            assert legibility(part) >= READABLE, f"{part} in {theme}"
    finally:
        app.close()


def test_people_in_two_tabs_of_marimo_see_each_other(
    context: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = PETS.replace('"pets")\n', '"pets", room="zoo")\n')
    app = MarimoApp(tmp_path_factory.mktemp("marimo") / "app", source, "view")
    try:
        mine, theirs = Grid(app.open(context.new_page())), Grid(app.open(context.new_page()))
        theirs.cell("felix", "name").click()
        theirs.press("F2")
        mark = mine.root.locator(".tbw-peer[data-typing]:visible")
        mark.wait_for()
        expect(mark).to_have_text(re.compile(" is typing$"))

        def is_around() -> bool:
            inner, outer = mine.cell("felix", "name").bounding_box(), mark.bounding_box()
            if inner is None or outer is None:
                return False
            return all(abs(inner[side] - outer[side]) <= 1 for side in ("x", "y"))

        wait_for(is_around, "the frame is around the cell")
        theirs.press("Escape")
        mark.wait_for(state="detached")
    finally:
        for page in context.pages:
            page.close()
        app.close()


def test_all_of_a_store_works_in_marimo(
    context: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = PETS + "from tinybase_widget import StoreView\nstore.set_value('open', True)\n"
    folder = tmp_path_factory.mktemp("marimo") / "app"
    app = MarimoApp(folder, source, "StoreView(store)")
    try:
        page = context.new_page()
        app.open(page)
        page.locator("[role=tab][data-tab=pets]").focus()
        page.keyboard.press("End")
        check = page.locator("[data-row=open][data-col=value] .tbw-check")
        check.click()
        wait_for(lambda: app.value("store.get_value('open')") is False, "Python has the value")
    finally:
        app.close()
