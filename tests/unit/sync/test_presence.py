"""Who is in a room: names, colours, places, and peers that lie."""

from __future__ import annotations

import json
import logging
import random
from typing import TYPE_CHECKING, Any

import pytest
from pycrdt import Awareness, Doc

from tests.browser.server import wait_for
from tinybase_widget import LocalLink, Peer, Room, Store, User
from tinybase_widget.persisters._yjs_wire import text, varuint
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame
from tinybase_widget.sync._presence_updates import read_entries
from tinybase_widget.sync.comm import CommLink

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE: dict[str, Any] = {
    "user": {"name": "Ada", "color": "#9c36b5"},
    "at": {"table": "pets", "row": "fido", "cell": "price"},
    "typing": True,
}
ADA = Peer(7, "Ada", "#9c36b5", False, "pets", "fido", "price", True)


def update_of(*entries: tuple[int, int, Any]) -> bytes:
    """Return an awareness update, written by hand."""
    parts = [varuint(len(entries))]
    for client, clock, state in entries:
        said = state if isinstance(state, str) else json.dumps(state)
        parts += (varuint(client), varuint(clock), text(said))
    return b"".join(parts)


class Wire:
    """A room with a page at the end of its link."""

    def __init__(self) -> None:
        self.room = Room("zoo", Store().set_cell("pets", "fido", "price", 5))
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        self.link = CommLink(self.room, lambda content, frames: self.sent.append((content, frames)))

    def hear(self, update: bytes, page: str = "tab") -> None:
        frame = write_frame(FrameKind.AWARENESS, update)
        self.link.receive({"kind": "frames", "v": 1, "page": page}, [frame])

    def say(self, *entries: tuple[int, int, Any]) -> None:
        self.hear(update_of(*entries))

    def peers(self) -> tuple[Peer, ...]:
        return self.room.peers

    def said(self) -> list[Any]:
        """Return all entries that were sent, in their order."""
        return [
            entry
            for _, frames in list(self.sent)
            for frame in frames
            if read_frame(frame).kind is FrameKind.AWARENESS
            for entry in read_entries(read_frame(frame).payload)
        ]


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.room.close()


def test_a_page_is_a_peer_with_its_name_its_colour_and_its_place(wire: Wire) -> None:
    wire.say((7, 1, STATE))
    assert wire.peers() == (ADA,)


def test_a_page_that_says_it_leaves_is_gone(wire: Wire) -> None:
    wire.say((7, 1, STATE))
    wire.say((7, 2, None))
    assert not wire.peers()


def test_what_is_older_than_what_is_known_changes_nothing(wire: Wire) -> None:
    wire.say((7, 3, STATE))
    wire.say((7, 2, {"user": {"name": "Old"}}))
    assert wire.peers() == (ADA,)


def test_a_page_that_is_not_heard_of_for_30_seconds_is_gone(wire: Wire) -> None:
    wire.say((7, 1, STATE), (8, 1, STATE))
    wire.room._presence._awareness.meta[7]["lastUpdated"] -= 30_000
    wait_for(lambda: [peer.id for peer in wire.peers()] == [8], "only the other is there")


def test_listeners_hear_of_others_who_come_move_and_go(wire: Wire) -> None:
    heard: list[tuple[Peer, ...]] = []
    wire.room.add_peers_listener(heard.append)
    wire.say((7, 1, STATE))
    wait_for(lambda: heard[-1:] == [(ADA,)], "the listener hears who came")
    wire.say((7, 2, {**STATE, "typing": False}))
    wait_for(lambda: not heard[-1][0].is_typing, "the listener hears who moved")
    wire.say((7, 3, None))
    wait_for(lambda: not heard[-1], "the listener hears who went")
    wire.room.del_peers_listener(heard.append)
    count = len(heard)
    wire.say((7, 4, STATE))
    wait_for(lambda: wire.room._presence._is_to_tell is False, "nobody is to be told any more")
    assert len(heard) == count


