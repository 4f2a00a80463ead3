"""How fast the Automerge persister is beside npm's in Node: `python -m bench.automerge_bench`.

Both do the same work on the same data; see `pairs`. Everything of ours is over when the call
returns. npm's persister works on in microtasks, and so each of its edits is given a turn of the
event loop.
"""

from __future__ import annotations

import argparse
import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from bench.pairs import Node, make_table, medians, print_headings, print_row, time_of
from bench.yjs_bench import each_time, next_round
from tinybase_widget import AutomergeDocHandle, AutomergePersister, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SMALL = 10_000
OUR_EDITS = 500
THEIR_EDITS = 5

Replica = tuple[Store, AutomergeDocHandle, AutomergePersister]


def filled() -> Store:
    """Make a Store."""
    return Store().set_table("pets", make_table(SMALL))


@cache
def replica() -> Replica:
    """Make a replica, once: edits leave it as large."""
    store, handle = filled(), AutomergeDocHandle()
    return store, handle, AutomergePersister(store, handle).start_auto_persisting(None, True)


@cache
def saved() -> bytes:
    """Make a document, as bytes."""
    return replica()[1].save()


def opened() -> AutomergePersister:
    """Make an empty Store beside a document that is open."""
    return AutomergePersister(Store(), AutomergeDocHandle.load(saved()))


def edit(edited: Replica) -> None:
    """Set a cell of some rows."""
    change = next_round() * SMALL
    for i in range(OUR_EDITS):
        edited[0].set_cell("pets", f"r{i}", "id", i + change)


def receiving() -> tuple[Replica, list[bytes]]:
    """Make a replica, and edits of another one that has never told it of any."""
    handle = AutomergeDocHandle.load(saved())
    persister = AutomergePersister(Store(), handle).start_auto_load()
    far = AutomergeDocHandle.load(saved())
    store = AutomergePersister(Store(), far).start_auto_persisting().get_store()
    heads = far.heads()
    for i in range(OUR_EDITS):
        store.set_cell("pets", f"r{i}", "id", -next_round())
    changes = [change.bytes for change in far.document.get_changes(heads)]
    return (persister.get_store(), handle, persister), changes


def receive(prepared: tuple[Replica, list[bytes]]) -> None:
    """Take over edits one after another, and see each in the Store."""
    (store, handle, _), changes = prepared
    for i, change in enumerate(changes):
        handle.apply_changes([change])
        if not store.get_cell("pets", f"r{i}", "id") < 0:  # type: ignore[operator]
            raise RuntimeError("an edit was lost")


def open_and_load(data: bytes) -> None:
    """Make a Store of a saved document."""
    store = Store()
    AutomergePersister(store, AutomergeDocHandle.load(data)).load()
    if store.get_row_count("pets") != SMALL:
        raise RuntimeError("the rows did not arrive")


# Name, what is printed, the aim; what is not timed, and the work, which gets what that gives; and
# how often it does on this side and on the other what is printed.
WORKS: list[tuple[str, str, float, Callable[[], Any], Callable[[Any], object], int, int]] = [
    ("set_cell", "set_cell, auto-save and auto-load, 10,000 rows", 0.01,
     replica, edit, OUR_EDITS, THEIR_EDITS),
    ("remote", "edit of another replica, 10,000 rows", 0.2,
     receiving, receive, OUR_EDITS, THEIR_EDITS),
    ("load", "load of 10,000 rows, the document open", 0.3, opened, lambda p: p.load(), 1, 1),
    ("open", "load of 10,000 rows, the document as bytes", 0.3, saved, open_and_load, 1, 1),
    ("first_save", "first save of 10,000 rows", 0.3,
     lambda: AutomergePersister(filled(), AutomergeDocHandle()), lambda p: p.save(), 1, 1),
]  # fmt: skip


def main(command_line: Sequence[str] = ()) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="how often each is measured")
    parser.add_argument("--only", help="a part of the names of works")
    arguments = parser.parse_args(command_line)
    only = arguments.only or ""
    print_headings()
    node = Node("automerge_works.mjs")
    for name, title, aim, prepare, work, ours_each, theirs_each in WORKS:
        if only in name:
            ours, theirs = medians(
                arguments.pairs, partial(time_of, prepare, work), partial(node.measure, name)
            )
            figures = each_time(ours_each)(ours), each_time(theirs_each)(theirs)
            print_row(title, *figures, ours / ours_each / (theirs / theirs_each), aim)
    node.close()


if __name__ == "__main__":
    main(sys.argv[1:])
