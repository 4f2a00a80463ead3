"""Runs the checks and the tests, all of them whatever fails, and sums up at the end.

    python -m tools.verify static                  linters and type checkers
    python -m tools.verify all [pytest arguments]  these, vitest and pytest
    python -m tools.verify fuzz [pytest arguments] fuzzer, property and interop tests, at length

A linter's output is shown only when it has something to say; the test runners' always.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tools._browser import VARIABLE, find_chromium
from tools._checkout import JS, NODE_MODULES, ROOT, VENV_PYTHON, environment

if TYPE_CHECKING:
    from pathlib import Path

_PYTHON = (str(VENV_PYTHON), "-m")
_JS_BIN = NODE_MODULES / ".bin"


class _Part(NamedTuple):
    """One command, and whether its output is shown while it runs."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    is_shown: bool = False


_STATIC = (
    _Part("ruff check", (*_PYTHON, "ruff", "check", "--quiet")),
    _Part("ruff format", (*_PYTHON, "ruff", "format", "--check", "--quiet")),
    _Part("mypy", (*_PYTHON, "mypy")),
    _Part("tsc", (str(_JS_BIN / "tsc"), "--noEmit"), JS),
    _Part("biome", (str(_JS_BIN / "biome"), "check"), JS),
)
_VITEST = _Part("vitest", (str(_JS_BIN / "vitest"), "run"), JS, is_shown=True)


def _pytest(*arguments: str) -> _Part:
    return _Part("pytest", (*_PYTHON, "pytest", *arguments), is_shown=True)


def main() -> int:
    """Run the parts of the kind given on the command line, and sum up."""
    kind, *arguments = sys.argv[1:] or ["static"]
    env = environment()
    env[VARIABLE] = find_chromium()
    if kind == "fuzz":
        env["TINYBASE_FUZZ"] = "1"
        folders = arguments or ["tests/fuzz", "tests/property", "tests/interop"]
        parts = [_pytest("--timeout=3600", "--numprocesses=auto", *folders)]
    elif kind == "all":
        parts = [*_STATIC, _VITEST, _pytest("--numprocesses=2", *arguments)]
    else:
        parts = [*_STATIC]
    results = [_run(part, env) for part in parts]
    print("\nSummary", flush=True)
    for part, (is_ok, seconds) in zip(parts, results, strict=True):
        print(f"  {'ok    ' if is_ok else 'FAILED'} {part.name:12} {seconds:6.1f} s")
    return 0 if all(is_ok for is_ok, _ in results) else 1


def _run(part: _Part, env: dict[str, str]) -> tuple[bool, float]:
    """Run one part; give whether it went well, and its seconds."""
    begin = time.monotonic()
    print(f"== {part.name}", flush=True)
    try:
        process = subprocess.run(
            part.command,
            cwd=part.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=None if part.is_shown else subprocess.PIPE,
            stderr=None if part.is_shown else subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        print(f"{part.command[0]} did not start: {error}", flush=True)
        return False, time.monotonic() - begin
    if process.returncode and process.stdout:
        print(process.stdout.decode(errors="replace"), flush=True)
    return process.returncode == 0, time.monotonic() - begin


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
