"""The part of a room that tells who is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tinybase_widget.sync.presence import Peer, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.store import Store
    from tinybase_widget.sync._presence import Presence


_VALUES = "\ufffdvalues"  # as which pages show a Store's values; no table can have such an id


class Present:
    """Who is in a room, and who this kernel is for the others."""

    _store: Store
    _presence: Presence

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The others who are in the room, and where they are.

        Those on pages are there as long as they show the room's Store, kernels as long as they
        edit, or say who they are. Of somebody who crashed it is known after 30 seconds. What a peer
        says of itself is taken for what it is: anybody in the room can say anything.

        Example:
            >>> from tinybase_widget import LocalLink, Room, Store
            >>> here, there = Room("zoo", Store()), Room("zoo", Store())
            >>> there.user = "Ada"
            >>> links = LocalLink.connect(here, there)
            >>> LocalLink.settle(*links)
            >>> [peer.name for peer in here.peers]
            ['Ada']
            >>> here.close(), there.close()
            (None, None)
        """
        return tuple(self._existing(peer) for peer in self._presence.peers())

    def add_peers_listener(self, listener: Callable[[tuple[Peer, ...]], object]) -> None:
        """Call a function when others come, move or go, some 20 times a second at most.

        Args:
            listener: Takes `peers`; called on a thread of the room's.

        Example:
            >>> from tinybase_widget import Room, Store
            >>> room = Room("zoo", Store())
            >>> room.add_peers_listener(lambda peers: print([peer.name for peer in peers]))
            >>> room.close()
        """
        self._presence.add_listener(listener)

    def del_peers_listener(self, listener: Callable[[tuple[Peer, ...]], object]) -> None:
        """Call a function no more that `add_peers_listener` was given.

        Args:
            listener: The function.
        """
        self._presence.del_listener(listener)

    @property
    def user(self) -> User | None:
        """Who this kernel is for the others, and who somebody is on its pages.

        A kernel that is given a user, or a name, is shown to the others as long as the room is
        open; without one only while it edits, by the name of its notebook. On a page that is used
        where the host, such as JupyterLab, knows no name.
        """
        return self._presence.user

    @user.setter
    def user(self, user: User | str | None) -> None:
        self._presence.user = None if user is None else User.of(user)

    def _existing(self, peer: Peer) -> Peer:
        """Return a peer without a place that is not in the Store; a value has no table and row."""
        if peer.table_id is None or peer.row_id is None:
            return peer
        if peer.table_id == _VALUES:
            is_there = self._store.has_value(peer.row_id)
            value_id = peer.row_id if is_there else None
            return replace(
                peer,
                table_id=None,
                row_id=None,
                cell_id=value_id,
                is_typing=peer.is_typing and is_there,
            )
        if self._store.has_row(peer.table_id, peer.row_id):
            return peer
        return replace(peer, row_id=None, cell_id=None, is_typing=False)
