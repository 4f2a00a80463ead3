"""How fast the Yjs persister is beside npm's in Node: `python -m bench.yjs_bench`.

Both do the same work on the same data; see `pairs`. Everything of ours is over when the call
returns. npm's persister works on in microtasks, and so each of its edits is given a turn of the
event loop; what an empty turn takes is taken off.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.pairs import ROW, Node, make_table, medians, print_headings, print_row, time_of
from tinybase_widget import Room, Store, YjsPersister, create_doc
from tinybase_widget.persisters._yjs_wire import read_state_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pycrdt import TransactionEvent

LARGE = 100_000
SMALL = 10_000
TINY = 100
ROW_IDS = [f"r{i}" for i in range(SMALL)]
ADDED = 100
GROWTH_AIM = 1.3
MOST_CLIENT_IDS = 500

round_ = 0


def next_round() -> int:
    """Give a number that was not given before, so that what is set is new."""
    global round_  # noqa: PLW0603
    round_ += 1
    return round_


def filled(count: int, prefix: str = "r") -> Store:
    """Make a Store."""
    return Store().set_table("pets", make_table(count, prefix))


class Replica:
    """A Store and a document that are kept alike.

    Args:
        store: The Store.
        update: What the document holds already.
    """

    def __init__(self, store: Store, update: bytes | None = None) -> None:
        self.store = store
        self.doc = create_doc()
        if update is not None:
            self.doc.apply_update(update)
        self.persister = YjsPersister(store, self.doc)
        self.persister.start_auto_persisting(start_save_first=True)
        self.is_sending = False

    def send_to(self, other: Replica) -> None:
        """Apply each change to another replica as well, unless it comes from there."""

        def send(event: TransactionEvent) -> None:
            if not other.is_sending:
                self.is_sending = True
                try:
                    other.persister.apply_update(event.update)
                finally:
                    self.is_sending = False

        self.persister.add_update_listener(send)


@cache
def replica(count: int, prefix: str = "r") -> Replica:
    """Make a replica, once: edits leave it as large, and what is added hardly matters."""
    return Replica(filled(count, prefix))


@cache
def synced() -> tuple[Replica, Replica]:
    """Make two replicas that send each other what changes."""
    one = Replica(filled(SMALL))
    other = Replica(Store(), one.doc.get_update())
    one.send_to(other)
    other.send_to(one)
    return one, other


@cache
def room(count: int) -> Room:
    """Make a room, whose rows get ids that nobody else makes."""
    return Room("bench", filled(count))


@cache
def met(count: int) -> Replica:
    """Make a replica of two kernels' data, who had run the same cell before they met."""
    one, other = Replica(filled(count)), Replica(filled(count))
    one.doc.apply_update(other.doc.get_update(one.doc.get_state()))
    return one


def edit(edited: Replica) -> None:
    """Set one cell of each row."""
    change = next_round()
    for i, row_id in enumerate(ROW_IDS):
        edited.store.set_cell("pets", row_id, "id", i + change)


def edit_and_see(pair: tuple[Replica, Replica]) -> None:
    """Set one cell of each row, and see each arrive on the other side."""
    edited, visible = pair
    change = next_round()
    for i, row_id in enumerate(ROW_IDS):
        edited.store.set_cell("pets", row_id, "id", i + change)
        if visible.store.get_cell("pets", row_id, "id") != i + change:
            raise RuntimeError("an edit was lost")


def edit_in_transaction(edited: Replica) -> None:
    """Set one cell of each row, as one transaction."""
    with edited.store.transaction():
        edit(edited)


def join(joining: tuple[Replica, bytes]) -> None:
    """Take over a large document."""
    joining[0].doc.apply_update(joining[1])
    if joining[0].store.get_row_count("pets") != LARGE:
        raise RuntimeError("the rows did not arrive")


@cache
def large_update() -> bytes:
    """Make a large document, as an update."""
    return bytes(replica(LARGE).doc.get_update())


def saving(prefix: str) -> YjsPersister:
    """Make a large Store with an empty document."""
    return YjsPersister(filled(LARGE, prefix), create_doc())


def loading() -> YjsPersister:
    """Make an empty Store with a large document."""
    doc = create_doc()
    doc.apply_update(large_update())
    return YjsPersister(Store(), doc)


def add_rows(store: Store) -> None:
    """Add some rows."""
    for _ in range(ADDED):
        store.add_row("pets", ROW)


