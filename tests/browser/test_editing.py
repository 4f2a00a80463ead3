"""Editing with real keys and a real clipboard: ranges, typed editors, menus, and other people.

All tests share a page and a notebook of one cell, as in `test_table_view.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.server import wait_for
from tests.browser.stage import IMPORTS, PETS, PETS_VIEW, Stage, active_is, editor, shows

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.lab import Grid

ROWS = "sorted(store.get_table('pets').values(), key=lambda row: row['name'])"
TYPED = f"""{IMPORTS}
store = Store().set_tables_schema({{"pets": {{
    "name": {{"type": "string"}},
    "species": {{"enum": ["dog", "cat", "guinea pig"]}},
    "price": {{"type": "number", "allowNull": True}},
    "more": {{"type": "object"}},
    "tag": {{"type": "string", "default": "new"}},
}}}})
store.set_table("pets", {{
    "fido": {{"name": "Fido", "species": "dog", "price": 5, "more": {{"ring": "A12"}}}},
    "felix": {{"name": "Felix", "species": "cat", "price": 4.5}},
}})
view = TableView(store, "pets")
view"""
# Moves a table that is on the page into a shadow root, as marimo shows one.
INTO_SHADOW = """table => {
    const host = table.parentElement;
    const place = document.createElement('div');
    host.after(place);
    place.attachShadow({ mode: 'open' }).append(host);
}"""


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    """A profile with a clipboard."""
    return {"permissions": ["clipboard-read", "clipboard-write"]}


def is_copied(stage: Stage, text: str) -> None:
    """Wait until this is what another program would paste."""
    read = "() => navigator.clipboard.readText()"
    wait_for(lambda: stage.lab.page.evaluate(read) == text, f"{text!r} is on the clipboard")


def copy_elsewhere(stage: Stage, text: str) -> None:
    """Put a text on the clipboard as another program does."""
    stage.lab.page.evaluate("text => navigator.clipboard.writeText(text)", text)


def drag(grid: Grid, start: tuple[str, str], end: tuple[str, str]) -> None:
    mouse = grid.root.page.mouse
    grid.cell(*start).hover()
    mouse.down()
    grid.cell(*end).hover()
    mouse.up()


def kernel_has(stage: Stage, expression: str, expected: Any) -> None:
    wait_for(lambda: stage.kernel.value(expression) == expected, f"{expression} is {expected!r}")


def message(grid: Grid) -> Locator:
    return grid.root.locator(".tbw-editor-message:visible, .tbw-editor-note:visible")


def choose(grid: Grid, row: str, column: str, action: str) -> None:
    """Choose from the menu of a cell."""
    grid.cell(row, column).click(button="right")
    grid.root.locator(f".tbw-menu [data-action={action}]").click()


# The clipboard


def test_cells_of_a_spreadsheet_are_pasted_with_their_types_and_rows_are_added(
    stage: Stage,
) -> None:
    grid = stage.show(PETS_VIEW)
    copy_elsewhere(
        stage,
        '"two\nlines"\t10\tTRUE\r\n"say ""hi"""\t-2.5\tFALSE\r\n'
        "=SUM(A1:A3)\t\ttrue\r\n<b>x</b>\t7\t\r\n",
    )
    grid.cell("1", "name").click()
    grid.press("Control+v")
    notice = grid.root.locator(".tbw-notice")
    notice.wait_for()
    expect(notice).to_have_text("12 cells pasted. 2 rows added.")
    kernel_has(
        stage,
        ROWS,
        [
            {"name": "<b>x</b>", "price": 7},
            {"name": "=SUM(A1:A3)", "sold": True},
            {"name": "Fido", "price": 5, "sold": False},
            {"name": 'say "hi"', "price": -2.5, "sold": False},
            {"name": "two\nlines", "price": 10, "sold": True},
        ],
    )
    grid.press("Control+z")
    kernel_has(stage, "store.get_row_count('pets')", 3)
    assert stage.cell("1", "name") == "Felix"


