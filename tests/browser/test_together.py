"""Who else is here, in two browsers on the notebooks of two kernels; and what waits for a kernel.

All tests share two tabs of two browsers, whose people have told the Jupyter server their names.
"""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import copy_notebooks
from tests.browser.contexts import KernelWires, failing_on, offline
from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Grid, Lab
from tests.browser.server import wait_for
from tests.browser.tabs import RECONCILED_WITHIN_S, Tab, delete_row, kernel_says
from tests.browser.test_hosts import DARK, LIGHT, READABLE, legibility, set_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Locator

    from tests.browser.server import JupyterServer, Kernel

    Kernels = Callable[[str], Kernel]

ADA = "Ada Lovelace"
GRACE = "Grace Hopper"
# Notes each text of the status, also one that is there for a moment only.
NOTE_STATUS = """root => {
    const status = root.querySelector('.tbw-status-text');
    const texts = [];
    const note = () => texts.at(-1) !== status.textContent && texts.push(status.textContent);
    const all = { subtree: true, childList: true, characterData: true };
    new MutationObserver(note).observe(status, all);
    return texts;
}"""
PEOPLE = "[(p.name, p.row_id, p.cell_id, p.is_typing) for p in view.room.peers if not p.is_kernel]"


class Tabs(NamedTuple):
    """Ada's tab, in which the notebooks have run, and Grace's, in another browser."""

    ada: Tab
    grace: Tab
    wires: KernelWires


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
def shared(
    shared_context: BrowserContext, other_context: BrowserContext, server: JupyterServer
) -> Tabs:
    """The two tabs, for all tests of this file."""
    copy_notebooks(server)
    sign_in(shared_context, server, ADA)
    sign_in(other_context, server, GRACE)
    ada = Tab.run(Lab(shared_context.new_page(), server).open(WORKSPACE))
    page = other_context.new_page()
    wires = KernelWires(page)
    return Tabs(ada, Tab.join(Lab(page, server)), wires)


@pytest.fixture
def tabs(shared: Tabs, errors: list[str]) -> Iterator[Tabs]:
    """The two tabs; errors on them fail the test that made them."""
    with failing_on(errors):
        yield shared


def mark(grid: Grid) -> Locator:
    """Return the frame around somebody else's cell."""
    return grid.root.locator(".tbw-peer:visible")


def avatars(grid: Grid) -> list[str]:
    """Return who the toolbar says is here."""
    buttons = grid.root.locator(".tbw-avatar")
    return list(buttons.evaluate_all("all => all.map(each => each.getAttribute('aria-label'))"))


def is_marked(grid: Grid, row: str, column: str, name: str) -> None:
    """Wait until somebody's frame, with the name, is exactly around a cell."""

    def is_around() -> bool:
        if mark(grid).count() != 1 or mark(grid).inner_text() != name:
            return False
        inner, outer = grid.cell(row, column).bounding_box(), mark(grid).bounding_box()
        if inner is None or outer is None:
            return False
        sides = [(inner[side], outer[side]) for side in ("x", "y", "width", "height")]
        return all(abs(one - other) <= 1 for one, other in sides)

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


def test_the_cell_that_somebody_types_in_says_so_until_they_are_done(tabs: Tabs) -> None:
    grid = tabs.ada.show().left.grid()
    grid.cell("1", "island").click()
    grid.press("F2")
    theirs = tabs.grace.show().left.grid()
    is_marked(theirs, "1", "island", f"{ADA} is typing")
    assert avatars(theirs) == [f"{ADA}, typing in island, row 1"]
    tabs.ada.show()
    grid.press("Escape")
    is_marked(tabs.grace.show().left.grid(), "1", "island", ADA)


def test_the_kernels_know_who_is_where(tabs: Tabs, kernels: Kernels) -> None:
    tabs.ada.show().left.grid().cell("2", "species").click()
    tabs.grace.show().right.grid().cell("4", "island").click()
    for path in (LEFT, RIGHT):
        kernel_says(
            kernels(path),
            f"sorted({PEOPLE})",
            [(ADA, "2", "species", False), (GRACE, "4", "island", False)],
        )


