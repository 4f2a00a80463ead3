"""Who else is here, in two browsers on the notebooks of two kernels; and what waits for a kernel.

All tests share two tabs of two browsers, whose people have told the Jupyter server their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.browser.conftest import copy_notebooks
from tests.browser.contexts import KernelWires, watched_context
from tests.browser.lab import WORKSPACE, Grid, Lab
from tests.browser.server import wait_for
from tests.browser.tabs import RECONCILED_WITHIN_S, Tab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator

    from tests.browser.server import JupyterServer, Kernel

    Kernels = Callable[[str], Kernel]

ADA = "Ada Lovelace"
GRACE = "Grace Hopper"
PEOPLE = "[(p.name, p.row_id, p.cell_id, p.is_typing) for p in view.room.peers if not p.is_kernel]"


class Tabs(NamedTuple):
    """Ada's tab, in which the notebooks have run, and Grace's, in another browser."""

    ada: Tab
    grace: Tab
    wires: KernelWires


@pytest.fixture(scope="module")
def errors() -> list[str]:
    """What the pages logged as errors."""
    return []


def sign_in(context: BrowserContext, server: JupyterServer, name: str) -> None:
    """Tell the server who this browser's person is, as JupyterLab's own dialog does."""
    context.request.get(f"{server.url}/lab?token={server.token}")
    [xsrf] = [each["value"] for each in context.cookies() if each.get("name") == "_xsrf"]
    said = context.request.patch(
        f"{server.url}/api/me",
        headers={"X-XSRFToken": xsrf},
        data={"name": name, "display_name": name},
    )
    assert said.ok, said.text()


@pytest.fixture(scope="module")
def shared(chromium: Browser, server: JupyterServer, errors: list[str]) -> Iterator[Tabs]:
    """The two tabs, for all tests of this file."""
    copy_notebooks(server)
    with watched_context(chromium, errors) as near, watched_context(chromium, errors) as far:
        sign_in(near, server, ADA)
        sign_in(far, server, GRACE)
        ada = Tab.run(Lab(near.new_page(), server).open(WORKSPACE))
        page = far.new_page()
        wires = KernelWires(page)
        yield Tabs(ada, Tab.join(Lab(page, server)), wires)
    server.end_sessions()


@pytest.fixture
def context(shared: Tabs) -> BrowserContext:
    """What a failed test's screenshot is taken of."""
    return shared.grace.page.context


@pytest.fixture
def tabs(shared: Tabs, context: BrowserContext, errors: list[str]) -> Iterator[Tabs]:
    """The two tabs; errors on them fail the test that made them."""
    del context
    yield shared
    noted = list(errors)
    errors.clear()
    assert not noted, "\n".join(noted)


def mark(grid: Grid) -> Locator:
    """Return the frame around somebody else's cell."""
    return grid.root.locator(".tbw-peer:visible")


def avatars(grid: Grid) -> list[str]:
    """Return who the toolbar says is here."""
    return [
        str(each.get_attribute("aria-label")) for each in grid.root.locator(".tbw-avatar").all()
    ]


def is_marked(grid: Grid, row: str, column: str, name: str) -> None:
    """Wait until somebody's frame, with the name, is exactly around a cell."""

    def is_around() -> bool:
        if mark(grid).count() != 1 or mark(grid).inner_text() != name:
            return False
        inner, outer = grid.cell(row, column).bounding_box(), mark(grid).bounding_box()
        return bool(inner and outer) and all(
            abs(inner[side] - outer[side]) <= 1 for side in ("x", "y", "width", "height")
        )

    wait_for(is_around, f"{name} is at {row}/{column}")


def status_is(grid: Grid, text: str, timeout_s: float = RECONCILED_WITHIN_S) -> None:
    """Wait until the state above the table is this."""
    status = grid.root.locator(".tbw-status")
    wait_for(lambda: status.inner_text() == text, f"the state is {text!r}", timeout_s)


def test_somebody_elses_cell_is_outlined_and_named_and_the_outline_moves_with_them(
    tabs: Tabs,
) -> None:
    tabs.ada.show().left.grid().cell("2", "island").click()
    for grid in (tabs.grace.show().left.grid(), tabs.grace.right.grid()):
        is_marked(grid, "2", "island", ADA)
        assert f"{ADA}, at island, row 2" in avatars(grid)
    tabs.ada.show().left.grid().press("ArrowDown", "ArrowLeft")
    is_marked(tabs.grace.show().left.grid(), "3", "species", ADA)
