"""The table in hosts other than Jupyter: outputs in frames of their own, rules for scripts.

What VS Code and Colab do beyond that can't be tried here: neither runs without its makers' servers.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.browser.host import WEBVIEW_RULES
from tests.browser.test_hosts import READABLE, is_as_dark, legibility, readable_parts
from tinybase_widget import Store, TableView

if TYPE_CHECKING:
    from tests.browser.host import Host
    from tests.browser.lab import Grid

DARK_WEBVIEW = """:root {
    --vscode-editor-background: #1e1e1e; --vscode-foreground: #cccccc;
    --vscode-descriptionForeground: #a9a9a9; --vscode-focusBorder: #3794ff;
    --vscode-errorForeground: #f48771; color-scheme: dark;
}
body { background: #1e1e1e; }"""


def pets() -> Store:
    return Store().set_table(
        "pets",
        {"fido": {"species": "dog", "price": 5}, "felix": {"species": "cat", "price": 4}},
    )


def shows(host: Host, grid: Grid, row: str, column: str, text: str) -> None:
    cell = grid.cell(row, column)
    host.wait_for(lambda: cell.inner_text() == text, f"{row}/{column} shows {text!r}")


def test_outputs_in_frames_of_their_own_share_a_table_through_their_kernel(host: Host) -> None:
    store = pets()
    first = host.grid(TableView(store, "pets", room="zoo"))
    second = host.grid(TableView(store, "pets", room="zoo"))
    first.edit("fido", "price", "6")
    shows(host, second, "fido", "price", "6")
    assert store.get_cell("pets", "fido", "price") == 6
    store.set_cell("pets", "felix", "species", "lynx")
    shows(host, first, "felix", "species", "lynx")
    shows(host, second, "felix", "species", "lynx")
    second.cell("felix", "species").click()
    avatar = first.root.locator(".tbw-avatar[data-kind=page]")
    host.wait_for(lambda: avatar.count() == 1, "who works in another frame is shown")


@pytest.mark.parametrize("form", ["bytes", "buffer"])
def test_buffers_may_come_as_bytes_or_as_a_buffer(host: Host, form: str) -> None:
    store = pets()
    grid = host.grid(TableView(store, "pets"), form=form)
    store.set_cell("pets", "fido", "price", 7)
    shows(host, grid, "fido", "price", "7")


def test_a_host_that_keeps_the_clipboard_from_its_outputs_leaves_the_keys(
    host: Host, console: list[str]
) -> None:
    grid = host.grid(TableView(pets(), "pets"))
    grid.cell("fido", "price").click(button="right")
    grid.root.locator(".tbw-menu [data-action=paste]").click()
    notice = grid.root.locator(".tbw-notice")
    host.wait_for(lambda: notice.inner_text() == "Press Ctrl+V to paste.", "the keys are named")
    assert all("Clipboard API has been blocked" in error for error in console)
    console.clear()  # Chromium's own words


def test_after_a_reload_without_a_kernel_the_rows_of_the_snapshot_are_shown(host: Host) -> None:
    view = TableView(pets(), "pets")
    host.is_connected = False
    output = host.show(view)
    caption = output.frame.locator("[data-tinybase-state=snapshot] caption")
    assert caption.inner_text() == "pets: 2 rows"
    host.is_connected = True
    cell = output.table.locator("[data-row=fido]").first
    host.wait_for(cell.is_visible, "the table is there when the kernel is")


def test_what_is_edited_while_the_connection_is_gone_arrives_when_it_is_back(host: Host) -> None:
    store = pets()
    grid = host.grid(TableView(store, "pets"))
    host.is_connected = False
    grid.edit("fido", "price", "8")
    store.set_cell("pets", "felix", "price", 3)
    shows(host, grid, "fido", "price", "8")
    host.is_connected = True
    host.wait_for(lambda: store.get_cell("pets", "fido", "price") == 8, "the kernel has it", 60)
    shows(host, grid, "felix", "price", "3")


def test_a_page_that_forbids_the_code_says_so_beside_the_rows(
    host: Host, console: list[str]
) -> None:
    view = TableView(pets(), "pets")
    rules = WEBVIEW_RULES.replace("blob:", "data:")
    esm = "data:text/javascript;base64," + base64.b64encode(view._esm.encode()).decode()
    output = host.show(view, rules=rules, esm=esm)
    alert = output.frame.locator("[role=alert]")
    host.wait_for(alert.is_visible, "it is said")
    assert 'must allow "blob:" in script-src' in alert.inner_text()
    assert output.frame.locator("table caption").inner_text() == "pets: 2 rows"
    assert all("Content Security Policy" in error for error in console)
    console.clear()


def test_the_table_has_the_colours_of_a_webview_and_is_readable(host: Host) -> None:
    grid = host.grid(TableView(pets(), "pets"), style=DARK_WEBVIEW)
    assert is_as_dark(grid.root, is_dark=True)
    for part in readable_parts(grid):
        assert legibility(part) >= READABLE, f"{part}"
