"""What goes over a page's websockets to its kernels, message by message.

JupyterLab packs a message into one binary websocket message (the subprotocol
`v1.kernel.websocket.jupyter.org`): the number of offsets, the offsets (unsigned 64 bit
integers, little endian), then the parts that they bound: channel, header, parent header, metadata,
content, and the buffers. A widget's custom message has its own content within the content of a
comm message.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

_OFFSET = struct.Struct("<Q")
_PARTS_BEFORE_BUFFERS = 5


@dataclass(frozen=True)
class WireMessage:
    """One message; sizes are in bytes.

    Args:
        to_kernel: Whether the page sent it.
        message_type: Jupyter's name for what it is.
        kind: The kind of our own content, or an empty text where it is not ours.
        is_addressed: Whether our content names the page it is for: it answers a hello.
        frames: The size of the buffers.
        content: The size of our own content as JSON.
        whole: The size of all that went over the websocket.
    """

    to_kernel: bool
    message_type: str
    kind: str
    is_addressed: bool
    frames: int
    content: int
    whole: int

    @property
    def is_change(self) -> bool:
        """Whether it tells of a change, rather than comparing states."""
        return self.kind == "frames" and not self.is_addressed


class Tap:
    """Notes the messages of all websockets that a page opens from now on."""

    def __init__(self, page: Page) -> None:
        self.messages: list[WireMessage] = []
        page.on("websocket", self._listen)

    def take(self) -> list[WireMessage]:
        """Return the messages since the last time."""
        taken, self.messages = self.messages, []
        return taken

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda data: self._note(data, to_kernel=True))
        socket.on("framereceived", lambda data: self._note(data, to_kernel=False))

    def _note(self, data: bytes | str, *, to_kernel: bool) -> None:
        if isinstance(data, bytes):
            self.messages.append(parse(data, to_kernel=to_kernel))


def parse(data: bytes, *, to_kernel: bool) -> WireMessage:
    """Return what a websocket message holds."""
    count = _OFFSET.unpack_from(data)[0]
    bounds = [_OFFSET.unpack_from(data, _OFFSET.size * (at + 1))[0] for at in range(count)]
    parts = [data[start:end] for start, end in pairwise(bounds)]
    _channel, header, _parent, _metadata, content = parts[:_PARTS_BEFORE_BUFFERS]
    own = _own_content(json.loads(content))
    return WireMessage(
        to_kernel=to_kernel,
        message_type=json.loads(header)["msg_type"],
        kind=own.get("kind", ""),
        is_addressed="to" in own,
        frames=sum(len(part) for part in parts[_PARTS_BEFORE_BUFFERS:]),
        content=len(json.dumps(own, separators=(",", ":"))) if own else 0,
        whole=len(data),
    )


def _own_content(content: dict[str, Any]) -> dict[str, Any]:
    data = content.get("data")
    if isinstance(data, dict) and data.get("method") == "custom":
        own = data.get("content")
        return own if isinstance(own, dict) else {}
    return {}
