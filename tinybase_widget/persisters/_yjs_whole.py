"""Loading a document as a whole into a Store, and knowing when that can be left out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._compare import compare
from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.persisters._yjs_content import YjsContent
from tinybase_widget.persisters._yjs_observing import Observed
from tinybase_widget.persisters._yjs_wire import are_sendable
from tinybase_widget.store._encoded import (
    EncodedReader,
    add_saver,
    apply_encoded_changes,
    does_as_told,
    set_encoded_content,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pycrdt import Doc
    from typing_extensions import Self

    from tinybase_widget.persisters._persister import IgnoredErrorHandler, InitialContent
    from tinybase_widget.persisters._yjs_content import FirstPart
    from tinybase_widget.store import Changes, Content, Store


class WholeContent(Observed):
    """The part of a Yjs persister that has to do with all of its document at once.

    Args:
        store: The Store.
        doc: The document.
        map_name: The name of its root map.
        on_ignored_error: See `Persister`.
    """

    def __init__(
        self,
        store: Store,
        doc: Doc[Any],
        map_name: str,
        on_ignored_error: IgnoredErrorHandler | None,
    ) -> None:
        super().__init__(store, doc, on_ignored_error)
        self._doc = doc
        self._map_name = map_name
        self._content = YjsContent(doc, map_name, self._is_unique)
        self._stored = EncodedReader(store)
        self._taken: Changes = [{}, {}, 1]
        self._has_read = False
        self._is_all_ours = False
        self.is_unique_row_id: Callable[[str], bool] | None = None

    def get_y_doc(self) -> Doc[Any]:
        """Return the document.

        Source: TinyBase's `getYDoc`.
        """
        return self._doc

    def _is_unique(self, row_id: str) -> bool:
        return self.is_unique_row_id is not None and self.is_unique_row_id(row_id)

    def get_persisted(self) -> Content | None:
        """Return the document's content, or `None` where it has none yet."""
        if not self._content.exists():
            return None
        content = (self._content.read_tables(), self._content.read_values())
        self._has_read = True
        return content

    def _get_content(self) -> Content:
        return self._stored.read_tables(), self._stored.read_values()  # type: ignore[return-value]

    def _set_content(self, content: Sequence[Any]) -> None:
        tables, values = self._stored.read_tables(), self._stored.read_values()
        if tables and does_as_told(self._store):
            changes = compare(tables, values, *content, delete=True)
            if changes[0] or changes[1]:
                self._apply_changes(changes)
        else:
            self._take_over(lambda: set_encoded_content(self._store, content, owned=True))

    def _apply_changes(self, changes: Changes) -> None:
        if does_as_told(self._store):
            super()._apply_changes(changes)
        else:
            self._take_over(lambda: apply_encoded_changes(self._store, changes))

    def _take_over(self, load: Callable[[], object]) -> None:
        """Load something; remember what the Store takes of it, before its listeners have a say."""
        with self._store.transaction():
            load()
            if self.is_auto_saving() and not does_as_told(self._store):  # only then is it asked for
                self._taken = self._store.get_transaction_changes()

    def start_auto_persisting(
        self, initial_content: InitialContent = None, start_save_first: bool = False
    ) -> Self:
        """Load and save by itself from now on.

        Args:
            initial_content: As for `load`.
            start_save_first: Save what the Store has before anything is loaded.
        """
        with self._store.lock:
            self._is_all_ours = start_save_first and self.will_be_all_there_is()
            try:
                return super().start_auto_persisting(initial_content, start_save_first)
            finally:
                self._is_all_ours = False

    def start_in_parts(self) -> Iterator[FirstPart]:
        """Do what `start_auto_persisting` does that saves first, and yield after each part of it.

        Only where the save `will_be_all_there_is`. Each `next` needs the Store's lock; the Store
        must stay as it is until the last one, and nobody else may use the document.
        """
        tables, values = self._stored.read_tables(), self._stored.read_values()
        self._content.begin()
        parts = self._content.write_first(tables, values)
        while True:
            with panics_as_errors(), self._doc.transaction():
                part = next(parts, None)
            if part is None:
                break
            yield part
        self._saves += 1
        self._auto_save_listener = add_saver(self._store, self._on_transaction, self._on_one_cell)
        self._is_all_ours = True
        try:
            self.start_auto_load()
        finally:
            self._is_all_ours = False

    def will_be_all_there_is(self) -> bool:
        """Return whether a document that is saved now has the Store's content, and that only."""
        if self._content.exists() or self._status_listeners:
            return False
        tables, values = self._get_content()
        return all(map(are_sendable, chain(_texts(tables), _texts({"": {"": values}}))))

    def _apply_persisted(self, initial_content: InitialContent) -> None:
        if self._is_all_ours and self._content.exists() and not self._content.has_let_in():
            self._has_read = True  # there is nothing to load: a copy would cost its time and memory
        else:
            super()._apply_persisted(initial_content)


def _texts(tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Iterator[str]]:
    """Return all texts that are ids or cells, a table's at a time."""
    yield iter(tables)
    for rows in tables.values():
        yield iter(rows)
        yield chain.from_iterable(rows.values())
        yield (cell for row in rows.values() for cell in row.values() if type(cell) is str)
