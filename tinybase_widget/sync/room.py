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

A document belongs to a generation, and so does each frame (`_generations`). Frames of an older
generation are answered with the name of ours. Whoever hears of a newer one asks for that document
as a whole, and moves to it when it is there (`_replica`): the Store takes over what differs, and
what the new document lacks is carried into it (`_compacting`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tinybase_widget._exceptions import CompactionError, FrameError
from tinybase_widget.persisters._yjs_wire import read_state_vector
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.store._steps import is_in_transaction
from tinybase_widget.sync._compacting import Compacted
from tinybase_widget.sync._connecting import Connecting
from tinybase_widget.sync._frames import (
    Frame,
    FrameKind,
    asks_for_all,
    read_frame,
    read_generation,
    write_frame,
    write_generation,
)
from tinybase_widget.sync._generations import (
    FIRST,
    Generation,
    clocks_of,
    highest,
    write_clocks,
)
from tinybase_widget.sync._giving import Giving
from tinybase_widget.sync._link import WishingLink
from tinybase_widget.sync._outbox import Outgoing, merge
from tinybase_widget.sync._peers import Peer, Peers
from tinybase_widget.sync._place import place_of
from tinybase_widget.sync._presence import Presence
from tinybase_widget.sync._present import Present
from tinybase_widget.sync._taken import Taken
from tinybase_widget.sync.ystore import YStoreLink

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from pycrdt import TransactionEvent

    from tinybase_widget.persisters._yjs_content import FirstPart
    from tinybase_widget.store import Store
    from tinybase_widget.sync._link import Link

_SYNC_KINDS = (FrameKind.STEP_1, FrameKind.STEP_2, FrameKind.UPDATE)

_log = logging.getLogger(__name__)


class Room(Present, Connecting):
    """A Store that is shared under a name.

    Two rooms of the same name on one page, in two tabs of one browser or on one server hold the
    same data. Usually `TableView(store, "pets", room="zoo")` makes it.

    Args:
        name: The name, not empty.
        store: The Store; what it holds already is shared too.
        path: A SQLite database that keeps the document with its history, so that it outlives the
            kernel; several rooms may have the same one.

    Raises:
        PlaceError: What the database keeps can't be read.
        TypeError: The name is not a string.
        ValueError: The name is empty.

    Example:
        >>> from tinybase_widget import Room, Store
        >>> store = Store().set_table("pets", {"fido": {"species": "dog"}})
        >>> room = Room("zoo", store)
        >>> row_id = store.add_row("pets", {"species": "cat"})  # an id that nobody else makes
        >>> room.close()
    """

    def __init__(self, name: str, store: Store, path: str | os.PathLike[str] | None = None) -> None:
        check_name(name)
        self._name = name
        self._links: list[Link] = []
        self._peers = Peers()
        self._kept: YStoreLink | None = None
        super().__init__(store, create_doc())
        self._presence = Presence(int(self.peer, 16), self._send_presence, self._existing)
        if path is not None:
            try:
                self._kept = YStoreLink(self, path)
            except BaseException:
                self.close()
                raise

    @property
    def name(self) -> str:
        """The room's name."""
        return self._name

    @property
    def place(self) -> str:
        """What tells it from rooms of the same name elsewhere, to what a browser keeps."""
        file = next((link.file for link in self._connections() if link.file is not None), None)
        return place_of(self._name, None if self._kept is None else self._kept.name, file)

    def __repr__(self) -> str:
        """Return the room's name and links, and how much has arrived of a document on its way."""
        links = ", ".join(link.name for link in self._links if link.is_open())
        coming = [
            f", {each.progress:.0%} received from {each.name}"
            for each in self.connections
            if each.progress is not None
        ]
        state = (f"open: {links}" if links else "alone") + "".join(coming)
        return f"<tinybase_widget.Room {self._name!r}, {state}>"

    def close(self) -> None:
        """Leave: the Store keeps its content and is no longer shared."""
        self.disconnect()
        if self._kept is not None:
            self._kept.close()
        self._presence.close()
        self._end()
        with self._store.lock:
            self._links.clear()
        rooms_of_store(self._store).pop(self._name, None)

    # Links

    def add_link(self, link: Link) -> None:
        """Send what changes over this link too, from now on."""
        with self._store.lock:
            if link not in self._links:
                self._links.append(link)

    def remove_link(self, link: Link) -> None:
        """Forget a link."""
        with self._store.lock:
            self._peers.forget(link)
            if link in self._links:
                self._links.remove(link)

    def forget_peer(self, link: Link, sender: str) -> None:
        """Take note that one of those at the end of a link has gone."""
        with self._store.lock:
            self._peers.forget(link, sender)

    def receive(self, link: Link, frames: Sequence[bytes], sender: str = "") -> list[bytes]:
        """Take frames that a link received, from any thread.

        Frames that make no sense are dropped with a warning that names the peer; the rest goes on.

        Args:
            link: The link.
            frames: The frames.
            sender: Which of those at the other end has sent them, where there are several.

        Returns:
            The frames to answer with.
        """
        return self.take(link, frames, sender).answers

    def take(self, link: Link, frames: Sequence[bytes], sender: str = "") -> Taken:
        """Take frames as `receive` does, and tell whether all of them could be.

        Args:
            link: The link.
            frames: The frames.
            sender: Which of those at the other end has sent them, where there are several.

        Returns:
            The frames to answer with, and whether every change is in the document now.
        """
        doc = self._doc
        taken = Taken()
        for frame in frames:
            self._receive(link, bytes(frame), sender, taken)
        if self._doc is not doc:
            self._greet_all()
        return taken

    def first_parts(
        self, link: Link, frames: Sequence[bytes], sender: str = ""
    ) -> Iterator[FirstPart]:
        """Write what is not in the document yet; yield it for a peer that says it has nothing.

        The peer's frames are then to be taken; the answer has what was not among this.

        Args:
            link: The link.
            frames: The frames with which the peer asks.
            sender: Which of those at the other end has sent them, where there are several.
        """
        if not self._beginning.is_done and asks_for_all(frames):
            state = b""
            for part in self._beginning.parts():
                state = part.state
                yield part
            if state:
                with self._store.lock:
                    self._peers.at(link, sender).was_given = read_state_vector(state)

    def giving(self, frames: Sequence[bytes]) -> Giving | None:
        """Return what a peer is to be given ahead of the answer, if that is worth it.

        That is a large document, for a peer that says it has nothing; see `take_after`.

        Args:
            frames: The frames with which the peer asks.
        """
        if self._generation != FIRST or not self._beginning.is_done or not asks_for_all(frames):
            return None
        giving = Giving(self._store, lambda: self._doc)
        return giving if giving.is_worth_it else None

    def take_after(
        self, giving: Giving, link: Link, frames: Sequence[bytes], sender: str = ""
    ) -> Taken:
        """Take the frames of a peer that was given something; the answer has what was not.

        Args:
            giving: What it was given.
            link: The link.
            frames: The frames with which the peer has asked.
            sender: Which of those at the other end has sent them, where there are several.

        Returns:
            As for `take`.
        """
        with self._store.lock:
            self._peers.at(link, sender).was_given = giving.given
            try:
                return self.take(link, frames, sender)
            finally:
                self._peers.at(link, sender).was_given = {}

    def _receive(self, link: Link, data: bytes, sender: str, taken: Taken) -> None:
        try:
            named, rest = read_generation(data)
            frame = read_frame(rest) if rest or named is None else None
            generation = FIRST if named is None else Generation(*named)
            if frame is not None and frame.kind not in _SYNC_KINDS:
                if frame.kind is FrameKind.AWARENESS:
                    self._presence.take(frame.payload, link)
                return
            with self._store.lock:
                peer = self._peers.at(link, sender)
                peer.hear(generation, names_it=named is not None)
                taken.answers += self._take(link, generation, frame, peer, taken)
        except FrameError as error:
            taken.is_whole = False
            _log.warning("room %r: %s sent %s; dropped", self._name, link.name, error)
        except Exception as error:  # noqa: BLE001 - one broken peer must not stop the others
            taken.is_whole = False
            _log.warning(
                "room %r: a message from %s could not be applied and was dropped (%s: %s)",
                self._name,
                link.name,
                type(error).__name__,
                error,
            )

    def _take(
        self, link: Link, generation: Generation, frame: Frame | None, peer: Peer, taken: Taken
    ) -> Iterator[bytes]:
        """Take a frame; yield the answers."""
        if frame is not None and generation != self._generation:
            taken.is_whole = False
        if generation > self._generation:
            yield from self._hear_of(generation, frame)
        elif frame is None:
            return
        elif generation < self._generation:
            yield from self._tell_of_generation(link, frame, peer)
        elif frame.kind is FrameKind.STEP_1:
            peer.clocks = read_state_vector(frame.payload)
            known = write_clocks(highest(peer.clocks, peer.was_given))
            peer.was_given = {}
            yield self._frame(FrameKind.STEP_2, self._doc.get_update(known))
            if generation != FIRST and not (peer.has_answered or peer.was_asked):
                peer.was_asked = True
                yield self.hello()
        elif frame.kind is FrameKind.UPDATE and not self._has_what_it_needs(frame.payload):
            peer.is_ahead = True
            taken.is_whole = False
            yield self.hello()
        else:
            is_answer = frame.kind is FrameKind.STEP_2
            self._apply(link, frame.payload, is_answer=is_answer)
            if is_answer:
                peer.has_answered, peer.is_ahead = True, False

    # Generations

    def compact(self) -> Compacted:
        """Put a fresh document in the place of the one whose history has grown large.

        The Store stays as it is. The peers take the new document over; edits of theirs that were on
        their way, or that somebody brings along later who is away now, come with them.

        Returns:
            The document's size before and after, in words when it is shown.

        Raises:
            CompactionError: A peer would lose edits, or be left behind, or the room is connected to
                a server; the text says which and what to do.

        Example:
            >>> from tinybase_widget import Room, Store
            >>> room = Room("zoo", Store().set_cell("pets", "fido", "age", 0))
            >>> for age in range(200):
            ...     _ = room.store.set_cell("pets", ["fido", "felix"][age % 2], "age", age)
            >>> sizes = room.compact()
            >>> sizes.after < sizes.before / 4
            True
            >>> room.store.get_tables()
            {'pets': {'fido': {'age': 198}, 'felix': {'age': 199}}}
            >>> room.close()
        """
        self._check_no_server()
        if self._kept is not None:
            self._kept.catch_up()  # another kernel may have kept something there
        with self._store.lock:
            self._beginning.finish()
            self._check_compactable()
            before = len(self._doc.get_update())
            self._compact()
            sizes = Compacted(before, len(self._doc.get_update()))
        self._greet_all()
        return sizes

    def _check_compactable(self) -> None:
        if is_in_transaction(self._store):
            raise CompactionError("compact() can't run inside a transaction; call it after")
        if not self._persister.is_auto_saving():
            raise CompactionError(f"the room {self._name!r} is closed, and shares nothing")
        if self._staging is not None:
            raise CompactionError("somebody else has just compacted the document; nothing to do")
        open_links = [link for link in self._links if link.is_open()]
        obstacles = self._peers.obstacles(open_links, self._generation, clocks_of(self._doc))
        if obstacles:
            raise CompactionError(f"the document was not compacted: {'; '.join(obstacles)}")

    def _tell_of_generation(self, link: Link, frame: Frame, peer: Peer) -> Iterator[bytes]:
        """Answer a frame of an older generation."""
        if frame.kind is FrameKind.STEP_1:
            yield self.hello()
        else:
            yield write_generation(self._generation)
        if not peer.knows_generations and not peer.is_warned_of:
            peer.is_warned_of = True
            _log.warning(
                "room %r: %s does not know of compaction and can't take part any more; "
                "update it, or let it join a room of another name",
                self._name,
                link.name,
            )

    # Sending

    def greeting(self) -> list[bytes]:
        """Return the frames to greet a peer with: who is there, and what this replica has."""
        present = self._presence.all()
        frames = [] if present is None else [write_frame(FrameKind.AWARENESS, present)]
        return frames + super().greeting()

    def send_wish(self, wish: dict[str, Any], page: str | None) -> None:
        """Send what is wished of a page, or of all pages."""
        for link in list(self._links):
            if isinstance(link, WishingLink):
                link.send_wish(wish, page)

    def _note_edit(self) -> None:
        if self._persister.is_writing and any(
            getattr(link, "is_watched", False) for link in self._links
        ):
            self._presence.note_edit()

    def _send_presence(self, update: bytes, came_from: Link | None) -> None:
        for link in list(self._links):
            is_to_hear = link is not came_from or getattr(link, "is_shared", False)
            if is_to_hear and link.is_open():
                link.send([write_frame(FrameKind.AWARENESS, update)])

    def _greet_all(self) -> None:
        greeting = self.greeting()
        for link in list(self._links):
            if link.is_open():
                link.send(greeting)

    def _on_update(self, event: TransactionEvent) -> None:
        if any(link.is_open() for link in self._links):
            received = self._received
            if received is None:
                self._outbox.add(self._persister.carrying or event.update, None)
                self._note_edit()
            else:
                self._outbox.add(received.handed_on(event), received.origin)
        self._count_edit()

    def _send_merged(self, outgoing: list[Outgoing], generation: Generation | None = None) -> None:
        for link in list(self._links):
            updates = [update for update, origin in outgoing if origin is not link]
            if updates and link.is_open():
                link.send([self._frame(FrameKind.UPDATE, merge(updates), generation)])


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
