"""The door of a server: who may come in, and into which room.

Without any token only this computer is let in, and of pages only those of this computer: others
could be of any site that somebody here looks at. With tokens, everybody needs one.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.server._grants import OPEN, Grant, Grants

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Sequence

    from websockets.http11 import Request

HEALTH, METRICS = "health", "metrics"
_LONGEST_NAME = 100

_log = logging.getLogger("tinybase_widget.server")


@dataclass
class ServerOptions:
    """What a server is to do.

    Attributes:
        host: The address to listen on.
        port: The port; 0 for any that is free.
        origins: The addresses of the pages that may connect, beside those of this computer.
        read_only: Whether everybody may only look.
        max_frame: The largest message that is taken, in bytes.
        max_rooms: How many rooms may be in memory.
        max_connections: How many clients may be connected.
        max_connections_each: How many of them with one token, or from one address where there is
            no token; 0 for half.
        max_rooms_each: How many rooms one token may make, or one address; 0 for any.
        max_edits_each: How many bytes of edits one token may bring in an hour, or one address; 0
            for any.
        behind_proxy: Whether a proxy says in `X-Forwarded-For` whose address it is.
        max_room: How much memory the document of a room may take, in bytes, at a guess.
        max_file: How large the database may become, in bytes; 0 for as large as the disk.
        ssl: A certificate, as `ssl.SSLContext`.
    """

    host: str = "127.0.0.1"
    port: int = 1234
    origins: Sequence[str] = ()
    read_only: bool = False
    max_frame: int = 32 << 20
    max_rooms: int = 5000
    max_connections: int = 1000
    max_connections_each: int = 0
    max_rooms_each: int = 10_000
    max_edits_each: int = 4 << 30
    behind_proxy: bool = False
    max_room: int = 1 << 30
    max_file: int = 0
    ssl: ssl.SSLContext | None = field(default=None, repr=False)


class Admitted(NamedTuple):
    """Somebody who may come in: the room, what may be done there, and from where they come."""

    room: str
    grant: Grant
    address: str


class Answer(NamedTuple):
    """What a request is answered with that does not become a client."""

    status: HTTPStatus
    text: str


class Door:
    """Judges requests.

    Args:
        options: What the server is to do.
        grants: The tokens.
        on_database: Runs a function where the database may be used.

    Raises:
        ValueError: It would be open to everybody: the server listens to other computers, and there
            is no token.
    """

    def __init__(
        self,
        options: ServerOptions,
        grants: Grants,
        on_database: Callable[..., Awaitable[Any]],
    ) -> None:
        self._options = options
        self._grants = grants
        self._on_database = on_database
        self._asks_for_tokens = bool(grants.all())
        if not self._asks_for_tokens and not is_loopback(options.host):
            raise ValueError(
                f"whoever reaches {options.host} could read and change everything: make a "
                "token first, with `tinybase-widget token make`, or listen on 127.0.0.1"
            )

    def address_of(self, request: Request, peer: str) -> str:
        """Return whose request it is: that of the peer, or whom the proxy there names."""
        if not self._options.behind_proxy:
            return peer
        named = ",".join(request.headers.get_all("X-Forwarded-For")).rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(named))
        except ValueError:
            return peer

    async def judge(  # noqa: PLR0911 - one for each reason
        self, request: Request, address: str, connections: int
    ) -> Admitted | Answer:
        """Return what is to become of a request.

        Args:
            request: The request.
            address: Whose it is.
            connections: How many clients are connected.
        """
        path, _, query = request.path.partition("?")
        if path == f"/{HEALTH}":
            return Admitted(HEALTH, OPEN, address)
        grant = await self._find_grant(_token_of(query, request.headers.get("Authorization", "")))
        if isinstance(grant, str):
            return Answer(HTTPStatus.UNAUTHORIZED, f"{grant}\n")
        if not self._is_own_page(request.headers.get("Origin")):
            return Answer(HTTPStatus.FORBIDDEN, "pages of this origin may not connect\n")
        if path == f"/{METRICS}":
            return Admitted(METRICS, grant, address)
        name = room_name(path)
        if name is None:
            return Answer(
                HTTPStatus.NOT_FOUND,
                "a room's address is /name: letters, digits, spaces and - _ . ~, 100 at most\n",
            )
        if grant.room not in (None, name):
            return Answer(HTTPStatus.FORBIDDEN, "this token is for another room\n")
        if connections >= self._options.max_connections:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections; try again later\n")
        return Admitted(name, grant, address)

    async def _find_grant(self, token: str | None) -> Grant | str:
        try:
            if not self._asks_for_tokens:  # one may have been made since
                self._asks_for_tokens = bool(await self._on_database(self._grants.all))
            if not self._asks_for_tokens:
                return OPEN
            if not token:
                return "a token is needed: add ?token=... to the address"
            grant: Grant | None = await self._on_database(self._grants.find, token)
        except TinyBaseError as error:
            _log.error("tokens can't be read: %s", error)
            return "tokens can't be read at the moment"
        if grant is None:
            return "this token is not known here"
        return "this token has expired" if grant.has_expired() else grant

    def _is_own_page(self, origin: str | None) -> bool:
        if origin is None or origin in self._options.origins:
            return True
        try:
            host = urlsplit(origin).hostname
        except ValueError:
            return False
        return host is not None and not self._options.origins and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Return whether only this computer reaches an address."""
    if host in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def room_name(path: str) -> str | None:
    """Return the name of the room at a path; `None` if it can't be one."""
    name = unquote(path[1:])
    is_plain = all(each.isalnum() or each in " -_.~" for each in name)
    is_name = 0 < len(name) <= _LONGEST_NAME and is_plain and name.strip(" .") == name
    return name if is_name and name not in (HEALTH, METRICS) else None


def _token_of(query: str, authorization: str) -> str | None:
    kind, _, token = authorization.partition(" ")
    if kind.lower() == "bearer" and token:
        return token.strip()
    return parse_qs(query).get("token", [None])[0]
