"""A replica: a Store and the document that it is kept alike with, of whatever generation.

The document is replaced when the room compacts it, and when somebody else has: then the replica
moves to the newer one. What leaves the replica goes through its outbox, which belongs to the
generation as the document does.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters import Status
from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME
from tinybase_widget.persisters._yjs_reading import is_complete
from tinybase_widget.persisters.yjs import YjsPersister
from tinybase_widget.store._steps import is_in_transaction
from tinybase_widget.sync._beginning import Beginning
from tinybase_widget.sync._carrying import carry
from tinybase_widget.sync._compacting import Archive, docs_between, fresh_doc
from tinybase_widget.sync._frames import FrameKind, write_frame, write_generation
from tinybase_widget.sync._generations import FIRST, Lineage, clocks_of
from tinybase_widget.sync._handing_on import Received
from tinybase_widget.sync._outbox import Outbox, Outgoing
from tinybase_widget.sync._row_ids import RowIds
from tinybase_widget.sync._staging import Staging
from tinybase_widget.sync.undo import Undone, history_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pycrdt import Doc, TransactionEvent

    from tinybase_widget.store import Store
    from tinybase_widget.sync._frames import Frame
    from tinybase_widget.sync._generations import Generation
    from tinybase_widget.sync._link import Link

_MAX_ARCHIVES = 3


class Replica:
    """A Store and its document.

    Args:
        store: The Store; what it holds goes into the document.
        doc: The document.
    """

    def __init__(self, store: Store, doc: Doc[Any]) -> None:
        self._store = store
        self._whole_doc = doc
        self._peer = f"{doc.client_id:08x}"
        self._row_ids = RowIds(doc.client_id)
        self._received: Received | None = None
        self._staging: Staging | None = None
        self._archives: list[Archive] = []
        self._persister = YjsPersister(store, doc)
        self._persister.is_unique_row_id = self._row_ids.is_own
        with store.lock:
            self._observe()
            self._outbox = self._former_outbox = self._new_outbox()
            store.row_id_factory = self._make_row_id
            self._beginning = Beginning(store, self._persister, self._when_begun)

    def _when_begun(self) -> None:
        # Not before: nobody has been told of anything that is to be told of as a change.
        self._persister.add_update_listener(self._on_update)
        history_of(self._store).add_source(self._is_loading)

    @property
    def _doc(self) -> Doc[Any]:
        """The document, with all that is to be in it."""
        if not self._beginning.is_done:
            self._beginning.finish()
        return self._whole_doc

    def prepare(self) -> None:
        """Write the first rows into the document, since somebody will soon ask for them."""
        self._beginning.prepare()

    @property
    def store(self) -> Store:
        """The Store that is shared."""
        return self._store

    @property
    def doc(self) -> Doc[Any]:
        """The Yjs document; another one after a compaction.

        Hold `room.store.lock` while you use it: other threads write too.
        """
        return self._doc

    @property
    def generation(self) -> Generation:
        """Which document it is of those that took each other's place by a compaction."""
        return self._generation

    @property
    def persister(self) -> YjsPersister:
        """What keeps the Store and the document alike; it tells of conflicts."""
        self._beginning.finish()
        return self._persister

    @property
    def peer(self) -> str:
        """What tells this replica from others: its first document's client id, in hexadecimal."""
        return self._peer

    def _end(self) -> None:
        """Part the Store and the document."""
        with self._store.lock:
            self._beginning.finish()
            self._persister.destroy()
            history_of(self._store).remove_source(self._is_loading)
            if self._store.row_id_factory == self._make_row_id:
                self._store.row_id_factory = None
            self._unobserve()
        self._outbox.close()

    def _is_loading(self) -> bool:
        return self._persister.get_status() is Status.LOADING

    def _make_row_id(self, _table_id: str) -> str:
        return self._row_ids.next()

    # Undo

    def undo(self) -> Undone:
        """Undo the Store's last own edit: what this replica changed in one transaction.

        Cells and values that somebody else has changed since stay as they are.

        Returns:
            What was put back and what was not, in words when it is shown; false if there was
            nothing to undo.

        Example:
            >>> from tinybase_widget import Room, Store
            >>> store = Store().set_row("pets", "fido", {"species": "dog", "age": 3})
            >>> room = Room("zoo", store)
            >>> _ = store.del_row("pets", "fido")
            >>> room.undo()
            Undone: 2 cells set back
            >>> store.get_row("pets", "fido")
            {'species': 'dog', 'age': 3}
            >>> room.close()
        """
        return history_of(self._store).undo()

    def redo(self) -> Undone:
        """Redo what was undone last; with the next edit that is no longer possible.

        Returns:
            As for `undo`.
        """
        return history_of(self._store).redo()

    # Frames

    def hello(self) -> bytes:
        """Return the frame that says what this replica has, and asks for the rest."""
        with self._store.lock:
            return self._frame(FrameKind.STEP_1, self._doc.get_state())

    def greeting(self) -> list[bytes]:
        """Return the frames to greet a peer with: the hello, and the generation if that is mute."""
        with self._store.lock:
            named = [] if self._generation != FIRST else [write_generation(FIRST)]
            return [*named, self.hello()]

    def _frame(
        self, kind: FrameKind, payload: bytes, generation: Generation | None = None
    ) -> bytes:
        """Return a frame of this document's generation, or another's."""
        frame = write_frame(kind, payload)
        generation = self._generation if generation is None else generation
        return frame if generation == FIRST else write_generation(generation, frame)

    # What arrives

    def _has_what_it_needs(self, update: bytes) -> bool:
        return is_complete(update, clocks_of(self._doc))

    def _apply(self, link: Link | None, update: bytes, *, is_answer: bool = False) -> None:
        self._beginning.finish()
        before, self._received = self._received, Received(update, link, is_answer)
        try:
            self._persister.apply_update(update, flush=False)
        finally:
            self._received = before
            self._persister.flush()

    def _hear_of(self, generation: Generation, frame: Frame | None) -> Iterator[bytes]:
        """Take a frame of a newer generation: ask for that document, and move when it is there."""
        staging = self._staging
        if staging is None or staging.generation < generation:
            staging = self._staging = Staging(generation, DEFAULT_MAP_NAME)
        elif staging.generation > generation:
            return
        kind = None if frame is None else frame.kind
        if frame is not None and kind in (FrameKind.STEP_2, FrameKind.UPDATE):
            staging.take(frame.payload)
            if kind is FrameKind.STEP_2 and staging.is_whole():
                if not is_in_transaction(self._store):
                    self._move_to(staging.doc)
                return
        if staging.is_to_ask():
            yield self._frame(FrameKind.STEP_1, staging.doc.get_state(), generation)

    # Replacing the document

    def _compact(self) -> None:
        self._persister.flush()
        self._replace_doc(fresh_doc(self._doc, DEFAULT_MAP_NAME))

    def _move_to(self, doc: Doc[Any]) -> None:
        """Take a document of a newer generation, and carry into it what it lacks."""
        self._persister.flush()
        docs = docs_between(self._doc, doc, self._archives, DEFAULT_MAP_NAME)
        carried = carry(docs, doc, DEFAULT_MAP_NAME)
        self._replace_doc(doc)
        if carried is not None:
            self._apply(None, carried)
        self._persister.reread()
        self._persister.flush()

    def _replace_doc(self, doc: Doc[Any]) -> None:
        self._archives.append(Archive.of(self._doc, self._generation))
        del self._archives[:-_MAX_ARCHIVES]
        self._staging = None
        self._unobserve()
        self._whole_doc = doc
        self._persister.move_to(doc)
        self._observe()
        self._persister.add_update_listener(self._on_update)
        self._renew_outbox()

    def _observe(self) -> None:
        self._lineage = Lineage(self._whole_doc, DEFAULT_MAP_NAME)
        self._generation = self._lineage.generation
        self._lineage_subscription = self._lineage.map.observe(self._on_lineage)

    def _unobserve(self) -> None:
        self._persister.del_update_listener(self._on_update)
        self._lineage.map.unobserve(self._lineage_subscription)
        del self._lineage_subscription  # pycrdt complains if it ends on another thread, as garbage

    def _on_lineage(self, _event: object) -> None:
        generation = self._lineage.generation
        if generation != self._generation:  # somebody has loaded a saved document
            self._generation = generation
            self._renew_outbox()

    # What leaves

    def _new_outbox(self) -> Outbox:
        return Outbox(partial(self._send_merged, generation=self._generation))

    def _renew_outbox(self) -> None:
        self._former_outbox.close()
        self._former_outbox, self._outbox = self._outbox, self._new_outbox()

    def flush_outbox(self, timeout_s: float = 10.0) -> bool:
        """Wait until what has changed so far has been sent; return whether it has been, in time."""
        former = self._former_outbox.wait_until_empty(timeout_s)
        return self._outbox.wait_until_empty(timeout_s) and former

    def _on_update(self, event: TransactionEvent) -> None:
        """Take note of a change of the document, which is to be sent."""
        raise NotImplementedError

    def _send_merged(self, outgoing: list[Outgoing], generation: Generation | None = None) -> None:
        """Send what has gathered, from the outbox's thread."""
        raise NotImplementedError
