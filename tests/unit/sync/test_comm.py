"""The link between a kernel and its pages, with a list in the place of the comm."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pycrdt import Map

from tinybase_widget import Room, Store, create_doc
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame, write_generation
from tinybase_widget.sync._generations import FIRST
from tinybase_widget.sync.comm import CommLink

TABLES = {"pets": {"fido": {"species": "dog"}}}
NOTHING = b"\x00"  # the state vector of an empty document
HELLO = {"kind": "hello", "v": 1, "page": "tab"}
STEP_1 = write_frame(FrameKind.STEP_1, NOTHING)


class Wire:
    """A room with a link, and what the link has sent of the document.

    That the kernel is editing is told a moment later, whenever that is; see test_presence.py.
    """

    def __init__(self) -> None:
        self.room = Room("zoo", Store().set_tables(TABLES))
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        self.link = CommLink(self.room, self._send)

    def _send(self, content: dict[str, Any], frames: list[bytes]) -> None:
        kinds = {read_frame(frame).kind for frame in frames if content["kind"] == "frames"}
        if kinds != {FrameKind.AWARENESS}:
            self.sent.append((content, frames))

    def say_hello(self, page: str = "tab") -> None:
        self.link.receive({**HELLO, "page": page}, [STEP_1])

    def edit(self, price: int) -> None:
        self.room.store.set_cell("pets", "fido", "price", price)
        assert self.room.flush_outbox()


@pytest.fixture
def wire() -> Wire:
    return Wire()


def update_of(tables: dict[str, dict[str, dict[str, Any]]]) -> bytes:
    """Return the frame with which a page sends what its Store has."""
    room = Room("zoo", Store().set_tables(tables))
    return write_frame(FrameKind.UPDATE, room.doc.get_update())


def test_nothing_is_sent_before_somebody_says_hello(wire: Wire) -> None:
    wire.edit(5)
    assert wire.sent == []
    assert not wire.link.is_open()
    assert repr(wire.room) == "<tinybase_widget.Room 'zoo', alone>"


def test_a_hello_is_answered_with_what_the_page_lacks_and_a_question(wire: Wire) -> None:
    wire.say_hello()
    [(content, frames)] = wire.sent
    assert content == {"kind": "frames", "v": 1, "peer": wire.room.peer, "to": "tab"}
    assert frames[1] == write_generation(FIRST)
    answer, question = read_frame(frames[0]), read_frame(frames[2])
    assert (answer.kind, question.kind) == (FrameKind.STEP_2, FrameKind.STEP_1)
    page = create_doc()
    page.apply_update(answer.payload)
    assert page.get("tinybase", type=Map).to_py() == {"t": TABLES, "v": {}}
    assert question.payload == wire.room.doc.get_state()


def test_a_page_that_takes_parts_is_told_how_much_is_to_come(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinybase_widget.sync.comm._PART", 40)
    wire.say_hello()
    [(_, frames)] = wire.sent
    wire.sent.clear()
    wire.link.receive({**HELLO, "parts": True}, [STEP_1])
    assert len(wire.sent) > 2
    at = 0
    for content, [part] in wire.sent:
        assert content == {
            "kind": "part",
            "v": 1,
            "peer": wire.room.peer,
            "to": "tab",
            "at": at,
            "sizes": [len(frame) for frame in frames],
        }
        at += len(part)
    assert b"".join(part for _, [part] in wire.sent) == b"".join(frames)


def test_a_page_that_takes_parts_is_told_little_at_once(wire: Wire) -> None:
    wire.link.receive({**HELLO, "parts": True}, [STEP_1])
    [(content, frames)] = wire.sent
    assert content["kind"] == "frames"
    assert len(frames) == 3


def test_a_hello_with_no_frame_is_still_asked_what_it_has(wire: Wire) -> None:
    wire.link.receive(HELLO, [])
    [(_, frames)] = wire.sent
    assert frames == wire.room.greeting()


def test_a_change_is_sent_to_all_pages_in_one_message(wire: Wire) -> None:
    wire.say_hello("one")
    wire.say_hello("two")
    wire.sent.clear()
    wire.edit(5)
    [(content, frames)] = wire.sent
    assert content == {"kind": "frames", "v": 1, "peer": wire.room.peer}
    assert [read_frame(frame).kind for frame in frames] == [FrameKind.UPDATE]


def test_a_page_that_speaks_without_a_hello_is_there_too(wire: Wire) -> None:
    wire.link.receive({"kind": "frames", "v": 1, "page": "tab"}, [])
    assert wire.link.is_open()


def test_frames_of_a_page_reach_the_store(wire: Wire) -> None:
    update = update_of({"pets": {"felix": {"species": "cat"}}})
    wire.link.receive({"kind": "frames", "v": 1, "page": "tab"}, [update])
    assert set(wire.room.store.get_row_ids("pets")) == {"fido", "felix"}


def test_what_came_over_the_link_is_not_sent_back(wire: Wire) -> None:
    wire.say_hello()
    wire.sent.clear()
    wire.link.receive(
        {"kind": "frames", "v": 1, "page": "tab"}, [update_of({"new": {"1": {"a": 1}}})]
    )
    assert wire.room.flush_outbox()
    assert wire.sent == []


def test_what_a_page_changes_is_handed_on_to_the_other_pages(wire: Wire) -> None:
    for page in ("one", "other"):
        wire.say_hello(page)
    wire.sent.clear()
    change = update_of({"pets": {"felix": {"species": "cat"}}})
    wire.link.receive({"kind": "frames", "v": 1, "page": "one"}, [change, STEP_1])
    handed_on = [(content, frames) for content, frames in wire.sent if "from" in content]
    assert handed_on == [
        ({"kind": "frames", "v": 1, "peer": wire.room.peer, "from": "one"}, [change])
    ]


def test_what_the_only_page_changes_is_not_sent_back(wire: Wire) -> None:
    wire.say_hello()
    wire.sent.clear()
    change = update_of({"pets": {"felix": {"species": "cat"}}})
    wire.link.receive({"kind": "frames", "v": 1, "page": "tab"}, [change])
    assert wire.room.flush_outbox()
    assert wire.sent == []


def test_frames_are_taken_as_memoryviews_too(wire: Wire) -> None:
    update: Any = memoryview(update_of({"new": {"1": {"a": 1}}}))
    wire.link.receive({"kind": "frames", "v": 1, "page": "tab"}, [update])
    assert wire.room.store.has_table("new")


def test_after_the_last_bye_nothing_is_sent(wire: Wire) -> None:
    for page in ("one", "two"):
        wire.say_hello(page)
    wire.link.receive({"kind": "bye", "v": 1, "page": "one"}, [])
    assert wire.link.is_open()
    wire.link.receive({"kind": "bye", "v": 1, "page": "two"}, [])
    assert not wire.link.is_open()
    wire.sent.clear()
    wire.edit(5)
    assert wire.sent == []


def test_a_bye_of_a_page_that_was_never_there_is_no_error(wire: Wire) -> None:
    wire.link.receive({"kind": "bye", "v": 1, "page": "nobody"}, [])
    assert not wire.link.is_open()


def test_a_page_that_has_not_been_heard_for_hours_is_forgotten(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.say_hello()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * 3600)
    assert not wire.link.is_open()
    wire.say_hello()
    assert wire.link.is_open()


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"kind": "hello"},
        {"kind": "hello", "v": 2, "page": "tab"},
        {"kind": "hello", "v": "1", "page": "tab"},
        {"kind": "hello", "v": 1},
        {"kind": "hello", "v": 1, "page": None},
        {"kind": "hello", "v": 1, "page": ["tab"]},
        {"kind": "runtime?", "v": 1, "page": "tab"},
        {"kind": None, "v": 1, "page": "tab"},
        {"kind": ["hello"], "v": 1, "page": "tab"},
    ],
)
def test_messages_of_other_kinds_and_versions_are_left_alone(
    wire: Wire, content: dict[str, Any]
) -> None:
    wire.link.receive(content, [STEP_1])
    assert wire.sent == []
    assert not wire.link.is_open()


def test_of_a_message_with_garbage_in_it_the_rest_is_taken(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    frames = [b"\xff\xff", update_of({"new": {"1": {"a": 1}}}), b"\x00\x02\x03abc"]
    wire.link.receive({"kind": "frames", "v": 1, "page": "tab"}, frames)
    assert wire.room.store.has_table("new")
    assert len(caplog.messages) == 2
    assert all("page tab" in message for message in caplog.messages)


def test_a_page_that_cannot_be_reached_stops_nobody(wire: Wire) -> None:
    def fail(_content: dict[str, Any], _frames: list[bytes]) -> None:
        raise OSError("the comm is closed")

    broken = CommLink(wire.room, fail)
    broken.receive({**HELLO, "page": "gone"}, [STEP_1])
    wire.say_hello()
    wire.sent.clear()
    wire.edit(5)
    assert len(wire.sent) == 1


def test_a_closed_link_has_left_the_room(wire: Wire) -> None:
    wire.say_hello()
    wire.link.close()
    wire.sent.clear()
    wire.edit(5)
    assert wire.sent == []
    assert not wire.link.is_open()
    wire.link.close()


def test_the_room_names_the_pages_that_are_there(wire: Wire) -> None:
    wire.say_hello("one")
    wire.say_hello("two")
    assert repr(wire.room) == "<tinybase_widget.Room 'zoo', open: page one, two>"
