"""Opens JupyterLab with the two demo notebooks side by side, each on a kernel of its own.

JupyterLab lays the notebooks out by itself when the address names a workspace file. The server
listens on localhost only and asks for a token, which is part of the address printed here. Runs
with the Python of `.venv`, where JupyterLab is.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import urlencode

from jupyter_core.paths import jupyter_runtime_dir

from tools._checkout import NOTEBOOKS, VENV, VENV_PYTHON, environment

_WORKSPACE = "two_kernels/two_kernels.jupyterlab-workspace"
_START_WITHIN = 90.0  # seconds: a first start from a slow disk takes its time
_STOP_WITHIN = 10.0  # seconds
_WELCOME = """\
JupyterLab is running. {hint}

  {address}

Choose Run > Run All Cells in each of the two notebooks, in either order, then edit a table.
Ctrl+C stops the server.
"""
# A dialog about Jupyter's news feed would otherwise cover the notebooks on the first start.
_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}

# Each of the two notebooks is one person's; jupyter-collaboration is there after `make test`.
_WITHOUT_COLLABORATION = {
    "jupyter_server_config.d/collaboration.json": {
        "ServerApp": {"jpserver_extensions": {"jupyter_server_ydoc": False}}
    },
    "labconfig/page_config.json": {
        "disabledExtensions": {
            "@jupyter/collaboration-extension": True,
            "@jupyter/docprovider-extension": True,
        }
    },
}
_CHOICES = VENV / "share" / "tinybase-widget-demo"


def main() -> int:
    """Start the server, print its address, and stay until it ends."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8888, help="the next free one if it is taken")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args()
    has_browser = _has_display() and not options.no_browser

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _trust_notebooks()
    _write_settings()
    print("Starting JupyterLab ...", flush=True)
    with TemporaryFile() as log:
        server = subprocess.Popen(
            _command(options.port, has_browser=has_browser),
            env=environment() | {"JUPYTER_CONFIG_PATH": str(_CHOICES)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = _wait_for_address(server)
            if not address:
                return _show_failure(log)
            hint = "It opens in your browser." if has_browser else "Open it in a browser."
            print(_WELCOME.format(hint=hint, address=address), flush=True)
            return server.wait()
        except KeyboardInterrupt:
            print("\nStopping JupyterLab ...", flush=True)
            return 0
        finally:
            _stop(server)


def _has_display() -> bool:
    """Say whether a browser could open a window here."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _trust_notebooks() -> None:
    """Sign the notebooks, so that JupyterLab shows their saved outputs; it runs without, too."""
    notebooks = sorted(str(path) for path in NOTEBOOKS.glob("**/*.ipynb"))
    subprocess.run(
        [VENV_PYTHON, "-m", "nbformat.sign", *notebooks],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _write_settings() -> None:
    """Give the JupyterLab of `.venv` its settings, unless somebody has written other ones."""
    file = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(_SETTINGS))
    for name, choice in _WITHOUT_COLLABORATION.items():
        file = _CHOICES / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(choice))


def _command(port: int, *, has_browser: bool) -> list[str]:
    """Give the command that starts the server."""
    command = [
        str(VENV_PYTHON),
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={NOTEBOOKS}",
        f"--ServerApp.port={port}",
        "--ServerApp.ip=localhost",
        "--ServerApp.answer_yes=True",
        f"--LabApp.default_url=/lab/tree/{_WORKSPACE}",
        f"--LabApp.open_browser={has_browser}",
        # The layout comes from the workspace file each time, not from what an earlier run left.
        f"--LabApp.workspaces_dir={VENV / 'share' / 'jupyter' / 'lab' / 'workspaces'}",
    ]
    if os.name == "posix" and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def _wait_for_address(server: subprocess.Popen[bytes]) -> str:
    """Give the address of the workspace once the server listens; an empty text if it never does."""
    # Jupyter writes this file when it is about to answer; the port in it is the one really taken.
    file = Path(jupyter_runtime_dir(), f"jpserver-{server.pid}.json")
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            info = json.loads(file.read_text())
        except (OSError, ValueError):
            time.sleep(0.1)
            continue
        return f"{info['url']}lab/tree/{_WORKSPACE}?{urlencode({'token': info['token']})}"
    return ""


def _show_failure(log: IO[bytes]) -> int:
    """Show what the server printed before it failed, and give the exit code for it."""
    log.seek(0)
    print(f"JupyterLab did not start:\n\n{log.read().decode(errors='replace')}", file=sys.stderr)
    return 1


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server, which ends its kernels; Ctrl+C may have told it to already."""
    if server.poll() is None:
        server.terminate()
    try:
        server.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
