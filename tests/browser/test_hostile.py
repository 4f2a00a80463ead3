"""What a table may hold that breaks others: a great many columns, great texts, any script.

What is HTML or a script is tested wherever it is shown: `test_looking.py`, `test_store_view.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinybase_widget import Store, TableView

if TYPE_CHECKING:
    from tests.browser.host import Host
    from tests.browser.lab import Grid

COLUMNS = 10_000
# Right to left, joined emoji, a flag, a letter of two parts, a character that turns the others.
STRANGE = [
    "שלום עולם",
    "👩‍👩‍👧‍👦🐧",
    "🇳🇴",
    "e\u0301",
    "\u202eabc",
    "\U00020bb7野家",
    "a\u0000b",
]
NAMES = ["__proto__", "constructor", "hasOwnProperty", "", " ", "a.b", '"]', "toString"]


def is_active(host: Host, grid: Grid, row: str, column: str) -> None:
    host.wait_for(lambda: grid.active() == (row, column), f"{row}/{column} is active")


def test_ten_thousand_columns_are_shown_gone_through_and_edited(host: Host) -> None:
    row = {f"c{number}": number for number in range(COLUMNS)}
    store = Store().set_table("wide", {"0": row, "1": row})
    view = TableView(store, "wide")
    grid = host.grid(view)
    last = f"c{COLUMNS - 1}"
    whole = grid.root.locator(f'.tbw-grid[aria-colcount="{COLUMNS + 1}"]')
    host.wait_for(lambda: whole.count() == 1, "all columns have come")
    assert grid.root.locator("[data-row='0'][data-col]").count() < 100, "only those in sight"
    grid.cell("0", "c0").click()
    grid.press("End")
    is_active(host, grid, "0", last)
    grid.press("5", "Enter")
    host.wait_for(lambda: store.get_cell("wide", "0", last) == 5, "it is edited")
    store.set_cell("wide", "1", f"c{COLUMNS - 2}", -1)
    cell = grid.cell("1", f"c{COLUMNS - 2}")
    host.wait_for(lambda: cell.inner_text() == "-1", "an edit from elsewhere is shown")
    view.sort = [(last, "desc")]
    is_active(host, grid, "1", last)
    first = grid.root.locator("[role=rowheader][data-row]").first
    host.wait_for(lambda: first.inner_text() == "1", "it is sorted by the last of them")


def test_a_text_of_a_megabyte_is_shown_cut_off_and_edited_in_full(host: Host) -> None:
    long = "penguin " * 131_072
    store = Store().set_table("texts", {"0": {"text": long, "n": 1}, "1": {"text": "short"}})
    grid = host.grid(TableView(store, "texts"))
    assert len(grid.cell("0", "text").inner_text()) < 2000
    grid.cell("0", "text").click()
    grid.press("F2")
    field = grid.root.locator(".tbw-editor-field")
    assert field.input_value() == long
    grid.press("Control+End", "!", "Enter")
    host.wait_for(lambda: store.get_cell("texts", "0", "text") == long + "!", "it is edited")
    grid.root.locator(".tbw-search-field").fill("!")
    host.wait_for(lambda: grid.row_count() == 1, "the end of it is found")


@pytest.mark.parametrize("text", STRANGE)
def test_any_text_is_shown_edited_and_kept_as_it_is(host: Host, text: str) -> None:
    store = Store().set_table("texts", {"0": {"text": text, "n": 1}})
    grid = host.grid(TableView(store, "texts"))
    assert grid.cell("0", "text").evaluate("node => node.textContent") == text
    grid.cell("0", "text").click()
    grid.press("F2", "End", "x", "Enter")
    host.wait_for(lambda: store.get_cell("texts", "0", "text") == text + "x", "it is kept")


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_columns_may_have_any_name(host: Host, name: str) -> None:
    store = Store().set_table("names", {name: {name: 1, "other": 2}, "row": {"other": 3}})
    grid = host.grid(TableView(store, "names"))
    cell = grid.root.locator("[data-row][data-col]").filter(has_text="1")
    cell.click()
    grid.press("7", "Enter")
    host.wait_for(lambda: store.get_cell("names", name, name) == 7, "it is edited")
    grid.press("ArrowUp", "Alt+ArrowDown", "Enter")
    host.wait_for(lambda: store.get_row_count("names") == 2, "it is sorted by")
    assert grid.root.locator(".tbw-sort-mark").count() == 1
