"""The virtual environment in `.venv`, and the Python packages in it.

Packages come in the versions of `requirements/dev.txt`, which holds for every supported Python.
An existing `.venv` is used as it is, unless its Python is gone or too old, or the checkout has been
moved: the programs in it name their folder.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

from tools._checkout import CONSTRAINTS, ROOT, VENV, VENV_PYTHON, Stamp, digest, environment
from tools._steps import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools._steps import Step

_PROBE = "import sys; print('.'.join(map(str, sys.version_info[:2]))); import pip"
_OLDEST = (3, 10)
_LOCATION = Stamp(VENV / ".location-stamp")
_PACKAGES = Stamp(VENV / ".packages-stamp")
_NO_VENV = """\
Python {version} ({executable}) cannot make virtual environments: its venv module is incomplete.
On Debian and Ubuntu: apt-get install python{version}-venv
Elsewhere: install the package `virtualenv` for this Python, or another Python 3.10 or later,
and name that one: make PYTHON=/path/to/python3"""

# What each extra of pyproject.toml brings along, so that a larger set-up serves a smaller one too.
_INCLUDES = {
    "lab": {"lab"},
    "test": {"test", "lab"},
    "dev": {"dev", "test", "lab"},
    "bench": {"bench", "dev", "test", "lab"},
}


def make_virtual_environment(step: Step) -> None:
    """Make `.venv` unless there is one that works.

    Raises:
        SetupError: When this Python can make none; the text says what to install.
    """
    version = _version()
    if version:
        step.outcome = f"Python {version} in .venv"
        return
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        maker = "venv"
    elif importlib.util.find_spec("virtualenv"):
        maker = "virtualenv"
    else:
        own_version = ".".join(map(str, sys.version_info[:2]))
        raise SetupError(_NO_VENV.format(version=own_version, executable=sys.executable))
    step.run([sys.executable, "-m", maker, "--clear", VENV], cwd=ROOT, env=environment())
    _LOCATION.write(str(ROOT))
    step.outcome = f"Python {_version()} in .venv, made with {sys.executable}"


def install_packages(step: Step, extra: str) -> None:
    """Install this checkout, editable, with an extra of pyproject.toml.

    Args:
        step: The step that this belongs to.
        extra: "lab" or "dev".
    """
    files = [ROOT / "pyproject.toml", CONSTRAINTS, ROOT / "hatch_build.py"]
    current = digest(files, _version())
    stamped, _, stamped_extra = _PACKAGES.read().partition(" ")
    if stamped == current and extra in _INCLUDES.get(stamped_extra, ()):
        step.outcome = "up to date"
        return
    if extra in _INCLUDES.get(stamped_extra, ()):
        extra = stamped_extra
    _PACKAGES.clear()
    # The locked hatchling builds the editable install; nothing is fetched for it outside the lock.
    pip_install(step, ["pip>=23.1", "hatchling"])
    pip_install(step, ["--no-build-isolation", "--editable", f"{ROOT}[{extra}]"])
    _PACKAGES.write(f"{current} {extra}")
    step.outcome = "installed"


def pip_install(step: Step, arguments: Iterable[str]) -> None:
    """Run `pip install` in `.venv`, held to the locked versions."""
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", f"--constraint={CONSTRAINTS}"]
    step.run([*command, *arguments], cwd=ROOT, env=environment())


def _version() -> str:
    """Give the version of the Python in `.venv`, or an empty text where it does not serve."""
    if not VENV_PYTHON.exists() or _LOCATION.read() not in ("", str(ROOT)):
        return ""
    probe = subprocess.run([VENV_PYTHON, "-c", _PROBE], capture_output=True, text=True, check=False)
    version = probe.stdout.strip()
    if probe.returncode or tuple(map(int, version.split("."))) < _OLDEST:
        return ""
    return version