def test_a_kernel_is_shown_while_it_edits(tabs: Tabs, kernels: Kernels) -> None:
    grid = tabs.ada.show().left.grid()
    kernels(RIGHT).run("store.set_cell('penguins', '9', 'island', 'Kernel')")
    shown = "Python in right.ipynb, a kernel"
    wait_for(lambda: shown in avatars(grid), "the kernel is shown")
    wait_for(lambda: shown not in avatars(grid), "the kernel is shown no more")


def test_who_closes_the_page_is_gone(tabs: Tabs, server: JupyterServer) -> None:
    page = tabs.grace.page.context.new_page()
    third = Lab(page, server).open_in_workspace("third", LEFT).notebook(LEFT).grid()
    third.cell("6", "species").click()
    grid = tabs.ada.show().left.grid()
    wait_for(lambda: len(avatars(grid)) == 2, "both of Grace's pages are here")
    wait_for(lambda: f"{GRACE}, at species, row 6" in avatars(grid), "one is at the cell")
    page.close(run_before_unload=True)
    wait_for(lambda: len(avatars(grid)) == 1, "one of the pages is gone", 15)


def test_a_click_on_somebody_goes_to_their_cell(tabs: Tabs) -> None:
    grid = tabs.grace.show().left.grid()
    grid.cell("0", "species").click()
    grid.press("Control+End")
    wait_for(lambda: grid.active()[0] != "0", "Grace is at the end")
    row, column = grid.active()
    there = tabs.ada.show().left.grid()
    # She has been elsewhere until now: at the tests' start, and at the first cell.
    wait_for(lambda: f"{GRACE}, at {column}, row {row}" in avatars(there), "Ada knows it")
    there.root.locator(".tbw-avatar").first.click()
    wait_for(lambda: there.active() == grid.active(), "Ada is where Grace is")
    tabs.grace.show()
    grid.press("Control+Home")
    tabs.ada.show()
    there.press("Control+Home")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_names_are_readable_and_axe_finds_nothing_wrong(tabs: Tabs, theme: str) -> None:
    tabs.ada.show().left.grid().cell("2", "island").click()
    grid = tabs.grace.show().left.grid()
    is_marked(grid, "2", "island", ADA)
    set_theme(tabs.grace.left.lab, theme)
    for part in (mark(grid).locator(".tbw-peer-name"), grid.root.locator(".tbw-avatar").first):
        wait_for(partial(is_readable, part), f"it is readable in {theme}: {part}")
    assert violations(grid.root) == []
    set_theme(tabs.grace.left.lab, LIGHT)


def test_what_two_people_type_into_one_cell_at_once_is_not_lost_silently(tabs: Tabs) -> None:
    ours, theirs = tabs.ada.show().left.grid(), tabs.grace.left.grid()
    ours.cell("3", "island").click()
    ours.press("F2", "Control+A")
    tabs.ada.page.keyboard.type("Ada's")
    tabs.grace.show()
    is_marked(theirs, "3", "island", f"{ADA} is typing")
    theirs.edit("3", "island", "Grace's")
    tabs.ada.show()
    is_marked(ours, "4", "island", GRACE)
    field = ours.root.locator(".tbw-editor-field")
    assert field.input_value() == "Ada's"
    note = ours.root.locator(".tbw-editor-note")
    wait_for(lambda: "Grace's" in note.inner_text(), "Ada is told what Grace has set")
    ours.press("Enter")
    for tab in (tabs.ada, tabs.grace):
        tab.shows("3", "island", "Ada's")


def test_a_row_that_somebody_types_in_and_another_deletes_is_asked_about(tabs: Tabs) -> None:
    ours = tabs.ada.show().left.grid()
    ours.cell("8", "island").click()
    ours.press("F2", "Control+A")
    tabs.ada.page.keyboard.type("Kept")
    delete_row(tabs.grace.show().left.grid(), "8")
    tabs.ada.show()
    editor = ours.root.locator(".tbw-editor-message")
    wait_for(lambda: "deleted" in editor.inner_text(), "Ada is told")
    assert ours.root.locator(".tbw-editor-field").input_value() == "Kept"
    ours.press("Escape")


