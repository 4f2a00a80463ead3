"""Prints the bytes by which a Store and its document make a process larger.

Run as `python -m bench.yjs_memory saved 100000`, where the Store was there first, or as
`python -m bench.yjs_memory loaded FILE`, where the file holds the document as an update.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bench.pairs import make_table
from tinybase_widget import Store, YjsPersister, create_doc


def resident_bytes() -> int:
    """Give the memory of this process."""
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def saved(rows: int) -> YjsPersister:
    """Save a new Store into an empty document."""
    store = Store().set_tables({"pets": make_table(rows)})
    return YjsPersister(store, create_doc()).start_auto_persisting(start_save_first=True)


def loaded(file: str) -> YjsPersister:
    """Load a document into an empty Store."""
    doc = create_doc()
    doc.apply_update(Path(file).read_bytes())
    return YjsPersister(Store(), doc).start_auto_persisting()


def main(kind: str, argument: str) -> None:
    """Measure and print."""
    saved(10)
    before = resident_bytes()
    persister = loaded(argument) if kind == "loaded" else saved(int(argument))
    after = resident_bytes()
    print(after - before if persister.get_store().has_tables() else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
