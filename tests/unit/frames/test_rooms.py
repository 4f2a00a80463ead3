"""Kernels that load the same frame and meet: one table, and nobody's edit taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pytest

from tinybase_widget import LocalLink, Room, Store, load_frame, to_frame
from tinybase_widget.persisters._yjs_wire import read_state_vector

PETS = {
    "name": ["fido", "rex", None],
    "born": [date(2020, 5, 1), None, date(2021, 1, 1)],
    "toys": [["ball"], [], None],
    "row": [0, 1, 2],
}


def kernel(df: Any) -> Room:
    """Give a room whose Store a kernel has loaded a frame into."""
    store = Store()
    load_frame(store, "pets", df)
    return Room("zoo", store)


def meet(*rooms: Room) -> None:
    """Let two rooms exchange all that they have."""
    LocalLink.settle(*LocalLink.connect(*rooms))


@pytest.mark.parametrize("rows", [3, 5000])
def test_the_same_frame_makes_the_same_document(rows: int) -> None:
    frame = pl.DataFrame(PETS) if rows == 3 else pl.DataFrame({"a": range(rows)})
    one, other = kernel(frame), kernel(frame)
    states = [read_state_vector(room.doc.get_state()) for room in (one, other)]
    assert states[0] == states[1]
    meet(one, other)
    assert read_state_vector(one.doc.get_state()) == states[0]


def test_frames_of_two_libraries_make_the_same_document() -> None:
    rooms = kernel(pl.DataFrame(PETS)), kernel(pd.DataFrame(PETS))
    states = [read_state_vector(room.doc.get_state()) for room in rooms]
    assert states[0] == states[1]


def test_rows_come_in_the_order_of_the_frame() -> None:
    frame = pl.DataFrame({"a": range(1200)})
    one, newcomer = kernel(frame), Room("zoo", Store())
    meet(one, newcomer)
    assert to_frame(newcomer.store, "pets", "polars").equals(frame)


def test_a_kernel_that_restarts_and_loads_again_takes_back_no_edit() -> None:
    frame = pl.DataFrame(PETS)
    one, again = kernel(frame), kernel(frame)
    one.store.set_cell("pets", "0", "born", "2019-05-01").del_row("pets", "1")
    meet(one, again)
    table = again.store.get_table("pets")
    assert (table["0"]["born"], list(table)) == ("2019-05-01", ["0", "2"])
    assert one.store.get_tables() == again.store.get_tables()


def test_a_peer_reads_what_it_got_with_the_schema_of_the_one_that_loaded() -> None:
    frame = pl.DataFrame(PETS)
    room = kernel(frame)
    room.store.set_value("schema", load_frame(Store(), "pets", frame))
    peer = Room("zoo", Store())
    meet(room, peer)
    schema = peer.store.get_value("schema")
    assert to_frame(peer.store, "pets", "polars", schema=schema).equals(frame)
