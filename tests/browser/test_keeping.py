"""Edits that the kernel has not heard of, while the page is loaded again: they are there, once.

All tests share a page and a notebook of one cell. The kernel that hears nothing is a stopped
process; one that is started again instead has forgotten what waited for it, and one whose server is
killed ends with it.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Error

from tests.browser.server import wait_for
from tests.browser.stage import IMPORTS, NOTEBOOK, Stage, shows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.lab import Grid
    from tests.browser.server import JupyterServer

PETS = {"0": {"name": "Fido", "price": 5}, "1": {"name": "Felix", "price": 4.5}}
STORE = f"""{IMPORTS}
from tinybase_widget import Room
store = Store().set_table("pets", {PETS})
"""
IN_DATABASE = f"""{STORE}
TableView(store, "pets", room=Room("in a database", store, path="rooms.db"))"""
KEPT_CHANGES = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open('tinybase-widget');
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
        const db = request.result;
        const counts = [...db.objectStoreNames].map(name => new Promise(done => {
            const count = db.transaction(name).objectStore(name).count();
            count.onsuccess = () => done(count.result);
        }));
        Promise.all(counts).then(all => { db.close(); resolve(all); });
    };
})"""
TABLE = "store.get_table('pets')"


@pytest.fixture(autouse=True)
def saved_output(stage: Stage, errors: list[str]) -> Iterator[None]:
    """The widget manager misses its models, until the cell has run in the new kernel."""
    del stage
    yield
    errors[:] = [error for error in errors if "widget model not found" not in error]


def shared_as(room: str) -> str:
    """Return a cell that shows pets, in a room that no other test has."""
    return f'{STORE}TableView(store, "pets", room="{room}")'


@contextmanager
def unheard(stage: Stage) -> Iterator[None]:
    """Stop the kernel's process, and let it go on if it is still there."""
    pid = stage.kernel.value("__import__('os').getpid()")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def kept(stage: Stage) -> Any:
    """Return how many changes and documents the browser keeps."""
    return stage.lab.page.evaluate(KEPT_CHANGES)


def has_kept(stage: Stage, *, document: bool = False) -> None:
    """Wait until the browser keeps a change, and the document too."""
    wait_for(lambda: kept(stage)[0] and (kept(stage)[1] or not document), "it is kept")


def keeps_nothing(stage: Stage) -> None:
    """Wait until the browser keeps nothing any more."""
    wait_for(lambda: kept(stage) == [0, 0], "nothing is kept any more")


def is_loaded_again(stage: Stage) -> None:
    """Load the page again; the notebook was saved before."""
    stage.lab.reload()
    stage.notebook = stage.lab.notebook(NOTEBOOK)


def is_started_again(stage: Stage, server: JupyterServer) -> None:
    """Start the kernel anew, which forgets what it was told, and run the notebook's cell."""
    stage.kernel.close()
    server.restart_kernel(NOTEBOOK)
    stage.kernel = server.kernel(NOTEBOOK)
    assert not stage.kernel.value("'store' in globals()")
    stage.notebook.run_all()
    wait_for(lambda: stage.kernel.value("'store' in globals()"), "the cell has run")


@contextmanager
def without_server(stage: Stage, server: JupyterServer) -> Iterator[None]:
    """Kill Jupyter's server, and so its kernels; start it again at the same address."""
    stage.lab.keep_quiet_about_the_connection()
    stage.kernel.close()
    server.kill()
    try:
        yield
    finally:
        server.start_again()


def shown_with_an_edit_of_the_kernel(stage: Stage, room: str) -> Grid:
    """Show the table, changed by what no cell of the notebook does again; save the notebook."""
    grid = stage.show(shared_as(room))
    stage.kernel.run("store.set_cell('pets', '1', 'price', 7)")
    shows(grid, "1", "price", "7")
    stage.notebook.save()
    return grid


def test_an_edit_that_a_kernel_has_not_heard_outlasts_two_reloads(stage: Stage) -> None:
    grid = stage.show(shared_as("reloads"))
    stage.notebook.save()
    with unheard(stage):
        grid.edit("0", "name", "Rex")
        grid.root.locator('.tbw-status[data-state="silent"]').wait_for()
        title = grid.root.locator(".tbw-status").get_attribute("title") or ""
        assert "kept in this browser" in title
        has_kept(stage)
        is_loaded_again(stage)
        is_loaded_again(stage)
    stage.cell_is("0", "name", "Rex")
    grid = stage.notebook.grid("pets")
    shows(grid, "0", "name", "Rex")
    assert stage.kernel.value(TABLE) == {**PETS, "0": {"name": "Rex", "price": 5}}
    keeps_nothing(stage)


def test_an_edit_is_there_once_when_the_kernel_was_started_again_too(
    stage: Stage, server: JupyterServer
) -> None:
    grid = shown_with_an_edit_of_the_kernel(stage, "restart")
    with unheard(stage):
        grid.edit("1", "price", "8")
        has_kept(stage, document=True)
        is_loaded_again(stage)
        is_started_again(stage, server)
    stage.cell_is("1", "price", 8)
    assert stage.kernel.value(TABLE) == {**PETS, "1": {"name": "Felix", "price": 8}}
    keeps_nothing(stage)


def test_a_room_in_a_database_and_its_page_are_both_started_again(
    stage: Stage, server: JupyterServer
) -> None:
    grid = stage.show(IN_DATABASE)
    stage.kernel.run("store.set_cell('pets', '0', 'name', 'Kept by the kernel')")
    shows(grid, "0", "name", "Kept by the kernel")
    stage.notebook.save()
    with unheard(stage):
        grid.edit("1", "name", "Kept by the page")
        has_kept(stage, document=True)
        is_loaded_again(stage)
        is_started_again(stage, server)
    stage.cell_is("1", "name", "Kept by the page")
    expected = {"0": {**PETS["0"], "name": "Kept by the kernel"}}
    expected["1"] = {**PETS["1"], "name": "Kept by the page"}
    assert stage.kernel.value(TABLE) == expected
    keeps_nothing(stage)


def test_an_edit_made_without_a_server_is_there_once_when_it_and_the_page_are_back(
    stage: Stage, server: JupyterServer
) -> None:
    grid = shown_with_an_edit_of_the_kernel(stage, "server")
    with without_server(stage, server):
        grid.edit("1", "price", "8")
        has_kept(stage, document=True)
        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            stage.lab.page.reload()
    is_loaded_again(stage)
    stage.notebook.run_all()
    stage.kernel = server.kernel(NOTEBOOK)
    wait_for(lambda: stage.kernel.value("'store' in globals()"), "the cell has run")
    stage.cell_is("1", "price", 8)
    assert stage.kernel.value(TABLE) == {**PETS, "1": {"name": "Felix", "price": 8}}
    shows(stage.notebook.grid("pets"), "1", "price", "8")
    keeps_nothing(stage)
