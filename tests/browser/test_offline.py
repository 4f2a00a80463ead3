"""Both notebooks are edited while one tab is offline, and then it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.contexts import KernelWires, offline, watched_context
from tests.browser.lab import LEFT, RIGHT, Lab
from tests.browser.pair import grid_has_rows
from tests.browser.tabs import RECONCILED_WITHIN_S, Tab, add_row, delete_row, kernel_says

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.browser.server import JupyterServer, Kernel

ROWS = 344
TABLE = "store.get_table('penguins')"


@pytest.mark.parametrize("how", ["no network", "closed connections"])
def test_everything_is_reconciled_when_a_tab_that_was_offline_is_back(
    lab: Lab,
    chromium: Browser,
    console: list[str],
    server: JupyterServer,
    kernels: Callable[[str], Kernel],
    how: str,
) -> None:
    here = Tab.run(lab)
    with watched_context(chromium, console) as elsewhere:
        page = elsewhere.new_page()
        wires = KernelWires(page)
        there = Tab.join(Lab(page, server))
        with offline(elsewhere) if how == "no network" else wires.cut():
            there.show()
            there.left.grid().edit("0", "island", "There")
            there.right.grid().edit("1", "island", "Alone there")
            there.left.grid().edit("4", "island", "Kept")
            delete_row(there.right.grid(), "3")
            add_row(there.left.grid(), "Emperor")
            here.show()
            here.left.grid().edit("0", "island", "Here")
            here.right.grid().edit("2", "island", "Alone here")
            delete_row(here.left.grid(), "4")
            delete_row(here.right.grid(), "5")
            add_row(here.right.grid(), "King")
            kernels(LEFT).run("store.set_cell('penguins', '6', 'island', 'Kernel')")
            assert here.left.grid().cell("1", "island").inner_text() == "Torgersen"
        for tab in (there, here):
            tab.has_marks("0/island", "4/island")
        won = here.left.grid().cell("0", "island").inner_text()
        assert won in {"Here", "There"}
        islands = {"0": won, "1": "Alone there", "2": "Alone here", "4": "Kept", "6": "Kernel"}
        for tab in (there, here):
            for row, island in islands.items():
                tab.shows(row, "island", island)
            for notebook in tab.notebooks:
                grid_has_rows(notebook, ROWS, RECONCILED_WITHIN_S)
        for path in (LEFT, RIGHT):
            kernel = kernels(path)
            kernel_says(
                kernel, f"{{row: {TABLE}[row]['island'] for row in {list(islands)}}}", islands
            )
            kernel_says(kernel, f"{TABLE}['4']", {"island": "Kept"})
            kernel_says(kernel, f"'3' in {TABLE} or '5' in {TABLE}", False)
            species = f"[row.get('species') for row in {TABLE}.values()]"
            kernel_says(kernel, f"[{species}.count(name) for name in ('Emperor', 'King')]", [1, 1])
            kernel_says(kernel, f"len({TABLE})", ROWS)
        assert kernels(LEFT).value(TABLE) == kernels(RIGHT).value(TABLE)
