"""The server: who may come in, the rooms in memory, and what their clients say.

`websockets` moves the messages. pycrdt-websocket's own rooms are not used: they start a task for
each message and client, without an end for one that does not read, and never say that an edit is
kept.

Source: the messages are y-websocket's; all else is this project's own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from tinybase_widget._exceptions import DocumentError, FrameError, MissingExtraError, TinyBaseError
from tinybase_widget.server._door import HEALTH, METRICS, Admitted, Answer, Door, ServerOptions
from tinybase_widget.server._guarding import FullError
from tinybase_widget.server._holders import Holder, Holders, LimitError, Limits
from tinybase_widget.server._levels import RefusedUpdateError
from tinybase_widget.server._metrics import Metrics
from tinybase_widget.server._shelf import Shelf
from tinybase_widget.server._writing import Writer
from tinybase_widget.sync._frames import FrameKind, read_frame

try:
    from websockets.asyncio.server import Server, serve
    from websockets.exceptions import ConnectionClosed

    from tinybase_widget.server._client import Client
    from tinybase_widget.server._connection import BoundedConnection, Bounds, where
    from tinybase_widget.server._room import LARGE, NOTHING, ServedRoom
except ImportError as error:
    raise MissingExtraError("server", "A server of rooms") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

_T = TypeVar("_T")

_UNLOAD_S = 60.0
_REVOKED_S = 1.0  # how often it is looked for tokens that were revoked
_MEASURE_S = 30.0  # how often a full room is measured
_QUERY = 3
_POLICY, _INTERNAL, _TRY_AGAIN = 1008, 1011, 1013
_LOOKING_ONLY = "this link is for looking only; what you change stays with you"
_DISK_FULL = "the server can't keep any more at the moment; what you change stays with you"

_log = logging.getLogger("tinybase_widget.server")
_silent = logging.getLogger("tinybase_widget.server.frames")  # it would log tokens
_silent.disabled = True


class RoomServer:
    """A server of rooms that keeps them in a SQLite database.

    Args:
        path: The database, made where there is none.
        options: What it is to do.

    Raises:
        PlaceError: The database can't be read.
        ValueError: It would be open to everybody: it listens to other computers, and there is no
            token.
    """

    def __init__(self, path: str, options: ServerOptions | None = None) -> None:
        self.options = options or ServerOptions()
        self.shelf = Shelf(path, self.options.max_file)
        self.metrics = Metrics()
        self._database = ThreadPoolExecutor(1, "tinybase-widget database")
        try:
            self._door = Door(self.options, self.shelf.grants, self._on_database)
        except ValueError:
            self.shelf.close()
            raise
        self._rooms: dict[str, ServedRoom] = {}
        self._loading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._damaged: set[str] = set()
        self._admitted: WeakKeyDictionary[ServerConnection, Admitted] = WeakKeyDictionary()
        self._bounds = Bounds(
            self.options.max_connections, lambda: self.metrics.count("strangers_total")
        )
        self._holders = Holders(_limits_each(self.options), self.shelf.rooms_made())
        self._clients: set[Client] = set()
        self._writer = Writer(self.shelf, self.metrics, self._on_database, self._on_recovery)
        self._looking = asyncio.Semaphore(2)
        self._making_room: dict[ServedRoom | Holder, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._recovering: asyncio.Task[None] | None = None
        self._server: Server | None = None
        self._is_stopping = False

    # Its life

    async def start(self) -> int:
        """Listen; return the port."""
        options = self.options
        self._server = await serve(
            self._serve_client,
            options.host,
            options.port,
            process_request=self._let_in,
            max_size=options.max_frame,
            max_queue=4,
            compression=None,
            ping_interval=20,
            ping_timeout=30,
            close_timeout=2,
            server_header=None,
            logger=_silent,
            ssl=options.ssl,
            create_connection=self._bounds.factory(),  # type: ignore[arg-type]
        )
        self._tasks = [
            asyncio.create_task(self._writer.run()),
            asyncio.create_task(self._watch_tokens()),
        ]
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    async def stop(self) -> None:
        """Take leave of everybody, and write what is not written yet."""
        self._is_stopping = True
        if self._server is not None:
            self._server.close(close_connections=True)
            await self._server.wait_closed()
        self._writer.stop()
        if self._tasks:
            writing, *others = self._tasks
            await writing
            for task in (*others, *self._making_room.values()):
                task.cancel()
        for room in self._rooms.values():
            room.close()
        self._rooms.clear()
        await self._on_database(self.shelf.close)
        self._database.shutdown()

    async def _on_database(self, function: Callable[..., _T], *args: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._database, function, *args)

    # The door

    async def _let_in(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request, or let it become a client."""
        address = self._door.address_of(request, where(connection))
        judged = await self._door.judge(request, address, len(self._clients))
        if isinstance(judged, Answer):
            self.metrics.count("refused_total")
            _log.info("%s was refused: %s", address, judged.text.strip())
            return connection.respond(judged.status, judged.text)
        if judged.room == HEALTH:
            return connection.respond(*self._health())
        if judged.room == METRICS:
            text = self.metrics.text(connections=len(self._clients), rooms=len(self._rooms))
            return connection.respond(HTTPStatus.OK, text)
        self._admitted[connection] = judged
        return None

    def _health(self) -> Answer:
        if self._writer.failure:
            words = f"edits are not kept, and wait: {self._writer.failure}\n"
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, words)
        if self._damaged:
            words = f"rooms that can't be opened: {len(self._damaged)}; see the log\n"
            return Answer(HTTPStatus.OK, f"ok\n{words}")
        return Answer(HTTPStatus.OK, "ok\n")

    async def _watch_tokens(self) -> None:
        """End the connections of tokens that are revoked."""
        while True:
            await asyncio.sleep(_REVOKED_S)
            try:
                ids = await self._on_database(self.shelf.grants.ids_if_changed)
            except TinyBaseError as error:
                _log.error("tokens can't be read: %s", error)
                continue
            if ids is None:
                continue
            revoked = [client for client in self._clients if client.grant.id not in ids]
            for client in revoked:
                _log.info("%s: the token was revoked", client.name)
            await _close_all(revoked, "this token is not known any more", _POLICY)

    # Clients

    async def _serve_client(self, socket: ServerConnection) -> None:
        assert isinstance(socket, BoundedConnection)  # noqa: S101 - it is what makes them
        name, grant, address = self._admitted[socket]
        holder = self._holders.of(grant, address)
        client = Client(socket, grant, holder, f"{address} ({grant.id}) in {name!r}")
        if len(self._clients) >= self.options.max_connections:
            await client.close("too many connections; try again later")
            return
        try:
            holder.enter()
        except LimitError as error:
            await self._turn_away(client, str(error))
            return
        self._bounds.take_in(socket, holder)
        self._clients.add(client)
        self.metrics.count("accepted_total")
        try:
            room = await self._enter(name, client)
            await self._converse(socket, room, client)
        except TinyBaseError as error:
            self._damaged.add(name)
            _log.error("room %r can't be opened: %s", name, error)
            await client.close("this room can't be opened; see the server's log", _INTERNAL)
        except OverflowError:
            await client.close("too many rooms; try again later")
        except Exception:  # noqa: BLE001 - the others go on
            _log.exception("%s: the server failed, and goes on", client.name)
            await client.close("the server failed; see its log", _INTERNAL)
        finally:
            self._clients.discard(client)
            holder.leave()

    async def _turn_away(self, client: Client, reason: str) -> None:
        """Refuse a client in words that browsers show, which don't where the door refuses."""
        self.metrics.count("refused_total")
        self.metrics.count("limited_total")
        if not client.holder.is_warned_of:
            client.holder.is_warned_of = True
            _log.warning("%s was refused, and will be while it is so: %s", client.name, reason)
        await client.close(reason)

    async def _converse(self, socket: BoundedConnection, room: ServedRoom, client: Client) -> None:
        end: asyncio.Task[None] | None = None
        if client.grant.expires is not None:
            end = asyncio.create_task(self._end_at(client, client.grant.expires))
        try:
            client.put(room.hello())
            present = room.presence.frame()
            if present is not None:
                client.put(present)
            async for data in socket:
                await client.slow_down()
                await self._take(room, client, data)
                socket.took(data)
        except ConnectionClosed:
            pass
        finally:
            if end is not None:
                end.cancel()
            if client.is_slow:
                self.metrics.count("slow_total")
                _log.warning("%s reads too slowly, and was cut off", client.name)
            self._leave(room, client)

    async def _end_at(self, client: Client, expires: float) -> None:
        while (left := expires - time.time()) > 0:  # noqa: ASYNC110 - the clock may be set
            await asyncio.sleep(min(left, 3600.0))
        await client.close("this token has expired", _POLICY)

    async def _take(self, room: ServedRoom, client: Client, data: str | bytes) -> None:
        try:
            if isinstance(data, str):
                raise RefusedUpdateError("text")
            frame = read_frame(data)
            if frame.kind is FrameKind.STEP_1:
                room.ask(client, frame.payload)
            elif frame.kind in (FrameKind.STEP_2, FrameKind.UPDATE):
                is_answer = frame.kind is FrameKind.STEP_2
                await self._take_update(room, client, frame.payload, is_answer=is_answer)
            elif frame.kind is FrameKind.AWARENESS:
                told = room.presence.take(client, frame.payload)
                if told is not None:
                    room.tell_others(told, client)
            elif data[0] == _QUERY:
                present = room.presence.frame()
                if present is not None:
                    client.put(present)
        except FullError as error:
            self._refuse(room, client, error)
        except (FrameError, ValueError, DocumentError) as error:
            self.metrics.count("malformed_total")
            await client.note_nonsense(error)

    async def _take_update(
        self, room: ServedRoom, client: Client, update: bytes, *, is_answer: bool
    ) -> None:
        if self.options.read_only or client.grant.role == "view":
            if not is_answer or len(update) > LARGE or room.has_news(update):
                self.metrics.count("edits_dropped_total")
                client.tell_refused(_LOOKING_ONLY)
            return
        if self._writer.is_full():
            raise FullError(_DISK_FULL)
        if update == NOTHING:
            return
        client.holder.begin(room, len(update))
        size = 0
        try:
            if len(update) > LARGE:
                async with self._looking:
                    size = await room.take(client, update, is_answer=is_answer)
            else:
                size = await room.take(client, update, is_answer=is_answer)
        except DocumentError:
            await self._drop(room)
            raise
        finally:
            client.holder.end(room, len(update), size)
        if size:
            self.metrics.count("edits_total")
            self._writer.add(room, size)

    # What there is no place for

    def _refuse(self, room: ServedRoom, client: Client, error: FullError) -> None:
        reason = str(error)
        self.metrics.count("edits_refused_total")
        if isinstance(error, LimitError):
            self.metrics.count("limited_total")
        if not client.refused:
            _log.warning("%s: an edit was refused: %s", client.name, reason)
        client.tell_refused(reason)
        holder = client.holder
        if room.is_full and room not in self._making_room:
            self._making_room[room] = asyncio.create_task(self._make_room(room))
        if holder.has_too_many_edits() and holder not in self._making_room:
            self._making_room[holder] = asyncio.create_task(self._ease(holder))

    async def _make_room(self, room: ServedRoom) -> None:
        """Let those come again who were refused, when deletions have made room."""
        refused = room.refused_clients()
        while refused and not room.is_broken:
            await room.measure()
            if not room.is_full:
                await self._ask_again(refused)
                break
            await asyncio.sleep(_MEASURE_S)
            refused = room.refused_clients()
        self._making_room.pop(room, None)

    async def _ease(self, holder: Holder) -> None:
        """Let those come again who were refused since they had brought too much in a time."""
        while left := holder.seconds_to_ease():  # noqa: ASYNC110 - more may come meanwhile
            await asyncio.sleep(left)
        self._making_room.pop(holder, None)
        refused = [each for each in self._clients if each.holder is holder and each.refused]
        await self._ask_again(refused)

    def _on_recovery(self) -> None:
        refused = [client for client in self._clients if client.refused == _DISK_FULL]
        self._recovering = asyncio.create_task(self._ask_again(refused))

    async def _ask_again(self, clients: list[Client]) -> None:
        """End the connections of clients: they come back with what was refused."""
        await _close_all(clients, "there is room again")

    # Rooms

    async def _enter(self, name: str, client: Client) -> ServedRoom:
        async with self._loading.setdefault(name, asyncio.Lock()):
            room = self._rooms.get(name)
            if room is None:
                self._make_place_for_a_room()
                update, count = await self._on_database(self.shelf.read, name)
                if update is None:
                    room = ServedRoom(name, None, most=self.options.max_room)
                else:
                    room = await self._load(name, update, count)
                self._rooms[name] = room
                self._damaged.discard(name)
            room.enter(client)
        return room

    def _make_place_for_a_room(self) -> None:
        """Let go of a room that nobody is in, if there are as many as may be in memory."""
        if len(self._rooms) >= self.options.max_rooms:
            idle = next((room for room in self._rooms.values() if self._is_idle(room)), None)
            if idle is None:
                raise OverflowError
            self._unload(idle)

    def _is_idle(self, room: ServedRoom) -> bool:
        return not room.clients and not self._writer.has(room)

    async def _load(self, name: str, update: bytes, count: int) -> ServedRoom:
        try:
            return await asyncio.to_thread(ServedRoom, name, update, count, self.options.max_room)
        except (ValueError, RuntimeError) as error:
            raise TinyBaseError(f"what is kept of it is no document: {error}") from error

    def _leave(self, room: ServedRoom, client: Client) -> None:
        room.leave(client)
        gone = room.presence.leave(client)
        if gone is not None:
            room.tell_others(gone, client)
        if not room.clients and not self._is_stopping:
            asyncio.get_running_loop().call_later(_UNLOAD_S, self._unload, room)

    def _unload(self, room: ServedRoom) -> None:
        if self._is_idle(room) and self._rooms.get(room.name) is room:
            del self._rooms[room.name]
            room.close()

    async def _drop(self, room: ServedRoom) -> None:
        """Throw a room away whose document may be half done; what waits is written."""
        _log.error("the document of room %r failed; it is read from the disk again", room.name)
        if self._rooms.get(room.name) is room:
            del self._rooms[room.name]
        await self._writer.write({room})
        await _close_all(room.clients, "the room begins anew")


async def _close_all(clients: Iterable[Client], reason: str, code: int = _TRY_AGAIN) -> None:
    """End connections, all at once: one that does not answer takes its time."""
    await asyncio.gather(*[client.close(reason, code) for client in clients])


def _limits_each(options: ServerOptions) -> Limits:
    connections = options.max_connections_each or max(1, options.max_connections // 2)
    return Limits(connections, options.max_rooms_each, options.max_edits_each)
