"""A small server of rooms, for a team or a class: `tinybase-widget serve`."""

from tinybase_widget.server._door import ServerOptions
from tinybase_widget.server._server import RoomServer

__all__ = ["RoomServer", "ServerOptions"]
