"""Two people, each with a notebook in a browser of their own, on `tinybase-widget serve`.

Nothing but the server is between them: no page, tab or kernel is shared.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.browser.contexts import watched_context
from tests.browser.lab import Grid, Lab, Notebook, write_notebook
from tests.browser.room_server import RoomServer
from tests.browser.server import JupyterServer, Kernel, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

WITHIN_S = 60.0  # whoever has tried for a while to connect again pauses up to 30 s
SHOW = """
from tinybase_widget import Store, TableView
store = Store()
view = TableView(store, "pets", room={link!r})
view
"""
DASH = "\u2013"


class Person:
    """A notebook with the table, in a browser of its own."""

    def __init__(self, name: str, server: JupyterServer, browser: Browser, link: str) -> None:
        self.errors: list[str] = []
        self._stack = ExitStack()
        context = self._stack.enter_context(watched_context(browser, self.errors))
        self.path = f"{name}.ipynb"
        self.server = server
        write_notebook(server.root / self.path, SHOW.format(link=link))
        self.lab = Lab(context.new_page(), server).open_in_workspace(name, self.path)
        self.notebook: Notebook = self.lab.notebook(self.path)
        self.notebook.run_all()
        self.kernel: Kernel = server.kernel(self.path)
        # What is run from here may come to the kernel before the notebook's cell.
        self.kernel_says("'view' in globals()", True)

    @property
    def grid(self) -> Grid:
        """The table."""
        return self.notebook.grid("pets")

    @property
    def root(self) -> str:
        """The table, as a CSS selector of the page."""
        return '.tbw-table[data-table="pets"]'

    @property
    def status(self) -> str:
        """What stands beside the table's name."""
        return self.notebook.panel.locator(f"{self.root} .tbw-status-text").inner_text()

    def says(self, text: str) -> None:
        """Wait until this stands beside the table's name."""
        wait_for(lambda: self.status == text, f"{self.path} says {text!r}", WITHIN_S)

    def kernel_says(self, expression: str, expected: object) -> None:
        """Wait until an expression has this value in the kernel."""
        wait_for(
            lambda: self.kernel.value(expression) == expected,
            f"{expression} is {expected!r} for {self.path}",
            WITHIN_S,
        )

    def shows(self, row: str, column: str, text: str) -> None:
        """Wait until a cell has this text."""
        cell = self.grid.cell(row, column)
        wait_for(lambda: cell.inner_text() == text, f"{text!r} in {row}/{column}", WITHIN_S)

    def has_rows(self, count: int) -> None:
        """Wait until the table has so many rows."""
        wait_for(lambda: self.grid.row_count() == count, f"{count} rows for {self.path}", WITHIN_S)

    def close(self) -> None:
        """Close the browser and end the kernel."""
        self.kernel.close()
        self._stack.close()
        self.server.end_session(self.path)
        assert not self.errors, "\n".join(self.errors)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoomServer]:
    """A server of rooms."""
    server = RoomServer(tmp_path_factory.mktemp("rooms"), "zoo")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def people(
    server: JupyterServer, chromium: Browser, rooms: RoomServer
) -> Iterator[tuple[Person, Person]]:
    """Ada, whose kernel has made the table, and Grace."""
    ada = Person("ada", server, chromium, rooms.links["edit"])
    ada.kernel.run(
        """
store.set_table("pets", {
    "0": {"species": "dog", "price": 5},
    "1": {"species": "cat", "price": 4},
    "2": {"species": "owl", "price": 9},
})
"""
    )
    grace = Person("grace", server, chromium, rooms.links["edit"])
    yield ada, grace
    for person in (ada, grace):
        person.close()


def test_edits_in_one_grid_reach_the_other_grid_and_both_kernels(
    people: tuple[Person, Person],
) -> None:
    ada, grace = people
    ada.grid.edit("0", "price", "17")
    grace.shows("0", "price", "17")
    grace.grid.edit("1", "species", "lynx")
    ada.shows("1", "species", "lynx")
    for person in people:
        person.says("Synced")
        assert person.kernel.value("store.get_row('pets', '0')['price']") == 17


def test_while_the_server_is_away_both_say_how_many_edits_wait_and_then_nothing_is_lost(
    people: tuple[Person, Person], rooms: RoomServer
) -> None:
    ada, grace = people
    for person in people:
        person.says("Synced")
        person.kernel_says("view.room.connections[0].waiting_edits", 0)
    rooms.kill()
    for person in people:
        person.says("Offline")
    ada.grid.edit("0", "species", "wolf")
    ada.says(f"Offline {DASH} 1 edit waiting")
    ada.grid.edit("2", "price", "8")
    ada.kernel.run("store.set_row('pets', '3', {'species': 'hen', 'price': 1})")
    ada.says(f"Offline {DASH} 3 edits waiting")
    grace.grid.edit("0", "price", "18")
    grace.kernel.run("store.del_row('pets', '1')")
    grace.says(f"Offline {DASH} 2 edits waiting")
    assert "127.0.0.1" in (ada.notebook.panel.locator(".tbw-status").get_attribute("title") or "")
    rooms.start()
    pets = {
        "0": {"species": "wolf", "price": 18},
        "2": {"species": "owl", "price": 8},
        "3": {"species": "hen", "price": 1},
    }
    for person in people:
        person.says("Synced")
        person.shows("0", "species", "wolf")
        person.shows("0", "price", "18")
        person.shows("3", "species", "hen")
        person.has_rows(3)
        person.kernel_says("store.get_table('pets')", pets)


def test_the_token_is_in_no_widget_state_and_in_nothing_that_is_shown(
    people: tuple[Person, Person], rooms: RoomServer
) -> None:
    ada, _ = people
    said = ada.kernel.value("repr((view.get_state(), view, view.room, view.room.connections))")
    page = ada.notebook.panel.evaluate("node => node.querySelector('.jp-OutputArea').outerHTML")
    assert f"127.0.0.1:{rooms.port}/zoo" in said
    for token in rooms.tokens:
        assert token not in said
        assert token not in page


def test_a_link_to_view_says_that_edits_do_not_reach_the_others(
    people: tuple[Person, Person], rooms: RoomServer
) -> None:
    ada, grace = people
    code = f"""
from tinybase_widget import Room
watching = Room("watching", Store())
connection = watching.connect({rooms.links["view"]!r})
assert connection.wait_until_synced()
watching.store.set_cell("pets", "0", "price", 99)
"""
    grace.kernel.run(code)
    grace.kernel_says("connection.is_view_only", True)
    said = grace.kernel.value("TableView(watching.store, 'pets', room=watching)._server['text']")
    assert said == f"View only {DASH} 1 edit waiting"
    grace.kernel.run("watching.close()")
    ada.grid.edit("0", "price", "20")
    grace.shows("0", "price", "20")
