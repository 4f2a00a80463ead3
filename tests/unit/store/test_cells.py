from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from tinybase_widget.store import MISSING, IgnoredWarning, Store


def kept(cell: Any) -> Any:
    """Set a cell and get it."""
    return Store().set_cell("t", "r", "c", cell).get_cell("t", "r", "c", MISSING)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "text",
        "\ufffcx",
        "😀",
        0,
        -(2**53) + 1,
        0.5,
        1e300,
        True,
        False,
        None,
        {},
        [],
        {"a": [1]},
    ],
)
def test_is_a_cell(cell: Any) -> None:
    assert kept(cell) == cell
    assert type(kept(cell)) is type(cell)


@pytest.mark.parametrize(
    "cell",
    [
        float("nan"), float("inf"), -float("inf"), 2**53, -(2**53), "\ufffc", "\ufffd", "\ufffd{}",
        Decimal(1), datetime.now(tz=timezone.utc), MISSING, object(), {1, 2}, b"bytes", 1j,
        {"a": object()}, [2**53], {"a": {("tuple",): 1}},
    ],
)  # fmt: skip
def test_is_no_cell(cell: Any) -> None:
    store = Store()
    heard: list[Any] = []
    store.add_invalid_cell_listener(None, None, None, lambda *args: heard.append(args[4]))
    store.set_cell("t", "r", "c", cell)
    assert not store.has_tables()
    assert len(heard) == 1


def test_an_integral_float_becomes_an_int() -> None:
    assert type(kept(2.0)) is int
    assert type(kept(-0.0)) is int


def test_a_float_beyond_what_ints_can_be_stays_a_float() -> None:
    assert type(kept(2.0**53)) is float


def test_integral_floats_of_a_whole_table_become_ints() -> None:
    store = Store().set_table("t", {f"r{i}": {"c": i / 2} for i in range(4)})
    cells = [row["c"] for row in store.get_table("t").values()]
    assert cells == [0, 0.5, 1, 1.5]
    assert [type(cell) for cell in cells] == [int, float, int, float]


def test_true_and_one_are_different_cells() -> None:
    store = Store().set_cell("t", "r", "c", 1).set_cell("t", "r", "c", True)
    assert store.get_cell("t", "r", "c") is True


def test_objects_and_arrays_are_kept_as_tinybase_keeps_them() -> None:
    store = Store().set_cell("t", "r", "c", {"a": [1.0, 2.5, None, True]})
    assert json.loads(store.get_json())[0] == {"t": {"r": {"c": '\ufffd{"a":[1,2.5,null,true]}'}}}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1e21, "1e+21"),
        (123456789012345680000.0, "123456789012345680000"),
        (1.5e300, "1.5e+300"),
        (0.00001, "0.00001"),
        (1.5e-7, "1.5e-7"),
        (-0.0, "0"),
        (float("nan"), "null"),
    ],
)
def test_numbers_in_arrays_are_written_as_javascript_does(number: float, text: str) -> None:
    store = Store().set_cell("t", "r", "c", [number])
    assert store.get_content(encoded=True)[0]["t"]["r"]["c"] == f"\ufffd[{text}]"


def test_missing_in_an_object_is_left_out_and_in_an_array_is_null() -> None:
    assert kept({"a": MISSING, "b": [MISSING]}) == {"b": [None]}


def test_a_tuple_is_an_array() -> None:
    assert kept((1, 2)) == [1, 2]


def test_one_bad_cell_does_not_spoil_its_row() -> None:
    with pytest.warns(IgnoredWarning, match="nan was not set at table 't', row 'r', cell 'b'"):
        store = Store().set_tables({"t": {"r": {"a": 1, "b": float("nan")}}})
    assert store.get_tables() == {"t": {"r": {"a": 1}}}
