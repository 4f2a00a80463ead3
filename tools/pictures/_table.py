"""Pictures of one person's table: edited, pasted into, looked at; values, and all of a Store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.pictures._studio import PENGUINS, Studio, until

if TYPE_CHECKING:
    from playwright.sync_api import Locator

_SOME = f"""{PENGUINS}
some = {{id: penguins[id] for id in list(penguins)[::43]}}
columns = ["species", "island", "bill_length_mm", "body_mass_g", "sex", "year"]
store = Store().set_table("penguins", some)
"""
_WHOLE = f"""{PENGUINS}
islands = {{
    island: {{"penguins": sum(row["island"] == island for row in penguins.values())}}
    for island in ("Biscoe", "Dream", "Torgersen")
}}
values = {{"season": 2007, "station": "Palmer", "open": True, "limits": {{"low": 30, "high": 60}}}}
store = Store().set_tables({{"penguins": penguins, "islands": islands}}).set_values(values)
"""
_PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  const options = { clipboardData, bubbles: true, cancelable: true };
  document.querySelector('.tbw-grid').dispatchEvent(new ClipboardEvent('paste', options));
}"""


def table_menu(studio: Studio) -> None:
    """A range is selected, and its menu is open."""
    notebook = studio.notebook(740, _SOME, 'TableView(store, "penguins", columns=columns)')
    grid = notebook.grid()
    page = grid.root.page
    grid.cell("86", "island").click()
    grid.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")
    grid.cell("172", "bill_length_mm").click(button="right")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    studio.shoot(page, "table-menu", grid.root)


def table_options(studio: Studio) -> None:
    """A cell is edited that has options."""
    options = '{"species": ["Adelie", "Chinstrap", "Gentoo"], "sex": ["female", "male"]}'
    view = f'TableView(store, "penguins", columns=columns, column_options={options})'
    notebook = studio.notebook(740, _SOME, view)
    grid = notebook.grid()
    grid.cell("172", "species").click()
    grid.press("Enter")
    studio.shoot(grid.root.page, "table-options", grid.root)


def table_paste(studio: Studio) -> None:
    """What was pasted can't all be taken, and the table asks."""
    options = '{"species": ["Adelie", "Chinstrap", "Gentoo"]}'
    view = f'TableView(store, "penguins", columns=columns, column_options={options})'
    notebook = studio.notebook(740, _SOME, view)
    grid = notebook.grid()
    grid.cell("129", "species").click()
    pasted = "Gentoo\tBiscoe\t48.7\t5200\nEmperor\tBiscoe\tabout 50\t4800"
    grid.root.page.evaluate(_PASTE, pasted)
    studio.shoot(grid.root.page, "table-paste", grid.root)


def looking(studio: Studio) -> None:
    """Sorted, filtered, summarized; a column's menu is open."""
    view = """TableView(
    store, "penguins", summary=True, height=430, sort=[("body_mass_g", "desc")],
    filters={"species": {"in": ["Adelie", "Gentoo"]}, "bill_length_mm": {"min": 40}},
    formats={"body_mass_g": ","},
)"""
    notebook = studio.notebook(980, _WHOLE, view)
    grid = notebook.grid()
    grid.root.locator(".tbw-histogram").first.wait_for()
    _open_menu(grid.root, 1)
    studio.shoot(grid.root.page, "looking", grid.root)


def _open_menu(root: Locator, column: int) -> None:
    header = root.locator(".slick-header-column").nth(column)
    header.hover()
    header.locator("[data-action=column-menu]").click()


def store(studio: Studio) -> None:
    """All of a Store, in tabs."""
    notebook = studio.notebook(860, _WHOLE, 'StoreView(store, "penguins", height=330)')
    root = notebook.panel.locator(".tbw-store")
    notebook.grid().cell("1", "island").click()
    studio.shoot(root.page, "store", root)


def values(studio: Studio) -> None:
    """Values; one of them refuses what was typed."""
    notebook = studio.notebook(740, _WHOLE, "ValuesView(store, height=240)")
    root = notebook.panel.locator(".tbw-table")
    cell = root.locator("[data-row=season][data-col=value]")
    cell.click()
    root.page.keyboard.type("last summer")
    root.page.keyboard.press("Enter")
    message = root.locator(".tbw-editor-message")
    until(message.is_visible, "the value is refused")
    studio.shoot(root.page, "values", root)


SCENES = {
    "table-menu": table_menu,
    "table-options": table_options,
    "table-paste": table_paste,
    "looking": looking,
    "store": store,
    "values": values,
}
