"""Derived containers: the ids and bytes that every replica has to make alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Map

from tinybase_widget import create_doc
from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._yjs_containers import (
    Containers,
    RowBlock,
    batches,
    container_client,
    key_order,
    row_block,
    start_client,
    start_update,
)

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "containers.json").read_text(encoding="utf-8")
)


def is_free(_row_id: str) -> bool:
    return False


def test_a_container_id_is_above_all_ordinary_ids_and_exact_in_javascript() -> None:
    assert 2**52 <= container_client("table", "pets") < 2**53


def test_paths_that_join_to_the_same_text_have_different_ids() -> None:
    assert container_client("a", "bc") != container_client("ab", "c")


def test_the_start_makes_the_maps_of_tables_and_values() -> None:
    doc = create_doc()
    doc.apply_update(start_update())
    assert doc.get("tinybase", type=Map).to_py() == {"t": {}, "v": {}}


def test_the_start_of_another_root_map_has_a_low_id_of_its_own() -> None:
    assert start_client() == 0
    assert 16 <= start_client("other") < 2**20
    assert start_client("other") != start_client("another")


def test_two_replicas_that_make_the_same_table_make_one(  # the whole point
) -> None:
    one, other = create_doc(1), create_doc(2)
    update = Containers().table_update("pets")
    for doc, cell in ((one, "a"), (other, "b")):
        doc.apply_update(start_update())
        doc.apply_update(update)
        doc.get("tinybase", type=Map)["t"]["pets"][cell] = 1
    one.apply_update(other.get_update(one.get_state()))
    assert one.get("tinybase", type=Map).to_py() == {"t": {"pets": {"a": 1, "b": 1}}, "v": {}}


@pytest.mark.parametrize(
    ("row_id", "block"),
    [
        ("0", RowBlock(0, 0)),
        ("31", RowBlock(0, 31)),
        ("32", RowBlock(32, 0)),
        ("63", RowBlock(32, 31)),
        ("64", RowBlock(64, 0)),
        ("1023", RowBlock(512, 511)),
        ("1024", RowBlock(1024, 0)),
        ("2048", RowBlock(2048, 0)),
        ("3072", RowBlock(2048, 1024)),
        ("8191", RowBlock(4096, 4095)),
        ("8192", RowBlock(8192, 0)),
        ("16384", RowBlock(16384, 0)),
        ("999999999", RowBlock(999_997_440, 2559)),
    ],
)
def test_integer_rows_have_their_block_and_place(row_id: str, block: RowBlock) -> None:
    assert row_block(row_id) == block


@pytest.mark.parametrize(
    "row_id", ["", "00", "01", "-1", "1.0", "x", "\u0661", "\u00b2", "1000000000", "9" * 5000]
)
def test_other_rows_have_no_block(row_id: str) -> None:
    assert row_block(row_id) is None


def test_blocks_meet_without_gap_or_overlap() -> None:
    seen: dict[int, int] = {}
    for number in range(100_000):
        block = row_block(str(number))
        assert block is not None
        assert block.first + block.place == number
        assert block.place == seen.get(block.first, -1) + 1
        seen[block.first] = block.place
    assert len(seen) == 21


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (0, []),
        (1, [1]),
        (512, [512]),
        (576, [576]),
        (577, [512, 65]),
        (8192, [512] * 16),
        (8193, [1024] * 7 + [1025]),
        (100_000, [8192] * 12 + [1696]),
    ],
)
def test_rows_made_together_share_an_id_in_at_most_sixteen_batches(
    count: int, sizes: list[int]
) -> None:
    row_ids = [f"r{number}" for number in range(count)]
    made = list(batches(row_ids))
    assert list(map(len, made)) == sizes
    assert [row_id for batch in made for row_id in batch] == row_ids


@pytest.mark.parametrize(
    ("keys", "ordered"),
    [
        ([], []),
        (["b", "a"], ["b", "a"]),
        (["10", "9"], ["9", "10"]),
        (["b", "10", "", "9", "a", "0"], ["0", "9", "10", "b", "", "a"]),
        (["01", "-1", "1.0", "\u0661", "1\n", "2"], ["2", "01", "-1", "1.0", "\u0661", "1\n"]),
        (["4294967295", "4294967294"], ["4294967294", "4294967295"]),
        (["4294967296", "4294967295"], ["4294967296", "4294967295"]),
    ],
)
def test_keys_come_in_the_order_of_a_javascript_object(keys: list[str], ordered: list[str]) -> None:
    assert list(key_order(keys)) == ordered


def test_integer_rows_are_batched_in_the_order_of_their_numbers() -> None:
    made = list(batches([str(number) for number in reversed(range(1024))]))
    assert made == [[str(n) for n in range(512)], [str(n) for n in range(512, 1024)]]


@pytest.mark.parametrize("odd", ["05", "+5", "-1", " 6", "1_0", "\u0663", "1000000000", "", "x"])
def test_what_is_nearly_an_integer_is_a_name_also_beside_integers(odd: str) -> None:
    clocks: dict[int, int] = {}
    (block,), items = Containers().rows("t", ["5"], clocks, is_free)
    (beside, _), both = Containers().rows("t", ["5", odd], clocks, is_free)
    assert both == {**items, **Containers().rows("t", [odd], clocks, is_free)[1]}
    assert beside == block


def test_a_lone_integer_row_far_out_makes_no_thousand_containers() -> None:
    blocks, items = Containers().rows("t", ["5000"], {}, is_free)
    assert [block.structs.number for block in blocks] == [1]
    assert list(items) == ["5000"]


def test_rows_ahead_in_a_block_are_not_made_over_containers_of_others() -> None:
    blocks, _ = Containers().rows("t", ["3"], {}, {"1"}.__contains__)
    assert [block.structs.number for block in blocks] == [1]


@pytest.mark.parametrize("vector", VECTORS.get("clients", []), ids=str)
def test_ids_are_the_same_as_in_typescript(vector: dict[str, Any]) -> None:
    assert container_client(*vector["parts"]) == int(vector["client"])


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**32 - 1, 2**53 - 1])
def test_a_written_integer_reads_back(number: int) -> None:
    data = wire.varuint(number)
    assert wire.read_varuint(data, 0) == (number, len(data))


@pytest.mark.parametrize(
    "cell",
    ["", "zoë 🐧", 0, 1, -1, 63, 64, -64, 8191, 2**31 - 1, 2**31, -(2**31), 2**53 - 1, 0.5, -1e300,
     True, False, None],
)  # fmt: skip
def test_a_written_cell_reads_back_in_a_document(cell: Any) -> None:
    doc = create_doc()
    containers = Containers()
    doc.apply_update(start_update())
    doc.apply_update(containers.table_update("t"))
    blocks, items = containers.rows("t", ["r"], {}, is_free)
    cells = containers.cells([(items["r"], {"c": cell})])
    doc.apply_update(wire.update([*blocks, cells]))
    got = doc.get("tinybase", type=Map)["t"]["t"]["r"]["c"]
    assert got == cell
    assert (type(got) is bool) is (type(cell) is bool)
