"""Each trait from both sides: what Python sets is shown, what a person does is observed.

The page is that of a host other than Jupyter, which needs no server; the widget does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import interactive  # type: ignore[import-untyped]
from traitlets import link

from tinybase_widget import Store, TableView

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.host import Host
    from tests.browser.lab import Grid


def pets() -> Store:
    return Store().set_table(
        "pets",
        {
            "0": {"name": "Fido", "price": 5},
            "1": {"name": "Felix", "price": 4.5},
            "2": {"name": "Rex", "price": 7},
        },
    )


def rows(grid: Grid) -> list[str | None]:
    """Return the ids of the rows on the screen, from top to bottom."""
    headers = grid.root.locator(".slick-row:not(.tbw-blank) [role=rowheader]")
    found: list[str | None] = headers.evaluate_all(
        """all => all.sort((a, b) =>
            a.getBoundingClientRect().top - b.getBoundingClientRect().top
        ).map(({ dataset }) => dataset.row)"""
    )
    return found


def heads(grid: Grid) -> list[str]:
    return grid.root.locator(".tbw-head").all_inner_texts()


def active(grid: Grid) -> object:
    """Return the active cell, None where there is none yet."""
    return grid.active() if grid.root.locator(".tbw-active").count() else None


def height(grid: Grid) -> float:
    box = grid.root.bounding_box()
    assert box is not None
    return box["height"]


def filter_by_hand(grid: Grid) -> None:
    grid.cell("1", "price").click()
    grid.press("Alt+ArrowDown")
    grid.root.get_by_label("From").fill("5")
    grid.press("Escape")


def hide_by_hand(grid: Grid) -> None:
    grid.root.locator("[data-action=columns]").click()
    grid.root.get_by_role("checkbox", name="price").uncheck()
    grid.press("Escape")


def pin_by_hand(grid: Grid) -> None:
    grid.cell("1", "price").click()
    grid.press("Alt+ArrowDown")
    grid.root.locator("[data-action=column-pin]").click()


# Python sets a trait: what is to be seen then.
SHOWN: dict[str, tuple[Any, Callable[[Grid], object], object]] = {
    "sort": ([("price", "desc")], rows, ["2", "0", "1"]),
    "filters": ({"price": {"max": 5}}, rows, ["0", "1"]),
    "search": ("fe", rows, ["1"]),
    "selection": ({"rows": [], "cell": ("2", "price")}, active, ("2", "price")),
    "columns": (["price"], heads, ["price"]),
    "pinned": (["price"], heads, ["price", "name"]),
    "formats": (
        {"price": ".2f"},
        lambda grid: grid.cell("0", "price").inner_text(),
        "5.00",
    ),
    "row_numbers": (
        True,
        lambda grid: grid.root.locator("[role=rowheader][data-row='0']").inner_text(),
        "1",
    ),
    "summary": (True, lambda grid: grid.root.locator(".tbw-summary[aria-label]").count(), 2),
    "read_only": (True, lambda grid: grid.root.locator(".tbw-blank").count(), 0),
    "height": (110, height, 110),
}
# A person does something: what the trait is then.
DONE: dict[str, tuple[Callable[[Grid], object], Any]] = {
    "sort": (lambda grid: grid.root.locator(".tbw-head").last.click(), [("price", "asc")]),
    "filters": (filter_by_hand, {"price": {"min": 5}}),
    "search": (lambda grid: grid.root.locator(".tbw-search-field").fill("fe"), "fe"),
    "selection": (
        lambda grid: grid.cell("2", "price").click(),
        {"rows": [], "cell": ("2", "price")},
    ),
    "columns": (hide_by_hand, ["name"]),
    "pinned": (pin_by_hand, ["price"]),
    "summary": (lambda grid: grid.root.locator("[data-action=summary]").click(), True),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_python_sets_is_shown_and_is_no_news_to_python(host: Host, name: str) -> None:
    view = TableView(pets(), "pets")
    grid = host.grid(view)
    heard: list[Any] = []
    value, seen, expected = SHOWN[name]
    view.observe(heard.append, name)
    setattr(view, name, value)
    host.wait_for(lambda: seen(grid) == expected, f"{name} is shown")
    assert getattr(view, name) == value
    assert len(heard) == 1


@pytest.mark.parametrize("name", DONE)
def test_what_a_person_does_is_observed(host: Host, name: str) -> None:
    view = TableView(pets(), "pets")
    grid = host.grid(view)
    heard: list[Any] = []
    view.observe(lambda change: heard.append(change.new), name)
    act, expected = DONE[name]
    act(grid)
    host.wait_for(lambda: getattr(view, name) == expected, f"{name} is {expected!r}")
    assert heard[-1] == expected


def test_two_views_that_are_linked_are_looked_at_alike(host: Host) -> None:
    store = pets()
    mine, theirs = TableView(store, "pets"), TableView(store, "pets")
    link((mine, "sort"), (theirs, "sort"))
    first, second = host.grid(mine), host.grid(theirs)
    first.root.locator(".tbw-head").last.click()
    host.wait_for(lambda: rows(second) == ["1", "0", "2"], "the other is sorted")
    second.root.locator(".tbw-head").last.click()
    host.wait_for(lambda: rows(first) == ["2", "0", "1"], "so is the first")


def test_what_interact_calls_sets_what_is_shown(host: Host) -> None:
    view = TableView(pets(), "pets")
    grid = host.grid(view)

    def at_least(price: int) -> None:
        view.filters = {"price": {"min": price}}

    slider, *_ = interactive(at_least, price=(0, 9)).children
    slider.value = 6
    host.wait_for(lambda: rows(grid) == ["2"], "the slider filters")
