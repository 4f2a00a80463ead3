"""Looking at a table: sorting, filters, search, columns, and their traits.

All tests share a page and a notebook of one cell, as those of the table do.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.server import wait_for
from tests.browser.stage import PETS, Stage, active_is, editor, shows
from tests.browser.test_editing import INTO_SHADOW

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.lab import Grid

VIEW = PETS + 'view = TableView(store, "pets")\nview'


def header(grid: Grid, column: str) -> Locator:
    return grid.root.locator(".slick-header-column", has_text=column)


def rows(grid: Grid) -> list[str]:
    """Return the ids of the rows on the screen, from top to bottom."""
    places = grid.root.locator("[data-row][data-col=name]").evaluate_all(
        "nodes => nodes.map(node => [node.getBoundingClientRect().top, node.dataset.row])"
    )
    return [row for _, row in sorted(places)]


def has_rows(grid: Grid, *expected: str) -> None:
    wait_for(lambda: rows(grid) == list(expected), f"the rows are {expected}")


def is_marked(grid: Grid, column: str, direction: str | None) -> bool:
    """Say whether a header shows that its column is sorted so."""
    return header(grid, column).get_attribute("aria-sort") == direction


def trait_is(stage: Stage, name: str, expected: object) -> None:
    wait_for(lambda: stage.kernel.value(f"view.{name}") == expected, f"{name} is {expected!r}")


def menu(grid: Grid) -> Locator:
    return grid.root.locator(".tbw-look")


# Sorting


def test_a_click_on_a_header_sorts_up_down_and_not_at_all(stage: Stage) -> None:
    grid = stage.show(VIEW)
    for direction, order in (
        ("ascending", ("1", "0", "2")),
        ("descending", ("2", "0", "1")),
        (None, ("0", "1", "2")),
    ):
        header(grid, "price").click()
        has_rows(grid, *order)
        wait_for(partial(is_marked, grid, "price", direction), f"its header says {direction}")
    trait_is(stage, "sort", [])


def test_shift_click_sorts_by_several_columns(stage: Stage) -> None:
    grid = stage.show(VIEW)
    header(grid, "sold").click()
    header(grid, "price").click(modifiers=["Shift"])
    header(grid, "price").click(modifiers=["Shift"])
    has_rows(grid, "2", "0", "1")
    trait_is(stage, "sort", [("sold", "asc"), ("price", "desc")])
    assert stage.kernel.value("view.visible_row_ids") == ["2", "0", "1"]


def test_the_keyboard_sorts_by_the_menu_of_the_active_column(stage: Stage) -> None:
    grid = stage.show(VIEW)
    grid.cell("1", "price").click()
    grid.press("Alt+ArrowDown", "ArrowDown", "Enter")
    has_rows(grid, "2", "0", "1")
    active_is(grid, "1", "price")
    grid.press("ArrowUp")
    active_is(grid, "0", "price")


def test_a_remote_edit_in_the_sorted_column_moves_the_row_and_the_active_cell_with_it(
    stage: Stage,
) -> None:
    grid = stage.show(VIEW)
    header(grid, "price").click()
    grid.cell("1", "name").click()
    stage.kernel.run("store.set_cell('pets', '1', 'price', 100)")
    has_rows(grid, "0", "2", "1")
    active_is(grid, "1", "name")
    grid.press("ArrowUp")
    active_is(grid, "2", "name")


def test_a_row_stays_while_it_is_edited_and_goes_to_its_place_afterwards(stage: Stage) -> None:
    grid = stage.show(VIEW)
    header(grid, "price").click()
    grid.cell("1", "price").dblclick()
    grid.press("Control+A", "9")
    stage.kernel.run("store.set_cell('pets', '1', 'price', 100)")
    stage.kernel.run("store.set_cell('pets', '0', 'price', 1)")
    has_rows(grid, "0", "1", "2")
    assert editor(grid).input_value() == "9"
    grid.press("Tab")
    active_is(grid, "1", "sold")
    has_rows(grid, "0", "1", "2")
    grid.press("ArrowDown")
    active_is(grid, "2", "sold")
    has_rows(grid, "0", "2", "1")
    stage.cell_is("1", "price", 9)


# Filters and search


def test_search_shows_the_rows_with_every_word_and_escape_ends_it(stage: Stage) -> None:
    grid = stage.show(VIEW)
    grid.cell("0", "name").click()
    grid.press("Control+f")
    stage.lab.page.keyboard.type("FE")
    has_rows(grid, "1")
    expect(grid.root.locator(".tbw-count")).to_have_text("1 of 3 rows")
    trait_is(stage, "search", "FE")
    assert stage.kernel.value("view.visible_row_ids") == ["1"]
    grid.press("Escape")
    has_rows(grid, "0", "1", "2")
    grid.press("Escape")
    active_is(grid, "1", "name")
    expect(grid.root.locator(".tbw-grid:focus")).to_have_count(1)


def test_a_range_filters_numbers_and_its_chip_takes_it_away(stage: Stage) -> None:
    grid = stage.show(VIEW)
    header(grid, "price").hover()
    header(grid, "price").locator("[data-action=column-menu]").click()
    menu(grid).get_by_label("From").fill("4.6")
    has_rows(grid, "0", "2")
    menu(grid).get_by_label("To").fill("5")
    has_rows(grid, "0")
    grid.press("Escape")
    trait_is(stage, "filters", {"price": {"min": 4.6, "max": 5}})
    chip = grid.root.locator(".tbw-chip")
    wait_for(lambda: chip.inner_text() == "price\n4.6 to 5", "a chip says so")
    expect(header(grid, "price").locator(".tbw-filter-mark")).to_have_count(1)
    chip.locator("[data-action=clear-filter-chip]").click()
    has_rows(grid, "0", "1", "2")
    trait_is(stage, "filters", {})


def test_values_are_chosen_from_a_list_and_text_is_found_in_part(stage: Stage) -> None:
    grid = stage.show(VIEW)
    grid.cell("0", "name").click()
    grid.press("Alt+ArrowDown")
    menu(grid).get_by_label("Rex").check()
    menu(grid).get_by_label("Fido").check()
    has_rows(grid, "0", "2")
    menu(grid).get_by_label("Text").fill("O")
    has_rows(grid, "0")
    grid.press("Enter")
    expect(menu(grid)).to_have_count(0)
    trait_is(stage, "filters", {"name": {"in": ["Fido", "Rex"], "contains": "O"}})


def test_a_new_row_that_the_filter_hides_stays_until_one_goes_elsewhere(stage: Stage) -> None:
    # No search: the new row's id is by chance, and a search looks into ids too.
    filters = "{'name': {'contains': 'fe'}}"
    grid = stage.show(f'{PETS}view = TableView(store, "pets", filters={filters})\nview')
    has_rows(grid, "1")
    grid.root.locator(".tbw-blank [data-col=name]").click()
    stage.lab.page.keyboard.type("Tom")
    grid.press("Enter")
    wait_for(lambda: len(rows(grid)) == 2, "the new row is shown")
    grid.cell("1", "name").click()
    has_rows(grid, "1")
    expect(grid.root.locator(".tbw-notice")).to_contain_text("hidden")


# Columns


def heads(grid: Grid) -> list[str]:
    """Return the columns as they stand, from left to right."""
    return grid.root.locator(".tbw-head").all_inner_texts()


def has_heads(grid: Grid, *expected: str) -> None:
    wait_for(lambda: heads(grid) == list(expected), f"the columns are {expected}")


def test_a_column_is_dragged_to_another_place_and_is_not_sorted_by_that(stage: Stage) -> None:
    grid = stage.show(VIEW)
    start, end = header(grid, "name").bounding_box(), header(grid, "sold").bounding_box()
    assert start is not None
    assert end is not None
    mouse = stage.lab.page.mouse
    mouse.move(start["x"] + 15, start["y"] + 10)
    mouse.down()
    mouse.move(end["x"] + 8, end["y"] + 10, steps=4)
    expect(grid.root.locator(".tbw-drop-line")).to_have_count(1)
    mouse.up()
    has_heads(grid, "price", "name", "sold")
    trait_is(stage, "columns", ["price", "name", "sold"])
    assert stage.kernel.value("view.sort") == []


def test_the_menu_of_a_column_moves_pins_and_hides_it_by_the_keyboard(stage: Stage) -> None:
    grid = stage.show(VIEW)
    grid.cell("0", "sold").click()
    grid.press("Alt+ArrowDown")
    menu(grid).get_by_label("Move left").press("Enter")
    has_heads(grid, "name", "sold", "price")
    grid.press("Alt+ArrowDown")
    menu(grid).get_by_label("Pin").press("Enter")
    has_heads(grid, "sold", "name", "price")
    trait_is(stage, "pinned", ["sold"])
    grid.press("Alt+ArrowDown")
    menu(grid).get_by_label("Hide").press("Enter")
    has_heads(grid, "name", "price")
    trait_is(stage, "columns", ["name", "price"])
    grid.root.locator("[data-action=columns]").click()
    menu(grid).get_by_label("sold").check()
    has_heads(grid, "sold", "name", "price")
    grid.press("Escape")
    expect(menu(grid)).to_have_count(0)


def test_the_menu_of_a_column_makes_it_wider_and_narrower_by_the_keyboard(stage: Stage) -> None:
    grid = stage.show(VIEW)
    before = header(grid, "name").bounding_box()
    assert before is not None
    grid.cell("1", "name").click()
    grid.press("Alt+ArrowDown")
    wider = grid.root.locator("[data-action=column-wide]")
    wider.focus()
    grid.press("Enter", "Enter")
    grid.root.locator("[data-action=column-narrow]").focus()
    grid.press("Enter", "Escape")
    active_is(grid, "1", "name")
    trait_is(stage, "_column_widths", {"name": before["width"] + 24})

    def is_wider() -> bool:
        after = header(grid, "name").bounding_box()
        return after is not None and after["width"] == before["width"] + 24

    wait_for(is_wider, "it is 24 pixels wider")


def test_the_tables_menu_leads_to_the_columns_also_where_nobody_may_write(stage: Stage) -> None:
    grid = stage.show(PETS + "view = TableView(store, 'pets', read_only=True)\nview")
    header(grid, "price").click(button="right")
    grid.root.locator(".tbw-menu [data-action=look]").click()
    menu(grid).locator("[data-action=sort-descending]").click()
    has_rows(grid, "2", "0", "1")


def test_a_pinned_column_stays_in_sight_and_can_be_edited_there(stage: Stage) -> None:
    grid = stage.show(
        "from tinybase_widget import Store, TableView\n"
        "row = {'name': 'Fido', **{f'column {n}': n for n in range(60)}}\n"
        "store = Store().set_table('pets', {'0': row, '1': row})\n"
        "view = TableView(store, 'pets', pinned=['name'])\nview"
    )
    before = grid.cell("0", "name").bounding_box()
    grid.cell("0", "name").click()
    grid.press("End")
    grid.cell("0", "column 59").wait_for()
    wait_for(lambda: grid.cell("0", "name").bounding_box() == before, "it is where it was")
    grid.edit("0", "name", "Fidos")
    stage.cell_is("0", "name", "Fidos")
    grid.cell("0", "column 59").wait_for()


def test_a_column_that_somebody_renames_keeps_how_it_is_looked_at(stage: Stage) -> None:
    grid = stage.show(
        PETS + "view = TableView(store, 'pets', columns=['price', 'name'], pinned=['price'],\n"
        "                 sort=[('price', 'desc')], filters={'price': {'min': 4}},\n"
        "                 formats={'price': '.2f'}, read_only_columns=['price'])\nview"
    )
    stage.kernel.run(
        "with store.transaction():\n"
        "    for row in store.get_row_ids('pets'):\n"
        "        store.set_cell('pets', row, 'cost', store.get_cell('pets', row, 'price'))\n"
        "        store.del_cell('pets', row, 'price', True)"
    )
    wait_for(lambda: grid.root.locator(".tbw-head").all_inner_texts() == ["cost", "name"], "it is")
    has_rows(grid, "2", "0", "1")
    shows(grid, "1", "cost", "4.50")
    trait_is(stage, "columns", ["cost", "name"])
    trait_is(stage, "pinned", ["cost"])
    trait_is(stage, "sort", [("cost", "desc")])
    trait_is(stage, "filters", {"cost": {"min": 4}})
    trait_is(stage, "formats", {"cost": ".2f"})
    trait_is(stage, "read_only_columns", ["cost"])
    expect(grid.cell("1", "cost")).to_have_attribute("data-locked", "")


def test_numbers_are_written_by_a_format_and_edited_as_they_are(stage: Stage) -> None:
    grid = stage.show(PETS + "view = TableView(store, 'pets', formats={'price': '.2f'})\nview")
    shows(grid, "1", "price", "4.50")
    grid.cell("1", "price").dblclick()
    assert editor(grid).input_value() == "4.5"
    grid.press("Escape")
    stage.kernel.run("view.formats, view.row_numbers = {'price': '.0%'}, True")
    shows(grid, "1", "price", "450%")
    expect(grid.root.locator("[data-row='0'][role=rowheader]")).to_have_text("1")


def test_headers_say_what_is_in_the_columns_and_follow_edits(stage: Stage) -> None:
    grid = stage.show(VIEW)
    grid.root.locator("[data-action=summary]").click()
    trait_is(stage, "summary", True)
    summary = header(grid, "price").locator(".tbw-summary")
    wait_for(
        lambda: summary.get_attribute("aria-label") == "price: 3 numbers from 4.5 to 7",
        "the numbers are summed up",
    )
    expect(summary.locator("rect")).to_have_count(3)
    stage.kernel.run("store.set_cell('pets', '1', 'price', 9).del_cell('pets', '0', 'price')")
    wait_for(
        lambda: summary.get_attribute("aria-label") == "price: 2 numbers from 7 to 9, 1 missing",
        "the edits are followed",
    )
    stage.kernel.run("view.summary = False")
    wait_for(lambda: summary.count() == 0, "the summaries are gone")


# Events


def test_what_is_done_on_the_page_is_told_in_python_after_the_store_has_it(stage: Stage) -> None:
    grid = stage.show(
        PETS
        + """view = TableView(store, 'pets')
