"""How servers of rooms wrap the y-protocols' frames.

A y-websocket server (npm's, pycrdt-websocket, `tinybase-widget serve`) takes and sends frames as
they are; the room is in the address, and so is the token. A Hocuspocus server serves many documents
over one connection: each message begins with the document's name, the token goes by a message, and
there are some kinds of messages more.

Source: `y-websocket`, `y-protocols/auth.js`, and the message types of `@hocuspocus/server` 2 to 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from tinybase_widget._exceptions import FrameError
from tinybase_widget.persisters._yjs_wire import read_varuint, varuint

if TYPE_CHECKING:
    from tinybase_widget.sync._addresses import Address

_SYNC, _AWARENESS, _AUTH, _QUERY = range(4)
_SYNC_REPLY, _CLOSE, _SYNC_STATUS = 4, 7, 8  # Hocuspocus
_TOKEN, _DENIED, _GRANTED = range(3)  # Hocuspocus


class Message(NamedTuple):
    """What a server sent.

    Attributes:
        kind: A "frame" of the y-protocols; "denied" where we may not come in; "view" where we may
            only look; "other" for what is of no interest.
        data: The frame.
        reason: The server's words.
    """

    kind: Literal["frame", "denied", "view", "other"]
    data: bytes = b""
    reason: str = ""


class Dialect(Protocol):
    """How a server wraps frames."""

    def url(self) -> str:
        """Return the address to connect to; it may have the token in it."""

    def opening(self) -> list[bytes]:
        """Return the messages to begin with."""

    def write(self, frame: bytes) -> bytes:
        """Return a frame as a message."""

    def read(self, data: bytes) -> Message:
        """Read a message.

        Raises:
            FrameError: These bytes are none.
        """


class YWebsocket:
    """Messages are frames."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def url(self) -> str:
        """Return the address, with the token."""
        return self._address.with_token()

    def opening(self) -> list[bytes]:
        """Return nothing: the address has said all."""
        return []

    def write(self, frame: bytes) -> bytes:
        """Return the frame."""
        return frame

    def read(self, data: bytes) -> Message:
        """Read a message; a denial means here that the server does not take our edits."""
        try:
            kind, position = read_varuint(data, 0)
            if kind == _AUTH:
                _denied, position = read_varuint(data, position)
                return Message("view", reason=read_text(data, position)[0])
        except (IndexError, UnicodeDecodeError):
            raise FrameError(data) from None
        return Message("frame", data) if kind in (_SYNC, _AWARENESS, _QUERY) else Message("other")


class Hocuspocus:
    """Messages are the document's name and a frame."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._name = write_text(address.room)

    def url(self) -> str:
        """Return the address, without the token."""
        return self._address.without_token()

    def opening(self) -> list[bytes]:
        """Return the message with the token; without one the server waits for ever."""
        token = write_text(self._address.token or "")
        return [self._name + varuint(_AUTH) + varuint(_TOKEN) + token]

    def write(self, frame: bytes) -> bytes:
        """Return the frame behind the document's name."""
        return self._name + frame

    def read(self, data: bytes) -> Message:
        """Read a message."""
        try:
            name, start = read_text(data, 0)
            kind, position = read_varuint(data, start)
            if name != self._address.room:
                return Message("other")
            if kind == _SYNC_REPLY:
                return Message("frame", varuint(_SYNC) + data[position:])
            if kind in (_SYNC, _AWARENESS, _QUERY):
                return Message("frame", data[start:])
            return self._read_more(kind, data, position)
        except (IndexError, UnicodeDecodeError):
            raise FrameError(data) from None

    @staticmethod
    def _read_more(kind: int, data: bytes, position: int) -> Message:
        if kind == _CLOSE:
            return Message("denied", reason=read_text(data, position)[0] or "the room was closed")
        if kind == _SYNC_STATUS:
            is_taken, _ = read_varuint(data, position)
            return Message("other") if is_taken else Message("view", reason="edits are not taken")
        if kind == _AUTH:
            answer, position = read_varuint(data, position)
            if answer == _DENIED:
                return Message("denied", reason=read_text(data, position)[0])
            if answer == _GRANTED and read_text(data, position)[0] == "readonly":
                return Message("view", reason="this token may only look")
        return Message("other")


DIALECTS: dict[str, type[YWebsocket | Hocuspocus]] = {
    "y-websocket": YWebsocket,
    "hocuspocus": Hocuspocus,
}


def write_text(text: str) -> bytes:
    """Return a text behind its length, as lib0's `writeVarString` does."""
    data = text.encode()
    return varuint(len(data)) + data


def read_text(data: bytes, position: int) -> tuple[str, int]:
    """Return a text, and where it ends.

    Raises:
        IndexError: The bytes end before.
        UnicodeDecodeError: It is no text.
    """
    length, position = read_varuint(data, position)
    text = data[position : position + length]
    if len(text) != length:
        raise IndexError
    return text.decode(), position + length
