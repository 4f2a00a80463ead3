"""Rooms, and the links over which replicas of a Store exchange what changes."""

from tinybase_widget.sync._link import Link
from tinybase_widget.sync.comm import CommLink
from tinybase_widget.sync.local import LocalLink
from tinybase_widget.sync.presence import Peer, User
from tinybase_widget.sync.room import Room

__all__ = ["CommLink", "Link", "LocalLink", "Peer", "Room", "User"]
