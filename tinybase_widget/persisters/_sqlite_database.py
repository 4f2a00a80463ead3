"""A SQLite database: one connection, used by one thread at a time, and its transactions."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary

from tinybase_widget._exceptions import PlaceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_VERSION = (
    "SELECT data_version, schema_version, total_changes() "
    "FROM pragma_data_version JOIN pragma_schema_version"
)
_MAGIC = b"SQLite format 3\0"
_HINTS = {
    "locked": "somebody else is writing to it, or has left a transaction open",
    "not a database": "it is left as it is; move it away to begin anew",
    "malformed": "it is damaged, and left as it is; restore it, or move it away to begin anew",
    "unable to open": "does its folder exist, and may you write there?",
    "readonly": "may you write to it and to its folder?",
    "full": "free some space",
}


class Version(NamedTuple):
    """What is another one whenever anybody has changed the database."""

    data: int
    schema: int
    changes: int


class Database:
    """A SQLite database.

    Args:
        path: Its file, opened when it is first needed.
        connection: A connection in its place, which stays open in the end.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        connection: sqlite3.Connection | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self._path = None if path is None else os.fspath(path)
        self._connection = connection
        self._is_ours = connection is None
        self._inode: int | None = None
        self._is_closed = False

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "the database" if self._path is None else self._path

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection; a new one where the file was replaced by another."""
        if self._is_closed:
            raise sqlite3.ProgrammingError("it was closed; make a new persister")
        if self._path is None or self._path == ":memory:":
            if self._connection is None:
                self._connection = self._open(":memory:")
            return self._connection
        if self._connection is not None and self._inode != _inode(self._path):
            self._connection.close()
            self._connection = None
        if self._connection is None:
            _check_kind(self._path)
            self._connection = self._open(self._path)
            self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")  # now the file is there
            self._inode = _inode(self._path)
        return self._connection

    def exists(self) -> bool:
        """Return whether there is a database yet, without making one."""
        return self._path in (None, ":memory:") or _inode(self._path) is not None

    @staticmethod
    def _open(path: str) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Execute a statement, inside a transaction."""
        cursor = self.connection.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters)

    def execute_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each of many parameters, inside a transaction."""
        self.connection.executemany(sql, parameters)

    def version(self) -> Version:
        """Return the database's version, as this connection sees it."""
        return Version(*self.execute(_VERSION).fetchone())

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """Do something as a whole: all of it, or where it fails nothing.

        Inside a transaction that is open on the connection already, it is a part of that.

        Args:
            write: Whether it is going to write.

        Raises:
            PlaceError: The database refused; nothing was changed.
        """
        with self.lock, self._errors(write=write):
            connection = self.connection
            if connection.in_transaction:
                begin, end, undo = "SAVEPOINT tinybase", "RELEASE tinybase", "ROLLBACK TO tinybase"
            else:
                begin, end, undo = "BEGIN IMMEDIATE" if write else "BEGIN", "COMMIT", "ROLLBACK"
            connection.execute(begin)
            try:
                yield
                connection.execute(end)
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute(undo)
                    if end != "COMMIT":
                        connection.execute(end)
                raise

    @contextmanager
    def _errors(self, *, write: bool) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError) as error:
            hint = next((text for key, text in _HINTS.items() if key in str(error)), None)
            what, effect = ("written", "; nothing of this save is in it") if write else ("read", "")
            raise PlaceError(
                f"{self.name} can't be {what}: {error}{effect}{f' ({hint})' if hint else ''}"
            ) from error

    def close(self) -> None:
        """Close the connection, unless it is somebody else's."""
        with self.lock:
            if self._is_ours:
                self._is_closed = True
                if self._connection is not None:
                    self._connection.close()
                    self._connection = None


_given: WeakValueDictionary[int, Database] = WeakValueDictionary()


def open_database(path_or_connection: object) -> Database:
    """Return the database of a path or a connection; the same one for the same connection.

    Raises:
        TypeError: It is neither.
        ValueError: The connection may be used by the thread that made it only.
    """
    if isinstance(path_or_connection, sqlite3.Connection):
        database = _given.get(id(path_or_connection))
        if database is None:
            _check_threads(path_or_connection)
            database = Database(connection=path_or_connection)
            _given[id(path_or_connection)] = database
        return database
    if isinstance(path_or_connection, (str, os.PathLike)):
        path = os.fspath(path_or_connection)
        if isinstance(path, str):
            return Database(path if path == ":memory:" else os.path.abspath(path))  # noqa: PTH100
    raise TypeError(
        f"a database is given by its path or an open sqlite3.Connection, not {path_or_connection!r}"
    )


def _check_threads(connection: sqlite3.Connection) -> None:
    """Check that a connection may be used by any thread: remote edits come on many."""
    refused: list[Exception] = []

    def use() -> None:
        try:
            connection.total_changes  # noqa: B018 - it is the access that is refused
            connection.cursor().close()
        except sqlite3.ProgrammingError as error:
            refused.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    if refused:
        raise ValueError(
            "this connection can't be used here "
            f"({refused[0]}); give the path, or a connection of "
            "sqlite3.connect(path, check_same_thread=False)"
        ) from refused[0]


def _inode(path: str | None) -> int | None:
    if path is None:
        return None
    try:
        return os.stat(path).st_ino  # noqa: PTH116
    except OSError:
        return None


def _check_kind(path: str) -> None:
    """Check that a file, if there is one, is a database: SQLite writes over very short ones."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            head = file.read(len(_MAGIC))
    except OSError:
        return  # SQLite says it better
    if head and head != _MAGIC:
        raise sqlite3.DatabaseError("file is not a database")