def test_a_listener_that_fails_stops_no_other(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[tuple[Peer, ...]] = []
    wire.room.add_peers_listener(lambda peers: peers[5])
    wire.room.add_peers_listener(heard.append)
    wire.say((7, 1, STATE))
    wait_for(lambda: heard == [(ADA,)], "the second listener hears it")
    assert "a listener of who is there failed" in caplog.text


# This kernel


def test_a_kernel_is_shown_while_it_edits_and_not_before(wire: Wire) -> None:
    wire.link.receive({"kind": "hello", "v": 1, "page": "tab"}, [])
    assert wire.said() == []
    wire.room.store.set_cell("pets", "fido", "price", 6)
    wait_for(wire.said, "the page is told")
    [entry] = wire.said()
    assert (entry.client, entry.state["kernel"]) == (int(wire.room.peer, 16), True)
    assert entry.state["user"]["name"] == "Python"
    wire.room._presence._edited_at -= 60
    wait_for(lambda: wire.said()[-1].state is None, "it is shown no more")


def test_what_arrives_is_no_edit_of_the_kernels(wire: Wire) -> None:
    other = Room("zoo", Store().set_cell("pets", "rex", "price", 9))
    frame = write_frame(FrameKind.UPDATE, other.doc.get_update())
    wire.link.receive({"kind": "hello", "v": 1, "page": "tab"}, [frame])
    assert wire.room.store.has_row("pets", "rex")
    assert wire.room._presence.all() is None
    other.close()


def test_a_kernel_goes_by_its_notebooks_name(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "work/left.ipynb")
    wire.link.receive({"kind": "hello", "v": 1, "page": "tab"}, [])
    wire.room.store.set_cell("pets", "fido", "price", 6)
    wait_for(wire.said, "the page is told")
    assert wire.said()[0].state["user"]["name"] == "Python in left.ipynb"


def test_a_kernel_with_a_user_is_shown_as_long_as_the_room_is_open() -> None:
    here, there = Room("zoo", Store()), Room("zoo", Store())
    there.user = User("Ada", "#112233")
    ends = LocalLink.connect(here, there)
    LocalLink.settle(*ends)
    [peer] = here.peers
    assert peer == Peer(int(there.peer, 16), "Ada", "#112233", is_kernel=True)
    there.user = "Grace"
    settle_until(lambda: [peer.name for peer in here.peers] == ["Grace"], *ends)
    there.close()
    LocalLink.settle(*ends)
    assert not here.peers
    here.close()


def settle_until(condition: Any, *ends: LocalLink) -> None:
    def is_so() -> bool:
        LocalLink.settle(*ends)
        return bool(condition())

    wait_for(is_so, "it arrives")


def test_who_is_there_is_told_to_who_comes_later_and_to_other_links(wire: Wire) -> None:
    wire.say((7, 1, STATE))
    other = Room("zoo", Store())
    ends = LocalLink.connect(wire.room, other)
    LocalLink.settle(*ends)
    assert [peer.id for peer in other.peers] == [7]
    wire.say((8, 1, STATE))
    settle_until(lambda: [peer.id for peer in other.peers] == [7, 8], *ends)
    other.close()


def test_pages_of_one_widget_hear_of_each_other(wire: Wire) -> None:
    for page in ("one", "two"):
        wire.link.receive({"kind": "hello", "v": 1, "page": page}, [])
    wire.sent.clear()
    wire.hear(update_of((7, 1, STATE)), "one")
    wait_for(wire.said, "it goes on to the page")
    assert wire.said() == [(7, 1, STATE)]


def test_a_single_page_is_not_told_what_it_has_said(wire: Wire) -> None:
    wire.link.receive({"kind": "hello", "v": 1, "page": "tab"}, [])
    wire.say((7, 1, STATE))
    wait_for(lambda: not wire.room._presence._to_send, "all is handed on")
    wire.room.user = "Ada"
    wait_for(wire.said, "it hears of the kernel")
    assert [entry.client for entry in wire.said()] == [int(wire.room.peer, 16)]


def test_the_updates_are_those_of_pycrdts_awareness(wire: Wire) -> None:
    theirs = Awareness(Doc(client_id=7))
    theirs.set_local_state(STATE)
    wire.hear(theirs.encode_awareness_update([7]))
    assert wire.peers() == (ADA,)
    wire.room.user = "Grace"
    theirs.apply_awareness_update(wire.room._presence.all() or b"", None)
    assert theirs.states[int(wire.room.peer, 16)]["user"]["name"] == "Grace"


# Peers that lie


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("a\u202eb\u200f\x00c\n d", "a b c d"),
        ("n" * 1000, "n" * 40 + "…"),
        ("", "Somebody"),
        ("\u200b\u2066", "Somebody"),
        (None, "Somebody"),
        (["Ada"], "Somebody"),
        ("👩‍🚀 Zoë", "👩 🚀 Zoë"),
    ],
)
def test_a_name_is_text_of_bounded_length(wire: Wire, said: object, shown: str) -> None:
    wire.say((7, 1, {"user": {"name": said}}))
    assert [peer.name for peer in wire.peers()] == [shown]