# Name, what is printed, the aim; what is not timed, and the work, which gets what that gives; and
# how often it does on this side and on the other what is printed, where that is a part of it.
WORKS: list[tuple[str, str, float, Callable[[], Any], Callable[[Any], object], int, int]] = [
    ("set_cell", "set_cell, auto-save and auto-load, 10,000 rows", 0.3,
     lambda: replica(SMALL), edit, SMALL, SMALL),
    ("synced", "edit that another Store has when it is over", 0.3,
     synced, edit_and_see, SMALL, SMALL),
    ("transaction", "one transaction of 10,000 set_cell", 0.6,
     lambda: replica(SMALL), edit_in_transaction, 1, 1),
    ("load", "load of 100,000 rows", 0.6, loading, lambda p: p.load(), 1, 1),
    ("join", "100,000 rows that arrive", 0.6,
     lambda: (Replica(Store()), large_update()), join, 1, 1),
    ("first_save", "first save of 100,000 rows", 0.8,
     lambda: saving("r"), lambda p: p.save(), 1, 1),
    ("first_save_integers", "... of rows named by integers", 0.8,
     lambda: saving(""), lambda p: p.save(), 1, 1),
    ("add_row_room", "add_row to 100,000 rows, in a room", 0.005,
     lambda: room(LARGE).store, add_rows, ADDED, 5),
    ("add_row_integers", "... by a persister, named by integers", 0.005,
     lambda: replica(LARGE, "").store, add_rows, ADDED, 5),
]  # fmt: skip


def growth(
    large: Any, small: Any, work: Callable[[Any], object], rounds: int
) -> tuple[float, float]:
    """Give how long a work takes on a large and on a small replica, in turn."""
    pairs = [(time_of(lambda: large, work), time_of(lambda: small, work)) for _ in range(rounds)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def edit_few(edited: Replica) -> None:
    """Set a cell of each of a hundred rows, again and again."""
    change = next_round()
    for i in range(SMALL):
        edited.store.set_cell("pets", ROW_IDS[i % TINY], "id", i + change)


def print_growth() -> None:
    """Print what does not depend on how much there is."""
    for title, large, small, work, count in (
        ("add_row in a room, 100,000 rows / 10,000", room(LARGE).store, room(SMALL).store,
         add_rows, ADDED),
        ("add_row by a persister, 100,000 / 10,000", replica(LARGE, "").store,
         replica(SMALL, "").store, add_rows, ADDED),
        ("set_cell, 100,000 rows of two kernels / 100 rows", met(LARGE), met(TINY),
         edit_few, SMALL),
    ):  # fmt: skip
        times = growth(large, small, work, 9)
        print_row(
            title, " / ".join(map(each_time(count), times)), "", times[0] / times[1], GROWTH_AIM
        )
    ids = len(read_state_vector(met(LARGE).doc.get_state()))
    print_row("client ids in that document", "", "", ids, MOST_CLIENT_IDS)


def each_time(count: int) -> Callable[[float], str]:
    """Give what prints the milliseconds of so many as the time of one."""

    def text(milliseconds: float) -> str:
        each = milliseconds / count
        return f"{each:,.1f} ms" if each >= 1 else f"{each * 1000:,.1f} µs"

    return text


def held_bytes(kind: str, argument: str) -> tuple[int, int]:
    """Give by how many bytes a process grows, in Python and in Node."""
    script = Path(__file__).with_name("yjs_memory.mjs")
    ours = [sys.executable, "-m", "bench.yjs_memory"]
    theirs = ["node", "--expose-gc", str(script)]
    return tuple(  # type: ignore[return-value]
        int(subprocess.check_output([*command, kind, argument])) for command in (ours, theirs)
    )


def print_memory(pairs: int) -> None:
    """Print the memory of Store and document together."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "document"
        file.write_bytes(large_update())
        for title, kind, argument in (
            ("memory of 100,000 rows and their document, saved", "saved", str(LARGE)),
            ("... loaded", "loaded", str(file)),
        ):
            measured = [held_bytes(kind, argument) for _ in range(pairs)]
            ours, theirs = (median(each) for each in zip(*measured, strict=True))
            print_row(title, f"{ours / 1e6:,.0f} MB", f"{theirs / 1e6:,.0f} MB", ours / theirs, 1)


def main(command_line: Sequence[str] = ()) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="how often each is measured")
    parser.add_argument("--only", help="a part of the names of works; or growth, or memory")
    arguments = parser.parse_args(command_line)
    only = arguments.only or ""
    print_headings()
    node = Node("yjs_works.mjs")
    for name, title, aim, prepare, work, ours_each, theirs_each in WORKS:
        if only in name:
            ours, theirs = medians(
                arguments.pairs, partial(time_of, prepare, work), partial(node.measure, name)
            )
            figures = each_time(ours_each)(ours), each_time(theirs_each)(theirs)
            ratio = ours / ours_each / (theirs / theirs_each)
            print_row(title, *figures, ratio, aim)
    node.close()
    if only in "growth":
        print_growth()
    if only in "memory":
        print_memory(min(arguments.pairs, 3))


if __name__ == "__main__":
    main(sys.argv[1:])
