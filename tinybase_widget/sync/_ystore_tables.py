"""The tables in which the updates of documents are kept: those of `pycrdt-store`, version 2."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tinybase_widget._exceptions import PlaceError
from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.persisters._sqlite_database import open_database
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.sync._generations import FIRST, Generation
from tinybase_widget.sync._outbox import merge

if TYPE_CHECKING:
    import os

VERSION = 2
_MANY = 256

TABLES = f"""
    CREATE TABLE yupdates
        (path TEXT NOT NULL, yupdate BLOB, metadata BLOB, timestamp REAL NOT NULL);
    CREATE INDEX idx_yupdates_path_timestamp ON yupdates (path, timestamp);
    CREATE TABLE ycheckpoints
        (path TEXT NOT NULL, checkpoint BLOB NOT NULL, timestamp REAL NOT NULL, PRIMARY KEY(path));
    PRAGMA user_version = {VERSION}
"""


class YStore:
    """The updates of a room's document in a database.

    Args:
        name: The room's name.
        path: The database, made where there is none.

    Raises:
        PlaceError: It can't be read, or is something else.
    """

    def __init__(self, name: str, path: str | os.PathLike[str]) -> None:
        self._name = name
        self._database = open_database(path)
        self._added = 0
        self._data_version = -1
        try:
            with self._database.transaction(write=True):
                self._check()
        except PlaceError:
            self.close()
            raise

    @property
    def path(self) -> str:
        """The database's path."""
        return self._database.name

    def _check(self) -> None:
        execute = self._database.execute
        names = {name for (name,) in execute("SELECT name FROM sqlite_master")}
        if "yupdates" not in names:
            for statement in TABLES.split(";"):
                execute(statement)
            return
        (version,) = execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            raise PlaceError(
                f"{self.path} keeps documents in version {version} of pycrdt-store's tables, where "
                f"{VERSION} was expected; it is left as it is: name another file"
            )

    def read(self) -> list[tuple[Generation, bytes]]:
        """Return what is kept, an update for each generation, the oldest first.

        Raises:
            PlaceError: It can't be read.
        """
        with self._database.transaction(write=False):
            self._data_version = self._database.version().data
            rows = self._database.execute(
                "SELECT path, checkpoint FROM ycheckpoints UNION ALL "
                "SELECT path, yupdate FROM (SELECT * FROM yupdates ORDER BY rowid)"
            ).fetchall()
        found: dict[Generation, list[bytes]] = {}
        for path, update in rows:
            generation = self._generation_of(path)
            if generation is not None and update is not None:
                found.setdefault(generation, []).append(bytes(update))
        try:
            return [(generation, merge(found[generation])) for generation in sorted(found)]
        except Exception as error:
            raise PlaceError(
                f"{self.path} keeps something else than the updates of a document ({error}); "
                "it is left as it is: restore it, or name another file"
            ) from error

    def add(self, generation: Generation, update: bytes) -> None:
        """Keep an update.

        Raises:
            PlaceError: It can't be written.
        """
        with self._database.transaction(write=True):
            self._insert(generation, update)
        self._added += 1
        if self._added >= _MANY:
            self.squash(generation)

    def replace(self, generation: Generation, update: bytes) -> None:
        """Keep a document as a whole, in the place of those of former generations.

        Raises:
            PlaceError: It can't be written.
        """
        with self._database.transaction(write=True):
            self._insert(generation, update)
            self._delete_former(generation)

    def prune(self, generation: Generation) -> None:
        """Delete the documents of former generations.

        Raises:
            PlaceError: It can't be written.
        """
        with self._database.transaction(write=True):
            self._delete_former(generation)

    def _delete_former(self, generation: Generation) -> None:
        """Delete what was read, unless another kernel has written since: that may have an edit."""
        if self._database.version().data == self._data_version:
            for (path,) in self._database.execute("SELECT DISTINCT path FROM yupdates").fetchall():
                former = self._generation_of(path)
                if former is not None and former < generation:
                    self._delete(path)

    def squash(self, generation: Generation) -> None:
        """Put the updates of a document together into one.

        Raises:
            PlaceError: It can't be written.
        """
        path = self._path_of(generation)
        with self._database.transaction(write=True):
            rows = self._database.execute(
                "SELECT checkpoint FROM ycheckpoints WHERE path = ? UNION ALL "
                "SELECT yupdate FROM (SELECT * FROM yupdates WHERE path = ? ORDER BY rowid)",
                (path, path),
            ).fetchall()
            doc = create_doc()
            with panics_as_errors():
                doc.apply_update(merge([bytes(update) for (update,) in rows]))
                self._delete(path)
                self._insert(generation, doc.get_update())
        self._added = 0

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _insert(self, generation: Generation, update: bytes) -> None:
        self._database.execute(
            "INSERT INTO yupdates VALUES (?, ?, ?, ?)",
            (self._path_of(generation), update, b"", time.time()),
        )

    def _delete(self, path: str) -> None:
        self._database.execute("DELETE FROM yupdates WHERE path = ?", (path,))
        self._database.execute("DELETE FROM ycheckpoints WHERE path = ?", (path,))

    def _path_of(self, generation: Generation) -> str:
        if generation == FIRST:
            return self._name
        return f"{self._name}@{generation.number}.{generation.id}"

    def _generation_of(self, path: str) -> Generation | None:
        """Return the generation that is kept under a path; `None` if that is of another room."""
        if path == self._name:
            return FIRST
        name, _, rest = path.rpartition("@")
        number, _, id_ = rest.partition(".")
        if name != self._name or not (number.isdecimal() and id_.isdecimal()):
            return None
        return Generation(int(number), int(id_))