@pytest.mark.parametrize(
    "color", ["red", "#12345", "#1234567", "url(x)", "#12345g", "#123456\n", 7, None, "#٣٣٣٣٣٣"]
)
def test_a_colour_is_one(wire: Wire, color: object) -> None:
    wire.say((7, 1, {"user": {"name": "Ada", "color": color}}))
    assert wire.peers()[0].color == "#2f9e44"


@pytest.mark.parametrize(
    "at",
    [
        {"table": "pets", "row": "rex", "cell": "price"},
        {"table": "pets", "row": 5, "cell": "price"},
        {"table": "pets", "row": "r" * 2000},
        {"table": "pets", "cell": "price"},
        {"table": "pets", "row": ["fido"]},
    ],
)
def test_a_row_that_does_not_exist_is_no_place(wire: Wire, at: object) -> None:
    wire.say((7, 1, {**STATE, "at": at}))
    [peer] = wire.peers()
    assert (peer.table_id, peer.row_id, peer.cell_id) == ("pets", None, None)


def test_a_value_has_neither_table_nor_row(wire: Wire) -> None:
    wire.room.store.set_value("season", "2026")
    wire.say((7, 1, {**STATE, "at": {"table": "\ufffdvalues", "row": "season", "cell": "value"}}))
    [peer] = wire.peers()
    assert (peer.table_id, peer.row_id, peer.cell_id) == (None, None, "season")
    wire.room.store.del_value("season")
    [peer] = wire.peers()
    assert (peer.cell_id, peer.is_typing) == (None, False)


@pytest.mark.parametrize("at", [None, 5, [], "pets", {}, {"row": "fido"}, {"table": 5}])
def test_a_place_that_is_none_is_no_place(wire: Wire, at: object) -> None:
    wire.say((7, 1, {"user": {"name": "Ada"}, "at": at}))
    [peer] = wire.peers()
    assert (peer.table_id, peer.row_id, peer.cell_id) == (None, None, None)


@pytest.mark.parametrize("state", ["5", "[]", '"x"', "true", "{}", '{"cursor": 5}'])
def test_a_state_that_is_nobodys_is_nobody(wire: Wire, state: str) -> None:
    wire.say((7, 1, state), (8, 1, STATE))
    assert [peer.id for peer in wire.peers()] == [8]


def test_a_state_that_is_too_large_or_far_in_the_future_is_left_out(wire: Wire) -> None:
    wire.say((7, 1, {**STATE, "more": "x" * 5000}), (9, 2**41, STATE), (8, 1, STATE))
    assert [peer.id for peer in wire.peers()] == [8]


def test_only_200_are_there_at_most_and_places_become_free(wire: Wire) -> None:
    wire.say(*((1000 + client, 1, STATE) for client in range(300)))
    assert len(wire.peers()) == 199  # beside the kernel itself
    wire.say(*((1000 + client, 2, None) for client in range(300)))
    assert not wire.peers()
    for meta in wire.room._presence._awareness.meta.values():
        meta["lastUpdated"] -= 61_000
    wire.say((7, 1, STATE))
    assert wire.peers() == (ADA,)


def test_who_speaks_for_the_kernel_is_contradicted(wire: Wire) -> None:
    wire.link.receive({"kind": "hello", "v": 1, "page": "tab"}, [])
    wire.room.user = "Ada"
    own = int(wire.room.peer, 16)
    wire.say((own, 50, {"user": {"name": "Eve"}}))
    wait_for(lambda: any(entry.clock == 51 for entry in wire.said()), "the kernel insists")
    assert {entry.state["user"]["name"] for entry in wire.said()} == {"Ada"}
    assert not wire.peers()


