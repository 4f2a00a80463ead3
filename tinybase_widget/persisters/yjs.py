"""The Yjs persister: a Store's content in a pycrdt document, in TinyBase's layout.

**Saving** happens once for each transaction of the Store, at its end, in one transaction of the
document: what the Store says has changed is written cell by cell (`_yjs_content` has the rules). A
save without known changes compares the two and writes the differences; it deletes only what this
persister has seen in the document before, so that a Store that never loaded wipes nothing.

**Loading** is by events. An event says which keys were touched; those are read again from the
document, compared with the Store, and the differences applied in one transaction of the Store.
Nothing is written in answer to an event, with two exceptions, both of which wait for the end of the
document's transaction because pycrdt can't write inside an observer (`flush`):

- *Repair*: an event that replaced a container may have dropped cells that the Store has. Where the
  author of the new one knew the old one, it was made again on purpose, and the Store follows. Where
  not, it was a race: the cells that the document lacks are written back. Of a row that was made
  twice they are carried instead (`_yjs_races`), where the update came through `apply_update`.
- *Late changes*: what listeners of the Store changed while it loaded.
- *Conflicts*: where two edits of a cell met that did not know of each other (`_yjs_conflicts`).

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

from tinybase_widget._exceptions import DocumentError
from tinybase_widget.persisters._compare import Places, compare, differences, same
from tinybase_widget.persisters._panics import as_error, panics_as_errors
from tinybase_widget.persisters._persister import Status
from tinybase_widget.persisters._yjs_causality import UNKNOWN, Heard, raced_containers
from tinybase_widget.persisters._yjs_conflicts import Conflicts
from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME
from tinybase_widget.persisters._yjs_content import Touched, YjsContent, only_cell
from tinybase_widget.persisters._yjs_hearing import Hearing
from tinybase_widget.persisters._yjs_items import Items
from tinybase_widget.persisters._yjs_race_watch import Race
from tinybase_widget.persisters._yjs_whole import WholeContent
from tinybase_widget.store import MISSING
from tinybase_widget.store._encoded import set_encoded_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pycrdt import TransactionEvent
    from pycrdt._base import BaseEvent
    from typing_extensions import Self

    from tinybase_widget.persisters._persister import IgnoredErrorHandler
    from tinybase_widget.persisters._yjs_items import Path
    from tinybase_widget.store import Changes, Content, Store
    from tinybase_widget.store._types import RawCell

_ROW_DEPTH = 3
_MAX_CARRIED_HEARD = 100_000  # bytes in which edits that met are looked for


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


class YjsPersister(WholeContent):
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

    _is_document = True

    def __init__(
        self,
        store: Store,
        doc: Doc[Any],
        map_name: str = DEFAULT_MAP_NAME,
        on_ignored_error: IgnoredErrorHandler | None = None,
    ) -> None:
        super().__init__(store, doc, map_name, on_ignored_error)
        self._writing = False
        self._let_in = Touched()
        self._unread = Touched()
        self._hearing = Hearing()
        self._replaced = Places()
        self._raced: list[Heard] = []
        self._races = self._content.watch_races()
        self._to_carry: list[Race] = []
        # What is just being carried, as it was made: the event also deletes what only lost here.
        self.carrying: bytes | None = None
        self._late = Places()
        self._flush_due = False
        self._is_waiting = False

    def move_to(self, doc: Doc[Any]) -> None:
        """Keep the Store and another document alike from now on.

        Nothing is loaded or saved: either the other document has the Store's content already, or
        `reread` is called next.
        """
        with self._store.lock:
            if self._auto_load:
                self.del_persister_listener(self._place_handle)
            self._doc = doc
            self._observer.move_to(doc)
            self._content = YjsContent(doc, self._map_name, self._is_unique)
            self._races, self._to_carry = self._content.watch_races(), []
            self._has_read = True
            self._let_in, self._unread = Touched(), Touched()
            self._replaced, self._late = Places(), Places()
            self._raced = []
            self._is_waiting = False
            if self._auto_load:
                self._place_handle = self.add_persister_listener(self._on_place_changed)

    # Saving

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
                if self._conflicts is not None:
                    self._conflicts.editing(changes)
                content.write_changes(changes)
        finally:
            self._writing = False
        self._has_read = self._has_read or self.is_auto_loading()
        if content.has_derived:
            let_in, self._let_in = self._let_in, Touched()
            if self.is_auto_loading() and content.has_let_in():
                self._unread.update(let_in)
                self._call_flush_soon()

    @property
    def is_writing(self) -> bool:
        """Whether the document's change under way is one of the Store's."""
        return self._writing

    def _on_one_cell(self, table_id: str, row_id: str, cell_id: str, cell: RawCell) -> None:
        """Do for one existing cell, which is most of all saves, what `save` does, in less time."""
        if self._status is Status.LOADING:
            return
        is_usual = self._status is Status.IDLE and not (self._status_listeners or self._is_waiting)
        conflicts = self._conflicts
        if is_usual and (
            conflicts is None or conflicts.is_edited_freely(("t", table_id, row_id, cell_id))
        ):
            self._writing = True
            content = self._content
            content.begin()
            try:
                is_saved = content.set_existing(table_id, row_id, cell_id, cell)
            except BaseException as error:  # noqa: BLE001 - the contract: errors go to the handler
                is_saved = True
                self._ignore(as_error(error))
            finally:
                self._writing = False
            if is_saved:
                self._saves += 1
                self._has_read = self._has_read or self._auto_load
                return
        super()._on_one_cell(table_id, row_id, cell_id, cell)

    # Loading

    def add_persister_listener(
        self, listener: Callable[[Content | None, Changes | None], None]
    ) -> object:
        """Listen to the document; what its events touch reaches `listener` as changes."""
        self._listener = listener
        self._takes_itself = listener == self._on_place_changed
        self._conflicts = Conflicts(
            self._doc, self._map_name, self._visible, self._has_cell, self._call_flush_soon
        )
        self._observer.add(self._on_document)
        return self._content.observe(self._on_events, self._is_deaf)

    def del_persister_listener(self, handle: Any) -> None:
        """Stop listening to the document."""
        self._content.root.unobserve(handle)
        self._observer.remove(self._on_document)
        if self._conflicts is not None:
            self._conflicts.stop()
            self._conflicts = None

    def apply_update(self, update: bytes, *, flush: bool = True) -> Self:
        """Take over an update of another replica, with all that follows from it.

        The document's own `apply_update` does nearly the same. This one also does at once what has
        to wait for the end of the document's transaction, and it sees the values of edits that lost
        at once, which the document does not keep.

        Args:
            update: The update.
            flush: Whether to do at once what has to wait; otherwise call `flush` when it suits.

        Raises:
            DocumentError: The document failed; what it could take over it has.
        """
        with self._store.lock:
            raced = self._races.race(update) if self._auto_load else None
            if raced is not None:
                self._write_waiting()
                self._to_carry.append(Race(self._doc.get_update(), raced))
                self._is_waiting = True
            self._hearing.raw = update
            try:
                self._content.apply_update(update)
            except BaseException as raised:
                error = as_error(raised)
                if isinstance(error, DocumentError):
                    self.reread()  # what was integrated stays in the document
                if error is raised:
                    raise
                raise error from raised
            finally:
                self._hearing.raw = None
            if flush:
                self.flush()
        return self

    # Events

    def _is_deaf(self) -> bool:
        return self._writing and not self._content.has_derived

    def _on_events(self, events: Sequence[BaseEvent]) -> None:
        with self._store.lock:
            if not self._writing:
                self._hearing.note(events)
                cell = only_cell(events)
                if cell is not None:
                    self._take_cell(*cell)
                    return
            touched = self._let_in if self._writing else Touched()
            for event in events:
                touched.add(event)
            if not self._writing:
                self._take(touched)

    def _on_document(self, event: TransactionEvent) -> None:
        if self._writing:
            return
        with self._store.lock:
            if self._conflicts is None:
                return
            if self.carrying is not None and len(self.carrying) > _MAX_CARRIED_HEARD:
                self._hearing.forget()
                self._conflicts.overlook()
                return
            is_calm = not self._is_waiting and self._conflicts.knows_of_none()
            if is_calm and self._hearing.is_following_edit(event):
                return
            try:
                heard, deleted_cells = self._hearing.finish(event)
                if heard is not None and self._replaced:
                    self._raced.append(heard)
                if heard is None:
                    self._conflicts.overlook()
                elif self._conflicts.hear(heard, deleted_cells):
                    self._call_flush_soon()
            except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                self._ignore(error)

    def _take_cell(self, table_id: str, row_id: str, cell_id: str, cell: Any) -> None:
        """Do what `_take` does for a cell that was given or deleted, and that is all."""
        if same(cell, self._stored.read_cell(table_id, row_id, cell_id)):
            return
        is_taken = False
        if self._takes_itself and self._status is Status.IDLE and not self._status_listeners:
            self._status = Status.LOADING
            try:
                is_taken = set_encoded_cell(self._store, table_id, row_id, cell_id, cell)
            except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                is_taken = True
                self._ignore(error)
            finally:
                self._status = Status.IDLE
        if is_taken:
            self._loads += 1
        else:
            self._listener(None, [{table_id: {row_id: {cell_id: cell}}}, {}, 1])

    def _take(self, touched: Touched) -> None:
        if touched.places.whole and not self._content.is_whole():
            self._replaced.update(touched.replaced)  # something else will come in its place
            self._is_waiting = True
            return
        try:
            changes = differences(
                touched.places, self._stored, self._content, keep=touched.replaced
            )
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)
            return
        if changes[0] or changes[1]:
            self._listener(None, changes)
        if touched.replaced:
            self._replaced.update(touched.replaced)
            self._call_flush_soon()

    def reread(self) -> None:
        """Compare the whole document with the Store, and take what differs into the Store."""
        with self._store.lock:
            if self.is_auto_loading():
                self._take(Touched(Places(whole=True)))

    # What waits for the end of the document's transaction

    def _changed_while_loading(self, changes: Changes) -> None:
        if self.is_auto_saving() and changes != self._taken:
            self._late.add_changes(changes)
            self._late.add_changes(self._taken)  # a listener may have undone some of it
            self._call_flush_soon()

    def _call_flush_soon(self) -> None:
        self._is_waiting = True
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
            if self._is_waiting:
                self._take_unread()  # first: what is not read yet would look deleted
                self._write_waiting()
                if self._unread.places:
                    self._take_unread()
                    self._write_waiting()
            self._settle_conflicts()

    def _take_unread(self) -> None:
        unread, self._unread = self._unread, Touched()
        if unread.places and self.is_auto_loading():
            self._take(unread)

    def _write_waiting(self) -> None:
        carried_rows = self._carry()
        while (self._late or self._replaced) and self._content.is_whole():
            late, self._late = self._late, Places()
            replaced, self._replaced = self._replaced, Places()
            raced, self._raced = self._raced, []
            try:
                repairs, followed = replaced.split(self._raced_paths(replaced, raced))
                for row in carried_rows & repairs.rows:
                    repairs.rows.discard(row)
                    followed.rows.add(row)
                if followed:
                    self._take(Touched(followed))
                if not self.is_auto_saving():
                    continue
                for changes in (
                    differences(late, self._content, self._stored),
                    differences(repairs, self._content, self._stored, keep=repairs),
                ):
                    if changes[0] or changes[1]:
                        self.save(changes)
            except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
                self._ignore(error)
        self._is_waiting = bool(self._late or self._replaced or self._unread.places)

    def _carry(self) -> set[tuple[str, str]]:
        """Carry what lost a race of rows; return the rows."""
        rows: set[tuple[str, str]] = set()
        while self._to_carry:
            try:
                carried = self._races.carry(self._to_carry.pop(0))
                if carried.update is not None:
                    self._hearing.raw = self.carrying = carried.update
                    self._content.apply_update(carried.update)
                rows |= carried.rows
            except Exception as error:  # noqa: BLE001, PERF203 - the contract: errors go to the handler
                self._ignore(error)
            finally:
                self._hearing.raw = self.carrying = None
        return rows

    def _raced_paths(self, replaced: Places, raced: list[Heard]) -> set[Path] | None:
        """Return where containers were lost in a race; `None`: perhaps everywhere."""
        if not raced or replaced.whole:
            return None
        keys = {*replaced.tables, *(row_id for _, row_id in replaced.rows)}
        found: set[Path] = set()
        for heard in raced:
            items = Items(self._doc, self._map_name, heard.runs)
            found |= raced_containers(heard, items, keys)
        return found

    # Conflicts

    def dismiss_conflict(self, key: str) -> Self:
        """Settle a conflict for everybody, with the cell as it is.

        Args:
            key: The conflict's key. One that is not open, or not known, changes nothing.
        """
        with self._store.lock:
            conflicts = self._conflicts
            if conflicts is not None and any(each.key == key for each in conflicts.open()):
                with panics_as_errors(), self._doc.transaction():
                    conflicts.dismiss(key)
        return self

    def _settle_conflicts(self) -> None:
        conflicts = self._conflicts
        if conflicts is None or conflicts.is_settled():
            return
        try:
            while conflicts.look():
                with panics_as_errors(), self._doc.transaction():
                    conflicts.settle()
        except Exception as error:  # noqa: BLE001 - the contract: errors go to the handler
            self._ignore(error)
        self._tell_of_conflicts()

    def _visible(self, path: Path) -> Any:
        """Return what the Store has at a path below the document's root: a cell, value or row."""
        if path[0] == "v":
            found = self._stored.read_value(path[1])
        elif len(path) == _ROW_DEPTH:
            return self._stored.read_row(path[1], path[2])
        else:
            found = self._stored.read_cell(path[1], path[2], path[3])
        return UNKNOWN if found is MISSING else found

    def _has_cell(self, path: Path) -> bool:
        """Return whether the document has a cell at a path below its root."""
        return self._content.read_cell(path[1], path[2], path[3]) is not MISSING
