"""Writes requirements/dev.txt: one version of every Python package, for all supported Pythons.

Versions that still fit stay as they are; `--upgrade` takes the newest ones. JavaScript has its own
lock, js/package-lock.json, which npm keeps.
"""

from __future__ import annotations

import subprocess
import sys

from tools._checkout import CONSTRAINTS, ROOT, VENV_BIN, VENV_PYTHON, environment

_HEADER = """\
# The versions that `make` installs, for Python 3.10 and later. Written by `make lock`.
"""
_COMPILE = (
    "pip",
    "compile",
    "pyproject.toml",
    "--all-extras",
    "--universal",
    "--python-version=3.10",
    "--no-emit-index-url",
    "--no-annotate",
    "--no-header",
    "--quiet",
    f"--output-file={CONSTRAINTS}",
)


def main() -> int:
    """Resolve pyproject.toml anew; what is given on the command line goes to uv."""
    env = environment()
    get_uv = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "uv"]
    compile_lock = [str(VENV_BIN / "uv"), *_COMPILE, *sys.argv[1:]]
    subprocess.run(get_uv, env=env, check=True)
    subprocess.run(compile_lock, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)
    CONSTRAINTS.write_text(_HEADER + CONSTRAINTS.read_text())
    print(f"{CONSTRAINTS.relative_to(ROOT)} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
