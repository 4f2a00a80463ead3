"""How long frames take to become tables, beside a copy of the same cells: `python -m bench frames`.

A million cells, 100,000 rows of ten: ints, floats, text, booleans. The copy is the least that a
table of the same cells could cost: `{row_id: row.copy() ...}`, which makes no number and no text
anew, and checks nothing. The first row is what a frame saves one from: the same dictionaries, once
they have been made, set as a table.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa

from bench.pairs import medians, time_of
from tinybase_widget import Store, load_frame, to_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS = 100_000
AIM = 1
START = datetime(2026, 1, 1)  # noqa: DTZ001 - what a clock shows

COLUMNS: dict[str, list[Any]] = {
    "id": list(range(ROWS)),
    "year": [1900 + i % 126 for i in range(ROWS)],
    "count": [i * 37 % 1_000_003 for i in range(ROWS)],
    "price": [i * 37 % 100_000 / 100 for i in range(ROWS)],
    "weight": [i * 0.37 + 0.01 for i in range(ROWS)],
    "ratio": [i / ROWS for i in range(ROWS)],
    "name": [f"name {i}" for i in range(ROWS)],
    "note": [f"something about {i % 1000}" for i in range(ROWS)],
    "kind": [f"kind {i % 10}" for i in range(ROWS)],
    "sold": [i % 3 == 0 for i in range(ROWS)],
}
# A tenth of the cells is missing, and three columns are moments.
GAPS: dict[str, list[Any]] = {
    name: [None if i % 10 == place else cell for i, cell in enumerate(cells)]
    for place, (name, cells) in enumerate(COLUMNS.items())
} | {name: [START + timedelta(minutes=i) for i in range(ROWS)] for name in ("id", "year", "count")}


def rows_of(df: Any) -> dict[str, dict[str, Any]]:
    """Give the dictionary that a frame's table is."""
    store = Store()
    load_frame(store, "t", df)
    return store.get_table("t")


def copy_rows(table: dict[str, dict[str, Any]]) -> object:
    """Copy a table of dictionaries."""
    return {row_id: row.copy() for row_id, row in table.items()}


def loaded(df: Any) -> Store:
    """Give a Store with a frame's table."""
    store = Store()
    load_frame(store, "t", df)
    return store


def works() -> list[
    tuple[str, dict[str, dict[str, Any]], Callable[[], Any], Callable[[Any], object]]
]:
    """Give what is done: its name, the same cells as dictionaries, what it needs, and the work."""
    made = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
    plain, gaps = rows_of(pl.DataFrame(COLUMNS)), rows_of(pl.DataFrame(GAPS))
    found: list[Any] = [
        ("set_table of the dictionaries", plain, Store, lambda s: s.set_table("t", plain))
    ]
    for columns, table, what in ((COLUMNS, plain, ""), (GAPS, gaps, ", with gaps and moments")):
        for name, make in made.items():
            df = make(columns)
            found.append((f"load_frame, {name}{what}", table, Store, partial(_load, df)))
    for name, make in made.items():
        df = make(COLUMNS)
        found.append((f"to_frame, {name}", plain, partial(loaded, df), lambda s: to_frame(s, "t")))
    return found


def _load(df: Any, store: Store) -> None:
    load_frame(store, "t", df)


def main(command_line: Sequence[str] = ()) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="how often each is measured")
    arguments = parser.parse_args(command_line)
    print("| a million cells | time | a copy of the dictionaries | ratio | aim |")
    print("|---|---|---|---|---|", flush=True)
    for title, table, prepare, work in works():
        ours, theirs = medians(
            arguments.pairs,
            partial(time_of, prepare, work),
            partial(time_of, partial(dict, table), copy_rows),
        )
        is_load = title.startswith("load_frame")
        aim = f"{AIM}{'' if ours <= AIM * theirs else ' (missed)'}" if is_load else ""
        print(
            f"| {title} | {ours:,.1f} ms | {theirs:,.1f} ms | {ours / theirs:.2f} | {aim} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