def test_a_range_that_is_dragged_is_copied_for_spreadsheets_and_cut_with_its_types(
    stage: Stage,
) -> None:
    grid = stage.show(
        PETS + "store.set_cell('pets', '1', 'price', None)\n"
        "store.set_cell('pets', '1', 'name', 'a\\tb')\nTableView(store, 'pets')"
    )
    drag(grid, ("0", "name"), ("1", "sold"))
    expect(grid.root.locator("[data-range]")).to_have_count(6)
    grid.press("Control+c")
    is_copied(stage, 'Fido\t5\tfalse\n"a\tb"\t\ttrue')
    grid.press("Control+x")
    kernel_has(stage, ROWS, [{"name": "Rex", "price": 7, "sold": False}])
    grid.root.locator(".tbw-blank [data-col=name]").click()
    grid.press("Control+v")
    kernel_has(
        stage,
        ROWS,
        [
            {"name": "Fido", "price": 5, "sold": False},
            {"name": "Rex", "price": 7, "sold": False},
            {"name": "a\tb", "price": None, "sold": True},
        ],
    )
    grid.press("Control+z", "Control+z")
    kernel_has(stage, "sorted(store.get_row_ids('pets'))", ["0", "1", "2"])


def test_columns_beyond_the_last_are_asked_about_and_misfits_are_named(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    question = grid.root.locator(".tbw-question")
    copy_elsewhere(stage, "true\tblue\t3")
    grid.cell("0", "sold").click()
    grid.press("Control+v")
    question.wait_for()
    expect(question).to_contain_text("2 pasted columns beyond the last one.")
    grid.press("Enter")
    stage.cell_is("0", "Column 4", "blue")
    assert stage.cell("0", "Column 5") == 3
    copy_elsewhere(stage, "x\tmany\ny\t9")
    grid.cell("0", "name").click()
    grid.press("Control+v")
    question.wait_for()
    expect(question).to_contain_text("price, row 0: “many” \N{EN DASH} Not a number")
    grid.press("Escape")
    assert stage.cell("1", "name") == "Felix"
    grid.press("Control+v")
    question.locator("[data-action=take-rest]").click()
    stage.cell_is("1", "price", 9)
    assert stage.kernel.value("store.get_row('pets', '0')['price']") == 5


def test_ctrl_d_fills_down_and_ctrl_r_right_without_a_reload(stage: Stage) -> None:
    grid = stage.show(
        IMPORTS + "rows = {str(n): {'a': n, 'b': -n, 'c': 0} for n in range(4)}\n"
        "store = Store().set_table('pets', rows)\nTableView(store, 'pets')"
    )
    grid.cell("0", "a").click()
    grid.press("Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    kernel_has(stage, "[row['a'] for row in store.get_table('pets').values()]", [0, 0, 0, 3])
    grid.cell("3", "a").click()
    grid.press("Shift+End", "Control+r")
    kernel_has(stage, "store.get_row('pets', '3')", {"a": 3, "b": 3, "c": 3})
    grid.press("Shift+ArrowUp", "Delete")
    kernel_has(stage, "sorted(store.get_table('pets'))", ["0", "1"])


def test_the_corner_of_a_range_is_dragged_to_fill_with_it_again_and_again(stage: Stage) -> None:
    grid = stage.show(
        IMPORTS + "rows = {str(n): {'a': n, 'b': -n, 'c': 0} for n in range(6)}\n"
        "store = Store().set_table('pets', rows)\nview = TableView(store, 'pets')\nview"
    )
    mouse = stage.lab.page.mouse
    corner, preview = grid.root.locator(".tbw-handle"), grid.root.locator(".tbw-fill")

    def pull(to: tuple[str, str]) -> None:
        corner.hover()
        mouse.down()
        grid.cell(*to).hover()
        preview.wait_for()

    column = "[row['a'] for row in store.get_table('pets').values()]"
    drag(grid, ("0", "a"), ("1", "a"))
    pull(("4", "a"))
    mouse.up()
    kernel_has(stage, column, [0, 1, 0, 1, 0, 5])
    expect(grid.root.locator("[data-range]")).to_have_count(5)
    expect(preview).to_be_hidden()
    grid.press("Control+z")
    kernel_has(stage, column, [0, 1, 2, 3, 4, 5])
    grid.cell("3", "a").click()
    pull(("1", "a"))
    grid.press("Escape")
    expect(preview).to_be_hidden()
    mouse.up()
    pull(("3", "c"))
    mouse.up()
    kernel_has(stage, "store.get_row('pets', '3')", {"a": 3, "b": 3, "c": 3})
    assert stage.kernel.value(column) == [0, 1, 2, 3, 4, 5]
    stage.kernel.run("view.read_only = True")
    wait_for(lambda: not corner.is_visible(), "there is nothing to fill")


def test_what_may_not_be_filled_is_asked_about(stage: Stage) -> None:
    grid = stage.show(PETS + "TableView(store, 'pets', read_only_cells=[('1', 'price')])")
    grid.cell("0", "price").click()
    grid.root.locator(".tbw-handle").hover()
    stage.lab.page.mouse.down()
    grid.cell("2", "price").hover()
    stage.lab.page.mouse.up()
    question = grid.root.locator(".tbw-question")
    question.wait_for()
    expect(question).to_contain_text("1 of 2 cells cannot be taken.")
    grid.press("Enter")
    stage.cell_is("2", "price", 5)
    assert stage.cell("1", "price") == 4.5


# Editors


def test_what_the_kernels_schema_refuses_is_said_at_the_cell_and_kept(stage: Stage) -> None:
    grid = stage.show(TYPED)
    grid.edit("fido", "price", "cheap")
    assert "Not a number" in message(grid).inner_text()
    grid.press("Escape")
    grid.cell("fido", "species").click()
    stage.lab.page.keyboard.type("bird")
    grid.press("Enter")
    expect(message(grid)).to_have_text("Not one of dog, cat, guinea pig.")
    grid.cell("felix", "name").click()
    assert editor(grid).input_value() == "bird"
    assert message(grid).is_visible()
    editor(grid).fill("guinea")
    grid.press("Enter")
    stage.cell_is("fido", "species", "guinea pig")
    assert stage.cell("fido", "price") == 5


def test_options_are_chosen_from_a_list_by_keys_and_by_pointer(stage: Stage) -> None:
    grid = stage.show(TYPED)
    grid.cell("fido", "species").click()
    grid.press("Enter")
    options = grid.root.locator(".tbw-option")
    expect(options).to_have_text(["dog", "cat", "guinea pig"])
    grid.press("ArrowDown", "ArrowDown", "Tab")
    stage.cell_is("fido", "species", "guinea pig")
    active_is(grid, "fido", "price")
    box = grid.cell("felix", "species").bounding_box()
    assert box is not None
    stage.lab.page.mouse.click(box["x"] + box["width"] - 10, box["y"] + 10)
    options.filter(has_text="dog").click()
    stage.cell_is("felix", "species", "dog")


def test_json_and_long_text_have_room_in_a_low_table(stage: Stage) -> None:
    grid = stage.show(TYPED)
    grid.cell("fido", "more").click()
    grid.press("Enter")
    editor(grid).fill('{"ring": "A12",\n "years": [2007, 2008}')
    grid.press("Enter")
    assert "Line 2, column 22." in message(grid).inner_text()
    box, table = grid.root.locator(".tbw-editor").bounding_box(), grid.root.bounding_box()
    assert box is not None
    assert table is not None
    assert box["y"] + box["height"] > table["y"] + table["height"]
    grid.press("ArrowLeft", "]", "Enter")
    stage.cell_is("fido", "more", {"ring": "A12", "years": [2007, 2008]})
    grid.cell("fido", "name").click()
    grid.press("F2", "End", "Alt+Enter", "I", "I", "Enter")
    stage.cell_is("fido", "name", "Fido\nII")
    grid.cell("fido", "price").click()
    choose(grid, "fido", "price", "set-null")
    stage.cell_is("fido", "price", None)
    assert stage.kernel.value("'price' in store.get_row('pets', 'fido')")


def test_nobody_writes_in_read_only_columns_and_cells(stage: Stage) -> None:
    grid = stage.show(
        PETS + "view = TableView(store, 'pets', read_only_columns=['sold'],\n"
        "                 read_only_cells=[('1', 'name')])\nview"
    )
    before = stage.kernel.value("store.get_tables()")
    notice = grid.root.locator(".tbw-notice")
    for row, column, why in (
        ("1", "name", "This cell is read-only."),
        ("0", "sold", "sold is read-only."),
    ):
        grid.cell(row, column).click()
        grid.press("x")
        expect(notice).to_have_text(why)
        grid.press("Delete", "Space")
        assert editor(grid).count() == 0
    grid.cell("0", "sold").locator(".tbw-check").click()
    assert stage.kernel.value("store.get_tables()") == before
    stage.kernel.run("view.read_only_columns = []")
    grid.root.locator('[data-row="0"][data-col="sold"]:not([data-locked])').wait_for()
    grid.cell("0", "sold").locator(".tbw-check").click()
    stage.cell_is("0", "sold", True)


def test_a_schema_and_options_that_change_reach_the_page(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    stage.kernel.run("view.column_options = {'name': ['Tom', 'Tim']}")
    grid.root.locator('[data-row="0"][data-col="name"][data-options]').wait_for()
    grid.edit("0", "name", "Rover")
    expect(message(grid)).to_have_text("Not one of Tom, Tim.")
    grid.press("Escape")
    stage.kernel.run("view.column_options = {}")
    grid.root.locator('[data-row="0"][data-col="name"]:not([data-options])').wait_for()
    stage.kernel.run(
        "store.set_tables_schema({'pets': {'name': {'enum': ['Fido', 'Felix', 'Rex']}}})"
    )
    grid.root.locator('[data-row="0"][data-col="name"][data-options]').wait_for()
    expect(grid.cell("0", "price")).to_have_count(0)
    grid.edit("0", "name", "Rover")
    expect(message(grid)).to_have_text("Not one of Fido, Felix, Rex.")
    grid.press("Escape")


# Rows and columns


def test_rows_are_put_where_they_are_wanted_with_the_keyboard_and_stay_there(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("1", "name").click()
    grid.press("Shift+F10", "i", "Enter")
    stage.lab.page.keyboard.type("Above")
    grid.press("Enter")
    active_is(grid, "1", "name")
    grid.press("Shift+F10", "i", "i", "Enter")
    stage.lab.page.keyboard.type("Below")
    grid.press("Enter")
    grid.cell("2", "name").click()
    grid.press("ContextMenu", "d", "Enter")
    names = ["Fido", "Above", "Felix", "Below", "Rex", "Rex"]

    def shown() -> list[str]:
        return (
            stage.notebook.grid("pets")
            .root.locator(".slick-row:not(.tbw-blank) [data-col=name]")
            .all_inner_texts()
        )

    wait_for(lambda: shown() == names, f"the grid shows {names}")
    kernel_has(stage, "sorted(r['name'] for r in store.get_table('pets').values())", sorted(names))
    stage.reload()
    wait_for(lambda: shown() == names, f"the grid shows {names} again")


def test_the_menu_of_the_pointer_is_the_tables_and_not_the_notebooks(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    drag(grid, ("0", "name"), ("1", "price"))
    grid.cell("1", "name").click(button="right")
    menu = grid.root.locator(".tbw-menu")
    menu.wait_for()
    assert stage.lab.page.locator(".lm-Menu:visible").count() == 0
    expect(grid.root.locator("[data-range]")).to_have_count(4)
    menu.locator("[data-action=copy]").click()
    is_copied(stage, "Fido\t5\nFelix\t4.5")
    choose(grid, "2", "name", "paste")
    kernel_has(stage, "store.get_row_count('pets')", 4)
    stage.cell_is("2", "name", "Fido")
    grid.cell("0", "name").click(button="right")
    menu.locator("[data-action=delete-rows]").click()
    kernel_has(stage, "store.has_row('pets', '0')", False)


def test_columns_are_added_renamed_and_deleted_from_their_headers(stage: Stage) -> None:
    grid = stage.show(PETS_VIEW)
    headers = grid.root.locator(".tbw-head")

    def menu_of(column: str, action: str) -> None:
        headers.filter(has_text=column).click(button="right")
        grid.root.locator(f".tbw-menu [data-action={action}]").click()

    menu_of("price", "insert-left")
    stage.lab.page.keyboard.type("colour")
    grid.press("Enter")
    expect(headers).to_have_text(["name", "colour", "price", "sold"])
    active_is(grid, "0", "colour")
    stage.lab.page.keyboard.type("brown")
    grid.press("Enter")
    stage.cell_is("0", "colour", "brown")
    menu_of("price", "rename-column")
    stage.lab.page.keyboard.type("cost")
    grid.press("Enter")
    kernel_has(stage, "sorted(store.get_row('pets', '0'))", ["colour", "cost", "name", "sold"])
    expect(headers).to_have_text(["name", "colour", "cost", "sold"])
    menu_of("sold", "delete-column")
    kernel_has(stage, "store.get_row('pets', '1')", {"name": "Felix", "cost": 4.5})
    grid.press("Control+z", "Control+z")
    kernel_has(stage, "sorted(store.get_row('pets', '1'))", ["name", "price", "sold"])


# Others


def test_what_is_typed_survives_edits_of_its_cell_its_row_and_the_rows_around(
    stage: Stage,
) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("1", "name").click()
    grid.press("F2", "End", "!")
    stage.kernel.run(
        "store.set_cell('pets', '1', 'price', 9).set_row('pets', '~', {'name': 'New'})"
        ".del_row('pets', '0').set_cell('pets', '1', 'name', 'Theirs')"
    )
    shows(grid, "1", "price", "9")
    wait_for(lambda: "“Theirs”" in message(grid).inner_text(), "the change is told of")
    assert editor(grid).input_value() == "Felix!"
    grid.cell("~", "name").click()
    stage.cell_is("1", "name", "Felix!")
    expect(grid.root.locator(".tbw-notice")).to_contain_text("replaced “Theirs”")
    grid.press("Control+z")
    stage.cell_is("1", "name", "Theirs")


def test_what_is_typed_survives_the_deletion_of_its_row_and_a_table_that_is_locked(
    stage: Stage,
) -> None:
    grid = stage.show(PETS_VIEW)
    grid.cell("1", "name").click()
    grid.press("F2", "End", "!")
    stage.kernel.run("store.del_row('pets', '1')")
    wait_for(lambda: "Row deleted elsewhere." in message(grid).inner_text(), "it is told of")
    grid.cell("0", "name").click()
    assert editor(grid).input_value() == "Felix!"
    assert stage.kernel.value("store.has_row('pets', '1')") is False
    stage.kernel.run("view.read_only = True")
    wait_for(lambda: "read-only" in message(grid).inner_text(), "it is told of")
    grid.press("Enter")
    assert editor(grid).input_value() == "Felix!"
    stage.kernel.run("view.read_only = False")
    wait_for(lambda: "Row deleted" in message(grid).inner_text(), "it may be saved again")
    grid.press("Enter")
    kernel_has(stage, "store.get_row('pets', '1')", {"name": "Felix!"})


# Accessibility


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_axe_finds_nothing_wrong_with_what_lies_over_the_table(stage: Stage, theme: str) -> None:
    stage.lab.page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    grid = stage.show(TYPED)

    def finds_nothing_after(*keys: str) -> None:
        grid.press(*keys)
        assert violations(grid.root) == [], f"after {keys}"

    grid.cell("felix", "name").click()
    finds_nothing_after("Shift+ArrowDown", "Shift+ArrowRight")
    finds_nothing_after("Shift+F10")
    finds_nothing_after("Escape", "Home", "ArrowRight", "Enter")
    finds_nothing_after("x", "Enter")
    finds_nothing_after("Escape", "End", "Enter")
    finds_nothing_after("{", "Enter")
    copy_elsewhere(stage, "a\tb\tc")
    finds_nothing_after("Escape", "Control+v")
    finds_nothing_after("Escape", "Shift+F10", "i", "Enter")
    grid.press("Escape")


# A shadow root


def test_all_of_it_works_in_a_shadow_root_and_what_is_typed_moves_there(stage: Stage) -> None:
    grid = stage.show(TYPED)
    grid.cell("fido", "price").click()
    grid.press("F2", "End", "!")
    grid.root.evaluate(INTO_SHADOW)
    wait_for(lambda: editor(grid).count() == 1, "the editor is there")
    assert editor(grid).input_value() == "5!"
    grid.press("Backspace", "1", "Enter")
    stage.cell_is("fido", "price", 51)
    grid.edit("fido", "name", "Fido!")
    stage.cell_is("fido", "name", "Fido!")
    grid.cell("fido", "species").click()
    grid.press("Enter", "ArrowDown", "Enter")
    stage.cell_is("fido", "species", "cat")
    drag(grid, ("fido", "name"), ("felix", "name"))
    grid.press("Control+c")
    is_copied(stage, "Felix\nFido!")
    copy_elsewhere(stage, "something else")
    choose(grid, "fido", "name", "copy")
    is_copied(stage, "Felix\nFido!")
    grid.cell("felix", "name").click()
    copy_elsewhere(stage, "Tom\nTim")
    grid.press("Control+v")
    stage.cell_is("fido", "name", "Tim")
    grid.edit("fido", "more", "[1]")
    expect(message(grid)).to_contain_text("an object")
    grid.press("Escape", "Shift+F10", "d", "Enter")
    kernel_has(stage, "store.get_row_count('pets')", 3)
