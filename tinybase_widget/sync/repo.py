"""A repo: Automerge documents by their addresses, stored in a folder and shared through servers.

It knows documents and moves their bytes; of Stores it knows nothing (an `AutomergePersister` binds
one to a document's handle). Two kinds of threads do the work, and nothing waits for them: for each
server one that receives, and for all one that stores and sends what has changed, at once after a
pause and some fifty times a second in a burst.

Each connection begins with knowing nothing of the other side, so what was lost with the last one is
found missing and sent again.

Source: automerge-repo's `Repo`; presence (its ephemeral messages) is not here yet.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._automerge_core import SyncState
from tinybase_widget.persisters._automerge_handle import AutomergeDocHandle
from tinybase_widget.sync._automerge_socket import Socket
from tinybase_widget.sync._automerge_storage import FolderStorage
from tinybase_widget.sync._automerge_urls import document_id_of, new_document_id, url_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from tinybase_widget.persisters._automerge_core import Document
    from tinybase_widget.persisters._automerge_handle import ChangeEvent

_log = logging.getLogger(__name__)

_PAUSE = 0.02  # seconds
_MOST_MESSAGES = 100  # that one look at a document may give


class Repo:
    """Automerge documents, stored and shared.

    Args:
        storage: A folder for them, in the layout of automerge-repo's NodeFSStorageAdapter. Without
            one they are lost with this process.
        network: Addresses of automerge-repo sync servers, such as "ws://localhost:3030".

    Example:
        >>> from tinybase_widget import AutomergePersister, Repo, Store
        >>> with Repo() as repo:
        ...     handle = repo.create()
        ...     store = Store().set_value("open", True)
        ...     _ = AutomergePersister(store, handle).start_auto_persisting(None, True)
        ...     repo.find(handle.url).doc()
        {'tinybase': {'t': {}, 'v': {'open': True}}}

    Source: automerge-repo's `Repo`.
    """

    def __init__(
        self,
        storage: str | os.PathLike[str] | None = None,
        network: str | Iterable[str] = (),
    ) -> None:
        self.peer_id = f"python-{os.urandom(8).hex()}"
        self._storage = None if storage is None else FolderStorage(Path(storage))
        self._handles: dict[str, AutomergeDocHandle] = {}
        self._states: dict[Socket, dict[str, SyncState]] = {}
        self._lock = threading.RLock()
        self._changed: set[str] = set()
        self._sending = threading.Lock()
        self._wake = threading.Event()
        self._is_closed = False
        urls = [network] if isinstance(network, str) else list(network)
        self._sockets = [
            Socket(url, self.peer_id, self._on_open, self._on_message, self._on_close)
            for url in urls
        ]
        self._thread = threading.Thread(target=self._run, name="automerge repo", daemon=True)
        self._thread.start()
        for socket in self._sockets:
            socket.start()
        atexit.register(self.close)

    # Documents

    def create(self, document: Document | None = None) -> AutomergeDocHandle:
        """Return the handle of a new document; its address is `handle.url`.

        Args:
            document: An `automerge.core.Document` to begin with.
        """
        return self._add(new_document_id(), AutomergeDocHandle(document))

    def find(self, url: str, wait: float = 0) -> AutomergeDocHandle:
        """Return the handle of a document, from this repo, its folder, or the network.

        Nothing waits for a peer: a document that is not here yet is empty, and filled when it
        comes.

        Args:
            url: The document's address.
            wait: Seconds to wait at most for a document that is not here yet.

        Raises:
            ValueError: It is no address of a document.
        """
        document_id = document_id_of(url)
        with self._lock:
            handle = self._handles.get(document_id)
            if handle is None:
                stored = None if self._storage is None else self._storage.load(document_id)
                handle = self._add(document_id, stored or AutomergeDocHandle())
        if wait > 0 and not handle.heads():
            arrived = threading.Event()
            listener_id = handle.add_change_listener(lambda *_: arrived.set())
            if not handle.heads():
                arrived.wait(wait)
            handle.del_listener(listener_id)
        return handle

    def delete(self, url: str) -> Self:
        """Forget a document, here and in the folder; peers keep theirs."""
        document_id = document_id_of(url)
        with self._sending, self._lock:
            handle = self._handles.pop(document_id, None)
            if handle is not None:
                handle.url = None
            self._changed.discard(document_id)
            for states in self._states.values():
                states.pop(document_id, None)
            if self._storage is not None:
                self._storage.delete(document_id)
        return self

    def get_urls(self) -> list[str]:
        """Return the addresses of the documents that were created or found."""
        with self._lock:
            return [url_of(document_id) for document_id in self._handles]

    def get_peers(self) -> list[str]:
        """Return the ids of the servers that this repo is connected to."""
        return [each.server_id for each in self._sockets if each.server_id is not None]

    def _add(self, document_id: str, handle: AutomergeDocHandle) -> AutomergeDocHandle:
        if self._is_closed:
            raise RuntimeError("this repo is closed: make another one")

        def on_change(_handle: AutomergeDocHandle, _event: ChangeEvent) -> None:
            self._note(document_id)

        handle.url = url_of(document_id)
        handle.add_change_listener(on_change)
        with self._lock:
            self._handles[document_id] = handle
        self._note(document_id)
        return handle

    # Storing and sending

    def _note(self, document_id: str) -> None:
        with self._lock:
            if document_id in self._handles:
                self._changed.add(document_id)
        self._wake.set()

    def flush(self) -> Self:
        """Store and send now what has changed.

        Raises:
            OSError: Something could not be stored; it will be tried again.
        """
        with self._sending:
            with self._lock:
                changed, self._changed = self._changed, set()
                handles = {each: self._handles[each] for each in changed if each in self._handles}
            failure: OSError | None = None
            for document_id, handle in handles.items():
                try:
                    self._store(document_id, handle)
                except OSError as error:
                    failure = error
                    with self._lock:
                        self._changed.add(document_id)
                for socket in list(self._states):
                    self._send(socket, document_id, handle)
            if failure is not None:
                raise failure
        return self

    def _store(self, document_id: str, handle: AutomergeDocHandle) -> None:
        if self._storage is not None:
            self._storage.save(document_id, handle)

    def _send(self, socket: Socket, document_id: str, handle: AutomergeDocHandle) -> None:
        with self._lock:
            states = self._states.get(socket)
            if states is None:
                return
            is_first = document_id not in states
            state = states.setdefault(document_id, SyncState())
        for _ in range(_MOST_MESSAGES):
            data = handle.generate_sync_message(state)
            if data is None:
                return
            kind = "request" if is_first and not handle.heads() else "sync"
            if not socket.send({"type": kind, "documentId": document_id, "data": data}):
                return
            is_first = False

    def _run(self) -> None:
        while self._wake.wait() and not self._is_closed:
            self._wake.clear()
            try:
                self.flush()
            except Exception:  # noqa: BLE001 - whatever it was, the next change may fare better
                _log.warning("a repo could not store its documents, and tries again", exc_info=True)
                self._wake.set()
                time.sleep(1)
            time.sleep(_PAUSE)

    # What comes from servers

    def _on_open(self, socket: Socket) -> None:
        with self._lock:
            self._states[socket] = {}
            self._changed.update(self._handles)
        self._wake.set()

    def _on_close(self, socket: Socket) -> None:
        with self._lock:
            self._states.pop(socket, None)

    def _on_message(self, socket: Socket, message: Mapping[str, Any]) -> None:
        document_id, data = message.get("documentId"), message.get("data")
        if message.get("type") not in {"sync", "request"} or not isinstance(data, bytes):
            return  # presence, what others have, and what is not there: nothing to do about it
        with self._lock:
            handle = self._handles.get(str(document_id))
            states = self._states.get(socket)
            if handle is None or states is None:
                state = None
            else:
                state = states.setdefault(str(document_id), SyncState())
        if handle is None or state is None:
            if message["type"] == "request":
                socket.send({"type": "doc-unavailable", "documentId": str(document_id)})
            return
        try:
            handle.receive_sync_message(state, data, origin=self)
        except Exception as error:  # noqa: BLE001 - a listener's, or a peer that sends nonsense
            _log.warning("%s, document %s: %s", socket.url, document_id, error, exc_info=error)
        self._note(str(document_id))

    # The end

    def close(self) -> None:
        """Store what has changed, and disconnect; handles stay usable, alone."""
        if self._is_closed:
            return
        try:
            self.flush()
        except OSError:
            _log.warning("a repo could not store its documents", exc_info=True)
        self._is_closed = True
        self._wake.set()
        for socket in self._sockets:
            socket.close()
        if self._thread is not threading.current_thread():
            self._thread.join()
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
