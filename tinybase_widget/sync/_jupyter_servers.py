"""Which Jupyter server a kernel belongs to, and how to ask it something.

A running server leaves a file in Jupyter's runtime folder, for its user's eyes only, with all that
is needed to reach it: address, token, root folder, process. A kernel's own server is the process
that started it (`JPY_PARENT_PID`). Where that is none of them any more, or never was one (a kernel
that an editor has started, a script), it is the one that shows the file in question. In JupyterHub
the token is in the environment, and so is the address where that folder has no such file.

The files are read here, not by `jupyter_server.serverapp.list_running_servers`: kernels often live
in an environment of their own, without jupyter_server.

Source: `ServerApp.server_info` of jupyter_server, `JUPYTERHUB_*` of jupyterhub.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import (
    BaseHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

from tinybase_widget._exceptions import JupyterServerError, MissingExtraError

_ANSWERS_WITHIN_S = 10.0
_LISTENS_WITHIN_S = 1.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "*": "127.0.0.1", "::": "[::1]"}  # noqa: S104
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SIGN = "tinybase-widget"
_MOST_ANSWERED = 1 << 20  # bytes


class JupyterServer(NamedTuple):
    """A server.

    Attributes:
        url: Its address; it ends with a slash.
        token: What lets us in, if it wants any. It is shown nowhere.
        root: The folder whose files it shows; `None` where that is not known.
        pid: Its process; `None` where that is not known.
    """

    url: str
    token: str | None
    root: Path | None
    pid: int | None

    def __repr__(self) -> str:
        """Return the address, without the token."""
        return f"<Jupyter server {self.url}>"

    @property
    def websocket_url(self) -> str:
        """The address for WebSockets."""
        return "ws" + self.url.removeprefix("http")

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What is asked of its certificate: nothing on this computer, where it is self-signed."""
        if not self.url.startswith("https:"):
            return None
        context = ssl.create_default_context()
        if urlsplit(self.url).hostname in _LOOPBACK:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def headers(self) -> dict[str, str]:
        """Return the headers that let us in.

        A server that wants no token wants a sign that no page of another site is asking.
        """
        if self.token:
            return {"Authorization": f"token {self.token}"}
        return {"Cookie": f"_xsrf={_SIGN}", "X-XSRFToken": _SIGN}

    def path_of(self, file: Path) -> str | None:
        """Return what the server calls a file; `None` if it does not show it."""
        if self.root is None:
            return None
        for path, root in ((file, self.root), (file.resolve(), self.root.resolve())):
            with suppress(ValueError):
                return PurePosixPath(*path.relative_to(root).parts).as_posix()
        return None

    def listens(self) -> bool:
        """Return whether somebody listens at its address."""
        parts = urlsplit(self.url)
        place = (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        try:
            socket.create_connection(place, _LISTENS_WITHIN_S).close()
        except OSError:
            return False
        return True

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask the server something.

        Args:
            method: "GET" or "PUT".
            path: What is below its address, quoted.
            body: What becomes JSON.

        Returns:
            The status, and what the answer's JSON is, if it is one.

        Raises:
            JupyterServerError: It does not answer.
        """
        handlers: list[BaseHandler] = [ProxyHandler({}), _Stay()]
        if self.tls is not None:
            handlers.append(HTTPSHandler(context=self.tls))
        headers = {"Content-Type": "application/json", **self.headers()}
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}{path}", data, headers, method=method)  # noqa: S310
        try:
            with build_opener(*handlers).open(request, timeout=_ANSWERS_WITHIN_S) as answer:
                return answer.status, _json(answer.read(_MOST_ANSWERED))
        except HTTPError as error:
            with error:
                return error.code, _json(error.read(_MOST_ANSWERED))
        except (OSError, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise JupyterServerError(
                f"the Jupyter server at {self.url} does not answer ({reason})"
            ) from None


class _Stay(HTTPRedirectHandler):
    """Follows nobody elsewhere: the token would go along."""

    def redirect_request(self, *_args: Any) -> None:
        return None


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def find_server(file: Path) -> JupyterServer:
    """Return the server that this kernel belongs to, or else the one that shows a file.

    Args:
        file: The file, as an absolute path.

    Raises:
        JupyterServerError: There is none, or there are several; the text says what to do.
        ValueError: The kernel's own server does not show the file.
    """
    servers = running_servers()
    parent = os.environ.get("JPY_PARENT_PID")
    for server in servers:
        if str(server.pid) == parent and server.listens():
            if server.path_of(file) is None:
                raise ValueError(
                    f"{file} is not in {server.root}, whose files this notebook's Jupyter server "
                    "shows; put it there, or start the server in a folder that has it"
                )
            return server
    showing = [server for server in servers if server.path_of(file) is not None]
    having = [server for server in showing if server.listens()]
    if not having:
        raise JupyterServerError(_nobody(file, servers, showing))
    if len(having) > 1:
        raise JupyterServerError(
            f"{len(having)} Jupyter servers show {file.name}: "
            f"{', '.join(server.url for server in having)}. This kernel was started by none of "
            "them, so it can't tell which is meant: run the notebook in one of them, or stop the "
            "others (`jupyter server list` shows them, `jupyter server stop PORT` stops one)"
        )
    return having[0]


def _nobody(file: Path, servers: list[JupyterServer], showing: list[JupyterServer]) -> str:
    if showing:
        return f"the Jupyter server at {showing[0].url}, which showed {file.name}, has ended"
    running = [server for server in servers if server.listens()]
    known = ", ".join(f"{server.url} shows {server.root}" for server in running)
    return (
        f"no running Jupyter server shows {file}: "
        f"{known or 'none was found at all'}. A file is joined from a notebook that runs in "
        "JupyterLab, or from a kernel or a script beside one; without JupyterLab, keep the Store "
        "by a FilePersister"
    )


def running_servers() -> list[JupyterServer]:
    """Return the servers of this user that say that they run.

    Raises:
        MissingExtraError: There is nothing of Jupyter here.
    """
    try:
        from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415 - seldom needed
    except ModuleNotFoundError as error:
        raise MissingExtraError("jupyter", "Joining a file") from error

    servers = []
    for file in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            servers.append(_read(json.loads(file.read_text(encoding="utf-8"))))
    return servers or _of_hub()


def _read(info: dict[str, Any]) -> JupyterServer:
    parts = urlsplit(info["url"])
    if parts.scheme not in ("http", "https"):
        raise ValueError(parts.scheme)  # a UNIX socket
    host = _ANYWHERE.get(info.get("hostname", "localhost"))
    port = f":{info['port']}" if info.get("port") else ""
    place = parts.netloc if host is None else f"{host}{port}"
    base = info.get("base_url") or parts.path
    token = info.get("token") or os.environ.get("JUPYTERHUB_API_TOKEN") or None
    root = Path(info["root_dir"])
    return JupyterServer(f"{parts.scheme}://{place}{_slashed(base)}", token, root, info.get("pid"))


def _of_hub() -> list[JupyterServer]:
    """Return the server that JupyterHub has started for this user, if the environment tells."""
    base = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    token = os.environ.get("JUPYTERHUB_API_TOKEN")
    if not base or not token:
        return []
    parts = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL") or "http://127.0.0.1:8888")
    host = _ANYWHERE.get(parts.hostname or "", parts.hostname)
    root = os.environ.get("JUPYTERHUB_ROOT_DIR") or str(Path.home())
    port = f":{parts.port}" if parts.port else ""
    return [
        JupyterServer(f"{parts.scheme}://{host}{port}{_slashed(base)}", token, Path(root), None)
    ]


def _slashed(base: str) -> str:
    return quote(f"/{base.strip('/')}/" if base.strip("/") else "/")
