"""A kernel in the document of a file that JupyterLab has open: `room="file:zoo.tinybase.json"`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from jupyter_client.manager import KernelManager

from tests.browser.contexts import watched_context
from tests.browser.documents import NAME, ZOO, Desk, collaboration_options, content_of
from tests.browser.lab import Lab, write_notebook
from tests.browser.server import JupyterServer, Kernel, wait_for
from tests.browser.stage import shows
from tests.browser.test_together import ADA, GRACE, is_marked, mark, sign_in
from tinybase_widget import YTinyBase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


MAKE = """
from tinybase_widget import Room, Store, TableView
store = Store()
room = Room("zoo", store)
"""
JOIN = """
connection = room.connect({address!r})
assert connection.wait_until_synced(), connection
"""


class InKernel:
    """A Store in a kernel, and its connection to the file."""

    def __init__(self, kernel: Kernel, folder: str | None = None) -> None:
        self.kernel = kernel
        self.address = f"file:{NAME}" if folder is None else f"file:{folder}/{NAME}"

    def join(self, before: str = "") -> InKernel:
        """Make a Store, with some content, and join the file."""
        self.kernel.run(MAKE)
        self.kernel.run(before)
        self.kernel.run(JOIN.format(address=self.address))
        return self

    def edit(self, row: str, column: str, cell: object) -> None:
        """Set a cell."""
        self.kernel.run(f"store.set_cell('pets', {row!r}, {column!r}, {cell!r})")

    def has(self, row: str, column: str, expected: object) -> None:
        """Wait until the Store has this cell."""
        cell = f"store.get_cell('pets', {row!r}, {column!r})"
        wait_for(lambda: self.kernel.value(cell) == expected, f"{row}/{column} is {expected!r}")

    def says(self, text: str) -> None:
        """Wait until the connection's error has these words."""
        wait_for(lambda: text in (self.error or ""), f"the connection says {text!r}")

    @property
    def error(self) -> str | None:
        """What the connection complains of."""
        error: str | None = self.kernel.value("connection.error")
        return error

    def compares(self, timeout_s: float = 30.0) -> bool:
        """Have the two sides compared at once; return whether they agree."""
        is_synced: bool = self.kernel.value(f"connection.wait_until_synced({timeout_s})")
        return is_synced


@pytest.fixture(scope="module")
def kernels() -> Iterator[dict[str, Kernel]]:
    """By address of the server, a kernel that it has started for a notebook in its root folder."""
    kernels: dict[str, Kernel] = {}
    yield kernels
    for kernel in kernels.values():
        kernel.close()


@pytest.fixture
def kernel(desk: Desk, kernels: dict[str, Kernel]) -> Iterator[InKernel]:
    """A kernel of the desk's server, in which no room is open."""
    url = desk.server.url
    if url not in kernels:
        kernels[url] = desk.server.new_kernel("notebook.ipynb")
    yield InKernel(kernels[url], desk.folder)
    kernels[url].run("room.close()")


def test_two_tabs_and_a_kernel_edit_one_document_and_all_edits_reach_the_disk(
    desk: Desk, kernel: InKernel
) -> None:
    here, there = desk.open("here"), desk.open("there")
    kernel.join()
    here.table().edit("0", "price", "17")
    there.table().edit("1", "species", "lynx")
    kernel.edit("1", "price", 18)
    for document in (here, there):
        grid = document.table()
        shows(grid, "0", "price", "17")
        shows(grid, "1", "species", "lynx")
        shows(grid, "1", "price", "18")
    kernel.has("0", "price", 17)
    kernel.has("1", "species", "lynx")
    desk.has_on_disk("0", "price", 17)
    desk.has_on_disk("1", "species", "lynx")
    desk.has_on_disk("1", "price", 18)
    assert kernel.kernel.value("store.get_value('open')") is True


def test_a_table_view_shows_the_file_and_tells_a_page_no_token(desk: Desk) -> None:
    cell = f'{MAKE}\nview = TableView(store, "pets", room="file:{NAME}")\nview'
    write_notebook(desk.root / "notebook.ipynb", cell)
    document = desk.open()
    path = f"{desk.folder}/notebook.ipynb"
    lab = Lab(desk.context.new_page(), desk.server).open_in_workspace(f"{desk.folder}-nb", path)
    notebook = lab.notebook(path)
    notebook.run_all()
    grid = notebook.grid("pets")
    shows(grid, "0", "species", "dog")
    grid.edit("0", "price", "17")
    shows(document.table(), "0", "price", "17")
    document.table().edit("1", "price", "18")
    lab.page.bring_to_front()
    shows(grid, "1", "price", "18")
    desk.has_on_disk("0", "price", 17)
    kernel = desk.server.kernel(path)
    said = kernel.value("repr((view.get_state(), view, view.room, view.room.connections))")
    kernel.close()
    notebook.save()
    lab.page.close()
    desk.server.end_session(path)
    assert f"file:{desk.folder}/{NAME}" in said
    assert desk.server.token not in said
    assert desk.server.token not in (desk.root / "notebook.ipynb").read_text()


