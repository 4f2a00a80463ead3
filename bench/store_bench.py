"""How fast the Store is beside npm's TinyBase in Node: `python -m bench.store_bench`.

Both do the same work on the same data, rows of five cells; see `pairs`.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import tracemalloc
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.pairs import ROW, Node, make_table, medians, print_headings, print_row, time_of
from tinybase_widget.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LARGE = 100_000
SMALL = 10_000
HUGE = 1_000_000
GROWTH_AIM = 1.3


LARGE_TABLES = {"pets": make_table(LARGE)}
SMALL_TABLES = {"pets": make_table(SMALL)}
ROW_IDS = list(LARGE_TABLES["pets"])

heard = 0
round_ = 0


def hear(*_: Any) -> None:
    """Listen."""
    global heard  # noqa: PLW0603
    heard += 1


def filled() -> Store:
    """Make a Store of the large table."""
    return Store().set_tables(LARGE_TABLES)


def next_round() -> int:
    """Give a number that was not given before, so that what is set is new."""
    global round_  # noqa: PLW0603
    round_ += 1
    return round_


def with_listeners(count: int, table_id: Callable[[int], str | None]) -> Store:
    """Make a Store with cell listeners."""
    store = filled()
    for i in range(count):
        store.add_cell_listener(table_id(i), None, None, hear)
    return store


def with_sorted_listener() -> Store:
    """Make a Store with a listener to a window of sorted rows."""
    store = filled()
    store.add_sorted_row_ids_listener("pets", "price", True, 0, 50, hear)
    return store


def set_cells(store: Store) -> None:
    """Set one cell of each row."""
    change = next_round()
    for i, row_id in enumerate(ROW_IDS):
        store.set_cell("pets", row_id, "id", i + change)


def set_cells_in_transaction(store: Store) -> None:
    """Set one cell of each row, as one transaction."""
    store.transaction(lambda: set_cells(store))


def get_cells(store: Store) -> None:
    """Get one cell of each row."""
    for row_id in ROW_IDS:
        store.get_cell("pets", row_id, "id")


def changes() -> list[Any]:
    """Make changes of ten thousand cells."""
    change = next_round()
    return [{"pets": {row_id: {"id": -change} for row_id in ROW_IDS[:SMALL]}}, {}, 1]


def add_rows(store: Store) -> None:
    """Add ten thousand rows."""
    for _ in range(SMALL):
        store.add_row("pets", ROW)


def del_rows(store: Store) -> None:
    """Delete ten thousand rows."""
    for row_id in ROW_IDS[:SMALL]:
        store.del_row("pets", row_id)


# Name, what is printed, the aim; what is not timed, and the work, which gets what that gives.
WORKS: list[tuple[str, str, float, Callable[[], Any], Callable[[Any], object]]] = [
    ("set_tables_10k", "set_tables, 10,000 rows", 0.12, Store,
     lambda s: s.set_tables(SMALL_TABLES)),
    ("set_tables_100k", "set_tables, 100,000 rows", 0.12, Store,
     lambda s: s.set_tables(LARGE_TABLES)),
    ("set_cell", "100,000 set_cell, no listener", 0.2, filled, set_cells),
    ("set_cell_one_listener", "... one wildcard cell listener", 0.25,
     lambda: with_listeners(1, lambda _: None), set_cells),
    ("set_cell_none_match", "... 100 listeners, none matches", 0.2,
     lambda: with_listeners(100, lambda i: f"table{i}"), set_cells),
    ("set_cell_all_match", "... 100 listeners, all match", 0.9,
     lambda: with_listeners(100, lambda _: "pets"), set_cells),
    ("transaction", "one transaction of 100,000 set_cell", 0.7, filled, set_cells_in_transaction),
    ("get_cell", "100,000 get_cell", 3, filled, get_cells),
    ("get_tables", "get_tables, 100,000 rows", 0.3, filled, lambda s: s.get_tables()),
    ("get_json", "get_json, 100,000 rows", 0.2, filled, lambda s: s.get_json()),
    ("set_json", "set_json, 100,000 rows", 0.2, lambda: (Store(), filled().get_json()),
     lambda pair: pair[0].set_json(pair[1])),
    ("sorted_row_ids", "get_sorted_row_ids, 100,000 rows", 0.7, filled,
     lambda s: s.get_sorted_row_ids("pets", "price", True, 0, 50)),
    ("sorted_listener", "one set_cell, sorted window of 50", 0.7, with_sorted_listener,
     lambda s: s.set_cell("pets", "r5", "price", 1e6 + next_round())),
    ("apply_changes", "apply_changes, 10,000 cells", 0.4, lambda: (filled(), changes()),
     lambda pair: pair[0].apply_changes(pair[1])),
    ("add_row", "10,000 add_row", 0.3, Store, add_rows),
    ("del_row", "10,000 del_row", 0.3, lambda: Store().set_tables(SMALL_TABLES), del_rows),
]  # fmt: skip


def held_bytes() -> int:
    """Give the bytes that a Store of the large table holds, what it was made from dropped."""
    tracemalloc.start()
    try:
        store = Store().set_tables({"pets": make_table(LARGE)})
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert store.has_tables()  # noqa: S101 - and kept alive until here
    return held


def growth(listeners: int) -> float:
    """Give how much longer a set_cell takes among a million rows than among a thousand."""

    def seconds(store: Store) -> float:
        for i in range(listeners):
            store.add_cell_listener("pets" if i % 2 else None, None, "kind", hear)
        store.set_cell("pets", "r1", "id", -1)
        rounds = []
        for _ in range(20):
            start = time.perf_counter()
            for i in range(5_000):
                store.set_cell("pets", f"r{i % 1000}", "id", i + next_round())
            rounds.append(time.perf_counter() - start)
        return min(rounds)

    few = seconds(Store().set_table("pets", make_table(1000)))
    return seconds(Store().set_table("pets", make_table(HUGE))) / few


def main(command_line: Sequence[str] = ()) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="how often each is measured")
    parser.add_argument("--only", help="a part of the names of works")
    arguments = parser.parse_args(command_line)
    node = Node("store_works.mjs")
    print_headings()
    for name, title, aim, prepare, work in WORKS:
        if arguments.only and arguments.only not in name:
            continue
        ours, theirs = medians(
            arguments.pairs, partial(time_of, prepare, work), partial(node.measure, name)
        )
        print_row(title, f"{ours:,.1f} ms", f"{theirs:,.1f} ms", ours / theirs, aim)
    if not arguments.only:
        ours, theirs = held_bytes() / 1e6, node.measure("memory") / 1e6
        print_row(
            "memory of 100,000 rows", f"{ours:,.1f} MB", f"{theirs:,.1f} MB", ours / theirs, 1
        )
        for listeners in (0, 10):
            title = f"set_cell at 1,000,000 rows / at 1,000, {listeners} listeners"
            print_row(title, "", "", growth(listeners), GROWTH_AIM)
    node.close()


if __name__ == "__main__":
    main(sys.argv[1:])
