"""A large document is given to a page that comes later batch by batch, and then what is left."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Map

from tests import comms
from tests.comms import STEP_1, Sent, SentByLink
from tinybase_widget import Room, Store, create_doc
from tinybase_widget.persisters._yjs_reading import is_complete, read_update
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame
from tinybase_widget.sync._generations import clocks_of, write_clocks
from tinybase_widget.sync.comm import CommLink

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 1_200
HELLO = {**comms.HELLO, "deleted": True}
NO_DELETIONS = b"\x00"


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinybase_widget.sync._giving.LARGE", 1_000)


def filled(name: Callable[[int], str] = str) -> Store:
    row = {"kind": "a", "list": [1], "half": 0.5}
    return (
        Store()
        .set_table("large", {name(n): {**row, "n": n} for n in range(ROWS)})
        .set_table("small", {"fido": {"age": 3}})
        .set_value("open", True)
    )


def content_of(doc: Any) -> Any:
    found = doc.get("tinybase", type=Map).to_py()
    rows = {key: {id_: row for id_, row in t.items() if row} for key, t in found["t"].items()}
    return rows, found["v"]


def givers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "tinybase-widget giving"]


def join_givers() -> None:
    for thread in givers():
        thread.join(30)
        assert not thread.is_alive()


class Wire(SentByLink):
    """A link of a room whose document is written, to pages that ask for what was deleted, too."""

    def __init__(self, store: Store) -> None:
        room = Room("zoo", store)
        room.doc  # noqa: B018 - now it is written
        super().__init__(room)

    def hello(self, frames: list[bytes] | None = None, **more: Any) -> None:
        """Say hello, and wait until it has been answered."""
        super().hello(frames, **{"deleted": True, **more})
        join_givers()

    @property
    def given(self) -> Sent:
        """The messages with rows, but for the answer."""
        return [each for each in self.sent if "rows" in each[0]][:-1]

    @property
    def updates(self) -> list[bytes]:
        """What these bring."""
        frames = [frames["deleted" in content :] for content, frames in self.given]
        return [read_frame(frame).payload for each in frames for frame in each]

    def page(self) -> Any:
        """Return the document of a page that has taken what was sent, in its order."""
        doc = create_doc()
        for content, frames in self.sent:
            for frame in frames["deleted" in content :]:
                kind, payload = read_frame(frame)
                is_update = kind is FrameKind.UPDATE and is_complete(payload, clocks_of(doc))
                if kind is FrameKind.STEP_2 or is_update:
                    doc.apply_update(payload)
        return doc


@pytest.fixture(params=[str, "r{}".format, lambda n: str(10**9 + n)], ids=["0", "r0", "big"])
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(filled(request.param))


@pytest.fixture
def numbered() -> Wire:
    return Wire(filled())


def test_a_later_page_is_given_the_rows_batch_by_batch_and_then_what_is_left(wire: Wire) -> None:
    wire.hello()
    said = [content["rows"] for content, _ in wire.sent if "rows" in content]
    assert len(said) > 3
    assert said[0][0] == 0
    assert said[-1] == [said[-2][1], ROWS + 1, ROWS + 1]
    assert all(before[1] == after[0] for before, after in pairwise(said))
    assert content_of(wire.page()) == content_of(wire.room.doc)
    answer = next(frame for frame in wire.sent[-1][1] if read_frame(frame).kind == FrameKind.STEP_2)
    assert len(answer) < 300


def test_each_part_needs_nothing_but_those_before_it(wire: Wire) -> None:
    wire.hello()
    doc = create_doc()
    for update in wire.updates:
        assert is_complete(update, clocks_of(doc))
        doc.apply_update(update)


def test_the_first_rows_come_first(numbered: Wire) -> None:
    numbered.hello()
    doc, seen = create_doc(), 0
    for update in numbered.updates:
        doc.apply_update(update)
        tables, _ = content_of(doc)
        numbers = sorted(map(int, tables.get("large", ())))
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= seen
        seen = len(numbers)
    assert seen == ROWS


def test_the_first_part_has_few_rows(wire: Wire) -> None:
    wire.hello()
    assert wire.given[0][0]["rows"] == [0, 256, ROWS + 1]
    doc = create_doc()
    doc.apply_update(wire.updates[0])
    rows = content_of(doc)[0]["large"]
    assert set(rows) == set(wire.room.store.get_row_ids("large")[: len(rows)])
    assert 32 <= len(rows) <= 256
    whole = content_of(wire.room.doc)[0]["large"]
    assert all(row == whole[row_id] for row_id, row in rows.items())


def test_what_was_deleted_is_said_first_and_carried_out_last(wire: Wire) -> None:
    store = wire.room.store
    ids = store.get_row_ids("large")
    store.del_row("large", ids[3]).set_cell("large", ids[5], "n", -5).del_cell(
        "large", ids[ROWS - 1], "half"
    )
    wire.hello()
    (first, frames), *others = wire.given
    assert first["deleted"] is True
    assert frames[0] == wire.room.doc.get_update(wire.room.doc.get_state())[1:]
    assert all("deleted" not in content for content, _ in others)
    assert all(read_update(update)[1] == NO_DELETIONS for update in wire.updates)
    assert content_of(wire.page()) == content_of(wire.room.doc)
    assert ids[3] not in content_of(wire.page())[0]["large"]


def test_what_changes_while_the_rows_are_given_is_not_lost(wire: Wire) -> None:
    ids = wire.room.store.get_row_ids("large")

    def edit() -> None:
        wire.on_send = lambda: None
        store = wire.room.store
        store.set_cell("large", ids[1], "n", -1).set_cell("large", ids[-1], "n", -2)
        store.del_row("large", ids[2]).del_row("large", ids[-2])
        store.set_table("new", {str(n): {"n": n} for n in range(100)})
        assert wire.room.flush_outbox()

    wire.on_send = edit
    wire.hello()
    page = wire.page()
    page.apply_update(wire.room.doc.get_update(page.get_state()))
    assert content_of(page) == content_of(wire.room.doc)
    # An update that came between the answer and its making is asked for again; here there is none.
    assert content_of(wire.page()) == content_of(wire.room.doc)


def test_a_compaction_meanwhile_ends_it_and_the_page_hears_of_the_new_document(
    numbered: Wire,
) -> None:
    def compact() -> None:
        numbered.on_send = lambda: None
        numbered.room._compact()

    numbered.on_send = compact
    numbered.hello()
    assert len(numbered.given) <= 1
    peer = numbered.room._peers.at(numbered.link, "tab")
    assert peer.was_given == {}


@pytest.mark.parametrize(
    ("frames", "more"),
    [
        ([write_frame(FrameKind.STEP_1, bytes([1, 5, 2]))], {}),
        ([STEP_1], {"rows": None}),
        ([STEP_1], {"deleted": None}),
        ([STEP_1, b"\xff"], {}),
        ([write_frame(FrameKind.UPDATE, bytes(2)), STEP_1], {}),
    ],
    ids=["it has something", "no rows", "it knows nothing of this", "nonsense", "it brings it"],
)
def test_other_pages_are_answered_at_once(
    numbered: Wire, frames: list[bytes], more: dict[str, Any]
) -> None:
    numbered.link.receive({**HELLO, **more, "parts": False}, frames)
    assert not numbered.link._givers
    assert all("rows" not in content for content, _ in numbered.sent)
    assert content_of(numbered.page()) == content_of(numbered.room.doc)


def test_small_documents_and_those_made_row_by_row_are_given_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = Wire(Store())
    with wire.room.store.transaction():
        for n in range(1_000):
            wire.room.store.add_row("pets", {"n": n})
    wire.hello()
    assert wire.given == []
    monkeypatch.setattr("tinybase_widget.sync._giving.LARGE", 10**6)
    wire = Wire(filled())
    wire.hello()
    assert wire.given == []
    assert content_of(wire.page()) == content_of(wire.room.doc)


def test_the_kernel_does_something_else_meanwhile(numbered: Wire) -> None:
    numbered.link.receive(HELLO, [STEP_1])
    main = threading.current_thread().name
    numbered.on_send = lambda: names.append(threading.current_thread().name)
    names: list[str] = []
    join_givers()
    assert main not in names


@pytest.mark.parametrize("end", ["bye", "close", "hello"])
def test_a_page_that_goes_or_asks_anew_is_given_no_more(numbered: Wire, end: str) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        if threading.current_thread().name == "tinybase-widget giving":
            has_begun.set()
            assert may_go_on.wait(30)

    numbered.on_send = wait
    numbered.link.receive(HELLO, [STEP_1])
    assert has_begun.wait(30)
    (giving,) = givers()
    some = clocks_of(numbered.room.doc)
    if end == "close":
        numbered.link.close()
    elif end == "bye":
        numbered.link.receive({"kind": "bye", "v": 1, "page": "tab"}, [])
    else:
        client = next(client for client in some if client > 2**52)
        state = write_frame(FrameKind.STEP_1, write_clocks({client: 1}))
        numbered.link.receive(HELLO, [state])
    before = len(numbered.sent)
    may_go_on.set()
    giving.join(30)
    assert len(numbered.sent) == before
    kinds = {
        read_frame(frame).kind
        for content, frames in numbered.sent
        for frame in frames["deleted" in content :]
    }
    assert (FrameKind.STEP_2 in kinds) is (end == "hello")


def test_what_fails_is_among_the_answer(numbered: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise ValueError("broken")

    monkeypatch.setattr("tinybase_widget.sync._giving.Giving.deleted", fail)
    numbered.hello(parts=False)
    assert numbered.given == []
    assert content_of(numbered.page()) == content_of(numbered.room.doc)


def test_rows_that_strangers_made_are_among_the_answer(numbered: Wire) -> None:
    stranger = create_doc()
    stranger.apply_update(numbered.room.doc.get_update())
    large = stranger.get("tinybase", type=Map)["t"]["large"]
    for n in range(50):
        large[f"{'9' * 5000}{n}"] = Map({"n": n})
    numbered.room.receive(
        CommLink(numbered.room, lambda *_: None),
        [write_frame(FrameKind.UPDATE, stranger.get_update(numbered.room.doc.get_state()))],
    )
    numbered.hello()
    assert len(numbered.given) > 3
    assert content_of(numbered.page()) == content_of(numbered.room.doc)
