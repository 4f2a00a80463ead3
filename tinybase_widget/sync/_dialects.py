"""How servers of rooms wrap the y-protocols' frames.

A y-websocket server (npm's, pycrdt-websocket, `tinybase-widget serve`) takes and sends frames as
they are; the room is in the address, and so is the token. A Hocuspocus server serves many documents
over one connection: each message begins with the document's name, the token goes by a message, and
there are some kinds of messages more. JupyterLab's rooms of files are y-websocket rooms, at
addresses that have to be asked for, with a kind of message of their own.

Source: `y-websocket`, `y-protocols/auth.js`, the message types of `@hocuspocus/server` 2 to 4, and
those of jupyter_server_ydoc.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from pycrdt import Map

from tinybase_widget._exceptions import FrameError
from tinybase_widget.persisters._yjs_wire import read_varuint, varuint

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from pycrdt import Doc

    from tinybase_widget.sync._addresses import Address
    from tinybase_widget.sync._jupyter_files import FileAddress

_SYNC, _AWARENESS, _AUTH, _QUERY = range(4)
_SYNC_REPLY, _CLOSE, _SYNC_STATUS = 4, 7, 8  # Hocuspocus
_TOKEN, _DENIED, _GRANTED = range(3)  # Hocuspocus
_RAW = 2  # Jupyter
_STATE, UNREADABLE = "state", "tinybase/unreadable"  # where `YTinyBase` says so in a document
_CONFLICT = (
    "its document was made anew from the file and does not fit to this room's; nothing is lost: "
    "put what the Store has into a new Store, and join with that"
)


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


class Target(NamedTuple):
    """What to connect to.

    Attributes:
        url: The address; it may have the token in it.
        headers: What to say besides; it may have the token in it.
        is_own: Whether it is this computer's own server, to which no proxy leads.
        tls: What is asked of its certificate, if it is not the usual.
    """

    url: str
    headers: Mapping[str, str] = {}
    is_own: bool = False
    tls: ssl.SSLContext | None = None

    def options(self) -> dict[str, Any]:
        """Return what `websockets` is told besides the address."""
        return {
            "additional_headers": self.headers,
            **({"proxy": None} if self.is_own else {}),
            **({} if self.tls is None else {"ssl": self.tls}),
        }


class Dialect(Protocol):
    """How a server wraps frames."""

    def target(self) -> Target:
        """Return what to connect to; it may take a while to find out.

        Raises:
            OSError: It can't be found out at the moment; the text says why.
        """

    def check(self) -> None:
        """Check that the room is still what it was when we came in.

        Raises:
            OSError: It is not; the text says what happened.
        """

    def trouble(self, doc: Doc[Any]) -> str | None:
        """Return what is wrong with the document itself; the Store is locked."""

    def opening(self) -> list[bytes]:
        """Return the messages to begin with."""

    def write(self, frame: bytes) -> bytes:
        """Return a frame as a message."""

    def read(self, data: bytes) -> Message:
        """Read a message.

        Raises:
            FrameError: These bytes are none.
        """


class _RoomOfAName:
    """Its document needs no looking after."""

    def check(self) -> None:
        """Nothing is to be checked: a room is its name."""

    def trouble(self, doc: Doc[Any]) -> str | None:
        """Return nothing: such a document is only what it holds."""
        del doc
        return None


class _BareFrames:
    """A message is a frame as it is, and none comes before the first."""

    def opening(self) -> list[bytes]:
        """Return nothing: the address has said all."""
        return []

    def write(self, frame: bytes) -> bytes:
        """Return the frame."""
        return frame


class YWebsocket(_RoomOfAName, _BareFrames):
    """Messages are frames."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def target(self) -> Target:
        """Return the address, with the token."""
        return Target(self._address.with_token())

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


class Hocuspocus(_RoomOfAName):
    """Messages are the document's name and a frame."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._name = write_text(address.room)

    def target(self) -> Target:
        """Return the address, without the token."""
        return Target(self._address.without_token())

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


class JupyterFile(_BareFrames):
    """Messages are frames; the room is that of a file, which may be renamed and deleted."""

    def __init__(self, address: FileAddress) -> None:
        self._address = address

    def target(self) -> Target:
        """Return the address of this start of the server, with the token in a header."""
        server, url = self._address.find()
        return Target(url, server.headers(), is_own=True, tls=server.tls)

    def check(self) -> None:
        """Check that the file is there."""
        self._address.check()

    def trouble(self, doc: Doc[Any]) -> str | None:
        """Return why the file can't be written or read: nothing is written over it then."""
        if not self._address.is_writable:
            return "edits are shared, but not saved: Jupyter's server may not write the file"
        found = doc.get(_STATE, type=Map).get(UNREADABLE)
        if not isinstance(found, dict):
            return None
        return f"edits are shared, but not saved. {found.get('reason')}"

    def read(self, data: bytes) -> Message:
        """Read a message; one of the server's own kind is JSON."""
        try:
            kind, position = read_varuint(data, 0)
            if kind == _RAW:
                said = json.loads(read_text(data, position)[0])
                is_conflict = isinstance(said, dict) and said.get("type") == "conflict"
                return Message("denied", reason=_CONFLICT) if is_conflict else Message("other")
        except (IndexError, ValueError):
            raise FrameError(data) from None
        return Message("frame", data) if kind in (_SYNC, _AWARENESS) else Message("other")


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
