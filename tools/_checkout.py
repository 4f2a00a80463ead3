"""Where things are in a checkout, and how to tell cheaply whether a step's result is still good.

A finished step leaves a stamp: a file with a digest of everything that the step read. The step is
skipped as long as the digest stays the same.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_BIN = VENV / "bin"
VENV_PYTHON = VENV_BIN / "python"
CONSTRAINTS = ROOT / "requirements" / "dev.txt"
JS = ROOT / "js"
NODE_MODULES = JS / "node_modules"
NOTEBOOKS = ROOT / "notebooks"
STATIC = ROOT / "tinybase_widget" / "widgets" / "static"
BUNDLES = (STATIC / "loader.js", STATIC / "runtime.js", STATIC / "server.js")
LABEXTENSION = ROOT / "tinybase_widget" / "labextension"
NOTICES = STATIC / "LICENSES.txt"


def environment() -> dict[str, str]:
    """Give the environment in which everything of this checkout runs.

    The virtual environment's programs come first on PATH: Python's, and Node.js where the machine
    has none and it was installed there.
    """
    env = dict(os.environ)
    path = env.get("PATH", os.defpath)
    if path.split(os.pathsep)[0] != str(VENV_BIN):
        path = f"{VENV_BIN}{os.pathsep}{path}"
    env.update(PATH=path, VIRTUAL_ENV=str(VENV), PIP_DISABLE_PIP_VERSION_CHECK="1")
    env.pop("PYTHONHOME", None)
    return env


def javascript_sources() -> Iterator[Path]:
    """Go through every file that can change the bundles, in a fixed order."""
    for folder, subfolders, names in os.walk(JS):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if name not in {"node_modules", "build"} and not name.startswith(".")
        )
        yield from (Path(folder, name) for name in sorted(names))


def digest(files: Iterable[Path], *words: str) -> str:
    """Give one digest of the files' names and contents, and of the words."""
    total = hashlib.sha256()
    for word in words:
        total.update(f"{word}\0".encode())
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.relative_to(ROOT)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


class Stamp:
    """The mark of a finished step, in a file beside what the step made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str:
        """Give what was written last, or an empty text."""
        return self._path.read_text() if self._path.is_file() else ""

    def write(self, text: str) -> None:
        """Mark the step as finished with this digest."""
        self._path.write_text(text)

    def clear(self) -> None:
        """Take the mark away while the step is under way, so that a broken one is repeated."""
        self._path.unlink(missing_ok=True)
