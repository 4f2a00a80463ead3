"""The order of ids."""

from __future__ import annotations

import pytest

from tinybase_widget._order import natural_key, natural_sorted

IDS = [
    "10",
    "9",
    "09",
    "0",
    "00",
    "",
    "-1",
    "a",
    "Z",
    "\u0661",
    "\u00b2",
    "1e3",
    "9" * 15,
    "9" * 16,
]


@pytest.mark.parametrize("step", [1, 3, 5])
def test_many_ids_are_sorted_as_by_their_keys(step: int) -> None:
    ids = [IDS[index * step % len(IDS)] for index in range(len(IDS))]
    assert natural_sorted(ids) == sorted(ids, key=natural_key)


def test_integers_come_first_by_value() -> None:
    assert natural_sorted(["b", "10", "9", "a"]) == ["9", "10", "a", "b"]


def test_ids_without_integers_are_sorted_by_code_point() -> None:
    assert natural_sorted(["b2", "b10", "B"]) == ["B", "b10", "b2"]