def test_who_says_too_much_is_not_heard_any_more(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for clock in range(2000):
        wire.say((7, clock + 1, {"user": {"name": str(clock)}}))
    assert wire.peers()[0].name != "1999"
    assert caplog.text.count("says too often who is there") == 1


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\xff",
        b"\x01",
        b"\x01\x07\x01",
        b"\x01\x07\x01\x05null",
        b"\x01\x07\x01\x02[[",
        b"\x01\x07\x01\x02\xff\xfe",
        varuint(10**6),
        varuint(1) + varuint(7) + varuint(1) + text("[" * 3000),
    ],
)
def test_bytes_that_are_no_update_are_dropped_with_a_warning(
    wire: Wire, update: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    wire.hear(update)
    assert not wire.peers()
    assert "dropped" in caplog.text
    wire.say((7, 1, STATE))
    assert wire.peers() == (ADA,)


def test_random_bytes_harm_nobody(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    chance = random.Random(6)  # noqa: S311
    good = update_of((7, 1, STATE), (8, 1, STATE))
    for _ in range(400):
        bad = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        wire.hear(bytes(bad[: chance.randrange(len(bad) + 1)]))
        assert all(isinstance(peer.name, str) for peer in wire.peers())


@pytest.mark.parametrize(
    ("name", "color", "error", "wanted"),
    [
        (5, None, TypeError, "a string"),
        ("", None, ValueError, "visible"),
        ("\u200b", None, ValueError, "visible"),
        ("Ada", "red", ValueError, "hexadecimal"),
        ("Ada", 5, ValueError, "hexadecimal"),
    ],
)
def test_a_user_without_a_name_or_with_no_colour_is_refused(
    name: Any, color: Any, error: type[Exception], wanted: str
) -> None:
    with pytest.raises(error, match=wanted):
        User(name, color)


def test_a_closed_room_hears_and_says_nothing_any_more() -> None:
    wire = Wire()
    wire.room.close()
    wire.say((7, 1, STATE))
    wire.room.user = "Ada"
    assert not wire.peers()
    assert wire.said() == []


# What a page knows of its edits


def numbered(wire: Wire, number: int, *frames: bytes) -> list[Any]:
    wire.sent.clear()
    wire.link.receive({"kind": "frames", "v": 1, "page": "tab", "seq": number}, list(frames))
    return [content.get("got") for content, _ in wire.sent]


def test_what_was_taken_over_is_confirmed(wire: Wire) -> None:
    other = Room("zoo", Store().set_cell("pets", "rex", "price", 9))
    assert numbered(wire, 3, write_frame(FrameKind.UPDATE, other.doc.get_update())) == [3]
    assert numbered(wire, 4) == [4]
    other.close()


def test_what_lacks_its_predecessors_is_not_confirmed(wire: Wire) -> None:
    other = Room("zoo", Store().set_cell("pets", "rex", "price", 9))
    before = other.doc.get_state()
    other.store.set_cell("pets", "rex", "price", 10)
    before = other.doc.get_state()
    other.store.set_cell("pets", "rex", "price", 11)
    late = write_frame(FrameKind.UPDATE, other.doc.get_update(before))
    assert numbered(wire, 3, late) == [None]
    other.close()


def test_what_cannot_be_read_is_not_confirmed(wire: Wire) -> None:
    assert numbered(wire, 3, b"\xff") == []
    assert numbered(wire, 4, write_frame(FrameKind.UPDATE, b"\x07")) == []


def test_what_is_of_a_former_document_is_not_confirmed(wire: Wire) -> None:
    other = Room("zoo", Store().set_cell("pets", "rex", "price", 9))
    frame = write_frame(FrameKind.UPDATE, other.doc.get_update())
    wire.room.compact()
    assert numbered(wire, 3, frame) == [None]
    other.close()


def test_who_is_forgotten_before_it_is_handed_on_is_not_handed_on(wire: Wire) -> None:
    presence = wire.room._presence
    with presence._condition:  # the thread that hands on waits
        wire.say(*((1000 + client, 1, STATE) for client in range(199)))
        wire.say(*((1000 + client, 2, None) for client in range(199)))
        for meta in presence._awareness.meta.values():
            meta["lastUpdated"] -= 61_000
        wire.say((7, 1, STATE))
        assert list(presence._to_send) == [7]
    wait_for(lambda: not presence._to_send, "it is handed on")
    assert wire.peers() == (ADA,)
