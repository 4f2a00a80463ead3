"""What tells a room from others of its name, for what a browser keeps of it beyond a page.

A page keeps edits that its kernel has not confirmed (`js/src/sync/keeping.ts`), and all servers
that a person has used at one address share what their browser keeps. So a name is not enough. A
room on a server of rooms is the same whoever shows it, and one in a database wherever that is
shown; any other belongs to its notebook on its machine, and is still the same when the kernel is
started again. A copy of a notebook is another one. The name of a file's room is the file's path
below the folder that a server shows: at the same address there may be another folder tomorrow.
"""

from __future__ import annotations

import os
import platform
from hashlib import sha256
from pathlib import Path

from tinybase_widget.sync._addresses import is_address


def place_of(name: str, database: str | None = None, file: Path | None = None) -> str:
    """Return what tells a room from others of its name: 16 hexadecimal digits.

    Args:
        name: The room's name.
        database: The database that keeps it, if one does.
        file: The file that it is, as an absolute path, if it is one.
    """
    parts = [name]
    if file is not None:
        parts = [platform.node(), f"file {file}"]
    elif not is_address(name):
        where = f"database {Path(database).resolve()}" if database else f"notebook {_notebook()}"
        parts += [platform.node(), where]
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]


def _notebook() -> str:
    """Return the path of the kernel's notebook as Jupyter's server says it, or the folder."""
    return os.environ.get("JPY_SESSION_NAME") or str(Path.cwd())