def test_what_a_kernel_had_before_it_joined_and_what_the_file_has_are_both_kept(
    desk: Desk, kernel: InKernel
) -> None:
    document = desk.open()
    before = """
store.set_table("pets", {"0": {"colour": "brown"}, "9": {"species": "owl"}})
store.set_cell("plants", "a", "b", 1)
store.set_values({"mine": True})
"""
    kernel.join(before)
    grid = document.table()
    shows(grid, "9", "species", "owl")
    shows(grid, "0", "species", "dog")
    desk.has_on_disk("0", "colour", "brown")
    tables, values = wait_for(desk.content, "the file is written")
    assert tables["pets"]["0"] == {**ZOO[0]["pets"]["0"], "colour": "brown"}
    assert tables["pets"]["1"] == ZOO[0]["pets"]["1"]
    assert tables["pets"]["9"] == {"species": "owl"}
    assert (tables["people"], tables["plants"]) == (ZOO[0]["people"], {"a": {"b": 1}})
    assert values == {"mine": True, "open": True}


def test_a_change_of_the_file_reaches_a_kernel_and_keeps_its_edits(
    desk: Desk, kernel: InKernel
) -> None:
    kernel.join()
    changed = json.loads(json.dumps(ZOO))
    changed[0]["pets"]["0"]["species"] = "wolf"
    with desk.server.stopped():  # so that it hears of both at once, and of neither while it saves
        kernel.edit("1", "price", 18)
        desk.write(changed)
    kernel.has("0", "species", "wolf")
    kernel.has("1", "price", 18)
    desk.has_on_disk("1", "price", 18)
    desk.has_on_disk("0", "species", "wolf")


def test_a_file_that_breaks_is_told_to_the_kernel_and_never_written_over(
    desk: Desk, kernel: InKernel
) -> None:
    kernel.join()
    desk.write("[{")
    kernel.says("not saved")
    kernel.edit("1", "price", 18)
    assert kernel.compares()
    wait_for(lambda: desk.file.read_text() == "[{", "the file is as it was")
    mended = json.loads(json.dumps(ZOO))
    mended[0]["pets"]["0"]["species"] = "wolf"
    desk.write(mended)
    kernel.has("0", "species", "wolf")
    wait_for(lambda: kernel.error is None, "the kernel complains no more")
    desk.has_on_disk("1", "price", 18)


def test_what_a_kernel_brings_into_a_broken_file_is_there_when_that_is_mended(
    desk: Desk, kernel: InKernel
) -> None:
    desk.write("[{")
    kernel.join("store.set_row('pets', '9', {'species': 'owl'})")
    kernel.says("not saved")
    wait_for(lambda: desk.file.read_text() == "[{", "the file is as it was")
    desk.write(ZOO)
    kernel.has("0", "species", "dog")
    desk.has_on_disk("9", "species", "owl")
    desk.has_on_disk("0", "species", "dog")


def test_a_kernel_goes_on_in_a_file_that_is_renamed_also_when_it_joins_again(
    desk: Desk, kernel: InKernel
) -> None:
    kernel.join()
    desk.server.rename(f"{desk.folder}/{NAME}", f"{desk.folder}/ark.tinybase.json")
    desk.file = desk.root / "ark.tinybase.json"
    kernel.edit("0", "price", 17)
    desk.has_on_disk("0", "price", 17)
    kernel.kernel.run("connection._address.find()")  # what each new connection begins with
    assert kernel.compares()
    kernel.edit("0", "price", 18)
    desk.has_on_disk("0", "price", 18)
    assert not (desk.root / NAME).exists()


def test_a_kernel_hears_that_its_file_was_deleted_and_keeps_what_it_held(
    desk: Desk, kernel: InKernel
) -> None:
    kernel.join()
    desk.server.delete(f"{desk.folder}/{NAME}")
    kernel.edit("0", "price", 17)
    assert not kernel.compares(5)
    kernel.says("was deleted, or moved")
    assert not desk.file.exists()
    assert kernel.kernel.value("connection.state") in {"offline", "connecting"}
    kernel.has("0", "price", 17)
    kernel.has("1", "species", "cat")
    desk.write([{}, {}])  # somebody makes another file of this name
    kernel.says("another file")
    assert desk.content() == [{}, {}]


