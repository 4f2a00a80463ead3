"""The data set of the notebooks is the published one, whole."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

PENGUINS = Path(__file__).parents[2] / "notebooks" / "data" / "penguins.csv"
NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with PENGUINS.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_penguin_is_there(rows: list[dict[str, str]]) -> None:
    species = Counter(row["species"] for row in rows)
    assert species == {"Adelie": 152, "Gentoo": 124, "Chinstrap": 68}


def test_the_columns_are_the_published_ones(rows: list[dict[str, str]]) -> None:
    assert list(rows[0]) == ["species", "island", *NUMBERS, "sex", "year"]


def test_what_is_missing_is_always_written_as_na(rows: list[dict[str, str]]) -> None:
    missing = Counter(name for row in rows for name, text in row.items() if text == "NA")
    assert missing == {**dict.fromkeys(NUMBERS, 2), "sex": 11}
    assert not [row for row in rows if not all(row.values())]


def test_measurements_are_numbers(rows: list[dict[str, str]]) -> None:
    texts = [row[name] for row in rows for name in [*NUMBERS, "year"] if row[name] != "NA"]
    assert all(float(text) > 0 for text in texts)
