"""Describes the machine that figures are measured on, as far as they depend on it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")
_BROWSER_VARIABLE = "TINYBASE_WIDGET_CHROMIUM"


def print_machine() -> None:
    """Print the processor, its load, and the versions of what runs on it."""
    lines = {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "load": _load(),
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Node.js": _first_line("node", "--version"),
        "browser": _first_line(chromium_path() or "", "--version"),
        "packages": ", ".join(
            f"{name} {version(name)}" for name in ("pycrdt", "anywidget", "jupyterlab")
        ),
    }
    for name, text in lines.items():
        print(f"{name:<10} {text}")
    print("Other work on the machine makes figures worse: compare runs on an idle one.", flush=True)


def chromium_path() -> str | None:
    """Return the path of the browser to measure in; None: Playwright's own."""
    return os.environ.get(_BROWSER_VARIABLE) or shutil.which("chromium")


def _processor() -> str:
    if _CPU_INFO.is_file():
        for line in _CPU_INFO.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _load() -> str:
    try:
        return f"{os.getloadavg()[0]:.1f} processes wanted to run in the last minute"
    except OSError:
        return "unknown"


def _first_line(*command: str) -> str:
    program = shutil.which(command[0]) if command[0] else None
    if program is None:
        return "not on PATH"
    result = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    return next(iter(result.stdout.splitlines()), "unknown").strip()
