"""Runs notebooks from top to bottom, each in its own folder, as Jupyter would.

`python -m tests.notebooks.executing notebooks/01_synchronizing.ipynb` runs a notebook and saves it
with its outputs, for those that are kept with them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def read(path: Path) -> Any:
    """Return a notebook as it is on the disk."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def write(notebook: Any, path: Path) -> None:
    """Save a notebook."""
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def execute(path: Path, *, with_widgets: bool = False) -> Any:
    """Return a notebook as running it leaves it; an error in a cell is raised.

    Args:
        path: The notebook.
        with_widgets: Put the state of its widgets into it, as Jupyter does if it is told to.
    """
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=120,
        iopub_timeout=60,  # after 4 s it would go on without what a busy kernel has not said yet
        kernel_name="python3",
        record_timing=False,
        store_widget_state=with_widgets,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    # The kernel's exact version: it is another on every machine.
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def outputs(notebook: Any) -> list[tuple[str, Any]]:
    """Return the outputs of a notebook's code cells, each with the cell's source."""
    return [
        (cell.source, _joined([_plain(output) for output in cell.outputs]))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def _plain(output: Any) -> dict[str, Any]:
    plain = {name: value for name, value in output.items() if name != "execution_count"}
    if WIDGET in plain.get("data", {}):
        plain["data"] = {kind: data for kind, data in plain["data"].items() if kind != WIDGET}
    return plain


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join what was printed: a busy kernel may send one line in two pieces."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def without_widgets(notebook: Any) -> Any:
    """Leave the snapshots of widgets in their place: a saved model is found by no kernel."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(without_widgets(execute(Path(name).resolve())), Path(name))
