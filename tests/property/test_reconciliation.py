"""Random replicas against a model of who knew which edit when.

Three replicas edit, exchange updates in pairs, restart from saved bytes, or are replaced by kernels
that start anew and load the same data. In the end everybody has exchanged everything, and:

- all documents are equal, and every Store equals its document;
- no cell is lost: one that somebody set is there, unless it was deleted by somebody who knew the
  cell;
- nothing comes back: a cell all of whose edits were deleted knowingly is absent;
- nothing is stale: a cell's value is none that somebody overwrote knowing it.

`TINYBASE_FUZZ=1` (`make fuzz`) runs many more seeds.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pycrdt import Map

from tinybase_widget import MISSING, Store, YjsPersister, create_doc

if TYPE_CHECKING:
    from collections.abc import Iterable

SEEDS = 5000 if os.environ.get("TINYBASE_FUZZ") else 150
STEPS = 60
REPLICAS = 3

Cell = tuple[str, str, str]

# What a kernel loads when it starts: a table of numbered rows, one of named rows.
LOADED = {
    "numbered": {str(row): {"a": f"{row}a", "b": f"{row}b"} for row in range(4)},
    "named": {f"row {row}": {"a": f"named {row}"} for row in range(3)},
}
ROWS = {
    "numbered": [str(row) for row in range(6)],
    "named": [f"row {row}" for row in range(5)],
    "empty": [str(row) for row in range(6)],
}


class Edit(NamedTuple):
    """One edit of a cell: its value, or MISSING, and the edits that its author knew."""

    cell: Cell
    value: Any
    known: frozenset[int]


@dataclass
class Replica:
    """A Store, a document, a persister, and the edits that have reached it."""

    client_id: int
    saved: bytes | None = None
    tables: Any = None
    known: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.doc = create_doc(self.client_id)
        if self.saved is not None:
            self.doc.apply_update(self.saved)
        self.store = Store()
        self.errors: list[Exception] = []
        self.persister = YjsPersister(self.store, self.doc, on_ignored_error=self.errors.append)
        if self.tables is not None:
            self.store.set_tables(self.tables)
        self.persister.start_auto_persisting(start_save_first=True)

    def give(self, other: Replica) -> None:
        """Bring another replica up to date."""
        other.doc.apply_update(self.doc.get_update(other.doc.get_state()))
        other.persister.flush()
        other.known |= self.known

    def document(self) -> dict[str, Any]:
        """Return the document's tables, without what is empty."""
        tables = self.doc.get("tinybase", type=Map).to_py() or {}
        return {
            table_id: rows
            for table_id, table in tables["t"].items()
            if (rows := {row_id: row for row_id, row in table.items() if row})
        }


