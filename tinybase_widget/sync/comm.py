"""The link between a kernel and the pages that show one of its widgets.

It rides on the widget's custom messages. Every tab that shows the notebook hears what the kernel
sends, and each may answer; each page has an id. The messages (contents are JSON, frames travel as
buffers)::

    page → kernel   {"kind": "hello", "v": 1, "page": id}   [generation, step 1]
    kernel → page   {"kind": "frames", "v": 1, "peer": id, "to": page}
                                                            [step 2, generation, step 1]
    both ways       {"kind": "frames", "v": 1, "peer" or "page": id}   [frames …]
    kernel → page   {"kind": "frames", "v": 1, "peer": id, "from": page}   [frames …]
    kernel → page   {"kind": "frames", "v": 1, "peer": id, "to": page, "got": number}   []
    kernel → page   {"kind": "part", "v": 1, "peer": id, "to": page, "at": byte, "sizes": [...]}
                                                            [bytes of the frames]
    kernel → page   {"kind": "frames", …, "to": page, "rows": [from, to, of]}   [frames …]
    kernel → page   {"kind": "frames", …, "rows": [0, to, of], "deleted": true}
                                                            [delete set, frames …]
    page → kernel   {"kind": "bye", "v": 1, "page": id}

(and those by which a page joins a server for the kernel: `_page_route`).

What one page changes the kernel hands on to the other pages (with `from`, which that page ignores):
they may be in other browsers, and have no other way to each other.

What a page lacks may be much. A page whose hello says `"parts": true` is given it in parts, so that
it knows how much is still to come: `sizes` are those of the frames, and `at` says where in all
their bytes the part begins. Parts follow one another; what is said between them comes after them.

What a room holds may not be in its document yet (`_beginning`). A page whose hello says `"rows":
true` and has nothing is given it as it is written, in updates that say from which row to which
they are, and of how many; after them the answer to its hello, with what else there is. If its
hello says `"deleted": true` too, it is given a large document so that was written before
(`_giving`). Of that something may have been deleted or set anew: the first message says what, in a
buffer of its own ahead of the frames, since the frames have no deletions. That goes on beside all
else that is said; a hello that comes meanwhile is answered in the place of the one before.

A page may number its frames, with `"seq"`. When the room has taken all of them over, the page is
told so, with `got`; that is how it knows which of its edits are safe here.

A hello is the only sure sign that anybody is there: before it nothing is sent. A page that ends
says bye; one that crashed is forgotten when it has not been heard for an hour. (Pages say hello
every 20 seconds, but while a long cell runs the kernel hears nothing.)
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from tinybase_widget.sync._frames import FrameKind, as_change, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinybase_widget.sync._giving import Giving
    from tinybase_widget.sync._taken import Taken
    from tinybase_widget.sync.room import Room

PROTOCOL = 1
_FORGET_PAGE_S = 3600.0
_PART = 1_000_000  # bytes
_SOME_ROWS = 250_000  # bytes: of small batches of rows several go together

_log = logging.getLogger(__name__)


class CommLink:
    """A room's link to the pages that show one widget.

    Args:
        room: The room.
        send: Sends a content and buffers to all of those pages.
        server_code: Returns the JavaScript with which a page joins a server.
    """

    def __init__(
        self,
        room: Room,
        send: Callable[[dict[str, Any], list[bytes]], None],
        server_code: Callable[[], bytes] | None = None,
    ) -> None:
        self._room = room
        self._send = send
        self._server_code = server_code
        self._pages: dict[str, float] = {}
        self._givers: dict[str, _Giver] = {}
        room.add_link(self)

    @property
    def name(self) -> str:
        """The pages at the other end."""
        return "page " + ", ".join(list(self._pages)) if self._pages else "no page"

    @property
    def is_watched(self) -> bool:
        """Whether people look at what is there."""
        return self.is_open()

    @property
    def is_shared(self) -> bool:
        """Whether there are several pages, which hear of each other only from here."""
        return len(self._pages) > 1

    def is_open(self) -> bool:
        """Return whether a page is there."""
        oldest = time.monotonic() - _FORGET_PAGE_S
        return any(heard > oldest for heard in list(self._pages.values()))

    def send(self, frames: Sequence[bytes]) -> None:
        """Send frames to all pages."""
        self._post({}, frames)

    def close(self) -> None:
        """Leave the room."""
        self._room.remove_link(self)
        self._pages.clear()
        for page in list(self._givers):
            self._stop_giving(page)

    def receive(self, content: Mapping[str, Any], buffers: Sequence[bytes]) -> None:
        """Take a message from a page; messages of other kinds or protocols are left alone."""
        page = content.get("page")
        if content.get("v") != PROTOCOL or not isinstance(page, str):
            return
        kind = content.get("kind")
        if kind == "bye":
            self._pages.pop(page, None)
            self._stop_giving(page)
            self._room.forget_peer(self, page)
            for route in self._room.page_routes:
                route.forget(page)
        elif kind == "connection":
            for route in self._room.page_routes:
                if route.id == content.get("id"):
                    route.hear(page, content)
        elif kind in ("hello", "frames"):
            self._pages[page] = time.monotonic()
            self._take(page, content, buffers)

    def _take(self, page: str, content: Mapping[str, Any], buffers: Sequence[bytes]) -> None:
        """Take a page's frames, and answer them."""
        rows: dict[str, Any] = {}
        if content["kind"] == "hello":
            self._stop_giving(page)
            if content.get("rows") is True:
                rows = self._post_rows(page, buffers)
                is_to_give = not rows and content.get("deleted") is True
                if is_to_give and (giving := self._room.giving(buffers)):
                    giver = self._givers[page] = _Giver(giving, page, content, buffers)
                    threading.Thread(
                        target=self._give, args=(giver,), name="tinybase-widget giving", daemon=True
                    ).start()
                    return
        self._answer(page, content, buffers, self._room.take(self, buffers, page), rows)

    def _answer(
        self,
        page: str,
        content: Mapping[str, Any],
        buffers: Sequence[bytes],
        taken: Taken,
        rows: dict[str, Any],
    ) -> None:
        is_hello = content["kind"] == "hello"
        if len(self._pages) > 1:
            self._hand_on(page, buffers)
        answers = [*taken.answers, *(self._room.greeting() if is_hello else ())]
        number = content.get("seq")
        is_confirmed = taken.is_whole and isinstance(number, int)
        if is_hello and content.get("parts") is True and sum(map(len, answers)) > _PART:
            self._post_parts(page, answers, rows)
        elif answers or is_confirmed:
            got = {"got": number} if is_confirmed else {}
            self._post({"to": page, **got, **rows}, answers)
        if is_hello:
            for route in self._room.page_routes:
                route.greet(page)

    def send_wish(self, wish: dict[str, Any], page: str | None) -> None:
        """Send what is wished of a page, or of all pages."""
        if self._server_code is not None and (page is None or page in self._pages):
            code = [self._server_code()] if wish["kind"] == "connect" else []
            for to in list(self._pages) if page is None else [page]:
                self._post_content({**wish, "v": PROTOCOL, "to": to}, code)

    def _hand_on(self, page: str, frames: Sequence[bytes]) -> None:
        """Send what a page has changed to the other pages; the room sends it over other links."""
        changes = [change for frame in frames if (change := as_change(bytes(frame))) is not None]
        if changes:
            self._post({"from": page}, changes)

    def _post_rows(self, page: str, hello: Sequence[bytes]) -> dict[str, Any]:
        """Send what is being written for a page that has nothing; return what the answer says."""
        frames: list[bytes] = []
        sent = done = of = 0
        for part in self._room.first_parts(self, hello, page):
            done, of = part.rows, part.of
            frames += [write_frame(FrameKind.UPDATE, update) for update in part.updates]
            if sum(map(len, frames)) >= _SOME_ROWS:
                self._post({"to": page, "rows": [sent, done, of]}, frames)
                sent, frames = done, []
        if frames:
            self._post({"to": page, "rows": [sent, done, of]}, frames)
        return {"rows": [done, of, of]} if of else {}

    def _stop_giving(self, page: str) -> None:
        giver = self._givers.pop(page, None)
        if giver is not None:
            giver.is_stopped = True

    def _give(self, giver: _Giver) -> None:
        """Send a page that has nothing what is given ahead of the answer, and then that."""
        rows: dict[str, Any] = {}
        try:
            rows = self._post_given(giver)
        except Exception:  # noqa: BLE001 - the answer has all that was not sent
            _log.exception("%s is given all that is left at one go", giver.page)
        with self._room.store.lock:
            if giver.is_stopped:
                return
            taken = self._room.take_after(giver.giving, self, giver.buffers, giver.page)
            self._givers.pop(giver.page)
        self._answer(giver.page, giver.content, giver.buffers, taken, rows)

    def _post_given(self, giver: _Giver) -> dict[str, Any]:
        done = of = 0
        deleted = [giver.giving.deleted()]
        for part in giver.giving.parts():
            if giver.is_stopped:
                break
            said = {"deleted": True} if deleted else {}
            frames = [*deleted, write_frame(FrameKind.UPDATE, part.update)]
            self._post({"to": giver.page, "rows": [done, part.rows, part.of], **said}, frames)
            done, of, deleted = part.rows, part.of, []
        return {"rows": [done, of, of]} if of else {}

    def _post_parts(self, page: str, frames: Sequence[bytes], rows: dict[str, Any]) -> None:
        sizes = [len(frame) for frame in frames]
        whole = memoryview(b"".join(frames))
        for at in range(0, len(whole), _PART):
            address = {"kind": "part", "to": page, "at": at, "sizes": sizes, **rows}
            self._post(address, [bytes(whole[at : at + _PART])])

    def _post(self, address: dict[str, Any], frames: Sequence[bytes]) -> None:
        content = {"kind": "frames", "v": PROTOCOL, "peer": self._room.peer, **address}
        self._post_content(content, list(frames))

    def _post_content(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        try:
            self._send(content, buffers)
        except Exception:  # noqa: BLE001 - a page that has gone must not stop anybody
            _log.debug("a message to %s was not sent", self.name, exc_info=True)


class _Giver:
    """A page that is given a large document, beside all else.

    Args:
        giving: What it is given.
        page: The page.
        content: Its hello.
        buffers: The hello's frames.
    """

    def __init__(
        self, giving: Giving, page: str, content: Mapping[str, Any], buffers: Sequence[bytes]
    ) -> None:
        self.giving = giving
        self.page = page
        self.content = content
        self.buffers = [bytes(buffer) for buffer in buffers]
        self.is_stopped = False  # the page has gone, or asks anew
