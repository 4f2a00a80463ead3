"""Kernels that can't reach a server of rooms, which the page joins for them; and the reverse.

Only this browser knows the address `rooms.test`, so only its pages can reach a server there. All
tests share a page and a notebook of one cell.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.contexts import browser_that_knows
from tests.browser.server import wait_for
from tests.browser.stage import IMPORTS, NOTEBOOK, Stage, shows
from tests.interop.servers.conftest import servers_in
from tinybase_widget import Room, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.interop.servers.conftest import Server


SECONDS = 30
NAME = "rooms.test"
HIDDEN = "nobody is to see this"
STORE = f"""{IMPORTS}
from tinybase_widget import Room
store = Store().set_table("pets", {{"0": {{"name": "Fido", "price": 5}}}})
room = Room("NAME", store)
"""
SHOW = 'view = TableView(store, "pets", room=room)\nview'
TABLE = "store.get_table('pets')"
WAIT = f"""
import threading
waited = []
wait = lambda: waited.append(connection.wait_until_synced({SECONDS}))
threading.Thread(target=wait).start()
"""
FORBID = """policy => {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = policy;
    document.head.append(meta);
}"""
# What a resolver in the kernel's network would do that has learned the name meanwhile.
RESOLVE = f"""
import socket
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve(
    "127.0.0.1" if host == "{NAME}" else host, *rest, **more
)
"""


@pytest.fixture(scope="module")
def stage_browser(chromium: Browser) -> Iterator[Browser]:
    """A browser that knows the server's name."""
    with browser_that_knows(NAME, chromium) as launched:
        yield launched


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers, which end with the test."""
    with servers_in(tmp_path) as start:
        yield start


@pytest.fixture
def peer() -> Iterator[Callable[[Server], Room]]:
    """Joins a room on a server, as somebody else who is there."""
    rooms: list[Room] = []

    def join(server: Server) -> Room:
        room = Room("zoo", Store())
        rooms.append(room)
        room.connect(f"{server.url}/zoo", server.token, protocol=server.protocol)
        return room

    yield join
    for room in rooms:
        room.close()


def connect(stage: Stage, room: str, server: Server, host: str, **options: Any) -> Any:
    """Show a room of a new Store whose kernel is to connect to a server; return the table."""
    given = {"token": server.token, "protocol": server.protocol, **options}
    url = f"ws://{host}:{server.port}/zoo"
    joining = f"connection = room.connect({url!r}, **{given})\n"
    return stage.show(STORE.replace("NAME", room) + joining + SHOW)


def is_through(stage: Stage, way: str | None) -> None:
    """Wait until the kernel's connection is in sync that way."""
    wait_for(
        lambda: stage.kernel.value("connection.through") == way,
        f"the connection is through {way!r}: {stage.kernel.value('repr(connection)')}",
    )


def has(room: Room, row: str, cell: str, content: object) -> None:
    """Wait until the peer has a cell."""
    wait_for(lambda: room.store.get_cell("pets", row, cell) == content, f"{content!r} came")


@pytest.mark.parametrize("kind", ["serve", "y-websocket", "hocuspocus"])
def test_a_kernel_follows_a_server_through_the_page(
    stage: Stage,
    start_server: Callable[..., Server],
    peer: Callable[[Server], Room],
    kind: str,
) -> None:
    server = start_server(kind)
    other = peer(server)
    other.store.set_cell("pets", "1", "name", "Felix")
    grid = connect(stage, f"follows {kind}", server, NAME)
    is_through(stage, "page")
    has(other, "0", "name", "Fido")
    stage.cell_is("1", "name", "Felix")
    grid.edit("0", "price", "6")
    has(other, "0", "price", 6)
    stage.kernel.run("store.set_cell('pets', '0', 'price', 7)")
    stage.kernel.run(WAIT)
    wait_for(lambda: stage.kernel.value("waited") == [True], "a page has answered")
    has(other, "0", "price", 7)
    other.store.set_cell("pets", "0", "price", 8)
    stage.cell_is("0", "price", 8)
    shows(grid, "0", "price", "8")


def test_edits_that_the_page_has_brought_to_the_server_do_not_wait(
    stage: Stage, start_server: Callable[..., Server], peer: Callable[[Server], Room]
) -> None:
    server = start_server("serve")
    other = peer(server)
    grid = connect(stage, "brought", server, NAME)
    is_through(stage, "page")
    stage.kernel.run("store.set_cell('pets', '0', 'price', 6)")
    has(other, "0", "price", 6)
    grid.edit("0", "name", "Rex")
    has(other, "0", "name", "Rex")
    other.store.set_cell("pets", "0", "price", 7)
    stage.cell_is("0", "price", 7)
    wait_for(lambda: stage.kernel.value("connection.waiting_edits") == 0, "none waits")
    server.kill()
    wait_for(lambda: stage.kernel.value("connection.through") is None, "the page has noticed")
    assert stage.kernel.value("connection.waiting_edits") == 0
    stage.kernel.run("store.set_cell('pets', '0', 'price', 8)")
    expect(grid.root.get_by_text("Offline \u2013 1 edit waiting")).to_be_visible()
    assert stage.kernel.value("connection.waiting_edits") == 1


