"""Every notebook runs from top to bottom, and the outputs that are kept are those it gives."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.notebooks.executing import NOTEBOOKS, execute, outputs, read

if TYPE_CHECKING:
    from pathlib import Path

PATHS = sorted(
    path
    for path in NOTEBOOKS.glob("**/*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
    and ("automerge" not in path.name or find_spec("automerge"))
)
NAMES = [path.relative_to(NOTEBOOKS).as_posix() for path in PATHS]
KEPT_WITHOUT_OUTPUTS = {"two_kernels/left.ipynb", "two_kernels/right.ipynb"}


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_notebook_runs_and_gives_the_outputs_that_are_saved_in_it(path: Path) -> None:
    executed = execute(path)
    assert not [
        output
        for _, cell_outputs in outputs(executed)
        for output in cell_outputs
        if output["output_type"] == "stream" and output["name"] == "stderr"
    ]
    if path.relative_to(NOTEBOOKS).as_posix() not in KEPT_WITHOUT_OUTPUTS:
        hint = f"to save it anew: python -m tests.notebooks.executing {path}"
        assert outputs(read(path)) == outputs(executed), hint


@pytest.mark.parametrize("name", sorted(KEPT_WITHOUT_OUTPUTS))
def test_a_demo_notebook_is_kept_as_nobody_has_run_it(name: str) -> None:
    cells = [cell for cell in read(NOTEBOOKS / name).cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("01_synchronizing.ipynb", "('chestnut', 'chestnut')"),
        ("02_automerge.ipynb", "('chestnut', 'chestnut')"),
        ("03_explore.ipynb", "<caption>penguins: 344 rows, the first 10 shown</caption>"),
        ("04_rooms.ipynb", "{'Ben': 2, 'Ada': 1, 'teacher': 1}"),
    ],
)
def test_a_walkthrough_is_kept_with_outputs_numbered_from_top_to_bottom(
    name: str, shown: str
) -> None:
    notebook = read(NOTEBOOKS / name)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert shown in str(outputs(notebook))


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_notebook_says_nothing_of_the_machine_that_saved_it(path: Path) -> None:
    notebook = read(path)
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    assert not any(cell.metadata for cell in notebook.cells)
