"""What somebody sees, hears and keeps while others edit: a flash, a sentence, the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinybase_widget import Store, TableView

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.host import Host
    from tests.browser.lab import Grid


def pets() -> Store:
    return Store().set_table(
        "pets", {str(n): {"name": f"pet {n}", "price": n} for n in range(5, 15)}
    )


def spoken(grid: Grid) -> str:
    """Return what a screen reader was told last."""
    return grid.root.locator(".tbw-live").inner_text()


def has_focus(grid: Grid) -> bool:
    return bool(grid.root.evaluate("root => root.querySelector('.tbw-grid:focus') !== null"))


def test_a_cell_that_somebody_else_changes_flashes_once_and_ones_own_does_not(host: Host) -> None:
    store = pets()
    grid = host.grid(TableView(store, "pets"))
    grid.root.evaluate(
        """root => {
            window.flashed = [];
            root.addEventListener('animationstart', ({ target, animationName }) => {
                if (animationName === 'tbw-flash') window.flashed.push(target.dataset.row);
            });
        }"""
    )
    grid.edit("6", "price", "66")
    store.set_cell("pets", "5", "price", 55)
    flashed = "() => window.flashed.join()"
    host.wait_for(lambda: grid.root.evaluate(flashed) == "5", "it flashes")
    host.wait_for(lambda: grid.root.locator(".tbw-flash").count() == 0, "it is over")
    grid.cell("7", "name").click()
    grid.press("ArrowDown", "ArrowUp")
    assert grid.root.evaluate(flashed) == "5"


CHANGES: dict[str, Callable[[Store], object]] = {
    "the cell": lambda store: store.set_cell("pets", "7", "price", 70),
    "a new row": lambda store: store.set_row("pets", "1", {"name": "first"}),
    "a deleted row": lambda store: store.del_row("pets", "5"),
    "a new column": lambda store: store.set_cell("pets", "8", "colour", "red"),
    "all": lambda store: store.set_table("pets", {"7": {"name": "pet 7", "price": 0}}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_focus_and_the_active_cell_stay_whatever_somebody_else_changes(
    host: Host, change: str
) -> None:
    store = pets()
    grid = host.grid(TableView(store, "pets", sort=["price"]))
    grid.cell("7", "price").click()
    CHANGES[change](store)
    done = grid.root.locator(".tbw-grid")
    lines, columns = store.get_row_count("pets") + 2, len(store.get_table_cell_ids("pets")) + 1
    host.wait_for(
        lambda: (
            done.get_attribute("aria-rowcount") == str(lines)
            and done.get_attribute("aria-colcount") == str(columns)
            and grid.cell("7", "price").inner_text() == str(store.get_cell("pets", "7", "price"))
        ),
        "it is shown",
    )
    assert grid.active() == ("7", "price")
    assert has_focus(grid)
    grid.press("F2", "1", "Enter")
    host.wait_for(lambda: str(store.get_cell("pets", "7", "price")).endswith("1"), "keys go there")


def test_the_active_cell_that_somebody_else_changes_is_told_of(host: Host) -> None:
    store = pets()
    grid = host.grid(TableView(store, "pets"))
    grid.cell("7", "name").click()
    store.set_cell("pets", "6", "name", "Other")
    store.set_cell("pets", "7", "name", "Rex")
    host.wait_for(lambda: spoken(grid) == "name, row 7 is Rex now.", "it is told")
    store.del_cell("pets", "7", "name")
    host.wait_for(lambda: spoken(grid) == "name, row 7 is empty now.", "it is told")
