"""The Automerge persister: a Store's content in an Automerge document, in TinyBase's layout.

**Saving** happens once for each transaction of the Store, at its end, in one transaction of the
document: what the Store says has changed is written cell by cell (`_automerge_writing` has the
rules). A save without known changes compares the two and writes the differences; it deletes only
what this persister has seen in the document before: a Store that never loaded wipes nothing.

**Loading** reads the operations of the changes that came (`_automerge_changes`): they say which
places were touched. Those are read again from the document, compared with the Store, and the
differences applied in one transaction of the Store. Where a single change brings thousands of
operations it is quicker to compare everything.

**Nothing is lost** where two replicas made the same table or row without knowing of each other:
Automerge keeps both objects and shows one. `automerge.core` has no `get_all` or `getConflicts`, so
the hidden ones are found in the changes, and what they hold is moved into the shown one
(`_automerge_ledger`). This happens as soon as both are there, in a change of its own, whose author
is not the document's: it is nobody's edit. Only a persister that saves by itself does it.

Source: TinyBase's `createAutomergePersister`; the reading by changes and the moving are this
project's own.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._automerge_changes import Op, read_ops
from tinybase_widget.persisters._automerge_core import (
    is_linear,
    obj_id_of,
)
from tinybase_widget.persisters._automerge_layout import decode_id
from tinybase_widget.persisters._automerge_ledger import Ledger, Moves, is_move, mover_of
from tinybase_widget.persisters._automerge_objects import Objects, is_of_cells
from tinybase_widget.persisters._automerge_writing import AutomergeContent, in_order, is_all_derived
from tinybase_widget.persisters._compare import Places, compare, differences
from tinybase_widget.persisters._persister import Persister, Status
from tinybase_widget.store import MISSING
from tinybase_widget.store._encoded import (
    EncodedReader,
    does_as_told,
    is_in_transaction,
    set_encoded_content,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from automerge.core import Change
    from typing_extensions import Self

    from tinybase_widget.persisters._automerge_core import Document
    from tinybase_widget.persisters._automerge_handle import AutomergeDocHandle, ChangeEvent
    from tinybase_widget.persisters._automerge_ledger import Place
    from tinybase_widget.persisters._persister import IgnoredErrorHandler, InitialContent
    from tinybase_widget.store import Changes, Content, Store
    from tinybase_widget.store._types import RawCell

DEFAULT_MAP_NAME = "tinybase"
_MOST_OPS = 2_000  # of one change that is read op by op where that can be avoided
_MOST_ROUNDS = 10


class AutomergePersister(Persister):
    """Keeps a Store and an Automerge document alike.

    Args:
        store: The Store.
        doc_handle: The document's handle.
        map_name: The name of the map in the document; TinyBase's default is "tinybase".
        on_ignored_error: See `Persister`; a document that does not have the layout gives a
            `PersistedContentError`, whose text is TinyBase's error code.

    Example:
        >>> from tinybase_widget import AutomergeDocHandle, AutomergePersister, Store
        >>> handle = AutomergeDocHandle()
        >>> store = Store().set_table("pets", {"fido": {"species": "dog"}})
        >>> persister = AutomergePersister(store, handle).start_auto_persisting(None, True)
        >>> handle.doc()
        {'tinybase': {'t': {'pets': {'fido': {'species': 'dog'}}}, 'v': {}}}

    Source: TinyBase's `createAutomergePersister`.
    """

    _is_document = True

    def __init__(
        self,
        store: Store,
        doc_handle: AutomergeDocHandle,
        map_name: str = DEFAULT_MAP_NAME,
        on_ignored_error: IgnoredErrorHandler | None = None,
    ) -> None:
        super().__init__(store, on_ignored_error)
        self._handle = doc_handle
        self._content = AutomergeContent(doc_handle, map_name)
        self._stored = EncodedReader(store)
        self._has_read = False
        self._is_waiting = False
        self._mover = mover_of(doc_handle.document.get_actor())
        self._is_all_derived = is_all_derived(doc_handle.document.get_changes([]))
        self._heads: list[bytes] = []
        self._objects: Objects | None = None
        self._ledger: Ledger | None = None
        self._loaded_changes: Changes | None = None
        self._late = Places()

    def get_doc_handle(self) -> AutomergeDocHandle:
        """Return the document's handle.

        Source: TinyBase's `getDocHandle`.
        """
        return self._handle

    # The place

    def get_persisted(self) -> Content | None:
        """Return the document's content, or `None` where it has none yet."""
        if not self._content.is_whole():
            return None
        content = (self._content.read_tables(), self._content.read_values())
        self._has_read = True
        return content

    def set_persisted(
        self, get_content: Callable[[], Content], changes: Changes | None = None
    ) -> None:
        """Write the changes, or without them what differs, in one transaction of the document."""
        self._update(lambda: self._write(get_content, changes))
        self._has_read = self._has_read or self._auto_load

    def _write(self, get_content: Callable[[], Content], changes: Changes | None) -> None:
        content = self._content
        if changes is None:
            tables, values = get_content()
            changes = compare(
                content.read_tables(), content.read_values(), tables, values, delete=self._has_read
            )
        if not (changes[0] or changes[1] or content.doc.get_heads()):
            return  # nothing is no beginning
        if self._is_all_derived:
            self._write_derived(in_order(changes))
            self._is_all_derived = is_all_derived(content.doc.get_changes([]))
        else:
            self._write_in_transaction(changes)

    def _write_in_transaction(self, changes: Changes) -> None:
        with self._content.doc.transaction() as transaction:
            if not self._content.has_start(transaction):
                self._content.write_start(transaction)
            self._content.write_changes(transaction, changes)

    def _write_derived(self, changes: Changes) -> None:
        doc = self._content.doc
        self._content.derive_start()
        if changes[0] or changes[1] or not self._content.has_start(doc):
            own = doc.get_actor()
            doc.set_actor(self._content.actor_for(changes))
            try:
                self._write_in_transaction(changes)
            finally:
                doc.set_actor(own)

    def _update(self, action: Callable[[], object]) -> None:
        """Do something to the document, under its lock, without hearing of it."""

        def run(document: Document) -> None:
            is_up_to_date = self._auto_load and document.get_heads() == self._heads
            try:
                action()
            finally:
                if is_up_to_date and self._ledger is not None:
                    self._hear_document()
                elif is_up_to_date and self._objects is None:
                    self._heads = document.get_heads()

        self._handle.update(run, self)

    def _on_one_cell(self, table_id: str, row_id: str, cell_id: str, cell: RawCell) -> None:
        """Do for one existing cell, which is most of all saves, what `save` does, in less time."""
        if self._status is Status.IDLE and not (
            self._status_listeners or self._late or self._is_all_derived
        ):
            is_saved = False

            def write() -> None:
                nonlocal is_saved
                is_saved = self._content.set_existing(table_id, row_id, cell_id, cell)

            try:
                self._update(write)
            except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                is_saved = True
                self._ignore(error)
            if is_saved:
                self._saves += 1
                self._has_read = self._has_read or self._auto_load
                return
        super()._on_one_cell(table_id, row_id, cell_id, cell)

    def _get_content(self) -> Content:
        return self._stored.read_tables(), self._stored.read_values()  # type: ignore[return-value]

    def _set_content(self, content: Sequence[Any]) -> None:
        tables, values = self._stored.read_tables(), self._stored.read_values()
        if tables and does_as_told(self._store):
            changes = compare(tables, values, *content, delete=True)
            if changes[0] or changes[1]:
                self._apply_changes(changes)
        else:
            set_encoded_content(self._store, content, owned=True)

    def add_persister_listener(
        self, listener: Callable[[Content | None, Changes | None], None]
    ) -> object:
        """Listen to the document; what its changes touch reaches `listener` as changes."""
        self._listener = listener
        with self._handle.lock:
            self._look_for_hidden()
        return self._handle.add_change_listener(self._on_change)

    def del_persister_listener(self, handle: Any) -> None:
        """Stop listening to the document."""
        self._handle.del_listener(handle)
        self._objects = self._ledger = None

    # Changes of the document

    def _look_for_hidden(self) -> None:
        changes = self._content.doc.get_changes([])
        self._heads = self._content.doc.get_heads()
        if not is_linear(changes):
            ledger = Ledger(self._content.map_key, changes)
            self._keep_ledger(ledger, has_moves=any(map(is_move, changes)))

    def _keep_ledger(self, ledger: Ledger, *, has_moves: bool) -> None:
        if has_moves or ledger.objects.is_contested():
            self._ledger, self._objects = ledger, ledger.objects
        else:
            self._objects = ledger.objects

    def _on_change(self, _handle: AutomergeDocHandle, event: ChangeEvent) -> None:
        """Take the changes over: at once, or as soon as whoever is busy with the Store is done.

        Who calls this may have the lock of another Store, and must not wait here for this one's; or
        be in a transaction of this one, in which nothing can be loaded.
        """
        if event.origin is self:
            return
        if self._store.lock.acquire(blocking=False):
            try:
                if not is_in_transaction(self._store):
                    self._take_changes()
                    return
            finally:
                self._store.lock.release()
        if not self._is_waiting:
            self._is_waiting = True
            threading.Thread(target=self._wait_and_take_changes, daemon=True).start()

    def _wait_and_take_changes(self) -> None:
        with self._store.lock:
            self._is_waiting = False
            if self._auto_load:
                self._take_changes()

    def _take_changes(self) -> None:
        try:
            places = self._hear_document()
            if self._is_all_derived:
                with self._handle.lock:
                    self._is_all_derived = is_all_derived(self._content.doc.get_changes([]))
            self._settle_and_take(places)
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)

    def _hear_document(self) -> Places:
        """Take note of the changes since the last time, and return what they touch."""
        with self._handle.lock:
            doc = self._content.doc
            changes = doc.get_changes(self._heads)
            before, self._heads = self._heads, doc.get_heads()
            if self._objects is None:
                is_large = any(change.max_op - change.start_op > _MOST_OPS for change in changes)
                if is_large and _follow(before, changes):
                    return Places(whole=True)
                self._objects = Objects(self._content.map_key)
                self._objects.walk(doc, before)
            places = Places()
            has_moves = False
            for change in changes:
                ops = list(read_ops(bytes(change.bytes)))
                if self._ledger is not None:
                    self._ledger.take(change, ops)
                else:
                    has_moves = has_moves or is_move(change)
                self._note(ops, places)
            if self._ledger is None and (has_moves or self._objects.is_contested()):
                ledger = Ledger(self._content.map_key, doc.get_changes([]))
                self._keep_ledger(ledger, has_moves=has_moves)
            return places

    def _note(self, ops: list[Op], places: Places) -> None:
        objects = self._objects
        if objects is None:
            return
        made = set()
        for op in ops:
            if op.key is None:
                if op.obj not in made:  # an edit within the text of a cell, or of something else
                    places.whole = True
                continue
            made.add(op.id)
            path = objects.take(op) if self._ledger is None else objects.path_below(op.obj, op.key)
            if path is not None:
                if path:
                    places.add(*path)
                else:
                    places.whole = True
                continue
            path = objects.paths.get(op.obj)
            if path is not None and is_of_cells(path):
                places.add(*path, decode_id(op.key))

    def _take(self, places: Places) -> None:
        if not places or not self._content.is_whole():
            return
        changes = differences(places, self._stored, self._content)
        if changes[0] or changes[1]:
            self._loaded_changes = changes
            self._listener(None, changes)
        self._write_late()

    def _changed_while_loading(self, changes: Changes) -> None:
        if self.is_auto_saving() and changes != self._loaded_changes:
            self._late.add_changes(changes)

    def _write_late(self) -> None:
        for _ in range(_MOST_ROUNDS):
            if not (self._late and self.is_auto_saving()):
                return
            late, self._late = self._late, Places()
            changes = differences(late, self._content, self._stored)
            if changes[0] or changes[1]:
                self.save(changes)

    def _load(self, action: Callable[[Any], object], argument: object) -> None:
        super()._load(action, argument)
        if self._status is Status.IDLE:
            self._write_late()

    # Hidden objects

    def start_auto_load(self, initial_content: InitialContent = None) -> Self:
        """Load now, and again whenever the document changes."""
        with self._store.lock:
            super().start_auto_load(initial_content)
            self.settle()
        return self

    def start_auto_save(self) -> Self:
        """Save now, and again after every transaction of the Store that changes something."""
        with self._store.lock:
            super().start_auto_save()
            self.settle()
        return self

    def settle(self) -> None:
        """Move what hidden tables and rows hold into those that the document shows."""
        with self._store.lock:
            self._settle_and_take(Places())

    def _settle_and_take(self, places: Places) -> None:
        """Settle, and take over what has changed at these places and by settling.

        All at once: what the Store's listeners make of it is compared with the document, and what
        the Store had not heard of yet would look like something that they have deleted.
        """
        for _ in range(_MOST_ROUNDS):
            moved = Places()
            if self._ledger is not None and self.is_auto_saving():
                self._update(partial(self._settle_once, self._ledger, moved))
            places.update(moved)
            self._take(places)
            if not moved:
                return
            places = Places()

    def _settle_once(self, ledger: Ledger, moved: Places) -> None:
        moved.update(self._hear_document())  # what has come since
        visible = ledger.objects.visible
        replaces = visible(()) is None or visible(("t",)) is None is visible(("v",))
        moves = ledger.moves(self._content, everything=replaces)
        for path, key in moves.shown:
            moved.add(*path, decode_id(key))
        for obj, _ in moves.emptied:
            moved.add(*ledger.objects.paths[obj])
        if moves:
            self._move(moves)

    def _move(self, moves: Moves) -> None:
        doc = self._content.doc
        own = doc.get_actor()
        doc.set_actor(self._mover)
        try:
            with doc.transaction() as transaction:
                if not self._content.has_start(transaction):
                    self._content.write_start(transaction)
                # deleted first, since automerge writes nothing where the same is there already,
                # and others have to see what it was that the emptied values gave way to
                for cells in (dict.fromkeys(moves.shown, MISSING), moves.shown):
                    self._content.write_changes(transaction, _changes(cells))
                for obj, key in moves.emptied:
                    obj_id = obj_id_of(obj)
                    if transaction.get(obj_id, key) is not None:
                        transaction.delete(obj_id, key)
        finally:
            doc.set_actor(own)


def _changes(cells: Mapping[Place, Any]) -> Changes:
    changes: Changes = [{}, {}, 1]
    for (path, key), cell in cells.items():
        id_ = decode_id(key)
        if len(path) == 1:
            changes[1][id_] = cell
        else:
            changes[0].setdefault(path[1], {}).setdefault(path[2], {})[id_] = cell
    return changes


def _follow(heads: list[bytes], changes: list[Change]) -> bool:
    """Return whether each of these changes was made by somebody who had all before it."""
    for change in changes:
        if sorted(change.deps) != sorted(heads):
            return False
        heads = [change.hash]
    return True
