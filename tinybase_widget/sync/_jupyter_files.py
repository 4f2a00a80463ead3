"""Addresses of files that JupyterLab shows: `file:` and a path.

jupyter-collaboration keeps one document for each open `*.tinybase.json` file, which pages join over
a WebSocket, and so do kernels. Where that is depends on the server and its start: so it is asked
anew for each connection. A file keeps its id when it is renamed in Jupyter; a file of another id is
another document.

Source: the REST interface and the rooms of jupyter_server_ydoc; that of jupyter_server_fileid.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tinybase_widget._exceptions import JupyterServerError
from tinybase_widget.sync._jupyter_servers import find_server

if TYPE_CHECKING:
    from tinybase_widget.sync._jupyter_servers import JupyterServer

SCHEME = "file:"
ENDING = ".tinybase.json"
_EXAMPLE = f'"{SCHEME}zoo{ENDING}"'
_REFUSED = (401, 403)
_OK = range(200, 300)
_MISSING = (404, 405)
_INSTALL = (
    'Install it where JupyterLab is installed, `pip install "tinybase-widget[jupyter]"`, and '
    "start JupyterLab again"
)


class FileAddress:
    """Where a file is that JupyterLab shows.

    Args:
        url: `file:` and the path, from the notebook's folder.
        token: What lets us in, where the server's own file does not say it.

    Attributes:
        file: The file, as an absolute path; it may have another name by now.
        is_writable: Whether the server can write it.
        shown: The address for people, from the folder that the server shows.

    Raises:
        JupyterServerError: No server shows it, or several do.
        TypeError: The token is no string.
        ValueError: It is no such path, or the kernel's own server does not show it.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        if token is not None and not isinstance(token, str):
            raise TypeError(f"a token is a string, not {type(token).__name__}")
        self.file = _file_of(url)
        self._given_token = token
        self._server = find_server(self.file)
        self._path = self._server.path_of(self.file) or self.file.name
        self._file_id: str | None = None
        self.is_writable = True
        self.shown = f"{SCHEME}{self._path}"

    def __repr__(self) -> str:
        """Return the address, without its token."""
        return f"<address {self.shown}>"

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same place, with the same token."""
        return (
            isinstance(other, FileAddress)
            and self.shown == other.shown
            and self._given_token == other._given_token
        )

    def __hash__(self) -> int:
        """Return the hash of what is shown."""
        return hash(self.shown)

    def hide(self, text: str) -> str:
        """Return a text, such as an error's, without the token."""
        for secret in filter(None, (self._given_token, self._server.token)):
            text = text.replace(secret, "…")
        return text

    def find(self) -> tuple[JupyterServer, str]:
        """Return the server, and the address of the document's room there.

        Raises:
            FileNotFoundError: There is no such file any more.
            JupyterServerError: The server is not there, lets us not in, or lacks
                jupyter-collaboration; the text says what to do.
        """
        server = self._server = self._find_server()
        path = self._find_path(server)
        self._check_exists(server, path)
        wanted = {"format": "text", "type": "tinybase"}
        status, session = server.ask("PUT", f"api/collaboration/session/{quote(path)}", wanted)
        if status in _MISSING:
            raise JupyterServerError(
                f"the Jupyter server at {server.url} has no jupyter-collaboration, by which a "
                f"notebook and JupyterLab edit one file. {_INSTALL}"
            )
        self._check(server, status)
        file_id, session_id = _ids_of(server, session)
        if self._file_id not in (None, file_id):
            raise JupyterServerError(
                f"{path} is another file than the one that was joined: that one was deleted, or "
                "moved. What it held is still in the Store; room.disconnect() and room.connect() "
                "again would put it into this one"
            )
        self._file_id = file_id
        room = quote(f"text:tinybase:{file_id}", safe=":")
        query = urlencode({"sessionId": session_id})
        return server, f"{server.websocket_url}api/collaboration/room/{room}?{query}"

    def check(self) -> None:
        """Check that the file which was joined is still there.

        Raises:
            FileNotFoundError: It is not.
        """
        try:
            self._check_exists(self._server, self._find_path(self._server))
        except JupyterServerError:
            return  # that is no answer

    def _find_server(self) -> JupyterServer:
        server = find_server(self.file)
        return server if self._given_token is None else server._replace(token=self._given_token)

    def _find_path(self, server: JupyterServer) -> str:
        """Return what the server calls the file now."""
        if self._file_id is not None:
            query = urlencode({"id": self._file_id})
            status, answer = server.ask("GET", f"api/fileid/path?{query}")
            if status in _OK and isinstance(answer, dict):
                return str(answer["path"]).lstrip("/")
        return server.path_of(self.file) or self._path

    def _check_exists(self, server: JupyterServer, path: str) -> None:
        status, model = server.ask("GET", f"api/contents/{quote(path)}?content=0")
        if status in _MISSING or (isinstance(model, dict) and model.get("type") == "directory"):
            was_there = self._file_id is not None
            raise FileNotFoundError(
                f"the Jupyter server at {server.url} has no file {path}"
                + (
                    " any more: it was deleted, or moved. What it held is still in the Store"
                    if was_there
                    else "; make it there with File > New > TinyBase Table, or with "
                    f'FilePersister(store, "{self.file.name}").save()'
                )
            )
        self._check(server, status)
        self.is_writable = not (isinstance(model, dict) and model.get("writable") is False)

    def _check(self, server: JupyterServer, status: int) -> None:
        if status in _REFUSED:
            raise JupyterServerError(
                f"the Jupyter server at {server.url} does not let this kernel in ({status}). "
                "Where it has a password, start it with a token too "
                "(--IdentityProvider.token=…) and give that: "
                f"room.connect({self.shown!r}, token=…)"
            )
        if status not in _OK:
            raise JupyterServerError(f"the Jupyter server at {server.url} answered {status}")


def _ids_of(server: JupyterServer, session: Any) -> tuple[str, str]:
    if isinstance(session, dict):
        file_id, session_id = session.get("fileId"), session.get("sessionId")
        if isinstance(file_id, str) and isinstance(session_id, str):
            return file_id, session_id
    raise JupyterServerError(
        f"the Jupyter server at {server.url} speaks another language than jupyter-collaboration 4 "
        f"or 5. {_INSTALL}"
    )


def _file_of(url: str) -> Path:
    """Return the file that an address names, as an absolute path."""
    path = url.removeprefix(SCHEME)
    if path.startswith("//"):
        path = path.removeprefix("//")
    if not path.endswith(ENDING) or Path(path).name == ENDING:
        raise ValueError(
            f"a file that JupyterLab shows as a table ends with {ENDING}, such as {_EXAMPLE}; "
            f"{url!r} was given"
        )
    return Path(os.path.normpath(_folder() / Path(path).expanduser()))


def _folder() -> Path:
    """Return the notebook's folder, from which paths go out."""
    notebook = os.environ.get("JPY_SESSION_NAME", "")
    folder = Path(notebook).parent
    return folder if Path(notebook).is_absolute() and folder.is_dir() else Path.cwd()
