"""Addresses of rooms on servers, with the secrets kept apart.

A token is a secret: it goes to the server and nowhere else. So an address is taken apart once, and
what is shown, logged or sent to a page is `Address.shown`, which has no query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from tinybase_widget.sync._jupyter_files import FileAddress

_SCHEMES = ("ws", "wss")
_FILE = "file:"
_EXAMPLE = '"wss://example.org/zoo", whose last part is the room\'s name'


class Address(NamedTuple):
    """Where a room is.

    Attributes:
        shown: The address for people, without a token.
        room: The room's name there: the path's last part.
        token: The token, if there is one.
        query: The other parameters, as they were given.
    """

    shown: str
    room: str
    token: str | None
    query: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        """Return the address without its secrets."""
        return f"<address {self.shown}>"

    def with_token(self) -> str:
        """Return the address to connect to, as y-websocket's clients write it."""
        query = [*self.query, *([("token", self.token)] if self.token is not None else [])]
        return f"{self.shown}?{urlencode(query)}" if query else self.shown

    def without_token(self) -> str:
        """Return the address to connect to where the token goes by a message."""
        return f"{self.shown}?{urlencode(self.query)}" if self.query else self.shown

    def hide(self, text: str) -> str:
        """Return a text, such as an error's, without the token and the query."""
        secrets = [self.token or "", *(value for _, value in self.query)]
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            for written in (urlencode({"": secret})[1:], quote(secret), secret):
                text = text.replace(written, "…")
        return text


def is_address(text: object) -> bool:
    """Return whether a room's name is its address on a server, or that of a file."""
    starts = (_FILE, *(f"{each}://" for each in _SCHEMES))
    return isinstance(text, str) and text.startswith(starts)


def is_file(text: object) -> bool:
    """Return whether an address is that of a file."""
    return isinstance(text, str) and text.startswith(_FILE)


def address_of(url: object, token: str | None = None) -> Address | FileAddress:
    """Return where a room is on a server, or a file that JupyterLab shows.

    Args:
        url: The address.
        token: The token.

    Raises:
        JupyterServerError: No Jupyter server shows the file, or several do.
        TypeError: The address or the token is no string.
        ValueError: It is no address; the text never has its query or password.
    """
    if isinstance(url, str) and is_file(url):
        from tinybase_widget.sync._jupyter_files import FileAddress  # noqa: PLC0415 - seldom needed

        return FileAddress(url, token)
    return read_address(url, token)


def read_address(url: object, token: str | None = None) -> Address:
    """Take an address apart.

    Args:
        url: The address; a `token` in its query is taken out.
        token: The token, in the place of one in the query.

    Raises:
        TypeError: The address or the token is no string.
        ValueError: It is no address of a room; the text never has its query or password.
    """
    if not isinstance(url, str):
        raise TypeError(f"the address of a room is a string such as {_EXAMPLE}; not {url!r}")
    if token is not None and not isinstance(token, str):
        raise TypeError(f"a token is a string, not {type(token).__name__}")
    parts = _split(url)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError(f"the address of a room is such as {_EXAMPLE}; {shown!r} was given")
    if "@" in parts.netloc:
        raise ValueError(
            f"give no user and password in the address {shown!r}: servers of rooms want token=..."
        )
    room = unquote(parts.path.rpartition("/")[2])
    if not room:
        raise ValueError(f"{shown!r} names no room: an address is such as {_EXAMPLE}")
    query = parse_qsl(parts.query, keep_blank_values=True)
    given = next((value for key, value in query if key == "token"), None)
    rest = tuple(pair for pair in query if pair[0] != "token")
    return Address(shown, room, given if token is None else token, rest)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        shown = url.partition("?")[0].rpartition("@")[2]
        raise ValueError(
            f"the address of a room is such as {_EXAMPLE}; {shown!r} was given"
        ) from None
    return parts
