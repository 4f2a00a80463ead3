"""Rows of cells by name, of few columns and of many, whatever these are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinybase_widget.frames._rows import make_rows

HOSTILE = [
    "",
    "c0",
    "'",
    '"',
    "\\",
    "\n",
    "{",
    "__import__('os')",
    "\ud800",
    "\0",
    "lambda: 0",
    "é",
]


def test_names_are_never_read_as_code() -> None:
    columns = [[i, -i] for i in range(len(HOSTILE))]
    assert make_rows(HOSTILE, columns) == [
        dict(zip(HOSTILE, range(len(HOSTILE)), strict=True)),
        dict(zip(HOSTILE, range(0, -len(HOSTILE), -1), strict=True)),
    ]


@given(st.lists(st.text(), unique=True, min_size=1, max_size=5), st.integers(0, 3))
def test_each_name_has_its_column(names: list[str], count: int) -> None:
    columns = [[(name, row) for row in range(count)] for name in names]
    assert make_rows(names, columns) == [
        {name: (name, row) for name in names} for row in range(count)
    ]


@pytest.mark.parametrize("width", [1, 100, 101, 300])
def test_many_columns_are_rows_as_few_are(width: int) -> None:
    names = [f"n{i}" for i in range(width)]
    assert make_rows(names, [[i] for i in range(width)]) == [{f"n{i}": i for i in range(width)}]


def test_no_columns_are_no_rows() -> None:
    assert make_rows([], []) == []
