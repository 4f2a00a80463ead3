"""By which way a room is on a server: the kernel's own connection, or pages (`_page_route`).

Pages are asked where that is wished, or where the kernel can't reach the server; they leave it when
the kernel is in sync itself. A server that was reached and refuses is not asked again by pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tinybase_widget.sync._addresses import Address
from tinybase_widget.sync._page_questions import PageQuestions
from tinybase_widget.sync._page_route import PageRoute
from tinybase_widget.sync._server_conversation import ConnectionState, ServerConversation

if TYPE_CHECKING:
    from tinybase_widget.sync._connecting import Through
    from tinybase_widget.sync._jupyter_files import FileAddress

_WAYS = ("kernel", "page", "either")


def way_of(address: Address | FileAddress, through: Through | None) -> Through:
    """Return who connects where it is not said: pages are not told a token unasked.

    Raises:
        ValueError: There is no such way to this address.
    """
    if through not in (None, *_WAYS):
        ways = ", ".join(f'"{way}"' for way in _WAYS)
        raise ValueError(f"a connection is made through one of {ways}, not {through!r}")
    if isinstance(address, Address):
        return through or ("kernel" if address.token else "either")
    if through not in (None, "kernel"):
        raise ValueError(
            f'a file of JupyterLab is joined through the "kernel", not through {through!r}'
        )
    return "kernel"


class Ways(ServerConversation):
    """A conversation with a server, and what pages have with it instead."""

    _way: Through = "kernel"
    _route: PageRoute | None = None
    _questions: PageQuestions | None = None

    def _choose_way(
        self, address: Address | FileAddress, protocol: str, through: Through | None
    ) -> None:
        self._way = way_of(address, through)
        if self._way != "kernel" and isinstance(address, Address):
            self._route = PageRoute(address, protocol, self._room.send_wish, self._on_route)
            self._questions = PageQuestions(self._route, self._room)
            self._questions.confirmed = self._confirmed

    @property
    def state(self) -> ConnectionState:
        """Where the connection stands.

        "connecting" until the server has all that we have and the other way round, then "synced";
        "offline" while the server can't be reached, and at the end. Where a page has joined the
        server for the kernel, it is the page's.
        """
        route = self.page_route
        is_pages = route is not None and (self._way == "page" or route.state == "synced")
        return route.state if route is not None and is_pages else self._own_state()

    def _own_state(self) -> ConnectionState:
        return "offline" if self._way == "page" else self._state

    @property
    def through(self) -> Literal["kernel", "page"] | None:
        """Whether it is in sync through the "kernel" or a "page"; `None` while it is not."""
        if self._own_state() == "synced":
            return "kernel"
        return "page" if self.state == "synced" else None

    @property
    def page_route(self) -> PageRoute | None:
        """The way through pages, while there is one."""
        return self._route if self._route is not None and self._route.is_open else None

    def open_route(self) -> None:
        """Let the pages try, if they may."""
        if self._route is not None and not self._is_closing:
            self._route.open()

    def _error_of(self, own: str | None) -> str | None:
        """Return what is wrong, where `own` is wrong with the kernel's own connection."""
        route = self.page_route
        if route is None:
            return own
        if self._way == "page" or route.state == "synced":
            return route.error
        return "; pages: ".join(filter(None, [own, route.error])) or None

    def on_edit(self) -> None:
        """An edit was made: ask pages in a while whether the server has it."""
        if self._questions is not None and self.page_route is not None:
            self._questions.soon()

    def _on_route(self) -> None:
        if self._questions is not None:
            self._questions.hear()
        with self._lock:
            self._lock.notify_all()
        self._tell_all()

    @property
    def waiting_edits(self) -> int:
        """How many edits of this kernel and its pages the server has not acknowledged.

        It may have acknowledged them to a page that has brought them there.
        """
        by_pages = 0 if self._questions is None else self._questions.confirmed
        return max(0, self._room.edits_made - max(self._confirmed, by_pages))

    def _leave_pages(self) -> None:
        """Ask pages nothing any more, and let them leave the server."""
        if self._questions is not None:
            self._questions.close()
        if self._route is not None:
            self._route.close()

    def _tell_all(self) -> None:
        """Tell listeners of the state."""
        raise NotImplementedError
