"""Who else is at values, and at the tables of a whole Store: two people on pages of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.lab import Grid
from tinybase_widget import Store, StoreView, ValuesView

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.host import Host, Output


def zoo() -> Store:
    return (
        Store()
        .set_tables({"pets": {"fido": {"price": 5}}, "shops": {"oslo": {"city": "Oslo"}}})
        .set_values({"limit": 5, "theme": "dark"})
    )


def mark(root: Locator) -> Locator:
    """Return the frame around somebody else's cell."""
    return root.locator(".tbw-peer:visible")


def is_around(host: Host, root: Locator, cell: Locator, text: str) -> None:
    """Wait until somebody's frame, with these words, is exactly around a cell."""

    def fits() -> bool:
        if mark(root).count() != 1 or mark(root).inner_text() != text:
            return False
        inner, outer = cell.bounding_box(), mark(root).bounding_box()
        if inner is None or outer is None:
            return False
        sides = [(inner[side], outer[side]) for side in ("x", "y", "width", "height")]
        return all(abs(one - other) <= 1 for one, other in sides)

    host.wait_for(fits, f"{text!r} is at the cell")


def avatar_says(host: Host, root: Locator, text: str) -> None:
    """Wait until the toolbar that is seen says this of the one person who is here, too."""
    avatar = root.locator(".tbw-avatar[data-kind=page]:visible")
    host.wait_for(lambda: avatar.count() == 1, "somebody is here")
    host.wait_for(lambda: avatar.get_attribute("aria-label") == text, f"it says {text!r}")


def test_somebody_at_a_value_is_framed_named_and_seen_typing(host: Host) -> None:
    store = zoo()
    ada = host.grid(ValuesView(store, room="zoo", user="Ada"))
    grace = host.grid(ValuesView(store, room="zoo", user="Grace"))
    ada.cell("limit", "value").click()
    is_around(host, grace.root, grace.cell("limit", "value"), "Ada")
    avatar_says(host, grace.root, "Ada, at limit")
    ada.press("F2")
    is_around(host, grace.root, grace.cell("limit", "value"), "Ada is typing")
    ada.press("Escape", "ArrowDown")
    is_around(host, grace.root, grace.cell("theme", "value"), "Ada")


def opened(host: Host, store: Store, name: str) -> Output:
    """Show all of a Store to somebody, who then is at its first table."""
    output = host.show(StoreView(store, room="zoo", user=name))
    root = output.frame.locator(".tbw-store")
    host.wait_for(root.locator("[data-row=fido]").first.is_visible, "it is painted")
    return output


def test_somebody_in_another_tab_is_said_to_be_there_and_framed_in_it(host: Host) -> None:
    store = zoo()
    ada, grace = opened(host, store, "Ada"), opened(host, store, "Grace")
    theirs, root = ada.frame.locator(".tbw-store"), grace.frame.locator(".tbw-store")
    theirs.locator("[role=tab][data-tab=shops]").click()
    city = Grid(theirs.locator(".tbw-table[data-table=shops]")).cell("oslo", "city")
    city.click()
    avatar_says(host, root, "Ada, looking at the table shops")
    assert mark(root).count() == 0
    root.locator("[role=tab][data-tab=shops]").click()
    shop = Grid(root.locator(".tbw-table[data-table=shops]")).cell("oslo", "city")
    is_around(host, root, shop, "Ada")
    theirs.locator("[role=tab][data-values]").click()
    theirs.locator("[data-row=theme][data-col=value]").click()
    root.locator("[role=tab][data-values]").click()
    is_around(host, root, root.locator("[data-row=theme][data-col=value]"), "Ada")
    avatar_says(host, root, "Ada, at theme")