class World:
    """Some replicas, and all edits that were ever made."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a seed that repeats the run is the point
        self.client_ids = iter(self.random.sample(range(2**32), 200))
        self.edits: list[Edit] = []
        self.loaded: set[int] = set()
        self.replicas = [self.new_kernel() for _ in range(REPLICAS)]

    def new_kernel(self) -> Replica:
        """Return a replica that starts empty, or with the data that every kernel loads."""
        if self.random.random() < 0.5:
            return Replica(next(self.client_ids))
        if not self.loaded:  # whoever loads it, it is the same edit
            for cell, value in cells_of(LOADED):
                self.loaded.add(len(self.edits))
                self.edits.append(Edit(cell, value, frozenset()))
        return Replica(next(self.client_ids), None, LOADED, set(self.loaded))

    def note(self, replica: Replica, cell: Cell, value: Any) -> None:
        """Take note of an edit that a replica is about to make."""
        number = len(self.edits)
        self.edits.append(Edit(cell, value, frozenset(replica.known)))
        replica.known.add(number)

    def step(self, number: int) -> None:
        """Do something."""
        random = self.random
        replica = random.choice(self.replicas)
        other = random.choice([each for each in self.replicas if each is not replica])
        table_id = random.choice(list(ROWS))
        row_id = random.choice(ROWS[table_id])
        cell = (table_id, row_id, random.choice("ab"))
        match random.choices(range(8), (25, 10, 5, 10, 8, 3, 30, 8))[0]:
            case 0:
                self.note(replica, cell, f"value {number}")
                replica.store.set_cell(*cell, f"value {number}")
            case 1:
                row = {cell_id: f"{number} {cell_id}" for cell_id in random.sample("abc", 2)}
                self.replace(replica, {row_id: row}, {row_id}, table_id)
                replica.store.set_row(table_id, row_id, row)
            case 2:
                row_ids = random.sample(ROWS[table_id], 3)
                table = {each: {"a": f"{number} {each}"} for each in row_ids}
                self.replace(replica, table, replica.store.get_row_ids(table_id), table_id)
                replica.store.set_table(table_id, table)
            case 3 if replica.store.has_cell(*cell):
                self.note(replica, cell, MISSING)
                replica.store.del_cell(*cell)
            case 4:
                self.replace(replica, {}, {row_id}, table_id)
                replica.store.del_row(table_id, row_id)
            case 5:
                self.replace(replica, {}, replica.store.get_row_ids(table_id), table_id)
                replica.store.del_table(table_id)
            case 6:
                replica.give(other)
            case 7:
                self.restart(replica, other)

    def replace(
        self, replica: Replica, table: Any, old_row_ids: Iterable[str], table_id: str
    ) -> None:
        """Take note that rows are set as a whole: what they had beyond it is deleted."""
        for row_id in old_row_ids:
            for cell_id in replica.store.get_cell_ids(table_id, row_id):
                if cell_id not in table.get(row_id, {}):
                    self.note(replica, (table_id, row_id, cell_id), MISSING)
        for cell, value in cells_of({table_id: table}):
            self.note(replica, cell, value)

    def restart(self, replica: Replica, other: Replica) -> None:
        """End a replica: its bytes go on in another, or it has told somebody all and is gone."""
        at = self.replicas.index(replica)
        if self.random.random() < 0.6:
            saved = replica.doc.get_update()
            self.replicas[at] = Replica(next(self.client_ids), saved, None, replica.known)
        else:
            replica.give(other)
            self.replicas[at] = self.new_kernel()

    def finish(self) -> None:
        """Let everybody exchange everything."""
        for _ in range(4):
            for replica in self.replicas:
                for other in self.replicas:
                    if replica is not other:
                        replica.give(other)

    def faults(self) -> list[str]:
        """Return what is wrong in the end."""
        document = self.replicas[0].document()
        faults = [
            f"replica {number}: {what}"
            for number, replica in enumerate(self.replicas)
            for what, wrong in (
                ("the documents differ", replica.document() != document),
                ("the Store is not its document", replica.store.get_tables() != document),
                (f"errors: {replica.errors}", replica.errors),
            )
            if wrong
        ]
        edits_of: dict[Cell, list[int]] = defaultdict(list)
        for number, edit in enumerate(self.edits):
            edits_of[edit.cell].append(number)
        for cell, numbers in edits_of.items():
            table_id, row_id, cell_id = cell
            value = document.get(table_id, {}).get(row_id, {}).get(cell_id, MISSING)
            overwritten = frozenset().union(*(self.edits[number].known for number in numbers))
            last = [self.edits[number].value for number in numbers if number not in overwritten]
            deleted = any(self.edits[number].value is MISSING for number in numbers)
            if value is MISSING and not deleted:
                faults.append(f"{cell} is lost: one of {last}")
            elif value is not MISSING and all(each is MISSING for each in last):
                faults.append(f"{cell} came back: {value!r}")
            elif value is not MISSING and value not in last:
                faults.append(f"{cell} is stale: {value!r} where one of {last} was set later")
        return faults


def cells_of(tables: Any) -> list[tuple[Cell, Any]]:
    return [
        ((table_id, row_id, cell_id), value)
        for table_id, table in tables.items()
        for row_id, row in table.items()
        for cell_id, value in row.items()
    ]


@pytest.mark.parametrize("seeds", [range(at, SEEDS, 10) for at in range(10)], ids=str)
def test_replicas_that_meet_lose_nothing_and_revive_nothing(seeds: range) -> None:
    for seed in seeds:
        world = World(seed)
        for number in range(STEPS):
            world.step(number)
        world.finish()
        assert world.faults() == [], f"seed {seed}"


def test_the_model_sees_when_a_container_is_not_the_same_for_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = iter(range(2**52, 2**53))
    monkeypatch.setattr(
        "tinybase_widget.persisters._yjs_containers._derived", lambda _: next(numbers)
    )
    faults: list[str] = []
    for seed in range(40):
        world = World(seed)
        for number in range(STEPS):
            world.step(number)
        world.finish()
        faults += world.faults()
    assert faults