@pytest.mark.parametrize("desk", ["one"], indirect=True)
def test_without_jupyter_collaboration_the_kernel_is_told_what_to_install(
    desk: Desk, kernel: InKernel
) -> None:
    kernel.kernel.run(MAKE)
    attempt = f"""
from tinybase_widget import JupyterServerError
try:
    TableView(store, "pets", room={kernel.address!r})
except JupyterServerError as error:
    said = str(error)
"""
    kernel.kernel.run(attempt)
    assert 'pip install "tinybase-widget[jupyter]"' in kernel.kernel.value("said")
    assert desk.content() == ZOO


class Away:
    """A kernel that outlives the server: a script's, or an editor's."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._manager = KernelManager(kernel_name="python3")
        environment = {
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "IPYTHONDIR": str(home / "ipython"),
        }
        self._manager.start_kernel(cwd=str(folder), env=environment)
        self.kernel = Kernel(self._manager.connection_file)

    def close(self) -> None:
        """End it."""
        self.kernel.close()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A folder for a server of the test's own to serve, with the file in it, and its home."""
    root, home = tmp_path / "root", tmp_path / "home"
    for folder in (root, home):
        folder.mkdir()
    (root / NAME).write_text(json.dumps(ZOO))
    return root, home


def test_nothing_is_lost_when_the_server_is_killed_and_started_again_while_a_kernel_edits(
    folders: tuple[Path, Path],
) -> None:
    root, home = folders
    file = root / NAME
    options = collaboration_options(home)
    server = JupyterServer.start(root, home, *options, has_collaboration=True)
    away = Away(home, root)
    try:
        kernel = InKernel(away.kernel).join()
        kernel.edit("0", "price", 17)
        assert kernel.compares()
        server.kill()
        for number in range(3, 6):
            kernel.edit(str(number), "price", number)
        wait_for(lambda: away.kernel.value("connection.state") == "offline", "it is offline")
        kernel.edit("1", "price", 18)
        # Another port, another token, another session, and the documents' store as it was.
        server = JupyterServer.start(root, home, *options, has_collaboration=True)
        wait_for(lambda: kernel.compares(5), "the kernel is in the document again", 60)

        def is_on_disk() -> bool:
            pets = (content_of(file) or [{}])[0].get("pets", {})
            prices = {row: cells.get("price") for row, cells in pets.items()}
            return prices == {"0": 17, "1": 18, "3": 3, "4": 4, "5": 5}

        wait_for(is_on_disk, "all edits are on the disk")
    finally:
        away.close()
        server.stop()


def test_an_unsaved_edit_outlasts_a_killed_server_a_killed_kernel_and_a_changed_file(
    folders: tuple[Path, Path],
) -> None:
    root, home = folders
    file = root / NAME
    store = home / "ystore.db"
    options = collaboration_options(home, save_delay_s=1000)

    def stored() -> str:
        document = YTinyBase()
        try:
            with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
                for (update,) in database.execute("SELECT yupdate FROM yupdates ORDER BY rowid"):
                    document.ydoc.apply_update(update)
        except sqlite3.OperationalError:
            return ""  # it is only being made
        return document.get()

    server = JupyterServer.start(root, home, *options, has_collaboration=True)
    try:
        away = Away(home, root)
        try:
            InKernel(away.kernel).join().edit("0", "price", 17)
            wait_for(lambda: '"price":17' in stored(), "the edit is in the server's store")
        finally:
            server.kill()
            away.close()
        assert content_of(file) == ZOO
        changed = json.loads(json.dumps(ZOO))
        changed[0]["pets"]["1"]["species"] = "wolf"
        file.write_text(json.dumps(changed))
        server = JupyterServer.start(root, home, *options, has_collaboration=True)
        again = Away(home, root)
        try:
            kernel = InKernel(again.kernel).join()
            kernel.has("0", "price", 17)
            kernel.has("1", "species", "wolf")
        finally:
            again.close()
    finally:
        server.stop()


def test_people_in_a_file_see_where_the_others_are_and_a_kernel_knows_it(
    desk: Desk, kernel: InKernel, chromium: Browser, console: list[str]
) -> None:
    with watched_context(chromium, console) as elsewhere:
        sign_in(desk.context, desk.server, ADA)
        sign_in(elsewhere, desk.server, GRACE)
        ada, grace = desk.open("ada"), desk.open("grace", elsewhere)
        kernel.join()
        grace.table().cell("1", "price").click()
        is_marked(ada.table(), "1", "price", GRACE)
        ada.table().cell("0", "species").click()
        is_marked(grace.table(), "0", "species", ADA)
        people = "sorted((p.name, p.row_id, p.cell_id) for p in room.peers if p.row_id)"
        expected = [(ADA, "0", "species"), (GRACE, "1", "price")]
        wait_for(lambda: kernel.kernel.value(people) == expected, "the kernel knows where they are")
        grace.lab.command("application:close")
        wait_for(lambda: mark(ada.table()).count() == 0, "Grace has closed the file")
