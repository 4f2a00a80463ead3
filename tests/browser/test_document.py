"""A file `*.tinybase.json` in JupyterLab: for one person, and for several at once."""

from __future__ import annotations

import json
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser.documents import NAME, ZOO, Desk, Document
from tests.browser.lab import Grid
from tests.browser.server import wait_for
from tests.browser.stage import shows

both = pytest.mark.parametrize("desk", ["one", "several"], indirect=True)
one = pytest.mark.parametrize("desk", ["one"], indirect=True)


@both
def test_a_double_click_opens_the_file_as_a_live_table(desk: Desk) -> None:
    lab = desk.browse()
    lab.page.locator(".jp-DirListing-item", has_text=NAME).dblclick()
    document = Document(lab)
    grid = document.table()
    assert grid.cell("0", "species").inner_text() == "dog"
    wait_for(lambda: grid.row_count() == 2, "it has two rows")
    shows(document.table("people"), "ann", "age", "30")
    document.says("Saved")


@both
def test_file_new_makes_a_table_that_reaches_the_disk(desk: Desk) -> None:
    lab = desk.browse()
    lab.page.locator(".lm-MenuBar-item", has_text="File").click()
    lab.page.locator(".lm-Menu-item", has_text="New").first.hover()
    lab.page.locator(".lm-Menu-item", has_text="TinyBase Table").click()
    document = Document(lab)
    field = document.panel.locator("input[placeholder='First column']")
    field.fill("species")
    field.press("Enter")
    file = desk.root / "untitled.tinybase.json"
    grid = Grid(document.panel.locator(".tbw-table"))
    grid.root.locator(".tbw-editor-field").fill("dog")
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("Control+s")
    wait_for(lambda: '"species":"dog"' in file.read_text(), "the new table is on the disk")


@one
def test_an_edit_is_not_on_the_disk_before_it_is_saved(desk: Desk) -> None:
    document = desk.open()
    grid = document.table()
    grid.edit("0", "price", "17")
    document.says("Not saved yet")
    expect(document.tab).to_contain_class("jp-mod-dirty")
    assert desk.content() == ZOO
    document.page.keyboard.press("Control+s")
    desk.has_on_disk("0", "price", 17)
    document.says("Saved")
    expect(document.tab).not_to_contain_class("jp-mod-dirty")
    assert desk.content()[1] == {"open": True}


@one
def test_revert_brings_back_what_is_on_the_disk(desk: Desk) -> None:
    document = desk.open()
    grid = document.table()
    grid.edit("0", "price", "17")
    document.says("Not saved yet")
    document.lab.command("docmanager:reload")
    document.page.locator(".jp-Dialog button.jp-mod-accept").click()
    shows(grid, "0", "price", "5")
    document.says("Saved")
    assert desk.content() == ZOO


def test_two_tabs_edit_one_document_and_both_edits_reach_the_disk(desk: Desk) -> None:
    here, there = desk.open("here"), desk.open("there")
    here.table().edit("0", "price", "17")
    shows(there.table(), "0", "price", "17")
    there.table().edit("1", "species", "lynx")
    shows(here.table(), "1", "species", "lynx")
    desk.has_on_disk("0", "price", 17)
    desk.has_on_disk("1", "species", "lynx")
    for document in (here, there):
        document.says("Saved")


def test_each_undoes_its_own_edits_only(desk: Desk) -> None:
    here, there = desk.open("here"), desk.open("there")
    here.table().edit("0", "price", "17")
    shows(there.table(), "0", "price", "17")
    there.table().edit("1", "price", "18")
    shows(here.table(), "1", "price", "18")
    here.panel.locator("[data-action=undo]").click()
    shows(here.table(), "0", "price", "5")
    shows(here.table(), "1", "price", "18")
    expect(here.panel.locator("[data-action=undo]")).to_be_disabled()


def test_a_change_of_the_file_is_shown_and_keeps_what_people_edit(desk: Desk) -> None:
    document = desk.open()
    grid = document.table()
    changed = json.loads(json.dumps(ZOO))
    changed[0]["pets"]["0"]["species"] = "wolf"
    changed[0]["pets"]["2"] = {"species": "owl", "price": 9, "sold": False}
    with desk.server.stopped():  # so that it hears of both at once, and of neither while it saves
        grid.edit("1", "price", "18")
        desk.write(changed)
    shows(grid, "0", "species", "wolf")
    shows(grid, "2", "species", "owl")
    shows(grid, "1", "price", "18")
    desk.has_on_disk("1", "price", 18)
    desk.has_on_disk("0", "species", "wolf")


def test_a_file_that_is_emptied_keeps_its_rows_and_is_written_anew(desk: Desk) -> None:
    document = desk.open()
    grid = document.table()
    desk.write("")
    desk.has_on_disk("0", "species", "dog")
    assert grid.cell("1", "species").inner_text() == "cat"


