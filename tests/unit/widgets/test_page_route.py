"""A way to a server through pages: what is wished of them, and what they say."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.widgets.page import Page
from tests.waiting import wait_until
from tinybase_widget import CompactionError, Room, Store, TableView
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
