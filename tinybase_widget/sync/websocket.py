"""The link between a room and a server of rooms, over a WebSocket.

Any y-websocket server does, any Hocuspocus server, and JupyterLab's for a file (`_dialects`). The
link has a thread with an event loop of its own and connects again whenever the connection ends,
after longer and longer pauses that vary. What is said is in `_server_conversation`: each connection
begins with comparing, so nothing that was lost with the last one, or made since, is missed; it is
compared once more at intervals. What waits is bounded: with a server that is too slow it is
compared anew instead.

Where the kernel can't reach the server, the pages that show the room may join it for the kernel
(`_ways`), until it can.

Source: y-websocket's `WebsocketProvider` and `@hocuspocus/provider`; the messages are theirs.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import random
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

from tinybase_widget._exceptions import FrameError, MissingExtraError
from tinybase_widget.persisters._loop_thread import LoopThread
from tinybase_widget.sync._addresses import address_of
from tinybase_widget.sync._dialects import DIALECTS, Dialect, JupyterFile, Message
from tinybase_widget.sync._frames import size_of
from tinybase_widget.sync._jupyter_files import FileAddress
from tinybase_widget.sync._server_conversation import (
    ConnectionState,
    RefusedError,
)
from tinybase_widget.sync._ways import Ways, way_of

try:
    from websockets.asyncio.client import ClientConnection, connect
    from websockets.exceptions import (
        ConnectionClosed,
        ConnectionClosedOK,
        InvalidStatus,
        WebSocketException,
    )
    from websockets.frames import CloseCode
except ImportError as error:
    raise MissingExtraError("websocket", "A room's connection to a server") from error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tinybase_widget.sync._connecting import Through
    from tinybase_widget.sync.room import Room

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_COMPARE_INTERVAL_S = 20.0
_QUIET_S = 1.0  # after which it is asked whether all edits have arrived
_MOST_WAITING = 64 << 20  # bytes; a server that is so slow is compared with again
_MOST_RECEIVED = 1 << 30  # bytes of one message
_AT_EXIT_S = 3.0
_REFUSALS = (401, 403)
_ENDED = "the server has ended the connection: "
_TOO_LARGE = (
    "the server takes no message as large as this room's document; `tinybase-widget serve` does "
    "with a larger --max-frame"
)

_log = logging.getLogger(__name__)
_silent = logging.getLogger(f"{__name__}.frames")  # websockets would log addresses with tokens
_silent.disabled = True


class WebSocketLink(Ways):
    """A room's connection to a server; `room.connect` makes it.

    Args:
        room: The room.
        url: The room's address on the server, such as "wss://example.org/zoo"; or a file that
            JupyterLab shows, such as "file:zoo.tinybase.json".
        token: What lets us in, where the server asks for it. It is never shown.
        protocol: "y-websocket", or "hocuspocus" for a Hocuspocus server.
        through: Who connects, as for `room.connect`.

    Raises:
        FileNotFoundError: JupyterLab has no such file.
        JupyterServerError: No Jupyter server lets us join the file.
        TypeError: The address or the token is no string.
        ValueError: The address is none of a room, or there is no such protocol or way.

    Example:
        >>> from tinybase_widget import Room, Store
        >>> room = Room("zoo", Store())
        >>> connection = room.connect("ws://127.0.0.1:9/zoo", token="secret")
        >>> connection.name
        'ws://127.0.0.1:9/zoo'
        >>> room.disconnect()
        >>> connection.state
        'offline'
        >>> room.close()
    """

    def __init__(
        self,
        room: Room,
        url: str,
        token: str | None = None,
        *,
        protocol: str = "y-websocket",
        through: Through | None = None,
    ) -> None:
        if protocol not in DIALECTS:
            known = " or ".join(f'"{name}"' for name in DIALECTS)
            raise ValueError(f"a server's protocol is {known}, not {protocol!r}")
        super().__init__(room)
        self._address = address_of(url, token)
        self._protocol = protocol
        self._choose_way(self._address, protocol, through)
        self._dialect: Dialect
        if isinstance(self._address, FileAddress):
            if protocol != "y-websocket":
                raise ValueError(
                    f"a file has a protocol of its own; leave out protocol={protocol!r}"
                )
            self._dialect = JupyterFile(self._address)
            self._dialect.target()  # so that whoever mistyped the name hears of it at once
        else:
            self._dialect = DIALECTS[protocol](self._address)
        self._loop_thread = LoopThread(f"tinybase-widget {self._address.shown}")
        self._trouble: str | None = None
        self._listeners: list[Callable[[WebSocketLink], object]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._progress: float | None = None
        self._wake = asyncio.Event()
        if self._way != "page":
            room.add_link(self)
            self._loop_thread.submit(self._run())
        _open_links.add(self)

    @property
    def name(self) -> str:
        """The room's address, without its token."""
        return self._address.shown

    @property
    def file(self) -> Path | None:
        """The file that was joined, if it is one: where it was then, as an absolute path."""
        return self._address.file if isinstance(self._address, FileAddress) else None

    @property
    def error(self) -> str | None:
        """Why it is offline, or why edits are not taken or not saved; `None` if all is well."""
        return self._error_of(self._error or self._trouble)

    @property
    def progress(self) -> float | None:
        """How much of a large document has arrived, from 0 to 1; `None` when none is on its way.

        `tinybase-widget serve` sends it so that this is known; other servers may not.
        """
        return self._progress

    @property
    def is_view_only(self) -> bool:
        """Whether the server has said that it does not take our edits."""
        return self._is_view_only

    def __repr__(self) -> str:
        """Return the address, without its token, and the state."""
        why = f": {self.error}" if self.error else ""
        if self._progress is not None:
            why = f": {self._progress:.0%} of the document received"
        return f"<tinybase_widget.WebSocketLink {self.name}, {self.state}{why}>"

    def is_same(self, url: str, token: str | None, protocol: str, through: Through | None) -> bool:
        """Return whether this is the connection that would be made so."""
        address = address_of(url, token)
        way = way_of(address, through)
        return (self._address, self._protocol, self._way) == (address, protocol, way)

    def add_state_listener(self, listener: Callable[[WebSocketLink], object]) -> None:
        """Call a function with this connection, from its thread, whenever its state changes.

        Also at each hundredth of its progress.
        """
        with self._lock:
            self._listeners.append(listener)

    def del_state_listener(self, listener: Callable[[WebSocketLink], object]) -> None:
        """Call the function no more."""
        with self._lock, suppress(ValueError):
            self._listeners.remove(listener)

    def wait_until_synced(self, timeout_s: float = 30.0) -> bool:
        """Wait until the server has all that the room has now, and the other way round.

        A page that has joined the server for the kernel can't answer while a cell runs: wait for
        one on another thread.

        Args:
            timeout_s: How long to wait at most, in seconds.

        Returns:
            Whether it was so, in time.
        """
        self._room.flush_outbox(timeout_s)
        with self._lock:
            self._asked += 1
            wanted = self._asked
            self._wants_to_ask = True
        self._rouse()
        number = 0 if self._route is None else self._route.ask()

        def is_answered() -> bool:
            route = self.page_route
            is_ours = self._state == "synced" and self._answered >= wanted
            return is_ours or (route is not None and route.has_answered(number))

        with self._lock:
            self._lock.wait_for(lambda: self._is_closing or is_answered(), timeout_s)
            return is_answered()

    # The end

    def close(self) -> None:
        """Leave the server; what waits is sent before, where that is possible at once."""
        with self._lock:
            if self._is_closing:
                return
            self._is_closing = True
            self._lock.notify_all()
        self._room.remove_link(self)
        self._leave_pages()
        self._rouse()
        _open_links.discard(self)
        self._set_state("offline", None)

    def _rouse(self) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._wake.set)

    def _set_state(self, state: ConnectionState, error: str | None) -> None:
        with self._lock:
            if self._is_closing:
                state = "offline"
            said = (state, error, self._trouble)
            is_new = said != self._said
            self._said = said
            self._state, self._error = state, error
            self._lock.notify_all()
        if self._route is not None and state == "synced":
            self._route.close()
        if is_new:
            self._tell_all()

    def _tell_all(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            self._tell(listener)
        self._room.tell_connections()

    def _tell(self, listener: Callable[[WebSocketLink], object]) -> None:
        try:
            listener(self)
        except Exception:  # noqa: BLE001 - it must not end the connection
            _log.warning("a state listener of %s failed", self.name, exc_info=True)

    # The connection's life

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE_S
        try:
            while not self._is_closing:
                was_synced, reason, is_refused = await self._connect_once()
                self._set_state("offline", reason)
                if not self._is_closing:
                    self._warn(reason)
                if not is_refused:
                    self.open_route()
                pause = _FIRST_PAUSE_S if was_synced else pause
                await self._rest(_LONGEST_PAUSE_S if is_refused else pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
                self._set_state("connecting", reason)
        finally:
            self._loop_thread.stop()

    async def _rest(self, pause: float) -> None:
        until = asyncio.get_running_loop().time() + pause * random.uniform(0.5, 1.0)  # noqa: S311
        while not self._is_closing:
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return
            self._wake.clear()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), left)

    async def _connect_once(self) -> tuple[bool, str, bool]:
        """Connect and stay connected; return whether it was synced, why it ended, and if for good.

        A refusal is for good until somebody changes something at the server.
        """
        reason, is_refused = "the connection has ended", False
        self._begin()
        try:
            target = await asyncio.to_thread(self._dialect.target)
            async with connect(
                target.url,
                **target.options(),
                max_size=_MOST_RECEIVED,
                open_timeout=10,
                close_timeout=2,
                logger=_silent,
            ) as socket:
                await self._talk(socket)
                if socket.close_reason:
                    reason = _ENDED + socket.close_reason
        except RefusedError as error:
            reason, is_refused = str(error), True
        except InvalidStatus as error:
            reason, is_refused = _status(error), error.response.status_code in _REFUSALS
        except ConnectionClosed as error:
            is_refused = error.rcvd is not None and error.rcvd.code == CloseCode.MESSAGE_TOO_BIG
            reason = _TOO_LARGE if is_refused else _ending(error)
        except (OSError, WebSocketException, EOFError, asyncio.TimeoutError) as error:
            reason = str(error) or type(error).__name__
        was_synced = self._state == "synced"
        with self._lock:
            self._is_open = False
            self._held = self._progress = None
        self._room.forget_peer(self, "")
        return was_synced, self._address.hide(reason), is_refused

    def _warn(self, reason: str) -> None:
        if reason != self._warned:
            self._warned = reason
            _log.warning(
                "room %r: not connected to %s (%s); edits are kept and it is tried again",
                self._room.name,
                self.name,
                reason,
            )

    async def _talk(self, socket: ClientConnection) -> None:
        """Exchange frames until the connection ends."""
        for message in self._dialect.opening():
            await socket.send(message)
        await self._ask(socket)
        writer = asyncio.ensure_future(self._write(socket))
        reader = asyncio.ensure_future(self._read(socket))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, writer):
                if not task.done():
                    task.cancel()
            results = await asyncio.gather(reader, writer, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _write(self, socket: ClientConnection) -> None:
        clock = asyncio.get_running_loop().time
        compare_at = clock() + _COMPARE_INTERVAL_S
        while True:
            is_closing = self._is_closing
            while self._waiting:
                with self._lock:
                    frame = self._waiting.popleft()
                    self._waiting_bytes -= len(frame)
                await socket.send(self._dialect.write(frame))
            if is_closing:
                return
            if self._waiting_bytes > _MOST_WAITING:
                raise OSError("the server is too slow")
            if self._wants_to_ask and self._is_open:
                await asyncio.to_thread(self._dialect.check)
                await self._ask(socket)
                compare_at = clock() + _COMPARE_INTERVAL_S
            self._wake.clear()
            if self._waiting or self._is_closing or (self._wants_to_ask and self._is_open):
                continue
            is_to_confirm = self.waiting_edits > 0 and not self._in_flight
            left = compare_at - clock() if self._is_open else _COMPARE_INTERVAL_S
            try:
                await asyncio.wait_for(
                    self._wake.wait(), max(0.0, min(left, _QUIET_S) if is_to_confirm else left)
                )
            except asyncio.TimeoutError:
                self._wants_to_ask = True

    async def _ask(self, socket: ClientConnection) -> None:
        """Ask for what we lack; at the first time for everything, to see what it is."""
        if not self._next_question():
            return  # soon, behind what has come in between
        hello = await asyncio.to_thread(self._hello)
        await socket.send(self._dialect.write(hello))

    async def _receive(self, socket: ClientConnection) -> str | bytes:
        """Return the next message; of one that comes in pieces, tell how far it has got."""
        pieces: list[str | bytes] = []
        size, received = None, 0
        async for piece in socket.recv_streaming():
            pieces.append(piece)
            if not isinstance(piece, str):  # bytes, or a bytearray where websockets is older
                received += len(piece)
                size = size_of(piece) if len(pieces) == 1 else size
                if size and len(pieces) > 1:
                    self._set_progress(min(received / size, 1.0))
        if isinstance(pieces[0], str):
            return pieces[0]
        return b"".join(piece for piece in pieces if not isinstance(piece, str))

    def _set_progress(self, progress: float | None) -> None:
        with self._lock:
            before, self._progress = self._progress, progress
            is_new = before is None or progress is None or int(100 * before) < int(100 * progress)
            listeners = list(self._listeners) if is_new else []
        for listener in listeners:
            self._tell(listener)
        if is_new:
            self._room.tell_connections()

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            try:
                data = await self._receive(socket)
            except ConnectionClosedOK:
                return
            if isinstance(data, str):
                _log.warning("room %r: %s sent text; dropped", self._room.name, self.name)
                continue
            try:
                message = self._dialect.read(data)
            except FrameError as error:
                _log.warning("room %r: %s sent %s; dropped", self._room.name, self.name, error)
                continue
            if message.kind == "denied":
                raise RefusedError(f"the server refuses: {message.reason}")
            if message.kind == "view":
                self._note_view_only(message)
            elif message.kind == "frame":
                await asyncio.to_thread(self._take_and_look, message.data)
            if self._progress is not None:
                self._set_progress(None)

    def _take_and_look(self, data: bytes) -> None:
        """Take a frame; tell when the document says of itself that all is not well, or is again."""
        self._take(data)
        with self._room.store.lock:
            trouble = self._dialect.trouble(self._room.doc)
        if trouble != self._trouble:
            self._trouble = trouble
            if trouble is not None:
                _log.warning("room %r: %s: %s", self._room.name, self.name, trouble)
            self._set_state(self._state, self._error)

    def _note_view_only(self, message: Message) -> None:
        if not self._is_view_only:
            self._is_view_only = True
            reason = f"the server takes no edits of ours: {self._address.hide(message.reason)}"
            _log.warning("room %r: %s: %s", self._room.name, self.name, reason)
            self._set_state(self._state, reason)


def _ending(error: ConnectionClosed) -> str:
    """Return why a connection has ended, in the server's words if it has said any."""
    words = error.rcvd.reason if error.rcvd is not None else ""
    return _ENDED + words if words else str(error)


def _status(error: InvalidStatus) -> str:
    """Return why a server did not open the connection: its body's first words, if it is text."""
    response = error.response
    words = bytes(response.body or b"")[:200].decode(errors="replace").strip()
    return f"the server answered {response.status_code} {response.reason_phrase}: {words}"


_open_links: WeakSet[WebSocketLink] = WeakSet()


@atexit.register
def _send_at_exit() -> None:
    for link in list(_open_links):
        if link.is_open() or link.through == "page":
            link.wait_until_synced(_AT_EXIT_S)
