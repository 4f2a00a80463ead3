"""Pictures of people who share a table: in two notebooks, in several browsers, with a conflict."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from tests.browser.contexts import offline
from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Grid, Lab, Notebook, write_notebook
from tests.browser.test_together import sign_in
from tools.pictures._studio import BESIDE_OUTPUTS, PENGUINS, Studio, clear_stage, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

_SHARED = f"""{PENGUINS}
store = Store().set_table("penguins", {{id: penguins[id] for id in list(penguins)[::35]}})
columns = ["species", "island", "bill_length_mm", "body_mass_g", "sex", "year"]
view = TableView(store, "penguins", room="zoo", columns=columns)
view
"""
_TO_THE_TOP = "() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0; }"
_PEOPLE = ["Katherine Johnson", "Grace Hopper", "Ada Lovelace", "Emmy Noether"]
_AT = {"Ada Lovelace": ("70", "body_mass_g"), "Emmy Noether": ("210", "island")}


def two_kernels(studio: Studio) -> None:
    """The demo: two notebooks, an edit from each, and what their listeners print."""
    server = studio.server()
    page = studio.context(1280, 680, 1.5).new_page()
    lab = Lab(page, server).open(WORKSPACE)
    left, right = lab.notebook(LEFT), lab.notebook(RIGHT)
    for notebook in (left, right):
        notebook.run_all()
    for notebook in (left, right):
        notebook.grid()
    left.grid().edit("0", "island", "Dream")
    right.grid().edit("2", "species", "Gentoo")
    server.kernel(RIGHT).run('store.set_cell("penguins", "4", "bill_length_mm", 36.9)')
    until(lambda: "36.9" in left.log() and "36.9" in right.log(), "all has been printed")
    right.grid().cell("3", "species").click()
    left.grid().cell("4", "island").click()
    for notebook in (left, right):
        root = notebook.grid().root
        root.evaluate(
            """node => {
              const cell = node.closest('.jp-Cell');
              cell.querySelector('.jp-InputArea').scrollIntoView({ block: 'start' });
            }"""
        )
    studio.shoot_page(page, "two-kernels")


def together(studio: Studio) -> None:
    """Three people and a kernel beside the one who looks; one of them types."""
    tabs = {name: _join(studio, name, number) for number, name in enumerate(_PEOPLE)}
    own = tabs["Katherine Johnson"]
    for name, (row, column) in _AT.items():
        _front(tabs[name]).cell(row, column).click()
    grace = _front(tabs["Grace Hopper"])
    grace.cell("140", "island").click()
    grace.press("F2")
    grid = _front(own)
    grid.cell("245", "species").click()
    kernel = studio.server().kernel(own.path)
    masses = count(4000)

    def edit_in_the_kernel() -> None:
        grid.root.page.evaluate(_TO_THE_TOP)
        # Who does nothing for some seconds is not shown any more, if it is a kernel.
        kernel.run(f"store.set_cell('penguins', '35', 'body_mass_g', {next(masses)})")
        until(lambda: grid.root.locator(".tbw-avatar").count() == len(_PEOPLE), "all are there")

    studio.shoot(grid.root.page, "together", grid.root, prepare=edit_in_the_kernel)


def _join(studio: Studio, name: str, number: int) -> Notebook:
    """Open the shared notebook in a browser of somebody's own; the first one runs it."""
    server = studio.server()
    if number == 0:
        write_notebook(server.root / "survey.ipynb", _SHARED)
    context: BrowserContext = studio.context(740 + BESIDE_OUTPUTS, 760)
    sign_in(context, server, name)
    lab = Lab(context.new_page(), server).open_in_workspace(f"survey-{number}", "survey.ipynb")
    notebook = lab.notebook("survey.ipynb")
    if number == 0:
        notebook.run_all()
        notebook.grid()
        notebook.save()
        clear_stage(lab.page)
    notebook.grid()
    return notebook


def _front(notebook: Notebook) -> Grid:
    notebook.lab.page.bring_to_front()
    return notebook.grid()


def conflict(studio: Studio) -> None:
    """Two people have changed one cell while they were apart."""
    server = studio.server()
    write_notebook(server.root / "conflict.ipynb", _SHARED.replace("zoo", "island"))
    contexts = [studio.context(740 + BESIDE_OUTPUTS, 760) for _ in range(2)]
    tabs = []
    for number, context in enumerate(contexts):
        sign_in(context, server, _PEOPLE[number])
        page = context.new_page()
        lab = Lab(page, server).open_in_workspace(f"conflict-{number}", "conflict.ipynb")
        tabs.append(lab.notebook("conflict.ipynb"))
        if number == 0:
            tabs[0].run_all()
            tabs[0].grid()
            tabs[0].save()
            clear_stage(page)
        tabs[number].grid()
    here, there = tabs
    there.lab.keep_quiet_about_the_connection()
    with offline(there.lab.page.context):
        _front(there).edit("105", "island", "Torgersen")
        _front(here).edit("105", "island", "Dream")
    grid = _front(here)
    cell = grid.cell("105", "island")
    until(lambda: cell.get_attribute("data-conflict") is not None, "the conflict is marked")
    grid.cell("105", "species").click()
    page = here.lab.page

    def rest_on_the_cell() -> None:
        page.mouse.move(2, 2)
        page.locator(".tbw-box:visible").wait_for(state="detached")
        cell.hover()
        page.locator(".tbw-box:visible").wait_for()

    studio.shoot(page, "conflict", grid.root, prepare=rest_on_the_cell)


SCENES = {"two-kernels": two_kernels, "together": together, "conflict": conflict}
