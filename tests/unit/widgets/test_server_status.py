"""What a page is told of the servers beyond its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import Room, Store, TableView
from tinybase_widget.widgets._server_status import status_of

if TYPE_CHECKING:
    from tests.unit.widgets.conftest import Timers

DASH = "\u2013"
AWAY = "ws://127.0.0.1:9/zoo"


class Connection:
    """What is asked of a connection."""

    def __init__(self, state: str, error: str | None = None, edits: int = 0, **more: Any) -> None:
        self.name = "ws://host/zoo"
        self.state = state
        self.error = error
        self.waiting_edits = edits
        self.is_view_only: bool = more.get("is_view_only", False)
        self.progress: float | None = more.get("progress")


@pytest.mark.parametrize(
    ("connection", "text"),
    [
        (Connection("synced"), None),
        (Connection("synced", edits=2), None),
        (Connection("connecting"), "Connecting…"),
        (Connection("connecting", progress=0.456), "Receiving… 46%"),
        (Connection("connecting", "refused"), "Offline"),
        (Connection("offline", "refused"), "Offline"),
        (Connection("offline", "refused", 1), f"Offline {DASH} 1 edit waiting"),
        (Connection("offline", None, 1234), f"Offline {DASH} 1,234 edits waiting"),
        (Connection("synced", "the file holds no JSON"), "Not saved"),
        (Connection("synced", "no edits", is_view_only=True), "View only"),
        (
            Connection("synced", "no edits", 2, is_view_only=True),
            f"View only {DASH} 2 edits waiting",
        ),
    ],
)
def test_a_page_is_told_what_is_not_well(connection: Any, text: str | None) -> None:
    status = status_of(connection)
    assert (status and status["text"]) == text
    if status is not None:
        assert connection.name in status["title"]
        assert connection.error is None or connection.error in status["title"]


def told(view: TableView) -> Any:
    """Return what a page is told."""
    return view._server


def test_a_view_follows_its_rooms_connections_and_the_edits_that_wait(timers: Timers) -> None:
    store = Store()
    room = Room("zoo", store)
    view = TableView(store, "pets", room=room)
    assert told(view) is None
    room.connect(AWAY)
    timers.run_out()
    assert told(view)["text"] in {"Connecting…", "Offline"}
    for number in range(3):
        store.set_cell("pets", "fido", "age", number)
    timers.run_out()
    assert told(view)["text"] in {"Connecting…", f"Offline {DASH} 3 edits waiting"}
    room.disconnect()
    timers.run_out()
    assert told(view) is None
    room.close()


def test_a_closed_view_is_told_nothing(timers: Timers) -> None:
    store = Store()
    room = Room("zoo", store)
    view = TableView(store, "pets", room=room)
    view.close()
    room.connect(AWAY)
    timers.run_out()
    assert told(view) is None
    room.close()
