"""Pictures of rooms on servers and of files in JupyterLab, as notebooks/04_rooms.ipynb has them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.browser.documents import Document
from tests.browser.lab import Lab, write_notebook
from tests.browser.test_together import sign_in
from tools.pictures._studio import BESIDE_OUTPUTS, PENGUINS, Studio, clear_stage, until

if TYPE_CHECKING:
    from tests.browser.server import JupyterServer

_NOTEBOOK = "04_rooms.ipynb"
_JOIN = """from tinybase_widget import Store, TableView

TableView(Store(), "pendulums", room="file:data/pendulums.tinybase.json")"""
_WRITE = f"""{PENGUINS}
islands = {{
    island: {{"penguins": sum(row["island"] == island for row in penguins.values())}}
    for island in ("Biscoe", "Dream", "Torgersen")
}}
store = Store().set_tables({{"penguins": penguins, "islands": islands}})
FilePersister(store, "survey/zoo.tinybase.json").save()
"""
_RUN_UP_TO = """async (last) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  for (let at = 0; at <= last; at++) {
    content.activeCellIndex = at;
    await window.jupyterapp.commands.execute('notebook:run-cell');
  }
}"""
_OPEN_BESIDE = """(path) => {
  const options = { path, factory: 'TinyBase Table', options: { mode: 'split-right' } };
  return window.jupyterapp.commands.execute('docmanager:open', options).then(() => null);
}"""


def rooms(studio: Studio) -> None:
    """The class of the notebook, while its server is away."""
    server = studio.server()
    page = studio.context(740 + BESIDE_OUTPUTS, 900).new_page()
    lab = Lab(page, server).open_in_workspace("class", _NOTEBOOK)
    notebook = lab.notebook(_NOTEBOOK)
    notebook.activate()
    clear_stage(page)
    page.evaluate(_RUN_UP_TO, _cell_with(server, "server.kill()"))
    grid = notebook.grid("pendulums")
    grid.edit("Ada", "length_m", "0.51")
    status = grid.root.locator(".tbw-status-text")
    until(lambda: "waiting" in status.inner_text(), "an edit waits")
    grid.press("Escape")
    studio.shoot(page, "rooms", grid.root)


def file_notebook(studio: Studio) -> None:
    """A file, and a notebook beside it that has joined it."""
    server = studio.server(has_collaboration=True)
    context = studio.context(1180, 560, 1.5)
    sign_in(context, server, "Katherine Johnson")
    page = context.new_page()
    write_notebook(server.root / "measuring.ipynb", _JOIN)
    lab = Lab(page, server).open_in_workspace("measuring", "measuring.ipynb")
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    notebook = lab.notebook("measuring.ipynb")
    notebook.run_all()
    notebook.grid("pendulums")
    page.evaluate(_OPEN_BESIDE, "data/pendulums.tinybase.json")
    document = Document(lab)
    document.table("pendulums").cell("Dora", "ten_swings_s").click()
    until(lambda: document.status == "Saved", "the file is saved")
    studio.shoot_page(page, "file-notebook")


def document(studio: Studio) -> None:
    """A file in JupyterLab, beside its folder."""
    server = studio.server(has_collaboration=True)
    context = studio.context(1180, 560, 1.5)
    sign_in(context, server, "Katherine Johnson")
    folder = server.root / "survey"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", _WRITE], cwd=server.root, check=True)
    page = context.new_page()
    lab = Lab(page, server).open_in_workspace("file", "survey/zoo.tinybase.json")
    lab.command("filebrowser:open-path", {"path": "survey"})
    document = Document(lab)
    grid = document.table("penguins")
    grid.edit("1", "island", "Dream")
    grid.cell("3", "species").click()
    until(lambda: document.status == "Saved", "the file is saved")
    studio.shoot_page(page, "document")


def _cell_with(server: JupyterServer, text: str) -> int:
    cells = json.loads((server.root / _NOTEBOOK).read_text())["cells"]
    return next(at for at, cell in enumerate(cells) if text in "".join(cell["source"]))


SCENES = {"rooms": rooms, "file-notebook": file_notebook, "document": document}
