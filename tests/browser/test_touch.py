"""The table under fingers: taps, a drag, a long press, a swipe; in a Chromium with touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import Store, TableView

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.host import Host
    from tests.browser.lab import Grid

Point = tuple[float, float]


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    """A profile with a touch screen."""
    return {"has_touch": True, "is_mobile": True}


class Finger:
    """A finger on the screen."""

    def __init__(self, host: Host) -> None:
        self._session = host.page.context.new_cdp_session(host.page)

    def put(self, at: Point) -> None:
        """Put it down."""
        self._send("touchStart", [at])

    def move(self, to: Point) -> None:
        """Move it, as it is on the screen."""
        self._send("touchMove", [to])

    def lift(self) -> None:
        """Lift it."""
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[Point]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def middle(part: Locator) -> Point:
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def numbers(host: Host, store: Store) -> Grid:
    """Show a table of many rows and three columns; return it when it is painted."""
    return host.grid(TableView(store, "n", height=300))


@pytest.fixture
def store() -> Store:
    """A table of a hundred rows."""
    return Store().set_table(
        "n", {str(n): {"a": n, "b": f"text {n}", "c": n % 2 == 0} for n in range(100)}
    )


def is_active(host: Host, grid: Grid, row: str, column: str) -> None:
    host.wait_for(lambda: grid.active() == (row, column), f"{row}/{column} is active")


def test_a_tap_makes_a_cell_active_and_the_next_one_edits_it(host: Host, store: Store) -> None:
    grid = numbers(host, store)
    field = grid.root.locator(".tbw-editor-field")
    grid.cell("1", "b").tap()
    is_active(host, grid, "1", "b")
    assert field.count() == 0
    grid.cell("1", "b").tap()
    host.wait_for(lambda: field.count() == 1, "the editor is open")
    grid.press("Control+A", "x", "Enter")
    host.wait_for(lambda: store.get_cell("n", "1", "b") == "x", "it is edited")


def test_a_tap_on_a_box_turns_it_over(host: Host, store: Store) -> None:
    grid = numbers(host, store)
    grid.cell("1", "c").locator(".tbw-check").tap()
    host.wait_for(lambda: store.get_cell("n", "1", "c") is True, "it is turned over")


@pytest.mark.parametrize("others", [[], [("kind", "asc")]], ids=["alone", "with another"])
def test_the_name_of_a_sorted_column_is_whole_beside_its_menu(
    host: Host, others: list[tuple[str, str]]
) -> None:
    cells = {"price": 1, "kind": "a"}
    store = Store().set_table("n", {str(n): cells for n in range(9)})
    grid = host.grid(TableView(store, "n", sort=[("price", "desc"), *others]))
    header = grid.root.locator(".slick-header-column", has_text="price")
    header.locator(".tbw-sort-mark").wait_for()
    assert header.locator(".tbw-header-menu").is_visible()
    is_whole = "node => node.scrollWidth <= node.clientWidth"
    host.wait_for(lambda: header.locator(".tbw-head").evaluate(is_whole), "the name is whole")


def test_the_corner_of_the_active_cell_is_dragged_to_select(host: Host, store: Store) -> None:
    grid = numbers(host, store)
    before = store.get_tables()
    grid.cell("1", "a").tap()
    is_active(host, grid, "1", "a")
    finger = Finger(host)
    finger.put(middle(grid.root.locator(".tbw-handle")))
    finger.move(middle(grid.cell("2", "b")))
    finger.move(middle(grid.cell("3", "b")))
    finger.lift()
    selected = grid.root.locator("[data-range]")
    host.wait_for(lambda: selected.count() == 6, "three rows of two columns are selected")
    assert store.get_tables() == before


def test_a_swipe_scrolls_and_selects_nothing(host: Host, store: Store) -> None:
    grid = numbers(host, store)
    finger = Finger(host)
    x, y = middle(grid.cell("6", "b"))
    finger.put((x, y))
    for step in range(1, 12):
        finger.move((x, y - 12 * step))
    finger.lift()
    viewport = grid.root.locator(".slick-viewport").first
    host.wait_for(lambda: viewport.evaluate("node => node.scrollTop") > 50, "it is scrolled")
    assert grid.root.locator("[data-range], .tbw-menu").count() == 0


def test_a_long_press_opens_the_menu_of_the_cell_under_the_finger(host: Host, store: Store) -> None:
    grid = numbers(host, store)
    finger = Finger(host)
    finger.put(middle(grid.cell("2", "b")))
    menu = grid.root.locator(".tbw-menu")
    host.wait_for(menu.is_visible, "the menu is open")
    finger.lift()
    is_active(host, grid, "2", "b")
    menu.locator("[data-action=delete-rows]").tap()
    host.wait_for(lambda: not store.has_row("n", "2"), "the row is deleted")


def test_a_swipe_beside_a_menu_closes_it(host: Host, store: Store) -> None:
    grid = numbers(host, store)
    finger = Finger(host)
    finger.put(middle(grid.cell("1", "a")))
    menu = grid.root.locator(".tbw-menu")
    host.wait_for(menu.is_visible, "the menu is open")
    finger.lift()
    x, y = middle(grid.root.locator("[role=rowheader][data-row='3']"))
    finger.put((x, y))
    for step in range(1, 6):
        finger.move((x, y - 15 * step))
    finger.lift()
    host.wait_for(lambda: not menu.is_visible(), "the menu is closed")


def test_a_long_press_on_a_header_opens_the_menu_of_its_column(host: Host, store: Store) -> None:
    grid = numbers(host, store)
    finger = Finger(host)
    finger.put(middle(grid.root.locator(".tbw-head", has_text="b")))
    item = grid.root.locator(".tbw-menu [data-action=rename-column]")
    host.wait_for(item.is_visible, "the menu is open")
    finger.lift()
    assert item.inner_text() == "Rename b…"
