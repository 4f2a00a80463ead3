"""The bytes of updates, made many at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tinybase_widget import create_doc
from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._yjs_values import value, values
from tinybase_widget.persisters._yjs_wire import Block, ItemId
from tinybase_widget.store import MISSING

CELLS = {
    "": "7700",
    "ab": "77026162",
    "zoë": "77047a6fc3ab",
    "x" * 128: "778001" + "78" * 128,
    0: "7d00",
    1: "7d01",
    -1: "7d41",
    63: "7d3f",
    -63: "7d7f",
    64: "7d8001",
    -64: "7dc001",
    8191: "7dbf7f",
    8192: "7d808001",
    2**20 - 1: "7dbfff7f",
    2**20: "7d80808001",
    -(2**20): "7dc0808001",
    2**31 - 1: "7dbfffffff0f",
    -(2**31) + 1: "7dffffffff0f",
    2**31: "7b41e0000000000000",
    -(2**31): "7bc1e0000000000000",
    2**53 - 1: "7b433fffffffffffff",
    0.5: "7b3fe0000000000000",
    None: "7e",
}


@pytest.mark.parametrize(("cell", "data"), [*CELLS.items(), (True, "78"), (False, "79")])
def test_a_value_has_one_spelling(cell: Any, data: str) -> None:
    assert value(cell).hex() == data


@pytest.mark.parametrize(
    "column",
    [
        [*CELLS],
        [cell for cell in CELLS if type(cell) is str],
        ["", "zoë"],
        [cell for cell in CELLS if type(cell) is int],
        [0.5, -1e300],
        [False, True],
        [None, None],
        [],
    ],
    ids=str,
)
def test_a_column_is_spelled_as_its_values(column: list[Any]) -> None:
    assert values(column) == [value(cell) for cell in column]


@pytest.mark.parametrize("column", [[1, MISSING], [b"", b""]], ids=repr)
def test_what_is_no_cell_is_no_column(column: list[Any]) -> None:
    with pytest.raises(KeyError):
        values(column)


@pytest.mark.parametrize("strings", [[], ["a", "zoë"], ["x" * 128, ""], ["a", "\ud800"]], ids=ascii)
def test_texts_are_spelled_as_each(strings: list[str]) -> None:
    assert wire.texts(strings) == [wire.text(string) for string in strings]


def test_the_cells_of_rows_follow_each_other_under_their_parents() -> None:
    rows: list[tuple[ItemId, dict[str, Any]]] = [
        (ItemId(300, 0), {"a": 1, "b": "x"}),
        (ItemId(300, 200), {}),
        (ItemId(300, 200), {"b": None}),
        (ItemId(5, 1), {"": 0.5}),
    ]
    structs = wire.cell_structs(rows)
    assert structs.number == 4
    expected = (
        "2800ac0200 0161 01 7d01",
        "2800ac0200 0162 01 770178",
        "2800ac02c801 0162 01 7e",
        "28000501 00 01 7b3fe0000000000000",
    )
    assert structs.data == bytes.fromhex("".join(expected))


def test_a_text_that_utf_8_cannot_carry_is_no_cell() -> None:
    with pytest.raises(UnicodeEncodeError):
        wire.cell_structs([(ItemId(1, 0), {"a": "\ud800"})])


def test_an_update_says_how_many_structs_each_client_has() -> None:
    maps = wire.map_structs(wire.parent_root("root"), [wire.text("a"), wire.text("b")])
    assert maps.number == 2
    update = wire.update([Block(7, 0, maps)])
    assert update.hex() == "01020700270104726f6f74016101270104726f6f7401620100"
    doc = create_doc()
    doc.apply_update(update)
    assert wire.read_state_vector(doc.get_state()) == {7: 2}


@pytest.mark.parametrize("clients", [0, 1, 3, 500])
def test_a_state_vector_reads_back(clients: int) -> None:
    clocks = {2**52 + client * 12345: client * 97 + 1 for client in range(clients)}
    numbers = [len(clocks), *(number for pair in clocks.items() for number in pair)]
    assert wire.read_state_vector(b"".join(map(wire.varuint, numbers))) == clocks


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x05", b"\x01\x05\x80", b"\x00\x01"])
def test_bytes_that_are_no_state_vector_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no state vector"):
        wire.read_state_vector(data)


def test_clients_that_came_or_went_on_have_changed() -> None:
    before, after = bytes([2, 5, 2, 6, 1]), bytes([3, 6, 1, 7, 1, 5, 3])
    assert wire.changed_clients(before, after) == {5, 7}
    assert wire.changed_clients(after, after) == set()
