"""A handle of an Automerge document: what changes it, and who hears of it.

`automerge.core.Document` tells nobody when it changes, and can do one thing at a time. The handle
is the one way in: it takes a lock for each change, and calls its listeners when the lock is free
again, with the document as it then is.

What somebody writes through `handle.document` is noticed with the next change through the handle.

Source: automerge-repo's `DocHandle`, whose names these are.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._automerge_core import (
    Document,
    Message,
    SyncState,
    automerge_panics_as_errors,
    changes_message,
    extract,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from tinybase_widget.persisters._automerge_core import CoreTransaction


class ChangeEvent(NamedTuple):
    """What a change listener is told.

    Attributes:
        before: The document's heads before the change.
        after: Those after it.
        origin: What was given to whatever made the change, or `None`.
    """

    before: list[bytes]
    after: list[bytes]
    origin: object


class AutomergeDocHandle:
    """An Automerge document with listeners.

    Args:
        document: An `automerge.core.Document`; a new one if there is none. Nothing else should
            write to it.

    Attributes:
        url: Its address, if a `Repo` made or found it.

    Example:
        >>> from automerge.core import ROOT, ScalarType
        >>> from tinybase_widget import AutomergeDocHandle
        >>> handle = AutomergeDocHandle()
        >>> _ = handle.add_change_listener(lambda handle, event: print(handle.doc()))
        >>> _ = handle.change(lambda doc: doc.put(ROOT, "open", ScalarType.Boolean, True))
        {'open': True}

    Source: automerge-repo's `DocHandle`.
    """

    def __init__(self, document: Document | None = None) -> None:
        self.document = Document() if document is None else document
        self.lock = threading.RLock()
        self.url: str | None = None
        self._listeners: dict[int, Callable[[AutomergeDocHandle, ChangeEvent], object]] = {}
        self._next_listener_id = 0

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return a handle of a saved document.

        Args:
            data: What `save` gave, or `Automerge.save` in JavaScript.

        Raises:
            ValueError: The bytes are no Automerge document.
        """
        handle = cls()
        handle.document = load_document(data)
        return handle

    def doc(self) -> dict[str, Any]:
        """Return the document's content as Python's own dicts, lists and scalars."""
        with self.lock:
            content: dict[str, Any] = extract(self.document)  # type: ignore[assignment]
            return content

    def heads(self) -> list[bytes]:
        """Return the hashes of the changes that no other change follows: the document's state."""
        with self.lock:
            return sorted(self.document.get_heads())

    def save(self, since: Sequence[bytes] | None = None) -> bytes:
        """Return the document as bytes, which every Automerge can load.

        Args:
            since: Heads: return only the changes that they lack.
        """
        with self.lock:
            if since is None:
                return self.document.save()
            return b"".join(bytes(each.bytes) for each in self.document.get_changes(list(since)))

    # Changing

    def change(self, fn: Callable[[CoreTransaction], object], origin: object = None) -> Self:
        """Change the document in one transaction; an exception takes everything back.

        Args:
            fn: Called with an `automerge.core.Transaction`. It must not touch a Store.
            origin: Told to listeners.
        """

        def run(document: Document) -> None:
            with document.transaction() as transaction:
                fn(transaction)

        return self.update(run, origin)

    def update(self, fn: Callable[[Document], object], origin: object = None) -> Self:
        """Do something to the document, and tell the listeners if that has changed it.

        Args:
            fn: Called with the `automerge.core.Document`.
            origin: Told to listeners.

        Raises:
            DocumentError: automerge gave up.
        """
        with self.lock:
            before = self.document.get_heads()
            try:
                with automerge_panics_as_errors():
                    fn(self.document)
            finally:
                after = self.document.get_heads()
        if after != before:
            self._tell(ChangeEvent(before, after, origin))
        return self

    def merge(self, other: AutomergeDocHandle | Document, origin: object = None) -> Self:
        """Take over all changes of another document.

        Args:
            other: The document, or its handle.
            origin: Told to listeners.

        Example:
            >>> from automerge.core import ROOT, ScalarType
            >>> one, other = AutomergeDocHandle(), AutomergeDocHandle()
            >>> _ = one.change(lambda doc: doc.put(ROOT, "a", ScalarType.Int, 1))
            >>> _ = other.change(lambda doc: doc.put(ROOT, "b", ScalarType.Int, 2))
            >>> one.merge(other).doc()
            {'a': 1, 'b': 2}
        """
        if not isinstance(other, AutomergeDocHandle):
            return self.update(lambda own: own.merge(other), origin)
        heads = self.heads()
        with other.lock:
            changes = [each.bytes for each in other.document.get_changes(heads)]
        return self.apply_changes(changes, origin)

    def apply_changes(self, changes: Sequence[bytes], origin: object = None) -> Self:
        """Take over changes; those whose predecessors are missing wait for them.

        Args:
            changes: Their bytes.
            origin: Told to listeners.

        Raises:
            ValueError: One of them is no change.
        """
        message = changes_message(changes)

        def apply(document: Document) -> None:
            try:
                document.receive_sync_message(SyncState(), message)
            except Exception as error:
                raise ValueError(
                    f"these are no changes of an Automerge document: {error}"
                ) from error

        return self.update(apply, origin)

    # Synchronizing

    def generate_sync_message(self, state: SyncState) -> bytes | None:
        """Return the next sync message for a peer; `None` when there is nothing to say.

        Args:
            state: What is known of the peer: one `automerge.core.SyncState` for each.
        """
        with self.lock, automerge_panics_as_errors():
            message = self.document.generate_sync_message(state)
        return message.encode() if message else None  # type: ignore[truthy-bool]

    def receive_sync_message(self, state: SyncState, data: bytes, origin: object = None) -> Self:
        """Take over what a peer's sync message brings.

        Args:
            state: What is known of the peer.
            data: The message.
            origin: Told to listeners.

        Raises:
            ValueError: The bytes are no sync message.
        """

        def receive(document: Document) -> None:
            try:
                document.receive_sync_message(state, Message.decode(data))
            except Exception as error:
                raise ValueError(f"{len(data)} bytes are no sync message: {error}") from error

        return self.update(receive, origin)

    # Listeners

    def add_change_listener(
        self, listener: Callable[[AutomergeDocHandle, ChangeEvent], object]
    ) -> int:
        """Call `listener(handle, event)` after each change.

        Returns:
            An id for `del_listener`.
        """
        self._next_listener_id += 1
        self._listeners[self._next_listener_id] = listener
        return self._next_listener_id

    def del_listener(self, listener_id: int) -> Self:
        """Forget a change listener."""
        self._listeners.pop(listener_id, None)
        return self

    def _tell(self, event: ChangeEvent) -> None:
        for listener in list(self._listeners.values()):
            listener(self, event)


def load_document(data: bytes) -> Document:
    """Return a document, or say what was given instead of one."""
    try:
        with automerge_panics_as_errors():
            return Document.load(data)
    except Exception as error:
        raise ValueError(f"{len(data)} bytes are no Automerge document: {error}") from error