def test_a_row_that_somebody_edits_stays_while_another_edits_the_sorted_column(
    tabs: Tabs, kernels: Kernels
) -> None:
    grid = tabs.ada.show().left.grid()
    kernels(LEFT).run("view.sort = [('island', 'asc')]; view.search = 'Adelie'")
    try:
        wait_for(lambda: grid.root.locator("[aria-sort=ascending]").count() == 1, "it is sorted")
        count = grid.root.locator(".tbw-count")
        wait_for(lambda: " of " in count.inner_text(), "it is searched")
        row = str(grid.root.locator("[data-row][data-col=island]").first.get_attribute("data-row"))
        grid.cell(row, "island").click()
        grid.press("F2", "Control+A")
        tabs.ada.page.keyboard.type("Aaa")
        kernels(RIGHT).run(f"store.set_cell('penguins', {row!r}, 'island', 'Zzz')")
        note = grid.root.locator(".tbw-editor-note")
        wait_for(lambda: "Zzz" in note.inner_text(), "Ada is told")
        grid.press("Enter")
        kernel_says(kernels(RIGHT), f"store.get_cell('penguins', {row!r}, 'island')", "Aaa")
    finally:
        kernels(LEFT).run("view.sort = []; view.search = ''")


# What waits


def test_an_edit_is_synced_only_when_the_kernel_has_it(tabs: Tabs, kernels: Kernels) -> None:
    grid = tabs.ada.show().left.grid()
    status_is(grid, "Synced")
    process = kernels(LEFT).value("__import__('os').getpid()")
    said = grid.root.evaluate_handle(NOTE_STATUS)
    os.kill(process, signal.SIGSTOP)
    try:
        grid.edit("5", "island", "Waits")
        status_is(grid, "No answer yet \N{EN DASH} 1 edit waiting")
        grid.edit("5", "island", "Waits longer")
        status_is(grid, "No answer yet \N{EN DASH} 2 edits waiting")
        status_is(tabs.ada.right.grid(), "Synced")
    finally:
        os.kill(process, signal.SIGCONT)
    assert said.evaluate("texts => texts[0]") == "Saving…"
    status_is(grid, "Synced")
    kernel_says(kernels(LEFT), "store.get_cell('penguins', '5', 'island')", "Waits longer")


@pytest.mark.parametrize("how", ["no network", "closed connections"])
def test_a_tab_that_is_cut_off_says_how_many_edits_wait(
    tabs: Tabs, kernels: Kernels, how: str
) -> None:
    grid = tabs.grace.show().left.grid()
    status_is(grid, "Synced")
    is_offline = how == "no network"
    word = "Offline" if is_offline else "No answer yet"
    with offline(tabs.grace.page.context) if is_offline else tabs.wires.cut():
        for number, text in enumerate(("One", "Two", "Three"), 1):
            grid.edit(str(number), "island", f"{text} {how}")
        status_is(grid, f"{word} \N{EN DASH} 3 edits waiting")
        grid.press("Control+z")
        status_is(grid, f"{word} \N{EN DASH} 4 edits waiting")
        kernels(LEFT).run("store.set_cell('penguins', '6', 'island', 'Meanwhile')")
        status_is(grid, f"{word} \N{EN DASH} 4 edits waiting")
    status_is(grid, "Synced")
    kernel_says(kernels(LEFT), "store.get_cell('penguins', '2', 'island')", f"Two {how}")


def test_what_a_kernel_that_died_did_not_get_waits_until_the_next_one_has_it(
    tabs: Tabs, kernels: Kernels
) -> None:
    grid = tabs.ada.show().right.grid()
    status_is(grid, "Synced")
    os.kill(kernels(RIGHT).value("__import__('os').getpid()"), signal.SIGKILL)
    dialog = tabs.ada.page.locator(".jp-Dialog", has_text="appears to have died")
    dialog.locator("button").last.click()
    dialog.wait_for(state="detached")
    grid.edit("7", "island", "Orphan")
    grid.edit("6", "species", "Orphan")
    wait_for(
        lambda: (
            grid.root.locator(".tbw-status").inner_text().endswith("\N{EN DASH} 2 edits waiting")
        ),
        "two edits wait",
    )
    status_is(tabs.ada.left.grid(), "Synced")
    # What is run while the server starts a kernel again may be lost on the way.
    tabs.ada.right.restart_and_run_all()
    status_is(tabs.ada.right.grid(), "Synced")
    kernel_says(kernels(RIGHT), "store.get_cell('penguins', '7', 'island')", "Orphan")


def is_readable(part: Locator) -> bool:
    return legibility(part) >= READABLE
