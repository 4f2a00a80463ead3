"""A large Store is written into its document when somebody needs it, as if it had been before."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Map

from tests.comms import STEP_1, SentByLink
from tinybase_widget import LocalLink, Room, Store, YjsPersister, create_doc
from tinybase_widget.persisters._yjs_wire import read_state_vector
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame, write_generation
from tinybase_widget.sync._generations import FIRST
from tinybase_widget.sync.comm import CommLink

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 1200
ROW_IDS = [*map(str, range(600)), *(f"r{n}" for n in range(600))]
NOTHING = b"\x00"


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinybase_widget.sync._beginning.LARGE", 0)
    monkeypatch.setattr("tinybase_widget.sync.comm._SOME_ROWS", 10_000)


def tables() -> dict[str, Any]:
    row = {"kind": "a", "list": [1], "half": 0.5}
    return {
        "large": {row_id: {**row, "n": n} for n, row_id in enumerate(ROW_IDS)},
        "small": {"fido": {"age": 3}},
    }


def filled() -> Store:
    return Store().set_tables(tables()).set_value("open", True)


def is_written(room: Room) -> bool:
    return room._beginning.is_done


def content_of(doc: Any) -> tuple[Any, Any]:
    found = doc.get("tinybase", type=Map).to_py()
    return found["t"], found["v"]


def derived(doc: Any) -> dict[int, int]:
    clocks = read_state_vector(doc.get_state())
    return {client: clock for client, clock in clocks.items() if client > 2**32}


class Wire(SentByLink):
    """A link of a room of a large Store."""

    def __init__(self) -> None:
        super().__init__(Room("zoo", filled()))

    @property
    def rows(self) -> list[list[int]]:
        return [content["rows"] for content, _ in self.sent if "rows" in content]

    def page(self) -> Any:
        """Return the document of a page that has taken what was sent."""
        doc = create_doc()
        for content, frames in self.sent:
            assert content["kind"] == "frames"
            for kind, payload in map(read_frame, frames):
                if kind in (FrameKind.UPDATE, FrameKind.STEP_2):
                    doc.apply_update(payload)
        return doc


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_nothing_is_written_before_somebody_asks(wire: Wire) -> None:
    assert not is_written(wire.room)
    assert repr(wire.room) == "<tinybase_widget.Room 'zoo', alone>"
    assert wire.room.store.get_cell("large", "7", "n") == 7
    assert not is_written(wire.room)


def test_whoever_looks_at_the_document_finds_all_of_it_as_if_written_at_once(wire: Wire) -> None:
    doc = create_doc()
    YjsPersister(filled(), doc).start_auto_persisting(start_save_first=True)
    assert content_of(wire.room.doc) == content_of(doc)
    assert derived(wire.room.doc) == derived(doc)
    assert wire.room.persister.get_stats() == {"loads": 1, "saves": 1}


ASKS: dict[str, Callable[[Room], object]] = {
    "persister": lambda room: room.persister,
    "greeting": lambda room: room.greeting(),
    "compact": lambda room: room.compact(),
    "close": lambda room: room.close(),
    "question": lambda room: room.receive(CommLink(room, lambda *_: None), [STEP_1]),
    "set_cell": lambda room: room.store.set_cell("large", "7", "n", -7),
    "add_row": lambda room: room.store.add_row("large", {"n": 1}),
    "del_tables": lambda room: room.store.del_tables(),
}


@pytest.mark.parametrize("ask", ASKS)
def test_whoever_needs_the_document_or_changes_the_store_has_it_written(
    wire: Wire, ask: str
) -> None:
    ASKS[ask](wire.room)
    assert is_written(wire.room)


def test_an_edit_is_an_edit_of_what_was_there_first(wire: Wire) -> None:
    doc = create_doc()
    YjsPersister(filled(), doc).start_auto_persisting(start_save_first=True)
    wire.room.store.set_cell("large", "7", "n", -7)
    assert derived(wire.room.doc) == derived(doc)
    doc.apply_update(wire.room.doc.get_update(doc.get_state()))
    assert content_of(doc)[0]["large"]["7"]["n"] == -7


def test_an_edit_can_be_undone_and_reaches_others(wire: Wire) -> None:
    other = Room("zoo", Store())
    wire.room.store.set_cell("large", "7", "n", -7)
    links = LocalLink.connect(wire.room, other)
    LocalLink.settle(*links)
    assert other.store.get_cell("large", "7", "n") == -7
    wire.room.undo()
    LocalLink.settle(*links)
    assert other.store.get_tables() == tables()
    other.close()


def test_a_room_that_is_made_in_a_transaction_is_written_at_once() -> None:
    store = filled()
    with store.transaction():
        room = Room("zoo", store)
        assert is_written(room)


def test_text_that_no_document_can_hold_is_mended_in_the_store_at_once() -> None:
    room = Room("zoo", Store().set_cell("t", "r", "a", "x\ud83d"))
    assert room.store.get_cell("t", "r", "a") == "x?"


def test_a_page_that_has_nothing_is_given_the_rows_as_they_are_written(wire: Wire) -> None:
    written: list[bool] = []
    wire.on_send = lambda: written.append(is_written(wire.room))
    wire.hello()
    assert written[0] is False
    assert written[-1] is True
    assert wire.rows[0][0] == 0
    assert wire.rows[-1] == [ROWS + 1] * 3
    assert all(before[1] == after[0] for before, after in pairwise(wire.rows))
    assert len(wire.rows) > 2
    assert content_of(wire.page()) == content_of(wire.room.doc)
    answer = next(frame for frame in wire.sent[-1][1] if read_frame(frame).kind == FrameKind.STEP_2)
    assert len(answer) < 200


def test_what_was_given_as_it_was_written_is_not_given_once_more(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinybase_widget.sync._giving.LARGE", 0)
    wire.hello(deleted=True)
    assert wire.link._givers == {}
    assert [rows[0] for rows in wire.rows].count(0) == 1
    assert wire.rows[-1] == [ROWS + 1] * 3


def test_a_page_that_has_the_start_of_a_document_has_nothing_yet(wire: Wire) -> None:
    wire.hello([write_generation(FIRST), write_frame(FrameKind.STEP_1, bytes([1, 0, 2]))])
    assert wire.rows[0][0] == 0
    assert content_of(wire.page()) == content_of(wire.room.doc)


def test_the_first_rows_come_first(wire: Wire) -> None:
    wire.hello()
    doc = create_doc()
    for frame in wire.sent[0][1]:
        doc.apply_update(read_frame(frame).payload)
    row_ids = set(content_of(doc)[0]["large"])
    assert row_ids == set(ROW_IDS[: len(row_ids)])


def test_what_was_prepared_is_given_too(wire: Wire) -> None:
    wire.room.prepare()
    assert not is_written(wire.room)
    wire.hello()
    assert wire.rows[0][0] == 0
    assert content_of(wire.page()) == content_of(wire.room.doc)


@pytest.mark.parametrize(
    ("frames", "more"),
    [
        ([write_frame(FrameKind.STEP_1, bytes([1, 5, 2]))], {}),
        ([STEP_1], {"rows": None}),
        ([STEP_1, b"\xff"], {}),
        ([write_frame(FrameKind.UPDATE, bytes(2)), STEP_1], {}),
    ],
    ids=["it has something", "it does not ask for rows", "nonsense", "it brings something"],
)
def test_other_pages_are_answered_at_once(
    wire: Wire, frames: list[bytes], more: dict[str, Any]
) -> None:
    wire.hello(frames, **more)
    assert wire.rows == []
    assert is_written(wire.room)


def test_the_next_page_is_answered_at_once(wire: Wire) -> None:
    wire.hello()
    wire.sent.clear()
    wire.hello(page="other", parts=False)
    assert wire.rows == []
    assert content_of(wire.page()) == content_of(wire.room.doc)


def test_what_is_edited_while_the_rows_are_given_is_not_lost(wire: Wire) -> None:
    def edit() -> None:
        wire.on_send = lambda: None
        worker = threading.Thread(target=wire.room.store.set_cell, args=("large", "r599", "n", -1))
        worker.start()
        worker.join()

    wire.on_send = edit
    wire.hello()
    assert wire.room.flush_outbox()
    assert content_of(wire.page())[0]["large"]["r599"]["n"] == -1
    assert content_of(wire.page()) == content_of(wire.room.doc)
    assert wire.rows[-1] == [ROWS + 1] * 3


def test_two_pages_that_ask_at_once_are_both_given_all(wire: Wire) -> None:
    def ask_too() -> None:
        wire.on_send = lambda: None
        worker = threading.Thread(target=wire.hello, kwargs={"page": "other"})
        worker.start()
        worker.join()

    wire.on_send = ask_too
    wire.hello()
    sent = wire.sent
    for page in ("tab", "other"):
        wire.sent = [message for message in sent if message[0]["to"] == page]
        assert wire.rows[0][0] == 0
        assert content_of(wire.page()) == content_of(wire.room.doc)


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_what_fails_or_is_interrupted_is_written_by_the_next_who_needs_it(
    wire: Wire, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = wire.room._persister._content
    derive, calls = content._derive_rows, []

    def fail(*args: Any) -> set[str]:
        calls.append(args)
        if len(calls) == 2:
            raise error
        return derive(*args)

    monkeypatch.setattr(content, "_derive_rows", fail)
    if isinstance(error, Exception):
        wire.hello()
    else:
        with pytest.raises(type(error)):
            wire.hello()
        wire.hello()
    assert content_of(wire.room.doc)[0].keys() == {"large", "small"}
    assert wire.room.store.get_tables() == tables()
    assert YjsPersister(Store(), wire.room.doc).load().get_store().get_content() == (
        wire.room.store.get_content()
    )
    assert content_of(wire.page()) == content_of(wire.room.doc)
