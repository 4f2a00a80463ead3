"""The Yjs persister: a Store's content in a pycrdt document, in TinyBase's layout.

**Saving** happens once for each transaction of the Store, at its end, in one transaction of the
document: what the Store says has changed is written cell by cell (`_yjs_content` has the rules). A
save without known changes compares the two and writes the differences; it deletes only what this
persister has seen in the document before, so that a Store that never loaded wipes nothing.

**Loading** is by events. An event says which keys were touched; those are read again from the
document, compared with the Store, and the differences applied in one transaction of the Store.
Nothing is written in answer to an event, with two exceptions, both of which wait for the end of the
document's transaction because pycrdt can't write inside an observer (`flush`):

- *Repair*: an event that replaced a container may have dropped cells that the Store has. The Store
  takes what the document has, and the cells that the document lacks are written back.
- *Late changes*: what listeners of the Store changed while it loaded.

What a save let into the document beside its own changes (a container made in it can be what structs
that came earlier were waiting for) is read after the Store's transaction, in which the save runs.

`flush` is called by whoever applies updates (a room does), by the event loop where one runs in this
thread, and before the next save.

Source: TinyBase's `createYjsPersister`; the reading and the repair are this project's own.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

from pycrdt import Doc

from tinybase_widget.persisters._compare import Places, compare, differences
from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.persisters._persister import IgnoredErrorHandler, Persister
from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME
from tinybase_widget.persisters._yjs_content import Touched, YjsContent
from tinybase_widget.store._encoded import EncodedReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pycrdt._base import BaseEvent

    from tinybase_widget.store import Changes, Content, Store


def create_doc(client_id: int | None = None) -> Doc[Any]:
    """Return a new document with a client id of 32 random bits, as Yjs gives it.

    pycrdt's own documents draw 53 bits: they would win nearly every conflict with a browser.

    Args:
        client_id: For tests and lessons, an id of one's own. Never in production: two documents
            that write under one client id corrupt each other.

    Example:
        >>> create_doc().client_id < 2**32
        True
    """
    return Doc(client_id=random.getrandbits(32) if client_id is None else client_id)


class YjsPersister(Persister):
    """Keeps a Store and a Yjs document alike.

    Args:
        store: The Store.
        doc: A `pycrdt.Doc`, best made by `create_doc`.
        map_name: The name of the document's root map; TinyBase's default is "tinybase".
        on_ignored_error: See `Persister`; a document that does not have the layout gives a
            `PersistedContentError`, whose text is TinyBase's error code.

    Example:
        >>> from tinybase_widget import Store, YjsPersister, create_doc
        >>> doc = create_doc()
        >>> store = Store().set_table("pets", {"fido": {"species": "dog"}})
        >>> persister = YjsPersister(store, doc).start_auto_save()
        >>> other = Store()
        >>> YjsPersister(other, doc).load().get_store().get_table("pets")
        {'fido': {'species': 'dog'}}

    Source: TinyBase's `createYjsPersister`.
    """

    def __init__(
        self,
        store: Store,
        doc: Doc[Any],
        map_name: str = DEFAULT_MAP_NAME,
        on_ignored_error: IgnoredErrorHandler | None = None,
    ) -> None:
        super().__init__(store, on_ignored_error)
        self._doc = doc
        self._content = YjsContent(doc, map_name, self._is_unique)
        self._stored = EncodedReader(store)
        self._has_read = False
        self._writing = False
        self._let_in = Touched()
        self._unread = Touched()
        self._loaded_changes: Changes | None = None
        self._repairs = Places()
        self._late = Places()
        self._flush_due = False
        self.is_unique_row_id: Callable[[str], bool] | None = None

    def get_y_doc(self) -> Doc[Any]:
        """Return the document.

        Source: TinyBase's `getYDoc`.
        """
        return self._doc

    def _is_unique(self, row_id: str) -> bool:
        return self.is_unique_row_id is not None and self.is_unique_row_id(row_id)

    # The place

    def get_persisted(self) -> Content | None:
        """Return the document's content, or `None` where it has none yet."""
        if not self._content.exists():
            return None
        content = (self._content.read_tables(), self._content.read_values())
        self._has_read = True
        return content

    def set_persisted(
        self, get_content: Callable[[], Content], changes: Changes | None = None
    ) -> None:
        """Write the changes, or without them what differs, in one transaction of the document."""
        self._write_waiting()
        try:
            self._write(get_content, changes)
        except RuntimeError:  # inside an observer of the document, where pycrdt can't write
            if changes is None:
                raise
            self._late.add_changes(changes)
            self._call_flush_soon()

    def _write(self, get_content: Callable[[], Content], changes: Changes | None) -> None:
        content = self._content
        self._writing = True
        content.begin()
        try:
            with panics_as_errors(), self._doc.transaction():
                content.ensure_start()
                if changes is None:
                    tables, values = get_content()
                    changes = compare(
                        content.read_tables(),
                        content.read_values(),
                        tables,
                        values,
                        delete=self._has_read,
                    )
                content.write_changes(changes)
        finally:
            self._writing = False
            let_in, self._let_in = self._let_in, Touched()
        self._has_read = self._has_read or self.is_auto_loading()
        if self.is_auto_loading() and content.has_let_in():
            self._unread.update(let_in)
            self._call_flush_soon()

    def add_persister_listener(
        self, listener: Callable[[Content | None, Changes | None], None]
    ) -> object:
        """Listen to the document; what its events touch reaches `listener` as changes."""
        self._listener = listener
        return self._content.root.observe_deep(self._on_events)

    def del_persister_listener(self, handle: Any) -> None:
        """Stop listening to the document."""
        self._content.root.unobserve(handle)

    # Events

    def _on_events(self, events: Sequence[BaseEvent]) -> None:
        with self._store.lock:
            touched = self._let_in if self._writing else Touched()
            if self._writing and not self._content.has_derived:
                return
            for event in events:
                touched.add(event)
            if not self._writing:
                self._take(touched)

    def _take(self, touched: Touched) -> None:
        try:
            changes = differences(
                touched.places, self._stored, self._content, keep=touched.replaced
            )
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)
            return
        if changes[0] or changes[1]:
            self._loaded_changes = changes
            self._listener(None, changes)
        if touched.replaced:
            self._repairs.update(touched.replaced)
            self._call_flush_soon()

    def reread(self) -> None:
        """Compare the whole document with the Store, and take what differs into the Store."""
        with self._store.lock:
            if self.is_auto_loading():
                self._take(Touched(Places(whole=True)))

    # What waits for the end of the document's transaction

    def _changed_while_loading(self, changes: Changes) -> None:
        if self.is_auto_saving() and changes != self._loaded_changes:
            self._late.add_changes(changes)
            self._call_flush_soon()

    def _call_flush_soon(self) -> None:
        if not self._flush_due:
            try:
                asyncio.get_running_loop().call_soon(self.flush)
            except RuntimeError:
                return
            self._flush_due = True

    def flush(self) -> None:
        """Do what had to wait for the end of the document's, or the Store's, transaction.

        Whoever applies updates to the document without an event loop may call this when the
        transaction is over; otherwise it happens by itself, at the latest with the next save.
        """
        with self._store.lock:
            self._flush_due = False
            self._write_waiting()
            unread, self._unread = self._unread, Touched()
            if unread.places and self.is_auto_loading():
                self._take(unread)
                self._write_waiting()

    def _write_waiting(self) -> None:
        while self._late or self._repairs:
            late, self._late = self._late, Places()
            repairs, self._repairs = self._repairs, Places()
            if not self.is_auto_saving():
                return
            try:
                for changes in (
                    differences(late, self._content, self._stored),
                    differences(repairs, self._content, self._stored, keep=repairs),
                ):
                    if changes[0] or changes[1]:
                        self.save(changes)
            except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                self._ignore(error)
