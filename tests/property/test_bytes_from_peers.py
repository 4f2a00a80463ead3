"""Everything that reads bytes of a peer: it refuses them in its own words, or takes them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pycrdt import Doc, Map

from tinybase_widget import FrameError, Room, Store
from tinybase_widget.persisters._yjs_wire import read_state_vector, varuint
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.server._guarding import look_at
from tinybase_widget.server._levels import Levels, RefusedUpdateError
from tinybase_widget.server._presence import Presence
from tinybase_widget.sync._addresses import read_address
from tinybase_widget.sync._dialects import Hocuspocus, YWebsocket, write_text
from tinybase_widget.sync._frames import read_frame, read_generation
from tinybase_widget.sync._generations import clocks_of
from tinybase_widget.sync.local import LocalLink

ADDRESS = read_address("ws://host/zoo")


def a_document() -> bytes:
    """Return an update with every kind of thing that a Store's document has."""
    room = Room("zoo", Store())
    room.store.set_tables({"pets": {"1": {"a": 1, "b": "text"}, "fido": {"c": True, "d": 2.5}}})
    room.store.set_value("v", None).del_cell("pets", "1", "a").set_cell("pets", "1", "b", "x")
    update = room.doc.get_update()
    room.close()
    return update


DOCUMENT = a_document()


@st.composite
def broken(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes with some changed, left out or put in."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["change", "cut", "put in", "repeat"]))
        if kind == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "change" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif kind == "repeat":
            data[at:at] = data[at : at + 20]
        else:
            data[at:at] = draw(st.binary(max_size=12))
    return bytes(data)


@given(st.one_of(st.binary(max_size=60), broken(DOCUMENT)))
@example(b"\xff" * 100_000)
def test_frames_are_read_or_refused(data: bytes) -> None:
    for read in (read_frame, read_generation):
        with suppress(FrameError):
            read(data)


@given(st.binary(max_size=40), st.sampled_from([b"", write_text(ADDRESS.room)]))
def test_messages_of_servers_are_read_or_refused(data: bytes, name: bytes) -> None:
    for dialect in (YWebsocket(ADDRESS), Hocuspocus(ADDRESS)):
        with suppress(FrameError):
            dialect.read(name + data)


@given(st.one_of(st.binary(max_size=60), broken(varuint(2) + b"\x05\x07\x09\x03")))
def test_state_vectors_are_read_or_refused(data: bytes) -> None:
    with suppress(ValueError, IndexError):
        read_state_vector(data)


@given(st.one_of(st.binary(max_size=60), broken(DOCUMENT)))
def test_an_update_that_was_looked_at_is_taken_by_a_document_or_refused(data: bytes) -> None:
    doc: Doc[Any] = create_doc()
    doc.apply_update(DOCUMENT)
    with suppress(ValueError):  # a refusal is one
        if look_at(data, clocks_of(doc), Levels()).is_complete:
            doc.apply_update(data)
    assert doc.get_update()
    doc.get("tinybase", type=Map)["still"] = "works"


@given(st.one_of(st.binary(max_size=60), broken(DOCUMENT)), st.integers(0, 2))
def test_a_room_goes_on_after_any_frame(data: bytes, step: int) -> None:
    rooms = Room("zoo", Store().set_value("a", 1)), Room("zoo", Store())
    ends = LocalLink.connect(*rooms)
    try:
        LocalLink.settle(*ends)
        ends[0].send([b"\x00" + varuint(step) + varuint(len(data)) + data, data])
        LocalLink.settle(*ends)
        rooms[0].store.set_value("b", 2)
        LocalLink.settle(*ends)
        assert rooms[1].store.get_value("b") == 2
    finally:
        for room in rooms:
            room.close()


@given(
    st.one_of(st.binary(max_size=60), broken(b"\x01\x05\x01" + write_text('{"user": {"n": 1}}')))
)
@example(b"\x01\x05\x01" + write_text("[" * 3000))
def test_who_is_there_is_read_or_refused(payload: bytes) -> None:
    presence = Presence()
    try:
        told = presence.take("a client", payload)
    except ValueError:
        assert presence.frame() is None
    else:
        assert told is None or read_frame(told).payload


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab")), min_size=40, max_size=60))
def test_no_chain_of_containers_gets_past_the_limit(steps: list[tuple[bool, str]]) -> None:
    """Each goes into the last one, some in the place of something that was there before."""
    doc = create_doc()
    levels = Levels()
    inner: Map[Any] = doc.get("tinybase", type=Map)
    with pytest.raises(RefusedUpdateError, match="too deep"):  # noqa: PT012 - one of many
        for is_in_place_of_something, key in steps:
            for value in ["before", Map()] if is_in_place_of_something else [Map()]:
                state, clocks = doc.get_state(), clocks_of(doc)
                inner[key] = value
                for each in look_at(doc.get_update(state), clocks, levels).levels:
                    levels.add(*each)
            inner = inner[key]


def chain(order: list[int], neighbours: list[bool]) -> bytes:
    """Return an update of containers, each within the one before or where something in it was.

    Each is of a client of its own; in which order they come is given.
    """
    structs = {1: b"\x01\x01\x00\x27\x01\x08tinybase\x01k\x01"}
    clock = 0
    for client, by_neighbour in zip(range(2, len(order) + 1), neighbours, strict=True):
        before = varuint(client - 1) + varuint(clock)
        clock = int(by_neighbour)
        if by_neighbour:  # a value is in the one before, and the container where the value was
            value = b"\x28\x00" + before + b"\x01k\x01\x7e"
            place = b"\x87" + varuint(client) + b"\x00\x01"
            structs[client] = b"\x02" + varuint(client) + b"\x00" + value + place
        else:
            structs[client] = b"\x01" + varuint(client) + b"\x00\x27\x00" + before + b"\x01k\x01"
    in_order = b"".join(structs[client] for client in order)
    return varuint(len(order)) + in_order + b"\x00"


@given(st.data(), st.integers(25, 40))
def test_containers_are_counted_in_whatever_order_they_come(data: Any, depth: int) -> None:
    order = data.draw(st.permutations(range(1, depth + 1)))
    neighbours = data.draw(st.lists(st.booleans(), min_size=depth - 1, max_size=depth - 1))
    update = chain(order, neighbours)
    try:
        looked = look_at(update, {}, Levels())
    except RefusedUpdateError:
        assert depth > 30  # one in the place of a value counts as two levels more at most
    else:
        assert depth <= 32
        levels = {item.client: level for item, _, level in looked.levels}
        assert all(levels.get(client, 3) >= client for client in range(1, depth + 1))


def test_a_container_within_itself_is_refused() -> None:
    structs = b"\x01\x01\x00\x27\x00\x02\x00\x01k\x01" + b"\x01\x02\x00\x27\x00\x01\x00\x01k\x01"
    with pytest.raises(RefusedUpdateError, match="within itself"):
        look_at(b"\x02" + structs + b"\x00", {}, Levels())


def test_of_a_whole_document_little_is_remembered() -> None:
    table = {str(row): {"a": row, "b": row} for row in range(300)}
    room = Room("zoo", Store().set_table("pets", table))
    looked = look_at(room.doc.get_update(), {}, Levels())
    room.close()
    assert looked.is_complete
    assert len(looked.levels) < 5
