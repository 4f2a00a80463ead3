"""A page that shows a widget, in the place of a browser: it has a comm and a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycrdt import Map

from tests.comms import CaughtComm
from tinybase_widget import create_doc
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybase_widget.widgets._live_view import LiveView


class MockComm(CaughtComm):
    """A comm that keeps what the kernel sends; `breaks` makes it fail as a closed one does."""

    def __init__(self, **options: Any) -> None:
        self.sent: list[tuple[str, dict[str, Any], list[bytes]]] = []
        self.breaks = False
        super().__init__(**options)

    def take(self, kind: str, data: dict[str, Any], buffers: Sequence[Any]) -> None:
        if self.breaks:
            raise OSError("the comm is closed")
        self.sent.append((kind, data, [*buffers]))

    def __del__(self) -> None:
        """Say nothing when it goes."""


class Page:
    """A browser tab with a view of a widget in it."""

    def __init__(self, view: LiveView, page_id: str = "tab") -> None:
        assert isinstance(view.comm, MockComm)
        self.view = view
        self.id = page_id
        self.comm = view.comm
        self.doc = create_doc()

    def send(self, content: Any, buffers: Sequence[Any] = ()) -> None:
        """Send a custom message, around ipywidgets, which would swallow what is raised."""
        self.view._on_message(self.view, content, buffers)

    def say(self, kind: str, *buffers: bytes) -> None:
        """Send a message as our own JavaScript does."""
        self.send({"kind": kind, "v": 1, "page": self.id}, [memoryview(data) for data in buffers])

    def say_hello(self) -> None:
        """Ask for what this page lacks, take it, and answer what the kernel asks."""
        self.say("hello", write_frame(FrameKind.STEP_1, self.doc.get_state()))
        for answer in self.take_frames():
            self.say("frames", answer)

    def custom_messages(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        """Return the custom messages that the kernel has sent so far."""
        return [
            (data["content"], buffers)
            for kind, data, buffers in self.comm.sent
            if kind == "comm_msg" and data["method"] == "custom"
        ]

    def traits_sent(self, name: str) -> list[Any]:
        """Return the values of a trait that the kernel has sent after the first."""
        return [
            data["state"][name]
            for kind, data, _ in self.comm.sent
            if kind == "comm_msg" and data["method"] == "update" and name in data["state"]
        ]

    def take_frames(self) -> list[bytes]:
        """Take all frames that have come; return what they are to be answered with."""
        answers: list[bytes] = []
        for content, buffers in self.custom_messages():
            if content["kind"] != "frames" or content.get("to", self.id) != self.id:
                continue
            for kind, payload in map(read_frame, buffers):
                if kind is FrameKind.STEP_1:
                    answers.append(write_frame(FrameKind.STEP_2, self.doc.get_update(payload)))
                elif kind is not FrameKind.AWARENESS:
                    self.doc.apply_update(payload)
        return answers

    def values(self) -> Any:
        """Return the values that this page knows."""
        content = self.doc.get("tinybase", type=Map).to_py()
        return content and content["v"]

    def tables(self) -> Any:
        """Return the tables that this page knows."""
        content = self.doc.get("tinybase", type=Map).to_py()
        return content and content["t"]
