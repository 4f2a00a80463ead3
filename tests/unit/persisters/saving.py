"""A process that saves, in which things go wrong: see `test_faults.py`.

Called with a kind of place, a path and what is to happen. What it prints are lines of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybase_widget import FilePersister, SqlitePersister, Store

if TYPE_CHECKING:
    from tinybase_widget import Persister

TABULAR = {
    "mode": "tabular",
    "tables": {"load": {"t": "t"}, "save": {"t": "t"}},
    "values": {"load": True, "save": True},
}
_NOBODY = 65534
_LIMIT_BYTES = 60_000


def persister_of(kind: str, path: Path, store: Store, errors: list[Exception]) -> Persister:
    """Return a persister of a kind of place."""
    if kind == "file":
        return FilePersister(store, path, errors.append)
    config = TABULAR if kind == "SQLite tabular" else None
    return SqlitePersister(store, path, config, errors.append)


def tell(thing: Any) -> None:
    """Print something for the test."""
    sys.stdout.write(json.dumps(thing) + "\n")
    sys.stdout.flush()


def tell_errors(errors: list[Exception]) -> None:
    """Print the errors that were ignored, and forget them."""
    tell([f"{type(error).__name__}: {error}" for error in errors])
    errors.clear()


def save_on_and_on(store: Store) -> None:
    """Save a thousand times, and tell of each save when it is done."""
    for number in range(1, 1001):
        with store.transaction():
            for row in range(20):
                store.set_cell("t", str(row), "number", number)
            store.set_value("number", number)
        tell(number)


def fill_the_disk(store: Store, errors: list[Exception]) -> None:
    """Save more than there is room for, then make room."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT_BYTES, limits[1]))
    store.set_cell("t", "big", "text", "x" * 2 * _LIMIT_BYTES)
    tell_errors(errors)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    store.set_value("number", 2)
    tell_errors(errors)


def lose_rights(folder: Path) -> None:
    """Become somebody who may not write in the folder, and make sure that this is so."""
    folder.chmod(0o555)
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    try:
        (folder / "probe").touch()
    except PermissionError:
        return
    raise AssertionError(f"{folder} can be written to all the same")


def main(kind: str, path: Path, event: str) -> None:
    """Do it."""
    errors: list[Exception] = []
    store = Store()
    persister = persister_of(kind, path, store, errors)
    if event == "read-only":
        lose_rights(path.parent)
        persister.load()
        tell([store.get_value("number")])
        persister.start_auto_save()
        store.set_value("number", 2)
        tell_errors(errors)
        return
    store.set_cell("t", "small", "text", "y").set_value("number", 1)
    persister.start_auto_save()
    if event == "kill":
        save_on_and_on(store)
    else:
        fill_the_disk(store, errors)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
