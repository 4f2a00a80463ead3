"""What `jupyter nbconvert --execute` makes of a table, with no page anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from tests.notebooks.executing import NOTEBOOKS, execute, read, write

if TYPE_CHECKING:
    from pathlib import Path

LEFT = NOTEBOOKS / "two_kernels" / "left.ipynb"
FIRST_ROW = '<tr><th scope="row">0</th><td>Adelie</td><td>Torgersen</td><td>39.1</td>'
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
ATTACK = "</td></script><img src=x onerror=alert(1)>"
ATTACKED = f"""
from tinybase_widget import Store, TableView
attack = {ATTACK!r}
TableView(Store().set_table(attack, {{attack: {{attack: attack}}}}), attack)
"""


class Page(HTMLParser):
    """Collects what a page holds: the tags with a handler, images, scripts by type, cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.handlers: list[str] = []
        self.images: list[str | None] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.cells: list[str] = []
        self._open = ""
        self._type: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.handlers.extend(name for name in attributes if name.startswith("on"))
        self._open, self._type = tag, attributes.get("type")
        if tag == "img":
            self.images.append(attributes.get("src"))

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            self.scripts.append((self._type, data))
        elif self._open == "td":
            self.cells.append(data)

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open = ""


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what nbconvert makes of the left notebook: a notebook and a page."""
    folder = tmp_path_factory.mktemp("converted")
    for kind in ("notebook", "html"):
        command = [
            "-m",
            "nbconvert",
            "--execute",
            "--ExecutePreprocessor.iopub_timeout=60",  # as in `executing`
            f"--to={kind}",
            f"--output-dir={folder}",
            f"{LEFT}",
        ]
        done = subprocess.run([sys.executable, *command], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
    return folder


def view_of(notebook: Any) -> dict[str, Any]:
    """Return the data of the output that holds a table."""
    [data] = [
        output["data"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if {WIDGET_VIEW, "text/html"} <= set(output.get("data", {}))
    ]
    return dict(data)


def attacked() -> Any:
    """Return a notebook with a table of hostile text in it."""
    cell = new_code_cell(ATTACKED)  # type: ignore[no-untyped-call]
    return new_notebook(cells=[cell])  # type: ignore[no-untyped-call]


def test_the_notebook_holds_the_first_rows_beside_the_widget(converted: Path) -> None:
    data = view_of(read(converted / "left.ipynb"))
    assert data[WIDGET_VIEW]["model_id"]
    assert FIRST_ROW in data["text/html"]
    assert "penguins: 344 rows, the first 10 shown" in data["text/html"]


def test_the_notebook_holds_the_snapshot_for_pages_that_run_the_widget_alone(
    converted: Path,
) -> None:
    notebook = read(converted / "left.ipynb")
    model = view_of(notebook)[WIDGET_VIEW]["model_id"]
    state = notebook.metadata["widgets"][WIDGET_STATE]["state"][model]["state"]
    assert FIRST_ROW in state["_snapshot"]
    # The runtime would go into every saved notebook.
    assert len(json.dumps(state)) < 20_000


def test_the_page_has_our_code_in_the_widgets_state_only(converted: Path) -> None:
    page = Page((converted / "left.html").read_text())
    ours = [kind for kind, text in page.scripts if "tinybase" in text]
    assert ours == [WIDGET_STATE]
    [state] = [json.loads(text) for kind, text in page.scripts if kind == WIDGET_STATE]
    assert any(FIRST_ROW in each["state"].get("_snapshot", "") for each in state["state"].values())


def test_a_page_without_the_widgets_state_shows_the_first_rows_and_no_script_of_ours(
    tmp_path: Path,
) -> None:
    path = tmp_path / "attacked.ipynb"
    write(attacked(), path)
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(execute(path))
    page = Page(html)
    assert ATTACK in page.cells
    assert page.handlers == []
    assert page.images == []
    assert not [text for _, text in page.scripts if "tinybase" in text or ATTACK in text]
