"""Who is in a room, and where: Yjs' awareness protocol, which links carry beside the document.

Nothing of it is ever in a document. Each replica says who works there and repeats it every 15
seconds; who has not been heard of for 30 is gone. A kernel says something of itself while it edits,
or when it was given a user. What it hears it hands on to its other links, several states at once.

One thread does what takes time: it hands on, repeats, forgets, and calls the listeners. It begins
when somebody is there, and ends with them.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pycrdt import Awareness, Doc

from tinybase_widget.sync._presence_updates import Allowance, Entry, read_entries, write_entries
from tinybase_widget.sync.presence import Peer, User, peer_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.sync._link import Link

    Listener = Callable[[tuple[Peer, ...]], object]

_MAX_PEERS = 200
_INTERVAL_S = 0.05
_EDITING_S = 5.0
_INSISTING_S = 1.0
_OUTDATED_S = 30.0
_CHECK_S = 3.0

_log = logging.getLogger(__name__)


class Presence:
    """Who is in a room.

    Args:
        client_id: What tells this replica from others.
        send: Sends an update to all links but one; called without any lock.
        fit: Takes from a peer what is not here; called without any lock.
    """

    def __init__(
        self,
        client_id: int,
        send: Callable[[bytes, Link | None], None],
        fit: Callable[[Peer], Peer],
    ) -> None:
        self._fit = fit
        self._send = send
        self._condition = threading.Condition(threading.RLock())
        self._awareness = Awareness(Doc(client_id=client_id))
        self._awareness.set_local_state(None)
        self._awareness.observe(self._on_change)
        self._allowances: WeakKeyDictionary[Link, Allowance] = WeakKeyDictionary()
        self._listeners: list[Listener] = []
        self._user: User | None = None
        self._edited_at = float("-inf")
        self._insisted_at = float("-inf")
        self._to_send: dict[int, Link | None] = {}
        self._is_to_tell = False
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._has_warned = False

    # What others say

    def peers(self) -> tuple[Peer, ...]:
        """Return the others, in the order in which they were first heard of."""
        with self._condition:
            states = list(self._awareness.states.items())
        own = self._awareness.client_id
        said = (peer_from(client, state) for client, state in states if client != own)
        return tuple(self._fit(peer) for peer in said if peer is not None)

    def take(self, update: bytes, link: Link) -> None:
        """Take an update that came over a link.

        Raises:
            FrameError: The bytes are not an awareness update.
        """
        with self._condition:
            if self._is_closed or not self._is_allowed(update, link):
                return
            new: set[int] = set()
            entries = read_entries(update)
            believed = [entry for entry in entries if self._is_to_be_believed(entry, new)]
            if believed:
                self._awareness.apply_awareness_update(write_entries(believed), link)

    def _is_allowed(self, update: bytes, link: Link) -> bool:
        is_allowed = self._allowances.setdefault(link, Allowance()).take(len(update))
        if not is_allowed and not self._has_warned:
            self._has_warned = True
            _log.warning("%s says too often who is there; not all of it is heard", link.name)
        return is_allowed

    def _is_to_be_believed(self, entry: Entry, new: set[int]) -> bool:
        awareness = self._awareness
        if entry.client == awareness.client_id:
            self._insist(entry)
            return False
        if entry.client in awareness.meta or entry.client in new:
            return True
        if entry.state is None:
            return False
        if len(awareness.meta) + len(new) >= _MAX_PEERS:
            self._forget_the_long_gone()
        has_room = len(awareness.meta) + len(new) < _MAX_PEERS
        if has_room:
            new.add(entry.client)
        return has_room

    def _insist(self, entry: Entry) -> None:
        """Somebody has spoken for us: say again what is true, later than they."""
        own = self._awareness.meta[self._awareness.client_id]
        is_older = entry.clock < own["clock"] or (
            entry.clock == own["clock"] and (entry.state is not None or not self._is_shown)
        )
        now = time.monotonic()
        if not is_older and now - self._insisted_at > _INSISTING_S:
            self._insisted_at = now
            own["clock"] = entry.clock
            self._awareness.set_local_state(self._awareness.get_local_state())

    def _forget_the_long_gone(self) -> None:
        long_ago = (time.time() - 2 * _OUTDATED_S) * 1000
        own = self._awareness.client_id
        for client, meta in list(self._awareness.meta.items()):
            is_here = client in self._awareness.states or client == own
            if not is_here and meta["lastUpdated"] < long_ago:
                del self._awareness.meta[client]
                self._to_send.pop(client, None)

    # What is said of this kernel

    @property
    def user(self) -> User | None:
        """Who this kernel says it is."""
        return self._user

    @user.setter
    def user(self, user: User | None) -> None:
        with self._condition:
            self._user = user
            self._show(is_there=user is not None)

    def note_edit(self) -> None:
        """Take note that the kernel edits: it is shown as long as it does."""
        self._edited_at = time.monotonic()
        if not self._is_shown:
            with self._condition:
                self._show(is_there=True)

    @property
    def _is_shown(self) -> bool:
        return self._awareness.get_local_state() is not None

    def _show(self, *, is_there: bool) -> None:
        if self._is_closed or not (is_there or self._is_shown):
            return
        user = {"name": _session_name()} if self._user is None else self._user.shown()
        state = {"user": user, "kernel": True} if is_there else None
        if state != self._awareness.get_local_state():
            self._awareness.set_local_state(state)

    def all(self) -> bytes | None:
        """Return all that is known, for a peer that has just come; None if that is nothing."""
        with self._condition:
            return self._encode(list(self._awareness.states)) if self._awareness.states else None

    def close(self) -> None:
        """Say that this kernel has left."""
        with self._condition:
            self._show(is_there=False)
            self._is_closed = True
            self._listeners.clear()
            update = self._encode([self._awareness.client_id])
            is_to_leave = self._to_send.pop(self._awareness.client_id, self) is None
            self._condition.notify_all()
        if is_to_leave:
            self._send(update, None)

    # Listeners

    def add_listener(self, listener: Listener) -> None:
        """Call a function when others come, move or go."""
        with self._condition:
            self._listeners.append(listener)

    def del_listener(self, listener: Listener) -> None:
        """Call it no more."""
        with self._condition:
            if listener in self._listeners:
                self._listeners.remove(listener)

    # In the background

    def _on_change(self, topic: str, event: tuple[dict[str, Any], Any]) -> None:
        changed, origin = event
        clients = [client for kind in ("added", "updated", "removed") for client in changed[kind]]
        own = self._awareness.client_id
        if topic == "change":
            self._is_to_tell = self._is_to_tell or any(client != own for client in clients)
        elif origin != "timeout":  # everybody sees for themselves who has not been heard of
            came_from = None if origin == "local" else origin
            for client in clients:
                is_from_several = self._to_send.get(client, came_from) is not came_from
                self._to_send[client] = None if is_from_several else came_from
        if self._thread is None and not self._is_closed:
            self._thread = threading.Thread(
                target=self._run, name="tinybase-widget presence", daemon=True
            )
            self._thread.start()
        self._condition.notify_all()

    def _run(self) -> None:
        rest = threading.Event()
        while True:
            with self._condition:
                is_woken = self._condition.wait_for(self._has_work, _CHECK_S)
                if not is_woken:
                    self._look_around()
                if self._is_closed or not (self._has_work() or self._awareness.states):
                    self._thread = None
                    return
                updates = self._take_updates()
                is_to_tell, self._is_to_tell = self._is_to_tell, False
                listeners = list(self._listeners) if is_to_tell else []
            for update, came_from in updates:
                self._send(update, came_from)
            peers = self.peers() if listeners else ()
            for listener in listeners:
                _call(listener, peers)
            rest.wait(_INTERVAL_S)

    def _has_work(self) -> bool:
        return bool(self._to_send) or self._is_to_tell or self._is_closed

    def _look_around(self) -> None:
        """Say again that this kernel is there, and forget who has not been heard of."""
        awareness, now = self._awareness, time.time() * 1000
        outdated = _OUTDATED_S * 1000
        own = awareness.meta[awareness.client_id]
        is_editing = time.monotonic() - self._edited_at < _EDITING_S
        if self._user is None and not is_editing:
            self._show(is_there=False)
        elif self._is_shown and now - own["lastUpdated"] >= outdated / 2:
            awareness.set_local_state(awareness.get_local_state())
        gone = [
            client
            for client, meta in awareness.meta.items()
            if client in awareness.states
            and client != awareness.client_id
            and now - meta["lastUpdated"] >= outdated
        ]
        if gone:
            awareness.remove_awareness_states(gone, "timeout")

    def _take_updates(self) -> list[tuple[bytes, Link | None]]:
        by_link: dict[Link | None, list[int]] = {}
        for client, came_from in self._to_send.items():
            by_link.setdefault(came_from, []).append(client)
        self._to_send.clear()
        return [(self._encode(clients), came_from) for came_from, clients in by_link.items()]

    def _encode(self, clients: list[int]) -> bytes:
        return self._awareness.encode_awareness_update(clients)


def _call(listener: Listener, peers: tuple[Peer, ...]) -> None:
    try:
        listener(peers)
    except Exception:  # noqa: BLE001 - the others are to be called all the same
        _log.exception("a listener of who is there failed")


def _session_name() -> str:
    """Return what people know this kernel by: Jupyter tells it the notebook's path."""
    name = PurePath(os.environ.get("JPY_SESSION_NAME", "")).name
    return f"Python in {name}" if name else "Python"
