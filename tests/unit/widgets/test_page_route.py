"""A way to a server through pages: what is wished of them, and what they say."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Map

from tests.unit.widgets.page import Page
from tests.waiting import wait_until
from tinybase_widget import CompactionError, Room, Store, TableView, create_doc
from tinybase_widget.sync import _page_questions
from tinybase_widget.sync._frames import FrameKind, write_frame
from tinybase_widget.widgets._static import static_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybase_widget.sync.websocket import WebSocketLink

NOBODY = "ws://127.0.0.1:9/zoo?tenant=5"
HIDDEN = "nobody is to see this"
SECONDS = 60


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room("zoo", Store().set_cell("pets", "fido", "age", 3))
    yield room
    room.close()


@pytest.fixture
def page(room: Room) -> Iterator[Page]:
    """A page that shows the room and has said hello."""
    view = TableView(room.store, "pets", room=room)
    page = Page(view)
    page.say("hello")
    yield page
    view.close()


def wishes(page: Page, kind: str) -> list[tuple[dict[str, Any], list[bytes]]]:
    """Return what was wished of a page."""
    sent = [(data.get("content", {}), buffers) for _type, data, buffers in page.comm.sent]
    return [(content, buffers) for content, buffers in sent if content.get("kind") == kind]


def tell(page: Page, connection: WebSocketLink, state: object, **more: Any) -> None:
    """Let the page say how it is with the server."""
    assert connection.page_route is not None
    content = {"kind": "connection", "v": 1, "page": page.id, "id": connection.page_route.id}
    page.send({**content, "state": state, **more})


def test_a_page_is_told_where_the_room_is_with_the_code_that_joins_it(
    room: Room, page: Page
) -> None:
    room.connect(NOBODY, HIDDEN, protocol="hocuspocus", through="page")
    [(wish, buffers)] = wishes(page, "connect")
    assert {**wish, "id": "…"} == {
        "kind": "connect",
        "v": 1,
        "to": "tab",
        "id": "…",
        "url": "ws://127.0.0.1:9/zoo",
        "query": [["tenant", "5"]],
        "room": "zoo",
        "token": HIDDEN,
        "protocol": "hocuspocus",
    }
    assert buffers == [static_bytes("server.js")]


def test_a_page_that_comes_later_is_told_too_and_each_once(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, through="page")
    assert connection.state == "offline"
    tell(page, connection, "connecting")
    page.say("hello")
    other = Page(page.view, "other tab")
    other.say("hello")
    assert [wish["to"] for wish, _ in wishes(page, "connect")] == ["tab", "other tab"]


def test_the_connection_is_that_of_the_page_that_fares_best(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, through="page")
    assert connection.error == "no page is open that could try"
    tell(page, connection, "offline", error=f"tenant 5 of {HIDDEN}")
    assert connection.state == "offline"
    assert connection.through is None
    assert connection.error == f"tenant … of {HIDDEN}"
    other = Page(page.view, "other tab")
    other.say("hello")
    tell(other, connection, "synced")
    assert [connection.state, connection.through, connection.error] == ["synced", "page", None]
    other.say("bye")
    assert connection.state == "offline"


def test_listeners_hear_of_it(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, through="page")
    states = []
    connection.add_state_listener(lambda each: states.append(each.state))
    tell(page, connection, "connecting")
    tell(page, connection, "synced")
    assert states == ["connecting", "synced"]


def test_who_waits_is_told_when_a_page_has_an_answer(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, through="page")
    tell(page, connection, "synced")
    waited: list[bool] = []
    thread = threading.Thread(
        target=lambda: waited.append(connection.wait_until_synced(SECONDS)), daemon=True
    )
    thread.start()
    wait_until(lambda: wishes(page, "ask"))
    number = wishes(page, "ask")[-1][0]["number"]
    tell(page, connection, "synced", answered=number)
    thread.join()
    assert waited == [True]


@pytest.mark.parametrize(
    "content",
    [
        {"state": "fine"},
        {"state": ["synced"]},
        {"state": None},
        {"state": "synced", "id": "another"},
        {"state": "synced", "id": 5},
        {"state": "synced", "v": 2},
    ],
)
def test_what_makes_no_sense_is_left_alone(room: Room, page: Page, content: dict[str, Any]) -> None:
    connection = room.connect(NOBODY, through="page")
    tell(page, connection, **{"state": "synced", **content})
    assert connection.state == "offline"


def test_words_of_a_page_are_bounded_and_answers_that_nobody_asked_for_count_nothing(
    room: Room, page: Page
) -> None:
    connection = room.connect(NOBODY, through="page")
    tell(page, connection, "offline", error="x" * 10_000)
    assert len(connection.error or "") <= 300
    tell(page, connection, "synced", answered=10**9)
    assert not connection.wait_until_synced(0.01)


def test_pages_try_where_the_kernel_fails_and_no_token_would_be_told(
    room: Room, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    room.connect(NOBODY)
    wait_until(lambda: wishes(page, "connect"))


def test_a_token_is_told_to_no_page_unasked(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, HIDDEN)
    wait_until(lambda: connection.error)
    assert room.page_routes == []
    assert not wishes(page, "connect")


def test_pages_are_to_leave_with_the_connection(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, through="page")
    route = connection.page_route
    assert route is not None
    room.disconnect(NOBODY)
    assert [wish["id"] for wish, _ in wishes(page, "disconnect")] == [route.id]
    assert connection.state == "offline"


def test_a_room_that_a_page_has_on_a_server_is_not_compacted(room: Room, page: Page) -> None:
    del page
    room.connect(NOBODY, through="page")
    with pytest.raises(CompactionError, match="keeps it with its history"):
        room.compact()


def test_a_way_that_there_is_not_is_refused(room: Room) -> None:
    with pytest.raises(ValueError, match='"kernel", "page", "either", not \'browser\''):
        room.connect(NOBODY, through="browser")  # type: ignore[arg-type]


# What the server has of the edits, by what pages say


def answer(page: Page, connection: WebSocketLink, which: int = 1, **more: Any) -> None:
    """Let the page answer a question, the first or a later one, when it has come."""
    wait_until(lambda: len(wishes(page, "ask")) >= which)
    number = wishes(page, "ask")[which - 1][0]["number"]
    tell(page, connection, "synced", answered=number, **more)


def edit_of(page: Page, key: str) -> bytes:
    """Return a frame of a page that sets a value."""
    doc = create_doc()
    doc.apply_update(page.doc.get_update())
    state = doc.get_state()
    doc.get("tinybase", type=Map)["v"][key] = 1
    return write_frame(FrameKind.UPDATE, doc.get_update(state))


def test_an_edit_that_a_page_has_brought_to_the_server_does_not_wait(
    room: Room, page: Page
) -> None:
    connection = room.connect(NOBODY, through="page")
    room.store.set_cell("pets", "fido", "age", 4)
    assert connection.waiting_edits == 1
    tell(page, connection, "synced")
    answer(page, connection)
    assert connection.waiting_edits == 0
    tell(page, connection, "offline", error="it has ended")
    room.store.set_cell("pets", "fido", "age", 5)
    assert connection.waiting_edits == 1


def test_an_edit_that_came_through_a_page_does_not_wait_whoever_made_it(
    room: Room, page: Page
) -> None:
    connection = room.connect(NOBODY, through="page")
    page.say_hello()
    tell(page, connection, "synced")
    page.say("frames", edit_of(page, "a"))
    assert room.store.get_value("a") == 1
    answer(page, connection)
    assert connection.waiting_edits == 0


def test_edits_made_after_a_question_wait_for_the_next(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, through="page")
    tell(page, connection, "synced")
    room.store.set_value("a", 1)
    wait_until(lambda: wishes(page, "ask"))
    room.store.set_value("b", 1)
    answer(page, connection)
    assert connection.waiting_edits == 1
    answer(page, connection, 2)
    assert connection.waiting_edits == 0


def test_a_page_whose_edits_the_server_refuses_confirms_none(room: Room, page: Page) -> None:
    connection = room.connect(NOBODY, through="page")
    tell(page, connection, "synced")
    room.store.set_value("a", 1)
    answer(page, connection, error="the server takes no edits of ours: for looking only")
    assert connection.waiting_edits == 1


def test_pages_that_are_not_on_the_server_are_asked_nothing_and_each_question_once(
    room: Room, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_page_questions, "_PATIENCE_S", float("inf"))
    connection = room.connect(NOBODY, through="page")
    tell(page, connection, "offline")
    for number in range(5):
        room.store.set_value("a", number)
    assert not wishes(page, "ask")
    tell(page, connection, "synced")
    wait_until(lambda: wishes(page, "ask"))
    for number in range(5):
        room.store.set_value("b", number)
    assert len(wishes(page, "ask")) == 1
    assert connection.waiting_edits == 10


def test_a_kernel_alone_knows_what_pages_have_brought_when_it_comes_back(
    room: Room, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    connection = room.connect(NOBODY)  # either
    wait_until(lambda: wishes(page, "connect"))
    room.store.set_value("a", 1)
    tell(page, connection, "synced")
    answer(page, connection)
    page.say("bye")
    assert connection.state != "synced"
    assert connection.waiting_edits == 0
