"""Who may do what: tokens, with a role, perhaps for one room and perhaps until a moment.

A token is 192 random bits. The database keeps its hash only, so whoever reads the file can't come
in with it, and a token is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from tinybase_widget.persisters._sqlite_database import Database

Role = Literal["edit", "view"]
ROLES: tuple[str, ...] = get_args(Role)

_TABLE = """
    CREATE TABLE IF NOT EXISTS tinybase_widget_tokens (
        hash TEXT PRIMARY KEY, role TEXT NOT NULL, room TEXT, expires REAL, made REAL NOT NULL
    )
"""
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


class Grant(NamedTuple):
    """What a token allows.

    Attributes:
        id: What the token is called where it must not be shown: the beginning of its hash.
        role: "edit", or "view" for looking only.
        room: The room; `None` for all.
        expires: When it ends, in seconds since 1970; `None` for never.
    """

    id: str
    role: Role
    room: str | None = None
    expires: float | None = None

    def has_expired(self) -> bool:
        """Return whether it has ended."""
        return self.expires is not None and self.expires <= time.time()


OPEN = Grant("open", "edit")  # where there is no token


class Grants:
    """The tokens in a database.

    Args:
        database: The database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version = database.version().data
        with database.transaction(write=True):
            database.execute(_TABLE)

    def make(self, role: Role, room: str | None, expires: float | None) -> str:
        """Return a new token.

        Raises:
            PlaceError: It can't be written.
        """
        token = secrets.token_urlsafe(24)
        with self._database.transaction(write=True):
            self._database.execute(
                "INSERT INTO tinybase_widget_tokens VALUES (?, ?, ?, ?, ?)",
                (_hash(token), role, room, expires, time.time()),
            )
        return token

    def find(self, token: str) -> Grant | None:
        """Return what a token allows; also one that has expired."""
        with self._database.transaction(write=False):
            row = self._database.execute(
                "SELECT hash, role, room, expires FROM tinybase_widget_tokens WHERE hash = ?",
                (_hash(token),),
            ).fetchone()
        return None if row is None else Grant(row[0][:8], *row[1:])

    def all(self) -> list[Grant]:
        """Return what all tokens allow, in the order in which they were made."""
        with self._database.transaction(write=False):
            rows = self._database.execute(
                "SELECT hash, role, room, expires FROM tinybase_widget_tokens ORDER BY made, hash"
            ).fetchall()
        return [Grant(row[0][:8], *row[1:]) for row in rows]

    def ids_if_changed(self) -> set[str] | None:
        """Return the ids of all tokens, if somebody else has written since the last time.

        Without any token nobody needs one, and `OPEN` is among them.
        """
        version = self._database.version().data
        if version == self._version:
            return None
        ids = {grant.id for grant in self.all()}
        self._version = version
        return ids or {OPEN.id}

    def revoke(self, id_: str) -> bool:
        """Delete the token of an id; return whether there was one."""
        with self._database.transaction(write=True):
            found = self._database.execute(
                "DELETE FROM tinybase_widget_tokens WHERE substr(hash, 1, 8) = ?", (id_,)
            )
            return found.rowcount > 0


def read_span(text: str) -> float:
    """Return the seconds of a span of time such as "30m", "12h", "7d" or "2w".

    Raises:
        ValueError: It is none.
    """
    match = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    if match is None or match[1] == "0":
        raise ValueError(f'a span of time is such as "30m", "12h", "7d" or "2w", not {text!r}')
    return int(match[1]) * float(_UNITS[match[2]])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
