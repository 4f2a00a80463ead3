"""A real JupyterLab server for the browser tests, and a way into its kernels."""

from __future__ import annotations

import ast
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_client.blocking.client import BlockingKernelClient

from tools.demo import _WITHOUT_COLLABORATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START_WITHIN_S = 90.0
SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}


def wait_for(condition: Callable[[], Any], what: str, timeout_s: float = 60.0) -> Any:
    """Return the first true result of `condition`; fail with `what` when it does not come."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(0.02)


def is_running(process: int) -> bool:
    """Return whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass
class JupyterServer:
    """A running server."""

    url: str
    token: str
    root: Path
    data: Path
    workspaces: Path
    runtime: Path
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    @classmethod
    def start(
        cls, root: Path, home: Path, *options: str, has_collaboration: bool = False
    ) -> JupyterServer:
        """Start a server on a free port, with configuration, workspaces and kernels of its own.

        Args:
            root: The folder that it serves.
            home: A folder for all else, empty or of a server that has ended.
            options: More of the command line.
            has_collaboration: Whether jupyter-collaboration has a part in it.
        """
        token = secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTER_CONFIG_PATH": str(home / "choices"),
            "IPYTHONDIR": str(home / "ipython"),
        }
        for name, choice in ({} if has_collaboration else _WITHOUT_COLLABORATION).items():
            file = home / "choices" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(choice))
        settings = home / "settings"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "overrides.json").write_text(json.dumps(SETTINGS))
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={root}",
            f"--IdentityProvider.token={token}",
            f"--LabApp.workspaces_dir={home / 'workspaces'}",
            f"--LabApp.app_settings_dir={settings}",
            "--LabApp.expose_app_in_browser=True",
            *options,
        ]
        url = f"http://127.0.0.1:{port}"
        folders = (home / "data", home / "workspaces", home / "runtime")
        log = home / "server.log"
        server = cls(url, token, root, *folders, command, environment, log)
        server.start_again()
        return server

    def start_again(self) -> None:
        """Start a server that has ended: at its address, in its folders, without its kernels."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            wait_for(self.is_up, "the JupyterLab server answers", START_WITHIN_S)
        except AssertionError:
            self.stop()
            raise AssertionError(self.log.read_text()) from None

    def is_up(self) -> bool:
        """Return whether the server answers."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            self.get("status")
        except OSError:
            return False
        return True

    def get(self, path: str) -> Any:
        """Return what the server's REST interface says at a path."""
        return self._request("GET", path)

    def _request(
        self, method: str, path: str, content: object = None, timeout_s: float = 60.0
    ) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server, on loopback
            f"{self.url}/api/{path}",
            None if content is None else json.dumps(content).encode(),
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
            body = response.read()
        return json.loads(body) if body else None

    def end_sessions(self) -> None:
        """Shut down all kernels."""
        for session in self.get("sessions"):
            self._end(session)

    def end_session(self, notebook: str) -> None:
        """Shut down a notebook's kernel."""
        for session in self.get("sessions"):
            if session["path"] == notebook:
                self._end(session)

    def _end(self, session: dict[str, Any]) -> None:
        try:
            self._request("DELETE", f"sessions/{session['id']}")
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in {404, 410}:  # where its kernel has ended meanwhile
                    raise

    def kernel(self, notebook: str) -> Kernel:
        """Return the kernel that a notebook runs on."""
        session = wait_for(
            lambda: next((s for s in self.get("sessions") if s["path"] == notebook), None),
            f"{notebook} has a session",
        )
        return Kernel(self.runtime / f"kernel-{session['kernel']['id']}.json")

    def restart_kernel(self, notebook: str) -> None:
        """Start a notebook's kernel anew, also one that answers nothing."""
        session = next(each for each in self.get("sessions") if each["path"] == notebook)
        self._request("POST", f"kernels/{session['kernel']['id']}/restart")

    def new_kernel(self, notebook: str) -> Kernel:
        """Start a kernel for a notebook, which need not be there."""
        kind = {"type": "notebook", "name": notebook.rsplit("/", 1)[-1]}
        self._request("POST", "sessions", {"path": notebook, "kernel": {"name": "python3"}, **kind})
        return self.kernel(notebook)

    def rename(self, old: str, new: str) -> None:
        """Rename a file, as JupyterLab does."""
        self._request("PATCH", f"contents/{old}", {"path": new})

    def delete(self, path: str) -> None:
        """Delete a file, as JupyterLab does."""
        self._request("DELETE", f"contents/{path}")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let the server do nothing for a while; what it is sent waits."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the server at once, as the system does when it runs out of memory."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop the server and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _connected(connection_file: Path | str) -> BlockingKernelClient | None:
    """Return a client of a kernel, unless that does not answer, or is just being started again."""
    client = BlockingKernelClient(connection_file=str(connection_file))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
    except RuntimeError:  # also of a kernel whose heart has not been heard for a second
        client.stop_channels()
        return None
    return client


class Kernel:
    """A way to run code in a notebook's kernel beside the notebook itself."""

    def __init__(self, connection_file: Path | str) -> None:
        self._client: BlockingKernelClient = wait_for(
            lambda: _connected(connection_file), "the kernel answers", 60
        )

    def run(self, code: str, timeout_s: float = 60.0) -> None:
        """Run statements."""
        self._execute(code, {}, timeout_s)

    def start(self, code: str) -> None:
        """Begin to run statements, and do not wait for their end."""
        self._client.execute(code, store_history=False)

    def value(self, expression: str, timeout_s: float = 60.0) -> Any:
        """Return the value of an expression that has a literal as its repr."""
        reply = self._execute("", {"value": expression}, timeout_s)["user_expressions"]["value"]
        assert reply["status"] == "ok", reply
        return ast.literal_eval(reply["data"]["text/plain"])

    def _execute(self, code: str, expressions: dict[str, str], timeout_s: float) -> Any:
        message = self._client.execute(
            code, store_history=False, user_expressions=expressions, silent=not code
        )
        while True:
            reply = self._client.get_shell_msg(timeout=timeout_s)
            if reply["parent_header"].get("msg_id") == message:
                break
        content = reply["content"]
        assert content["status"] == "ok", "\n".join(content.get("traceback", [str(content)]))
        return content

    def close(self) -> None:
        """Let go of the kernel."""
        self._client.stop_channels()