def test_a_file_that_is_only_opened_is_not_written(desk: Desk) -> None:
    before = desk.file.stat()
    other = Desk(desk.context, desk.server, f"{desk.folder}-other")
    desk.open().table()
    # What is opened later and edited is saved later than the first would be.
    other.open().table().edit("0", "price", "17")
    other.has_on_disk("0", "price", 17)
    after = desk.file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@both
def test_a_broken_file_is_shown_and_never_written_over(desk: Desk) -> None:
    attack = '[{"pets": <img src=x onerror="document.title=1">'
    desk.write(attack)
    document = desk.open()
    document.notice.wait_for()
    expect(document.notice.locator("pre")).to_have_text(attack)
    assert document.panel.locator("img").count() == 0
    document.lab.command("docmanager:save")
    document.page.evaluate(
        """path => window.jupyterapp.serviceManager.contents.save(
            path, { type: 'file', format: 'text', content: 'saved later' })""",
        f"{desk.folder}/after.txt",
    )
    # Jupyter's server empties a file before it writes the same text into it.
    wait_for(lambda: desk.file.read_text() == attack, "the file is as it was")


@one
def test_a_broken_file_that_is_only_opened_is_not_to_be_saved(desk: Desk) -> None:
    desk.write("[{")
    document = desk.open()
    document.notice.wait_for()
    are_dirty = """() => [...window.jupyterapp.shell.widgets('main')].map(
        ({ context }) => context.model.dirty)"""
    assert document.page.evaluate(are_dirty) == [False]


def test_a_file_that_breaks_while_it_is_open_is_back_when_it_is_mended(desk: Desk) -> None:
    document = desk.open()
    grid = document.table()
    desk.write("[{")
    document.notice.wait_for()
    assert grid.cell("0", "species").inner_text() == "dog"
    wait_for(lambda: document.status.startswith("Not saved while the file"), "it says so")
    expect(grid.root.locator("[data-action=add-row]")).to_be_hidden()
    assert desk.file.read_text() == "[{"
    desk.write([{"pets": {"0": {"species": "wolf", "price": 5, "sold": False}}}, {}])
    document.notice.wait_for(state="hidden")
    shows(grid, "0", "species", "wolf")
    grid.edit("0", "price", "6")
    desk.has_on_disk("0", "price", 6)


@both
def test_a_renamed_file_goes_on_under_its_new_name(desk: Desk) -> None:
    document = desk.open()
    grid = document.table()
    document.page.evaluate(
        "([old, new_]) => window.jupyterapp.serviceManager.contents.rename(old, new_)",
        [f"{desk.folder}/{NAME}", f"{desk.folder}/ark.tinybase.json"],
    )
    document.tab.filter(has_text="ark.tinybase.json").wait_for()
    desk.file = desk.root / "ark.tinybase.json"
    grid.edit("0", "price", "17")
    document.page.keyboard.press("Control+s")
    desk.has_on_disk("0", "price", 17)
    assert not (desk.root / NAME).exists()


@both
def test_a_file_that_is_deleted_while_it_is_open_does_not_come_back_by_itself(desk: Desk) -> None:
    document = desk.open()
    document.table().edit("0", "price", "17")
    document.page.keyboard.press("Control+s")
    desk.has_on_disk("0", "price", 17)
    document.page.locator(".jp-DirListing-item", has_text=NAME).click()
    document.lab.command("filebrowser:delete")
    document.page.locator(".jp-Dialog button.jp-mod-accept").click()
    document.panel.wait_for(state="detached")
    assert not desk.file.exists()


@both
def test_an_open_table_is_there_again_after_a_reload(desk: Desk) -> None:
    document = desk.open()
    document.table()
    document.lab.reload()
    again = Document(document.lab)
    shows(again.table(), "1", "species", "cat")


@both
def test_the_document_is_as_dark_as_jupyterlab(desk: Desk) -> None:
    document = desk.open()
    document.table()
    for theme, is_dark in (("JupyterLab Dark", True), ("JupyterLab Light", False)):
        document.lab.command("apputils:change-theme", {"theme": theme})
        for part in (".tbw-table", ".tbw-tables"):
            wait_for(partial(is_as_dark, document, part, is_dark), f"{part} is as {theme} is")


def is_as_dark(document: Document, part: str, is_dark: bool) -> bool:
    """Say whether a part's background is as dark, or light, as expected."""
    color = document.panel.locator(part).evaluate("node => getComputedStyle(node).backgroundColor")
    numbers = [float(text) for text in color[color.index("(") + 1 : -1].split(",")[:3]]
    return (sum(numbers) / 3 < 128) is is_dark
