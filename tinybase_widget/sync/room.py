"""A room: a Store that is shared under a name.

A room binds its Store to a document of its own (`YjsPersister`) and carries the document's changes
over any number of links. Joining is a union: what the Store has when the room is made goes into the
document, and whatever a peer has is added to both; nobody's content is replaced. Nothing ever waits
for a peer.

Between two rooms the y-protocols do the work: on a hello each says what it has (step 1) and is
given what it lacks (step 2); after that each change is sent as it happens, to every link but the
one it came from. All of it may be lost, repeated or late: states are compared again on every hello,
and hellos are repeated. An update whose predecessors have not arrived is not applied but answered
with a hello.

Updates go out through `_outbox` from a background thread, without the Store's lock, so that neither
a long transaction nor a slow link holds the other up.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tinybase_widget._exceptions import DocumentError, FrameError
from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.persisters._yjs_reading import is_complete
from tinybase_widget.persisters._yjs_wire import read_state_vector
from tinybase_widget.persisters.yjs import YjsPersister, create_doc
from tinybase_widget.sync._frames import FrameKind, read_frame, write_frame
from tinybase_widget.sync._outbox import Outbox, Outgoing, merge
from tinybase_widget.sync._row_ids import RowIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pycrdt import Doc, TransactionEvent

    from tinybase_widget.store import Store
    from tinybase_widget.sync._link import Link

_log = logging.getLogger(__name__)


class Room:
    """A Store that is shared under a name.

    Two rooms of the same name on one page, in two tabs of one browser or on one server hold the
    same data. Usually `TableView(store, "pets", room="zoo")` makes it.

    Args:
        name: The name, not empty.
        store: The Store; what it holds already is shared too.

    Raises:
        TypeError: The name is not a string.
        ValueError: The name is empty.

    Example:
        >>> from tinybase_widget import Room, Store
        >>> store = Store().set_table("pets", {"fido": {"species": "dog"}})
        >>> room = Room("zoo", store)
        >>> row_id = store.add_row("pets", {"species": "cat"})  # an id that nobody else makes
        >>> room.close()
    """

    def __init__(self, name: str, store: Store) -> None:
        check_name(name)
        self._name = name
        self._store = store
        self._doc: Doc[Any] = create_doc()
        self._row_ids = RowIds(self._doc.client_id)
        self._links: list[Link] = []
        self._receiving_from: Link | None = None
        self._outbox = Outbox(self._send_merged)
        self._persister = YjsPersister(store, self._doc)
        self._persister.is_unique_row_id = self._row_ids.is_own
        with store.lock:
            self._subscription = self._doc.observe(self._on_update)
            self._persister.start_auto_persisting(start_save_first=True)
            store.row_id_factory = self._make_row_id

    @property
    def name(self) -> str:
        """The room's name."""
        return self._name

    @property
    def store(self) -> Store:
        """The Store that is shared."""
        return self._store

    @property
    def doc(self) -> Doc[Any]:
        """The Yjs document. Hold `room.store.lock` while you use it: other threads write too."""
        return self._doc

    @property
    def peer(self) -> str:
        """What tells this replica from others: its document's client id, in hexadecimal."""
        return f"{self._doc.client_id:08x}"

    def __repr__(self) -> str:
        """Return the room's name and links."""
        links = ", ".join(link.name for link in self._links if link.is_open())
        return f"<tinybase_widget.Room {self._name!r}, {f'open: {links}' if links else 'alone'}>"

    def close(self) -> None:
        """Leave: the Store keeps its content and is no longer shared."""
        with self._store.lock:
            self._persister.destroy()
            if self._store.row_id_factory == self._make_row_id:
                self._store.row_id_factory = None
            self._doc.unobserve(self._subscription)
            self._links.clear()
        self._outbox.close()
        rooms_of_store(self._store).pop(self._name, None)

    def _make_row_id(self, _table_id: str) -> str:
        return self._row_ids.next()

    # Links

    def add_link(self, link: Link) -> None:
        """Send what changes over this link too, from now on."""
        with self._store.lock:
            if link not in self._links:
                self._links.append(link)

    def remove_link(self, link: Link) -> None:
        """Forget a link."""
        with self._store.lock:
            if link in self._links:
                self._links.remove(link)

    def hello(self) -> bytes:
        """Return the frame that says what this replica has, and asks for the rest."""
        with self._store.lock:
            return write_frame(FrameKind.STEP_1, self._doc.get_state())

    def flush_outbox(self, timeout_s: float = 10.0) -> bool:
        """Wait until what has changed so far has been sent; return whether it has been, in time."""
        return self._outbox.wait_until_empty(timeout_s)

    def receive(self, link: Link, frames: Sequence[bytes]) -> list[bytes]:
        """Take frames that a link received, from any thread.

        Frames that make no sense are dropped with a warning that names the peer; the rest goes on.

        Returns:
            The frames to answer with.
        """
        answers = (self._receive(link, bytes(frame)) for frame in frames)
        return [answer for answer in answers if answer is not None]

    def _receive(self, link: Link, data: bytes) -> bytes | None:
        try:
            kind, payload = read_frame(data)
            with self._store.lock:
                if kind is FrameKind.STEP_1:
                    return write_frame(FrameKind.STEP_2, self._doc.get_update(payload))
                if kind is FrameKind.UPDATE and not self._has_what_it_needs(payload):
                    return self.hello()
                if kind in (FrameKind.STEP_2, FrameKind.UPDATE):
                    self._apply(link, payload)
        except FrameError as error:
            _log.warning("room %r: %s sent %s; dropped", self._name, link.name, error)
        except Exception as error:  # noqa: BLE001 - one broken peer must not stop the others
            _log.warning(
                "room %r: a message from %s could not be applied and was dropped (%s: %s)",
                self._name,
                link.name,
                type(error).__name__,
                error,
            )
        return None

    def _has_what_it_needs(self, update: bytes) -> bool:
        return is_complete(update, read_state_vector(self._doc.get_state()))

    def _apply(self, link: Link, update: bytes) -> None:
        before, self._receiving_from = self._receiving_from, link
        try:
            with panics_as_errors():
                self._doc.apply_update(update)
        except DocumentError:
            self._persister.reread()  # what was integrated stays in the document
            raise
        finally:
            self._receiving_from = before
        self._persister.flush()

    def _on_update(self, event: TransactionEvent) -> None:
        if any(link.is_open() for link in self._links):
            self._outbox.add(event.update, self._receiving_from)

    def _send_merged(self, outgoing: list[Outgoing]) -> None:
        for link in list(self._links):
            updates = [update for update, origin in outgoing if origin is not link]
            if updates and link.is_open():
                link.send([write_frame(FrameKind.UPDATE, merge(updates))])


_rooms: WeakKeyDictionary[Store, dict[str, Room]] = WeakKeyDictionary()


def rooms_of_store(store: Store) -> dict[str, Room]:
    """Return the rooms in which a Store is shared, by name."""
    return _rooms.setdefault(store, {})


def join_room(name: str, store: Store) -> Room:
    """Return the room of this name for this Store, made if there is none yet."""
    rooms = rooms_of_store(store)
    if name not in rooms:
        rooms[name] = Room(name, store)
    return rooms[name]


def check_name(name: object) -> None:
    """Check a room's name.

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty.
    """
    if not isinstance(name, str):
        raise TypeError(f'a room\'s name is a string such as "zoo", not {name!r}')
    if not name:
        raise ValueError('a room\'s name must not be empty; give it one such as "zoo"')