def test_the_page_leaves_the_server_when_the_kernel_can_reach_it(
    stage: Stage, start_server: Callable[..., Server], peer: Callable[[Server], Room]
) -> None:
    server = start_server("y-websocket")
    other = peer(server)
    connect(stage, "returns", server, NAME)
    is_through(stage, "page")
    stage.kernel.run(RESOLVE)
    try:
        is_through(stage, "kernel")
        assert stage.kernel.value("room.page_routes") == []
        stage.kernel.run("store.set_cell('pets', '0', 'price', 9)")
        has(other, "0", "price", 9)
        stage.lab.page.wait_for_function(
            """() => [...globalThis[Symbol.for('tinybase-widget/1')].rooms.get('returns').links]
                .every(({ name }) => !name.startsWith('server '))"""
        )
    finally:
        stage.kernel.run("socket.getaddrinfo = resolve")


def test_a_token_is_told_to_pages_only_where_that_is_asked_for_and_saved_nowhere(
    stage: Stage, start_server: Callable[..., Server], peer: Callable[[Server], Room]
) -> None:
    server = start_server("hocuspocus", HIDDEN)
    other = peer(server)
    connect(stage, "told to nobody", server, NAME)
    wait_for(lambda: stage.kernel.value("connection.error"), "the kernel can't reach it")
    assert stage.kernel.value("room.page_routes") == []
    connect(stage, "told to pages", server, NAME, through="page")
    is_through(stage, "page")
    has(other, "0", "name", "Fido")
    stage.notebook.save()
    notebook = json.loads((stage.lab.server.root / NOTEBOOK).read_text())
    outputs = [cell.pop("outputs") for cell in notebook["cells"]]
    assert HIDDEN in json.dumps(notebook["cells"])  # where it was typed
    assert HIDDEN not in json.dumps([outputs, notebook["metadata"]])
    assert HIDDEN not in stage.kernel.value("repr((connection, room, view.get_state()))")


def test_a_reloaded_page_joins_again(
    stage: Stage, start_server: Callable[..., Server], peer: Callable[[Server], Room]
) -> None:
    server = start_server("y-websocket")
    other = peer(server)
    connect(stage, "reloaded", server, NAME, through="page")
    is_through(stage, "page")
    stage.reload()
    other.store.set_cell("pets", "0", "price", 6)
    stage.cell_is("0", "price", 6)
    shows(stage.notebook.grid("pets"), "0", "price", "6")


def test_two_pages_and_a_kernel_on_one_server_agree(
    stage: Stage, start_server: Callable[..., Server], peer: Callable[[Server], Room]
) -> None:
    server = start_server("y-websocket")
    other = peer(server)
    grid = connect(stage, "three", server, NAME, through="page")
    stage.kernel.run(f"own = room.connect('{server.url}/zoo', through='kernel')")
    stage.notebook.save()
    second = stage.context.new_page()
    try:
        second.goto(stage.lab.page.url)
        on_second = "() => globalThis[Symbol.for('tinybase-widget/1')]?.rooms.get('three')?.links"
        second.wait_for_function(f"{on_second}.some(({{ name }}) => name.startsWith('server '))")
        stage.lab.page.bring_to_front()
        is_through(stage, "page")
        wait_for(lambda: stage.kernel.value("own.through") == "kernel", "both ways are open")
        for price in range(10, 20):
            other.store.set_cell("pets", "1", "price", price)
            stage.kernel.run(f"store.set_cell('pets', '2', 'price', {price})")
        grid.edit("0", "price", "6")
        has(other, "0", "price", 6)
        has(other, "2", "price", 19)
        stage.cell_is("1", "price", 19)
        shows(grid, "1", "price", "19")
        second.wait_for_function(
            """() => {
                const { store } = globalThis[Symbol.for('tinybase-widget/1')].rooms.get('three');
                const prices = ['0', '1', '2'].map(row => store.getCell('pets', row, 'price'));
                return prices.join() === '6,19,19';
            }"""
        )
    finally:
        second.close()


def test_what_the_page_must_not_do_is_said_in_the_kernel(
    stage: Stage, start_server: Callable[..., Server], errors: list[str]
) -> None:
    server = start_server("y-websocket")
    here = stage.lab.server.url
    policy = f"connect-src 'self' {here} {here.replace('http', 'ws')}"
    stage.lab.page.evaluate(FORBID, policy)
    try:
        connect(stage, "forbidden", server, NAME)
        wait_for(
            lambda: "Content-Security-Policy" in (stage.kernel.value("connection.error") or ""),
            "the reason is told",
        )
        assert stage.kernel.value("connection.state") != "synced"
    finally:
        stage.reload()
        stage.notebook.activate()
        errors[:] = [text for text in errors if "Content Security Policy" not in text]


def test_a_page_that_cant_reach_the_server_follows_it_through_the_kernel(
    stage: Stage, start_server: Callable[..., Server], peer: Callable[[Server], Room]
) -> None:
    server = start_server("y-websocket")
    other = peer(server)
    stage.lab.page.route_web_socket(re.compile(f":{server.port}/"), lambda socket: socket.close())
    grid = connect(stage, "through the kernel", server, "127.0.0.1", through="either")
    is_through(stage, "kernel")
    assert stage.kernel.value("room.page_routes") == []
    grid.edit("0", "price", "6")
    has(other, "0", "price", 6)
    other.store.set_cell("pets", "0", "price", 7)
    shows(grid, "0", "price", "7")
