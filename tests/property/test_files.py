"""A file `*.tinybase.json` that people and other programs change, held against a three-way merge.

The rules are what jupyter-collaboration's server does with its document type, and what may happen
to a file meanwhile. The model keeps what the file held when it was last read or written, and what
people see: of a file that was changed, what differs from the former is put onto the latter.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tinybase_widget import Store, YjsPersister, YTinyBase
from tinybase_widget.documents import ytinybase

Cells = dict[tuple[str, str], int]

rows = st.sampled_from("ab")
columns = st.sampled_from("xy")
numbers = st.integers(0, 3)
some_cells = st.dictionaries(st.tuples(rows, columns), numbers, min_size=1)


def text_of(cells: Cells) -> str:
    table: dict[str, dict[str, int]] = {}
    for (row, column), number in cells.items():
        table.setdefault(row, {})[column] = number
    return json.dumps([{"pets": table} if table else {}, {}])


def cells_of(tables: Any) -> Cells:
    found = tables.get("pets", {}).items()
    return {(row, column): number for row, cells in found for column, number in cells.items()}


class Files(RuleBasedStateMachine):
    """A file, the room that has it open, and what both should hold."""

    @initialize(cells=some_cells)
    def open(self, cells: Cells) -> None:
        ytinybase._texts._texts.clear()
        self.file = text_of(cells)
        self.is_changed = False
        self.written_outside = dict(cells)
        self.known: Cells | None = dict(cells)
        self.saved_text = self.file
        self.seen = dict(cells)
        self.join(YTinyBase())
        self.document.set(self.file)

    def join(self, document: YTinyBase) -> None:
        self.document = document
        self.person = Store()
        self.persister = YjsPersister(self.person, document.ydoc)
        self.persister.start_auto_persisting()

    @rule(row=rows, column=columns, number=numbers)
    def somebody_sets_a_cell(self, row: str, column: str, number: int) -> None:
        self.person.set_cell("pets", row, column, number)
        self.seen[row, column] = number

    @rule(row=rows, column=columns)
    def somebody_deletes_a_cell(self, row: str, column: str) -> None:
        self.person.del_cell("pets", row, column, force_del=True)
        self.seen.pop((row, column), None)

    @rule(row=rows, column=columns, number=numbers | st.none(), ends_with=st.sampled_from(" \n"))
    def a_program_changes_a_cell_of_the_file(
        self, row: str, column: str, number: int | None, ends_with: str
    ) -> None:
        if not self.is_changed and self.known is not None:
            self.written_outside = dict(self.known)
        self.written_outside.pop((row, column), None)
        if number is not None:
            self.written_outside[row, column] = number
        self.file = text_of(self.written_outside) + ends_with
        self.is_changed = True

    @rule(text=st.sampled_from(["", " \n", "[{", "{}"]))
    def a_program_empties_or_breaks_the_file(self, text: str) -> None:
        if not self.is_changed and self.known is not None:
            self.written_outside = dict(self.known)
        self.file = text
        self.is_changed = True

    @rule()
    def the_server_looks_at_the_file(self) -> None:
        if self.is_changed:
            self.read()

    @rule()
    def the_server_saves(self) -> None:
        if self.is_changed:
            self.read()
            return
        self.file = self.document.get()
        self.document.dirty = False
        self.document.hash = "some hash"
        if self.is_readable(self.file):
            self.known = dict(self.seen)
            self.saved_text = self.file

    @precondition(lambda self: self.is_readable(self.file) and not self.is_changed)
    @rule()
    def the_server_starts_again(self) -> None:
        ytinybase._texts._texts.clear()
        document = YTinyBase()
        document.ydoc.apply_update(self.document.ydoc.get_update())
        self.join(document)
        if document.get() != self.file:
            document.set(self.file)

    def read(self) -> None:
        self.is_changed = False
        if self.document.get() != self.file:
            self.document.set(self.file)
        self.document.dirty = False
        if not self.is_readable(self.file):
            return
        before, now = self.known or {}, cells_of(json.loads(self.file)[0])
        for place in {*before, *now}:
            was, is_now = before.get(place), now.get(place)
            if is_now is None and self.seen.get(place) == was:
                self.seen.pop(place, None)
            elif is_now is not None and is_now != was:
                self.seen[place] = is_now
        self.known = now

    @staticmethod
    def is_readable(text: str) -> bool:
        return text.startswith("[{") and len(text) > 2

    @invariant()
    def everybody_sees_what_was_entered(self) -> None:
        assert cells_of(self.person.get_tables()) == self.seen

    def teardown(self) -> None:
        if not hasattr(self, "file"):
            return
        self.the_server_saves()
        self.the_server_saves()
        if self.is_readable(self.file):
            assert cells_of(json.loads(self.file)[0]) == self.seen


TestFiles = Files.TestCase
TestFiles.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
