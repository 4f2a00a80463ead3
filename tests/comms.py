"""A comm of a test's own, in place of the one to a page; and a link that sends to a test."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from comm.base_comm import BaseComm

from tinybase_widget.sync._frames import FrameKind, write_frame
from tinybase_widget.sync.comm import CommLink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinybase_widget import Room

# What a page that has nothing says first.
STEP_1 = write_frame(FrameKind.STEP_1, b"\x00")
HELLO = {"kind": "hello", "v": 1, "page": "tab", "parts": True, "rows": True}

Sent = list[tuple[dict[str, Any], list[bytes]]]


class CaughtComm(BaseComm):
    """A comm whose messages to the page stay with the test."""

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: Sequence[Any] | None = None,
        **keys: Any,
    ) -> None:
        """Take what the kernel sends."""
        del metadata, keys
        self.take(msg_type, data or {}, buffers or ())

    @abstractmethod
    def take(self, kind: str, data: dict[str, Any], buffers: Sequence[Any]) -> None:
        """Take a message to the page."""


class SentByLink:
    """A room's link to pages, and what it has sent to them."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.sent: Sent = []
        self.on_send: Callable[[], object] = lambda: None
        self.link = CommLink(self.room, self._send)

    def _send(self, content: dict[str, Any], frames: list[bytes]) -> None:
        self.sent.append((content, frames))
        self.on_send()

    def hello(self, frames: list[bytes] | None = None, **more: Any) -> None:
        """Say hello as a page does that has nothing, unless by other frames."""
        self.link.receive({**HELLO, **more}, [STEP_1] if frames is None else frames)
