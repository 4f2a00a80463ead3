"""A room's connections to servers."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from tinybase_widget._exceptions import CompactionError
from tinybase_widget.sync._addresses import address_of, is_file
from tinybase_widget.sync._generations import FIRST
from tinybase_widget.sync._replica import Replica

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.sync._page_route import PageRoute
    from tinybase_widget.sync.websocket import WebSocketLink

_log = logging.getLogger(__name__)

Through = Literal["kernel", "page", "either"]


class Connecting(Replica):
    """What a room knows of servers."""

    _edits_made = 0

    @property
    def edits_made(self) -> int:
        """How many edits servers are told of, or are to be; those of pages count too."""
        return self._edits_made

    def _count_edit(self) -> None:
        """Count a change of the document, if it is an edit that did not come from a server."""
        connections = self._connections()
        if connections:
            received = self._received
            is_own = (
                self._persister.is_writing
                if received is None
                else (received.origin not in connections)
            )
            if is_own:
                self._edits_made += 1
                for connection in connections:
                    connection.on_edit()

    @property
    def connections(self) -> list[WebSocketLink]:
        """The connections to servers, with their states."""
        return list(self._connections())

    def connect(
        self,
        url: str,
        token: str | None = None,
        *,
        protocol: str = "y-websocket",
        through: Through | None = None,
    ) -> WebSocketLink:
        """Join a room on a server: npm's y-websocket, Hocuspocus, `tinybase-widget serve`, ...

        Or join a file that JupyterLab shows, as the notebook's server keeps it for all who have it
        open. It returns at once. While the server can't be reached edits go on, and are exchanged
        as soon as it can.

        Args:
            url: The room's address, such as "wss://example.org/zoo"; or "file:zoo.tinybase.json",
                a path from the notebook's folder.
            token: What lets us in, where the server asks for it. It is never shown or logged. For
                a file it need not be given.
            protocol: "y-websocket", or "hocuspocus" for a Hocuspocus server.
            through: Who connects: the "kernel"; the "page", that is, each browser page that shows
                the room; or "either", which is the kernel, and pages while it can't reach the
                server. Pages are told the token. Without it, "either" where there is no token,
                and else "kernel".

        Returns:
            The connection; where there is one to this address already, that one.

        Raises:
            CompactionError: The room was compacted before, which no file's document can follow.
            FileNotFoundError: JupyterLab has no such file.
            JupyterServerError: No Jupyter server lets us join the file, or it is not clear which,
                or it lacks jupyter-collaboration; the text says what to do.
            MissingExtraError: `pip install "tinybase-widget[websocket]"` is needed.
            TypeError: The address or the token is no string.
            ValueError: The address is none of a room, or there is no such protocol or way.

        Example:
            >>> from tinybase_widget import Room, Store
            >>> room = Room("zoo", Store().set_value("open", True))
            >>> connection = room.connect("ws://127.0.0.1:9/zoo")  # nobody is there
            >>> connection.wait_until_synced(timeout_s=0.01)
            False
            >>> room.close()
        """
        from tinybase_widget.sync.websocket import WebSocketLink  # noqa: PLC0415 - an extra

        room: Any = self
        connections = self._connections()
        for link in connections:
            if link.is_same(url, token, protocol, through):
                return link
        self._check_not_compacted(url)
        new = WebSocketLink(room, url, token, protocol=protocol, through=through)
        for link in [link for link in connections if link.name == new.name]:
            connections.remove(link)
            link.close()
        connections.append(new)
        if through == "page":
            new.open_route()
        self.tell_connections()
        return new

    def add_connections_listener(self, listener: Callable[[], object]) -> None:
        """Call a function, from any thread, when a connection begins, ends or changes its state.

        Example:
            >>> from tinybase_widget import Room, Store
            >>> room = Room("zoo", Store())
            >>> room.add_connections_listener(lambda: print(room.connections))
            >>> room.close()
        """
        self._connection_listeners().append(listener)

    def del_connections_listener(self, listener: Callable[[], object]) -> None:
        """Call the function no more."""
        with suppress(ValueError):
            self._connection_listeners().remove(listener)

    def tell_connections(self) -> None:
        """Tell that a connection has changed its state."""
        for listener in list(self._connection_listeners()):
            self._tell(listener)

    def _tell(self, listener: Callable[[], object]) -> None:
        try:
            listener()
        except Exception:  # noqa: BLE001 - it must not end the connection
            _log.warning("a listener of %r's connections failed", self, exc_info=True)

    def _connection_listeners(self) -> list[Callable[[], object]]:
        if not hasattr(self, "_connection_listening"):
            self._connection_listening: list[Callable[[], object]] = []
        return self._connection_listening

    def disconnect(self, url: str | None = None) -> None:
        """Leave a server, or all: the room and what it holds stay.

        Args:
            url: The address that was connected to, or the connection's name.
        """
        connections = self._connections()
        names = () if url is None else (url.partition("?")[0], _name_of_file(url))
        left = [link for link in connections if url is None or link.name in names]
        for link in left:
            connections.remove(link)
            link.close()
        if left:
            self.tell_connections()

    @property
    def page_routes(self) -> list[PageRoute]:
        """The ways to servers that are through pages, where they are needed."""
        return [link.page_route for link in self._connections() if link.page_route is not None]

    def _connections(self) -> list[WebSocketLink]:
        if not hasattr(self, "_servers"):
            self._servers: list[WebSocketLink] = []
        return self._servers

    def _check_no_server(self) -> None:
        """Check that there is no server: it would keep the document from before a compaction.

        Raises:
            CompactionError: There is one.
        """
        for link in self._connections():
            advice = (
                "a file's document is never compacted; room.disconnect() before, and it is joined "
                "no more"
                if is_file(link.name)
                else "room.disconnect() before, and join under another name there afterwards"
            )
            raise CompactionError(
                f"the document was not compacted: {link.name} keeps it with its history, and knows "
                f"no other; {advice}"
            )

    def _check_not_compacted(self, url: str) -> None:
        """Check that the room may join a file: jupyter-collaboration knows one document for it.

        Raises:
            CompactionError: The room's document has taken the place of another.
        """
        if is_file(url) and self.generation != FIRST:
            raise CompactionError(
                f"{url} was not joined: the room's document was compacted, and JupyterLab's for "
                "the file has a history of its own; join it from a new room, such as "
                'Room("file", Store().set_content(room.store.get_content()))'
            )


def _name_of_file(url: str) -> str | None:
    """Return what a connection to a file is called, from the notebook's folder."""
    if not is_file(url):
        return None
    try:
        return address_of(url).shown
    except (OSError, ValueError):
        return None
