"""Where a server keeps its rooms: one SQLite database, in `pycrdt-store`'s tables.

All rooms share a connection, which one thread uses. What has changed in all of them goes into one
transaction, which is on the disk when `write` returns: so a kill at any moment loses nothing that
anybody was told of.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tinybase_widget._exceptions import PlaceError
from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.persisters._sqlite_database import open_database
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.server._grants import Grants
from tinybase_widget.sync._outbox import merge
from tinybase_widget.sync._ystore_tables import TABLES, VERSION

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

_MADE = """
    CREATE TABLE IF NOT EXISTS tinybase_widget_rooms (
        room TEXT PRIMARY KEY, token TEXT NOT NULL, made REAL NOT NULL
    )
"""


class Shelf:
    """A server's database.

    Args:
        path: The database, made where there is none.
        most: How large it may become, in bytes; 0 for as large as the disk.

    Raises:
        PlaceError: It can't be read, or is something else.
    """

    def __init__(self, path: str | os.PathLike[str], most: int = 0) -> None:
        self._database = open_database(path)
        try:
            with self._database.transaction(write=False):
                execute = self._database.execute
                names = {name for (name,) in execute("SELECT name FROM sqlite_master")}
                (version,) = execute("PRAGMA user_version").fetchone()
            if "yupdates" in names:
                self._check(version)
            self._database.connection.execute("PRAGMA journal_mode = WAL").close()
            self._database.connection.execute("PRAGMA synchronous = FULL").close()
            if "yupdates" not in names:
                with self._database.transaction(write=True):
                    for statement in TABLES.split(";"):
                        self._database.execute(statement)
            if most:
                (page,) = self._database.connection.execute("PRAGMA page_size").fetchone()
                pages = f"PRAGMA max_page_count = {max(1, most // page)}"
                self._database.connection.execute(pages).close()
            with self._database.transaction(write=True):
                self._database.execute(_MADE)
            self.grants = Grants(self._database)
        except BaseException:
            self._database.close()
            raise

    def _check(self, version: int) -> None:
        if version != VERSION:
            raise PlaceError(
                f"{self.path} keeps documents in version {version} of pycrdt-store's tables, "
                f"where {VERSION} was expected; it is left as it is: name another file"
            )

    @property
    def path(self) -> str:
        """The database's path."""
        return self._database.name

    def rooms(self) -> list[str]:
        """Return the names of the rooms that are kept."""
        with self._database.transaction(write=False):
            rows = self._database.execute(
                "SELECT path FROM yupdates UNION SELECT path FROM ycheckpoints ORDER BY 1"
            ).fetchall()
        return [name for (name,) in rows]

    def rooms_made(self) -> dict[str, int]:
        """Return how many rooms tokens have made, by their ids."""
        with self._database.transaction(write=False):
            rows = self._database.execute(
                "SELECT token, count(*) FROM tinybase_widget_rooms GROUP BY token"
            ).fetchall()
        return dict(rows)

    def read(self, room: str) -> tuple[bytes | None, int]:
        """Return what is kept of a room as one update, and of how many it was made.

        Raises:
            PlaceError: It can't be read.
        """
        with self._database.transaction(write=False):
            rows = self._database.execute(
                "SELECT checkpoint FROM ycheckpoints WHERE path = ? UNION ALL "
                "SELECT yupdate FROM (SELECT * FROM yupdates WHERE path = ? ORDER BY rowid)",
                (room, room),
            ).fetchall()
        try:
            return (merge([bytes(update) for (update,) in rows]) if rows else None), len(rows)
        except Exception as error:
            raise PlaceError(
                f"what {self.path} keeps of room {room!r} is no document ({error}); it is left as "
                "it is: restore the file"
            ) from error

    def write(
        self, updates: Iterable[tuple[str, bytes]], makers: Mapping[str, str] | None = None
    ) -> None:
        """Keep updates of rooms, all or none.

        Args:
            updates: The rooms' names, and updates.
            makers: New rooms' names, with the ids of the tokens by which they were made.

        Raises:
            PlaceError: They can't be written.
        """
        now = time.time()
        with self._database.transaction(write=True):
            self._database.execute_many(
                "INSERT INTO yupdates VALUES (?, ?, ?, ?)",
                [(room, update, b"", now) for room, update in updates],
            )
            self._database.execute_many(
                "INSERT OR IGNORE INTO tinybase_widget_rooms VALUES (?, ?, ?)",
                [(room, token, now) for room, token in (makers or {}).items()],
            )

    def squash(self, room: str) -> None:
        """Put the updates of a room together into one.

        Raises:
            PlaceError: They can't be read or written.
        """
        with self._database.transaction(write=True):
            update, count = self.read(room)
            if update is None or count < 2:  # noqa: PLR2004 - one is none to put together
                return
            doc = create_doc()
            with panics_as_errors():
                doc.apply_update(update)
            for table in ("yupdates", "ycheckpoints"):
                self._database.execute(f"DELETE FROM {table} WHERE path = ?", (room,))  # noqa: S608
            self.write([(room, doc.get_update())])

    def close(self) -> None:
        """Close the database."""
        self._database.close()
