"""What a room's Store holds at first goes into the document when somebody needs it, part by part.

To write a million cells into a document takes a second and more. Nobody needs them there before
somebody asks for the document, says hello over a link, or changes the Store: whoever does lets the
rest be written first. So the document is, to everybody who looks, as if all had been written when
the room was made. A page that has nothing yet is given each part as soon as it is written, the
first rows first, so that it can show these while the kernel goes on.

Only a large Store is written so, outside of a transaction, into a document that is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybase_widget.store._encoded import EncodedReader
from tinybase_widget.store._steps import is_in_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tinybase_widget.persisters._yjs_content import FirstPart
    from tinybase_widget.persisters.yjs import YjsPersister
    from tinybase_widget.store import Store

LARGE = 50_000  # cells


class Beginning:
    """Starts a persister by a save in parts, each when it is needed.

    Args:
        store: The Store, which is locked by whoever makes this.
        persister: The persister, which was not started yet.
        when_begun: Called under the Store's lock when it is started.
    """

    def __init__(
        self, store: Store, persister: YjsPersister, when_begun: Callable[[], object]
    ) -> None:
        self._store = store
        self._persister = persister
        self._when_begun = when_begun
        self._steps: Iterator[FirstPart] | None = None
        self._made: list[FirstPart] = []
        self._takers = 0
        self.is_done = False
        self._listener_id: str | None = None
        if is_large(store) and not is_in_transaction(store) and persister.will_be_all_there_is():
            self._steps = persister.start_in_parts()
            self._listener_id = store.add_start_transaction_listener(self._on_transaction)
        else:
            self.finish()

    def prepare(self) -> None:
        """Write the first part, if nothing is written yet."""
        with self._store.lock:
            if not self._made:
                self._step()

    def finish(self) -> None:
        """Write what is not written yet."""
        with self._store.lock:
            while self._step():
                if self._takers == 0:
                    self._made.clear()  # it takes as much room as the document

    def parts(self) -> Iterator[FirstPart]:
        """Write what is not written yet, and yield all parts; none, if nothing is left to write."""
        with self._store.lock:
            if self.is_done:
                return
            self._takers += 1
        at = 0
        try:
            while True:
                with self._store.lock:
                    if at == len(self._made) and not self._step():
                        return
                    part = self._made[at]
                at += 1
                yield part
        finally:
            with self._store.lock:
                self._takers -= 1
                self._forget()

    def _step(self) -> bool:
        """Write one part; return whether that was one, and not the end."""
        if self.is_done:
            return False
        if self._steps is not None:
            try:
                part = next(self._steps, None)
            except Exception:  # noqa: BLE001 - what is missing is written, or fails again, below
                self._steps = None
            except BaseException:
                self._steps = None  # an interrupt
                raise
            else:
                if part is not None:
                    self._made.append(part)
                    return True
        self._end()
        return False

    def _end(self) -> None:
        self.is_done = True
        self._forget()
        if self._listener_id is not None:
            self._store.del_listener(self._listener_id)
        if not (self._persister.is_auto_saving() and self._persister.is_auto_loading()):
            self._persister.start_auto_persisting(start_save_first=True)
        self._when_begun()

    def _forget(self) -> None:
        if self.is_done and self._takers == 0:
            self._made.clear()

    def _on_transaction(self, _store: Store) -> None:
        self.finish()


def is_large(store: Store) -> bool:
    """Return whether a Store has so many cells that it takes a while to write them."""
    tables = EncodedReader(store).read_tables()
    return sum(sum(map(len, rows.values())) for rows in tables.values()) >= LARGE
