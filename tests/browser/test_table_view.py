"""The table on a page: typing, keys, scrolling, and several views of one table.

All tests share a page and a notebook of one cell. Each writes into it what it wants to see, and
runs it: the Store, its room and the view are new.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Grid
from tests.browser.server import wait_for
from tests.browser.stage import IMPORTS, PETS, PETS_VIEW, Stage, active_is, editor, shows

# Typing


def test_a_number_column_refuses_text_visibly_and_keeps_it_until_escape(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.edit("0", "price", "many")
    grid.cell("1", "name").click()
    field = editor(grid)
    assert field.input_value() == "many"
    expect(field).to_have_attribute("aria-invalid", "true")
    message = grid.root.locator(".tbw-editor-message")
    expect(message).to_contain_text("Not a number")
    expect(field).to_have_attribute("title", message.inner_text())
    grid.press("Escape")
    expect(editor(grid)).to_have_count(0)
    shows(grid, "0", "price", "5")
    assert stage.cell("0", "price") == 5


def test_a_refused_text_can_be_corrected(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.edit("0", "price", "6,5")
    grid.press("ArrowLeft", "Backspace", ".")
    expect(editor(grid)).to_have_attribute("aria-invalid", "false")
    grid.press("Enter")
    shows(grid, "0", "price", "6.5")
    stage.cell_is("0", "price", 6.5)


def test_a_text_column_takes_every_text_as_it_is(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    for row, text in (("0", "007"), ("1", "true"), ("2", "<b>né 🐸</b>")):
        grid.edit(row, "name", text)
        shows(grid, row, "name", text)
        stage.cell_is(row, "name", text)


def test_typing_replaces_a_cell_and_an_empty_text_deletes_a_number(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("0", "price").click()
    grid.press("4", "2", "Enter")
    stage.cell_is("0", "price", 42)
    grid.cell("1", "price").dblclick()
    grid.press("Control+A", "Backspace", "Enter")
    stage.cell_is("1", "price", None)
    assert stage.cell("1", "name") == "Felix"


def test_a_boolean_is_a_box_that_clicks_space_and_enter_turn_over(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    check = grid.cell("0", "sold").locator(".tbw-check")
    expect(check).to_have_attribute("aria-checked", "false")
    for key, expected in (("", True), ("Space", False), ("Enter", True)):
        if key:
            grid.press(key)
        else:
            check.click()
        stage.cell_is("0", "sold", expected)
        expect(check).to_have_attribute("aria-checked", str(expected).lower())
    assert editor(grid).count() == 0


def test_a_row_typed_into_the_blank_line_is_added(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.root.locator(".tbw-blank [data-col=name]").click()
    stage.lab.page.keyboard.type("Tom")
    grid.press("Enter")
    wait_for(lambda: grid.row_count() == 4, "the grid has four rows")
    active_is(grid, None, "name")
    wait_for(
        lambda: stage.kernel.value("list(store.get_table('pets').values())[-1]") == {"name": "Tom"},
        "the row is in the kernel",
    )


# Keys


def test_keys_move_the_active_cell(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("0", "name").click()
    for key, row, column in (
        ("ArrowRight", "0", "price"),
        ("ArrowDown", "1", "price"),
        ("Tab", "1", "sold"),
        ("Tab", "2", "name"),
        ("Shift+Tab", "1", "sold"),
        ("ArrowRight", "1", "sold"),
        ("Home", "1", "name"),
        ("ArrowLeft", "1", "name"),
        ("ArrowUp", "0", "name"),
        ("ArrowUp", "0", "name"),
        ("End", "0", "sold"),
        ("Control+End", "2", "sold"),
        ("Control+Home", "0", "name"),
    ):
        grid.press(key)
        active_is(grid, row, column, f"after {key}")


def test_enter_opens_an_editor_and_goes_down_and_escape_leaves_the_cell_as_it_was(
    stage: Stage,
) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("0", "name").click()
    grid.press("Enter")
    assert editor(grid).input_value() == "Fido"
    grid.press("End", "s", "Enter")
    active_is(grid, "1", "name")
    grid.press("Enter", "x", "Escape")
    active_is(grid, "1", "name")
    grid.press("Enter", "y", "Tab")
    active_is(grid, "1", "price")
    stage.cell_is("1", "name", "y")
    assert stage.cell("0", "name") == "Fidos"


def test_tab_leaves_the_table_after_escape(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("0", "name").click()
    focused = grid.root.locator(":focus")
    assert focused.count() == 1
    grid.press("Escape", "Tab")
    wait_for(lambda: focused.count() == 0, "the focus is elsewhere")


def test_jupyterlabs_shortcuts_do_nothing_while_the_table_has_the_focus(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    cells = stage.notebook.panel.locator(".jp-Notebook .jp-CodeCell")
    for column in ("sold", "name"):
        grid.cell("0", column).click()
        for key in ("a", "b", "m", "x", "d", "d", "Escape"):
            grid.press(key)
    grid.root.locator("[data-action=add-row]").focus()
    grid.press("b", "d", "d")
    assert cells.count() == 1
    # Where the table has not the focus the same keys add a cell, and delete it.
    stage.notebook.panel.locator(".jp-InputArea-editor").click()
    grid.press("Escape", "b")
    wait_for(lambda: cells.count() == 2, "a cell was added")
    grid.press("d", "d")
    wait_for(lambda: cells.count() == 1, "the cell was deleted")


# Undo


def test_undo_and_redo_are_ctrl_z_and_ctrl_shift_z(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.edit("0", "name", "Fidos")
    grid.edit("1", "price", "9")
    grid.press("Control+z", "Control+z")
    stage.cell_is("1", "price", 4.5)
    stage.cell_is("0", "name", "Fido")
    active_is(grid, "0", "name")
    expect(grid.root.locator("[data-action=undo]")).to_be_disabled()
    grid.press("Control+Shift+Z")
    stage.cell_is("0", "name", "Fidos")
    grid.press("Control+y")
    stage.cell_is("1", "price", 9)
    expect(grid.root.locator("[data-action=redo]")).to_be_disabled()


def test_undo_by_the_button_brings_a_deleted_row_back(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("1", "name").click()
    grid.root.locator("[data-action=delete-row]").click()
    wait_for(lambda: stage.kernel.value("store.has_row('pets', '1')") is False, "the row is gone")
    grid.root.locator("[data-action=undo]").click()
    wait_for(
        lambda: (
            stage.kernel.value("store.get_row('pets', '1')")
            == {"name": "Felix", "price": 4.5, "sold": True}
        ),
        "the row is back",
    )


def test_undo_takes_nothing_back_that_somebody_else_did_and_says_so(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.edit("0", "name", "Fidos")
    stage.cell_is("0", "name", "Fidos")
    stage.kernel.run("store.set_cell('pets', '0', 'name', 'Rover')")
    shows(grid, "0", "name", "Rover")
    grid.press("Control+z")
    notice = grid.root.locator(".tbw-notice")
    notice.wait_for()
    expect(notice).to_contain_text("name in row 0 is now “Rover”, changed by somebody since")
    expect(grid.root.locator(".tbw-live")).to_have_text(notice.inner_text())
    grid.press("ArrowDown")
    notice.wait_for(state="hidden")
    assert stage.cell("0", "name") == "Rover"


def test_ctrl_z_belongs_to_the_text_while_a_cell_is_edited(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.edit("0", "name", "Fidos")
    grid.cell("1", "name").click()
    grid.press("F2", "End", "x")
    assert editor(grid).input_value() == "Felixx"
    grid.press("Control+z")
    assert editor(grid).input_value() == "Felix"
    grid.press("Escape")
    stage.cell_is("0", "name", "Fidos")


# Layout


def test_only_the_rows_in_sight_are_in_the_page(stage: Stage) -> None:
    grid = stage.show(
        IMPORTS + "store = Store().set_table('pets', {str(n): {'n': n} for n in range(344)})\n"
        "TableView(store, 'pets', height=300)"
    )
    rows = grid.root.locator(".slick-row")
    wait_for(lambda: grid.row_count() == 344, "all rows are counted")
    assert 5 < rows.count() < 60
    grid.cell("0", "n").click()
    grid.press("Control+End")
    grid.cell("343", "n").wait_for()
    expect(grid.cell("0", "n")).to_have_count(0)
    assert 5 < rows.count() < 60
    box = grid.root.bounding_box()
    assert box is not None
    assert box["height"] <= 300
    grid.cell("343", "n").hover()
    stage.lab.page.mouse.wheel(0, -20_000)
    grid.cell("0", "n").wait_for()


def test_a_column_width_that_was_dragged_survives_a_reload(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    before = width_of(grid)
    handle = grid.root.locator(".slick-header-column", has_text="name").locator(
        ".slick-resizable-handle"
    )
    handle.hover()  # when all is in its place
    box = handle.bounding_box()
    assert box is not None
    mouse = stage.lab.page.mouse
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(*middle)
    mouse.down()
    mouse.move(middle[0] + 90, middle[1], steps=5)
    mouse.up()
    wait_for(lambda: width_of(grid) == pytest.approx(before + 90, abs=2), "it is wider")
    after = width_of(grid)
    wait_for(
        lambda: stage.kernel.value("view._column_widths.get('name')") == after,
        "the kernel knows the width",
    )
    stage.reload()
    again = stage.notebook.grid("pets")
    wait_for(lambda: width_of(again) == after, "it is as wide again")


def width_of(grid: Grid) -> float:
    box = grid.cell("0", "name").bounding_box()
    assert box is not None
    return box["width"]


# Views


def test_two_views_of_one_table_agree(stage: Stage) -> None:
    stage.notebook.run_first_cell(
        PETS + "for columns in (None, ['price', 'name']):\n"
        "    display(TableView(store, 'pets', columns=columns))"
    )
    tables = stage.notebook.panel.locator(".tbw-table")
    first, second = Grid(tables.nth(0)), Grid(tables.nth(1))
    for grid in (first, second):
        grid.wait_until_painted()
    expect(second.cell("0", "sold")).to_have_count(0)
    first.edit("0", "name", "Fidos")
    shows(second, "0", "name", "Fidos")
    second.edit("1", "price", "9")
    shows(first, "1", "price", "9")
    first.cell("2", "name").click()
    first.root.locator("[data-action=delete-row]").click()
    wait_for(lambda: second.row_count() == 2, "the row is gone in the other view")
    stage.cell_is("0", "name", "Fidos")
    stage.cell_is("1", "price", 9)


def test_an_empty_table_explains_itself_and_becomes_one_when_a_row_arrives(stage: Stage) -> None:
    stage.notebook.run_first_cell(IMPORTS + "store = Store()\nTableView(store, 'pets')")
    root = stage.notebook.panel.locator(".tbw-table")
    empty = root.locator(".tbw-empty")
    empty.wait_for()
    expect(empty).to_contain_text("no rows yet")
    stage.kernel.run("store.set_row('pets', 'fido', {'name': 'Fido'})")
    shows(Grid(root), "fido", "name", "Fido")
    expect(empty).to_be_hidden()


def test_an_empty_table_can_be_begun_by_naming_a_column(stage: Stage) -> None:
    stage.notebook.run_first_cell(IMPORTS + "store = Store()\nTableView(store, 'pets')")
    grid = Grid(stage.notebook.panel.locator(".tbw-table"))
    grid.root.locator(".tbw-empty input").fill("name")
    grid.press("Enter")
    editor(grid).fill("Fido")
    grid.press("Enter")
    wait_for(
        lambda: stage.kernel.value("list(store.get_table('pets').values())") == [{"name": "Fido"}],
        "the row is in the kernel",
    )
    wait_for(lambda: grid.row_count() == 1, "it is counted")


def test_a_read_only_table_refuses_edits_until_it_is_no_more(stage: Stage) -> None:
    grid = stage.show(PETS + "view = TableView(store, 'pets', read_only=True)\nview")
    before = stage.kernel.value("store.get_tables()")
    grid.cell("0", "sold").locator(".tbw-check").click()
    grid.press("Space", "Delete")
    grid.cell("0", "name").dblclick()
    grid.press("F2", "x", "Enter", "Delete")
    assert editor(grid).count() == 0
    assert grid.root.locator(".tbw-blank").count() == 0
    for action in ("add-row", "delete-row"):
        assert grid.root.locator(f"[data-action={action}]").is_hidden()
    stage.kernel.run("view.read_only = False")
    grid.root.locator(".tbw-blank").wait_for()
    assert stage.kernel.value("store.get_tables()") == before
    grid.edit("0", "name", "Fidos")
    stage.cell_is("0", "name", "Fidos")
