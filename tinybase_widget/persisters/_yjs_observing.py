"""One observer of a document for all who want to hear of its transactions.

For each observer of a document pycrdt makes an event, with the transaction's bytes, for each
transaction: that is a microsecond and more, and the more the more client ids the document has. A
persister has to observe its document, and so has whatever sends its changes; so they share one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._yjs_calls import chosen_calls
from tinybase_widget.persisters._yjs_reporting import ConflictReporting

if TYPE_CHECKING:
    from collections.abc import Callable

    from pycrdt import Doc, Subscription, TransactionEvent
    from typing_extensions import Self

    from tinybase_widget.persisters._persister import IgnoredErrorHandler
    from tinybase_widget.persisters._yjs_calls import Calls
    from tinybase_widget.store import Store

    Listener = Callable[[TransactionEvent], None]


class DocumentObserver:
    """Observes a document while there is somebody who listens.

    Args:
        doc: The document.
        calls: How it is observed.
    """

    def __init__(self, doc: Doc[Any], calls: Calls) -> None:
        self._doc = doc
        self._calls = calls
        self._listeners: tuple[Listener, ...] = ()
        self._subscription: Subscription | None = None

    def add(self, listener: Listener) -> None:
        """Call a listener with the event of each transaction, in the order of their adding."""
        self._listeners += (listener,)
        if self._subscription is None:
            self._subscription = self._calls.observe_document(self._doc, self._hear)

    def remove(self, listener: Listener) -> None:
        """Forget a listener, if it is there. Not while listeners run."""
        self._listeners = tuple(each for each in self._listeners if each != listener)
        if not self._listeners and self._subscription is not None:
            self._doc.unobserve(self._subscription)
            self._subscription = None

    def clear(self) -> None:
        """Forget all listeners."""
        for listener in self._listeners:
            self.remove(listener)

    def move_to(self, doc: Doc[Any]) -> None:
        """Observe another document from now on, for the same listeners."""
        listeners = self._listeners
        self.clear()
        self._doc = doc
        for listener in listeners:
            self.add(listener)

    def _hear(self, event: TransactionEvent) -> None:
        failed: Exception | None = None
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001, PERF203 - the others are to hear of it too
                failed = failed or error
        if failed is not None:
            raise failed


class Observed(ConflictReporting):
    """The part of a Yjs persister that observes its document, also for others.

    Args:
        store: The Store.
        doc: The document.
        on_ignored_error: See `Persister`.
    """

    def __init__(
        self, store: Store, doc: Doc[Any], on_ignored_error: IgnoredErrorHandler | None
    ) -> None:
        super().__init__(store, on_ignored_error)
        self._observer = DocumentObserver(doc, chosen_calls())

    def add_update_listener(self, listener: Callable[[TransactionEvent], None]) -> Self:
        """Call `listener` with the event of each transaction of the document, whoever made it.

        What sends the document's changes elsewhere is best added here: it shares the one observer
        that the persister has already, and each observer of a document costs all that is written.

        Args:
            listener: A function of the event, whose `update` has the bytes; it must not write.

        Example:
            >>> from tinybase_widget import Store, YjsPersister, create_doc
            >>> here = YjsPersister(Store(), create_doc()).start_auto_persisting()
            >>> there = YjsPersister(Store(), create_doc()).start_auto_persisting()
            >>> here = here.add_update_listener(lambda event: there.apply_update(event.update))
            >>> store = here.get_store().set_cell("pets", "fido", "age", 3)
            >>> there.get_store().get_cell("pets", "fido", "age")
            3
        """
        with self._store.lock:
            self._observer.add(listener)
        return self

    def del_update_listener(self, listener: Callable[[TransactionEvent], None]) -> Self:
        """Forget a listener of `add_update_listener`."""
        with self._store.lock:
            self._observer.remove(listener)
        return self

    def destroy(self) -> Self:
        """Stop everything, also what `add_update_listener` began."""
        with self._store.lock:
            super().destroy()
            self._observer.clear()
        return self
