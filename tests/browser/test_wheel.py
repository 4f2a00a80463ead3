"""The widget from its wheel: in an environment of its own, as a kernel of a real JupyterLab."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import Lab, write_notebook
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.server import JupyterServer, Kernel

ROOT = Path(__file__).parents[2]
PETS = """
from tinybase_widget import Store, TableView
store = Store().set_table("pets", {"fido": {"species": "dog"}})
TableView(store, "pets", room="from a wheel")
"""


@pytest.fixture(scope="module")
def kernel_name(server: JupyterServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install the wheel and ipykernel into an empty environment, and make it a kernel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = str(folder / "venv" / "bin" / "python")
    constraints = str(ROOT / "requirements" / "dev.txt")
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "-c",
        constraints,
        str(wheel),
        "ipykernel",
    ]
    subprocess.run(install, check=True)
    specification = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "From the wheel",
        "language": "python",
    }
    kernel = server.data / "kernels" / "wheel"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(specification))
    return kernel.name


@pytest.mark.timeout(600)
def test_the_widget_works_from_its_wheel(
    new_lab: Callable[[], Lab],
    notebooks: Path,
    kernels: Callable[[str], Kernel],
    kernel_name: str,
) -> None:
    path = notebooks / "wheel.ipynb"
    write_notebook(path, PETS)
    notebook = json.loads(path.read_text())
    notebook["metadata"]["kernelspec"] = {"name": kernel_name, "display_name": "From the wheel"}
    path.write_text(json.dumps(notebook))
    opened = new_lab().open_in_workspace("wheel", "wheel.ipynb").notebook("wheel.ipynb")
    opened.run_all()
    opened.grid("pets").edit("fido", "species", "wolf")
    kernel = kernels("wheel.ipynb")
    wait_for(
        lambda: kernel.value("store.get_cell('pets', 'fido', 'species')") == "wolf",
        "the edit is in the kernel",
    )
    location = kernel.value("__import__('tinybase_widget').__file__")
    assert not Path(location).is_relative_to(ROOT)
