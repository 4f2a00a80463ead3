"""A kernel compacts the document while two notebooks show it and are edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.contexts import KernelWires, watched_context
from tests.browser.lab import LEFT, RIGHT, Lab
from tests.browser.pair import grid_has_rows
from tests.browser.server import wait_for
from tests.browser.tabs import RECONCILED_WITHIN_S, Tab, kernel_says

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.browser.server import JupyterServer, Kernel

ROWS = 344
TABLE = "store.get_table('penguins')"
ROOM = (
    "from tinybase_widget.sync.room import rooms_of_store\n[room] = rooms_of_store(store).values()"
)
GENERATION = "room._generation.number"


def compact(kernel: Kernel) -> None:
    """Compact, as soon as everybody has said what they have."""
    kernel.run(
        "import time\n"
        "from tinybase_widget import CompactionError\n"
        "def compact():\n"
        "    try:\n"
        "        room.compact()\n"
        "    except CompactionError:\n"
        "        return False\n"
        "    return True\n"
    )
    wait_for(lambda: kernel.value("compact()"), "the room is compacted", RECONCILED_WITHIN_S)


def test_the_grids_go_on_with_the_fresh_document(
    lab: Lab, kernels: Callable[[str], Kernel]
) -> None:
    tab = Tab.run(lab)
    left, right = kernels(LEFT), kernels(RIGHT)
    for kernel in (left, right):
        kernel.run(ROOM)
    left.run("for age in range(300): store.set_cell('penguins', str(age % 7), 'year', 2000 + age)")
    tab.left.grid().edit("0", "island", "Before")
    tab.right.grid().edit("1", "island", "Just before")
    compact(left)
    tab.left.grid().edit("2", "island", "Just after")
    for kernel in (left, right):
        kernel_says(kernel, GENERATION, 1)
    right.run("store.set_cell('penguins', '3', 'island', 'Kernel')")
    tab.right.grid().edit("4", "island", "After")
    tab.left.grid().edit("5", "island", "Mistaken")
    tab.left.grid().press("Control+z")
    islands = {
        "0": "Before",
        "1": "Just before",
        "2": "Just after",
        "3": "Kernel",
        "4": "After",
        "5": "Torgersen",
    }
    for row, island in islands.items():
        tab.shows(row, "island", island)
    for kernel in (left, right):
        kernel_says(kernel, f"{{row: {TABLE}[row]['island'] for row in {list(islands)}}}", islands)
        kernel_says(kernel, f"len({TABLE})", ROWS)
    assert left.value(TABLE) == right.value(TABLE)
    for notebook in tab.notebooks:
        grid_has_rows(notebook, ROWS)
    compact(right)
    tab.left.grid().edit("6", "island", "Second time")
    for kernel in (left, right):
        kernel_says(kernel, f"{GENERATION}, {TABLE}['6']['island']", (2, "Second time"))


def test_a_tab_that_was_offline_meanwhile_brings_its_edits(
    lab: Lab,
    chromium: Browser,
    console: list[str],
    server: JupyterServer,
    kernels: Callable[[str], Kernel],
) -> None:
    here = Tab.run(lab)
    left, right = kernels(LEFT), kernels(RIGHT)
    left.run(ROOM)
    with watched_context(chromium, console) as elsewhere:
        page = elsewhere.new_page()
        wires = KernelWires(page)
        there = Tab.join(Lab(page, server))
        with wires.cut():
            there.show()
            there.left.grid().edit("0", "island", "There")
            there.right.grid().edit("1", "island", "There too")
            here.show()
            here.left.grid().edit("2", "island", "Here")
            compact(left)
            here.right.grid().edit("3", "island", "Here since")
        islands = {"0": "There", "1": "There too", "2": "Here", "3": "Here since"}
        for tab in (there, here):
            for row, island in islands.items():
                tab.shows(row, "island", island)
        for kernel in (left, right):
            kernel_says(
                kernel, f"{{row: {TABLE}[row]['island'] for row in {list(islands)}}}", islands
            )
        assert left.value(TABLE) == right.value(TABLE)
