"""A file `*.tinybase.json` that people and other programs change, held against a three-way merge.

The rules are what jupyter-collaboration's server does with its document type, and what may happen
to a file meanwhile. The model keeps what the file held when it was last read or written, and what
people see: of a file that was changed, what differs from the former is put onto the latter. A
server that was killed knows the former no more, but what people entered since it was saved.
"""

from __future__ import annotations

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tinybase_widget import Store, YjsPersister, YTinyBase
from tinybase_widget.documents._texts import file_texts

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


def cells_of(text: str) -> Cells:
    found = json.loads(text)[0].get("pets", {}).items()
    return {(row, column): number for row, cells in found for column, number in cells.items()}


def is_readable(text: str) -> bool:
    return text not in ("[{", "{}") and bool(text.strip())


class Files(RuleBasedStateMachine):
    """A file, the room that has it open, and what both should hold."""

    @initialize(cells=some_cells)
    def open(self, cells: Cells) -> None:
        file_texts.clear()
        self.file = self.known_text = text_of(cells)
        self.is_changed = False  # since the server read or wrote it
        self.known = dict(cells)  # what the text held that the document was last equal to
        self.is_text_known = True
        self.seen = dict(cells)
        self.entered: set[tuple[str, str]] = set()  # since the last save
        self.join(YTinyBase())
        self.document.set(self.file)

    def join(self, document: YTinyBase) -> None:
        self.document = document
        self.person = Store()
        self.persister = YjsPersister(self.person, document.ydoc)
        self.persister.start_auto_persisting()

    @rule(row=rows, column=columns, number=numbers)
    def somebody_sets_a_cell(self, row: str, column: str, number: int) -> None:
        if self.seen.get((row, column)) != number:
            self.person.set_cell("pets", row, column, number)
            self.seen[row, column] = number
            self.entered.add((row, column))

    @rule(row=rows, column=columns)
    def somebody_deletes_a_cell(self, row: str, column: str) -> None:
        self.person.del_cell("pets", row, column, force_del=True)
        self.seen.pop((row, column), None)

    @rule(row=rows, column=columns, number=numbers | st.none(), end=st.sampled_from(" \n"))
    def a_program_changes_a_cell_of_the_file(
        self, row: str, column: str, number: int | None, end: str
    ) -> None:
        if is_readable(self.file):
            self.known_outside = cells_of(self.file)
        cells = {**self.known_outside, (row, column): number}
        self.file = text_of({place: cell for place, cell in cells.items() if cell is not None})
        self.file += end
        self.is_changed = True

    @rule(text=st.sampled_from(["", " \n", "[{", "{}"]))
    def a_program_empties_or_breaks_the_file(self, text: str) -> None:
        if is_readable(self.file):
            self.known_outside = cells_of(self.file)
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
        if is_readable(self.file):
            self.known_text, self.known, self.is_text_known = self.file, dict(self.seen), True
            self.entered.clear()

    @rule()
    def the_server_is_killed_and_starts_again(self) -> None:
        file_texts.clear()
        self.is_text_known = False
        document = YTinyBase()
        document.ydoc.apply_update(self.document.ydoc.get_update())
        self.join(document)
        self.read()

    def read(self) -> None:
        """Do what the server does with a file that may have changed, and the same in the model."""
        self.is_changed = False
        given = self.document.get()
        self.is_text_known |= given == self.known_text
        if given == self.file:
            return
        self.document.set(self.file)
        self.document.dirty = False
        if not is_readable(self.file) and (self.file.strip() or self.seen):
            return
        now = cells_of(self.file) if self.file.strip() else {}
        if self.file != self.known_text:
            self.take(now)
        self.known_text, self.known, self.is_text_known = self.file, now, True
        if self.seen == now:
            self.entered.clear()

    def take(self, now: Cells) -> None:
        """Put onto what people see what is new in the file."""
        before = {**self.seen}
        if self.is_text_known:
            before = self.known
        else:
            for place in self.entered:
                before.pop(place, None)
                if place in now:
                    before[place] = now[place]
        for place in {*before, *now}:
            was, cell = before.get(place), now.get(place)
            if cell is None and self.seen.get(place) == was:
                self.seen.pop(place, None)
            elif cell is not None and cell != was:
                if self.seen.get(place) != cell:
                    self.entered.add(place)  # it looks as if
                self.seen[place] = cell

    @invariant()
    def people_see_what_was_entered(self) -> None:
        assert cells_of(self.person.get_json()) == self.seen

    def teardown(self) -> None:
        if not hasattr(self, "file"):
            return
        self.the_server_saves()
        self.the_server_saves()
        if is_readable(self.file):
            assert cells_of(self.file) == self.seen


TestFiles = Files.TestCase
TestFiles.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