heard = []
def note(event):
    is_there = store.get_row("pets", event.row).get(event.column) == event.value
    heard.append((event.kind, event.row, event.column, is_there))
view.on_edit(note)
view.on_delete(lambda event: heard.append((event.kind, event.row, event.old["name"])))
view.on_add(lambda event: heard.append((event.kind, event.value)))
view.on_click(lambda event: heard.append((event.kind, event.row, event.column)))
view"""
    )
    grid.edit("0", "price", "6")
    wait_for(lambda: stage.kernel.value("len(heard)") == 2, "the edit is heard")
    grid.cell("1", "name").click()
    grid.root.locator("[data-action=delete-row]").click()
    grid.root.locator(".tbw-blank [data-col=name]").click()
    stage.lab.page.keyboard.type("Tom")
    grid.press("Enter")
    expected = [
        ("click", "0", "price"),
        ("edit", "0", "price", True),
        ("click", "1", "name"),
        ("delete", "1", "Felix"),
        ("add", {"name": "Tom"}),
    ]
    wait_for(lambda: stage.kernel.value("heard") == expected, f"Python heard {expected}")
    stage.kernel.run("store.set_cell('pets', '0', 'price', 1)")
    shows(grid, "0", "price", "1")
    assert stage.kernel.value("len(heard)") == len(expected)


# Traits


def test_traits_that_python_sets_are_shown(stage: Stage) -> None:
    grid = stage.show(VIEW)
    stage.kernel.run("view.sort = [('price', 'desc')]")
    has_rows(grid, "2", "0", "1")
    stage.kernel.run("view.filters = {'sold': {'in': [False]}}")
    has_rows(grid, "2", "0")
    stage.kernel.run("view.search = 'fido'")
    has_rows(grid, "0")
    stage.kernel.run("view.filters, view.search, view.sort = {}, '', []")
    has_rows(grid, "0", "1", "2")
    stage.kernel.run("view.selection = {'rows': ['0', '2'], 'cell': ('2', 'price')}")
    active_is(grid, "2", "price")
    expect(grid.root.locator(".tbw-selected")).to_have_count(2)


def test_what_is_selected_on_the_page_is_known_in_python(stage: Stage) -> None:
    grid = stage.show(VIEW)
    grid.cell("1", "price").click()
    trait_is(stage, "selection", {"rows": [], "cell": ("1", "price")})
    grid.root.locator("[data-row='0'][role=rowheader]").click()
    grid.root.locator("[data-row='2'][role=rowheader]").click(modifiers=["Control"])
    trait_is(stage, "selection['rows']", ["0", "2"])


def test_what_python_is_told_of_a_selection_does_not_change_it(stage: Stage) -> None:
    grid = stage.show(VIEW)
    for row, modifiers, expected in (
        ("1", (), ["1"]),
        ("2", ("Shift",), ["1", "2"]),
        ("0", ("Shift",), ["0", "1"]),
    ):
        grid.root.locator(f"[data-row='{row}'][role=rowheader]").click(modifiers=[*modifiers])
        trait_is(stage, "selection['rows']", expected)


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_axe_finds_nothing_wrong_with_a_table_that_is_looked_at(stage: Stage, theme: str) -> None:
    stage.lab.page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    grid = stage.show(
        PETS + "store.set_row('pets', '3', {'name': 'Tom'})\n"
        "view = TableView(store, 'pets', summary=True, pinned=['price'], row_numbers=True,\n"
        "                 sort=['name', ('price', 'desc')], search='o',\n"
        "                 filters={'sold': {'in': [False, None]}})\nview"
    )
    header(grid, "price").locator(".tbw-summary[aria-label]").wait_for()
    assert violations(grid.root) == []
    grid.cell("0", "price").click()
    grid.press("Alt+ArrowDown")
    assert violations(grid.root) == []
    grid.press("Escape")
    grid.root.locator("[data-action=columns]").click()
    assert violations(grid.root) == []
    grid.press("Escape")


def test_all_of_it_works_in_a_shadow_root(stage: Stage) -> None:
    grid = stage.show(VIEW)
    grid.root.evaluate(INTO_SHADOW)
    grid.cell("0", "name").wait_for()
    header(grid, "price").click()
    has_rows(grid, "1", "0", "2")
    grid.cell("0", "price").click()
    grid.press("Alt+ArrowDown")
    menu(grid).get_by_label("From").fill("5")
    grid.press("Escape")
    has_rows(grid, "0", "2")
    active_is(grid, "0", "price")
    grid.press("Control+f")
    stage.lab.page.keyboard.type("rex")
    has_rows(grid, "2")
    grid.root.locator("[data-action=clear-filters]").click()
    has_rows(grid, "1", "0", "2")
    grid.root.locator("[data-action=summary]").click()
    label = "price: 3 numbers from 4.5 to 7"
    header(grid, "price").locator(f".tbw-summary[aria-label='{label}']").wait_for()


def test_hostile_ids_and_cells_are_text_in_menus_chips_and_summaries(stage: Stage) -> None:
    attack = "<img src=x onerror=document.title=1>"
    grid = stage.show(
        f"from tinybase_widget import Store, TableView\nattack = {attack!r}\n"
        "store = Store().set_table('pets', {attack: {attack: attack, '__proto__': attack}})\n"
        "view = TableView(store, 'pets', summary=True, search='<img',\n"
        "                 filters={attack: {'in': [attack]}, '__proto__': {'contains': '<'}})\n"
        "view.sort = [('__proto__', 'asc')]\nview"
    )
    grid.cell(attack, "__proto__").click()
    grid.press("Alt+ArrowDown")
    menu(grid).get_by_label(attack).check()
    trait_is(stage, "filters['__proto__'].get('in')", [attack])
    grid.root.locator(".tbw-summary[aria-label]").first.wait_for()
    expect(grid.root.locator(".tbw-chip")).to_have_count(3)
    wait_for(lambda: grid.row_count() == 1, "it is counted")
    assert grid.root.locator("img").count() == 0


def test_the_look_survives_a_reload(stage: Stage) -> None:
    grid = stage.show(VIEW)
    header(grid, "price").click()
    grid.root.locator(".tbw-search-field").fill("i")
    has_rows(grid, "1", "0")
    trait_is(stage, "search", "i")
    stage.reload()
    has_rows(stage.notebook.grid("pets"), "1", "0")
