"""The server: who may come in, the rooms in memory, and when what they hold is written.

`websockets` moves the messages. pycrdt-websocket's own rooms are not used: they tell everybody of
an edit before it is kept and start a task for each message and client, without an end for one that
does not read.

One task writes: it takes what waits in all rooms, commits it, lets the rooms tell of it, and rests
a moment, the longer the more were told. So a single edit goes out after one commit, and in a busy
room a commit takes many.

Source: the messages are y-websocket's; all else is this project's own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from tinybase_widget._exceptions import DocumentError, FrameError, MissingExtraError, TinyBaseError
from tinybase_widget.server._door import METRICS, Admitted, Answer, Door, ServerOptions
from tinybase_widget.server._guarding import RefusedUpdateError
from tinybase_widget.server._metrics import Metrics
from tinybase_widget.server._room import ServedRoom
from tinybase_widget.server._shelf import Shelf
from tinybase_widget.sync._frames import FrameKind, read_frame

try:
    from websockets.asyncio.server import Server, ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    from tinybase_widget.server._client import Client
except ImportError as error:
    raise MissingExtraError("server", "A server of rooms") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.http11 import Request, Response

_T = TypeVar("_T")

_REST_S, _REST_FOR_A_CLIENT_S = 0.02, 0.0001
_RETRY_S = 1.0
_UNLOAD_S = 60.0
_MANY = 2000  # updates of a room, from which on they are put together
_QUERY = 3
_GOING_AWAY, _POLICY, _INTERNAL = 1001, 1008, 1011

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
        self.shelf = Shelf(path)
        self.metrics = Metrics()
        self._database = ThreadPoolExecutor(1, "tinybase-widget database")
        try:
            self._door = Door(self.options, self.shelf.grants, self._on_database)
        except ValueError:
            self.shelf.close()
            raise
        self._rooms: dict[str, ServedRoom] = {}
        self._loading: dict[str, asyncio.Lock] = {}
        self._admitted: WeakKeyDictionary[ServerConnection, Admitted] = WeakKeyDictionary()
        self._connections = 0
        self._dirty: set[ServedRoom] = set()
        self._wake = asyncio.Event()
        self._server: Server | None = None
        self._writer: asyncio.Task[None] | None = None
        self._is_stopping = False

    # Its life

    async def start(self) -> int:
        """Listen; return the port."""
        options = self.options
        self._writer = asyncio.create_task(self._write())
        self._server = await serve(
            self._serve_client,
            options.host,
            options.port,
            process_request=self._let_in,
            max_size=options.max_frame,
            max_queue=16,
            ping_interval=20,
            ping_timeout=30,
            close_timeout=2,
            server_header=None,
            logger=_silent,
            ssl=options.ssl,
        )
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    async def stop(self) -> None:
        """Take leave of everybody, and write what is not written yet."""
        self._is_stopping = True
        if self._server is not None:
            self._server.close(close_connections=True)
            await self._server.wait_closed()
        self._wake.set()
        if self._writer is not None:
            await self._writer
        for room in self._rooms.values():
            room.close()
        self._rooms.clear()
        await self._on_database(self.shelf.close)
        self._database.shutdown()

    async def _on_database(self, function: Callable[..., _T], *args: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._database, function, *args)

    async def _let_in(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request, or let it become a client."""
        judged = await self._door.judge(request, self._connections)
        if isinstance(judged, Answer):
            if judged.status is not HTTPStatus.OK:
                self.metrics.count("refused_total")
                _log.info("%s was refused: %s", _where(connection), judged.text.strip())
            return connection.respond(judged.status, judged.text)
        if judged.room == METRICS:
            text = self.metrics.text(connections=self._connections, rooms=len(self._rooms))
            return connection.respond(HTTPStatus.OK, text)
        self._admitted[connection] = judged
        return None

    # Clients

    async def _serve_client(self, socket: ServerConnection) -> None:
        name, grant = self._admitted[socket]
        client = Client(socket, grant, f"{_where(socket)} ({grant.id}) in {name!r}")
        if self._connections >= self.options.max_connections:
            await client.close("too many connections; try again later")
            return
        self._connections += 1
        self.metrics.count("accepted_total")
        try:
            room = await self._enter(name, client)
            await self._converse(socket, room, client)
        except TinyBaseError as error:
            _log.error("room %r can't be opened: %s", name, error)
            await client.close("this room can't be opened; see the server's log", _INTERNAL)
        except OverflowError:
            await client.close("too many rooms; try again later")
        except Exception:  # noqa: BLE001 - the others go on
            _log.exception("%s: the server failed, and goes on", client.name)
            await client.close("the server failed; see its log", _INTERNAL)
        finally:
            self._connections -= 1

    async def _converse(self, socket: ServerConnection, room: ServedRoom, client: Client) -> None:
        tasks = [asyncio.create_task(client.write())]
        if client.grant.expires is not None:
            tasks.append(asyncio.create_task(self._end_at(client, client.grant.expires)))
        try:
            client.put(room.hello())
            present = room.presence.frame()
            if present is not None:
                client.put(present)
            async for data in socket:
                await client.slow_down()
                await self._take(room, client, data)
        except ConnectionClosed:
            pass
        finally:
            for task in tasks:
                task.cancel()
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
        except (FrameError, ValueError, DocumentError) as error:
            self.metrics.count("malformed_total")
            await client.note_nonsense(error)

    async def _take_update(
        self, room: ServedRoom, client: Client, update: bytes, *, is_answer: bool
    ) -> None:
        if self.options.read_only or client.grant.role == "view":
            if not is_answer or room.has_news(update):
                self.metrics.count("edits_dropped_total")
                client.tell_view_only()
            return
        try:
            is_new = await room.take(client, update, is_answer=is_answer)
        except DocumentError:
            await self._drop(room)
            raise
        if is_new:
            self.metrics.count("edits_total")
            self._dirty.add(room)
            self._wake.set()

    # Rooms

    async def _enter(self, name: str, client: Client) -> ServedRoom:
        async with self._loading.setdefault(name, asyncio.Lock()):
            room = self._rooms.get(name)
            if room is None:
                if len(self._rooms) >= self.options.max_rooms:
                    raise OverflowError
                update, count = await self._on_database(self.shelf.read, name)
                try:
                    room = await asyncio.to_thread(ServedRoom, name, update, count)
                except (ValueError, RuntimeError) as error:
                    raise TinyBaseError(f"what is kept of it is no document: {error}") from error
                self._rooms[name] = room
            room.clients.add(client)
        return room

    def _leave(self, room: ServedRoom, client: Client) -> None:
        room.clients.discard(client)
        gone = room.presence.leave(client)
        if gone is not None:
            room.tell_others(gone, client)
        if not room.clients and not self._is_stopping:
            asyncio.get_running_loop().call_later(_UNLOAD_S, self._unload, room)

    def _unload(self, room: ServedRoom) -> None:
        is_idle = not room.clients and not room.waiting and room not in self._dirty
        if is_idle and self._rooms.get(room.name) is room:
            del self._rooms[room.name]
            self._loading.pop(room.name, None)
            room.close()

    async def _drop(self, room: ServedRoom) -> None:
        """Throw a room away whose document may be half done; what waits is written."""
        _log.error("the document of room %r failed; it is read from the disk again", room.name)
        if self._rooms.get(room.name) is room:
            del self._rooms[room.name]
        updates, room.waiting = room.waiting, []
        await self._commit({room: updates})
        for client in list(room.clients):
            await client.close("the room begins anew")

    # Writing

    async def _write(self) -> None:
        while not self._is_stopping or self._dirty:
            if not self._dirty:
                self._wake.clear()
                if not self._is_stopping:
                    await self._wake.wait()
                continue
            rooms, self._dirty = self._dirty, set()
            taken = {room: room.waiting for room in rooms}
            for room in rooms:
                room.waiting = []
            if await self._commit(taken):
                for room, updates in taken.items():
                    self._tell(room, updates)
                await self._squash(rooms)
                told = sum(len(room.clients) for room in taken)
                pause = min(_REST_S, told * _REST_FOR_A_CLIENT_S)
            elif self._is_stopping:
                _log.error("the last edits of %d rooms could not be kept", len(rooms))
                return
            else:
                for room, updates in taken.items():
                    room.waiting = updates + room.waiting
                self._dirty |= rooms
                pause = _RETRY_S
            if not self._is_stopping:
                await asyncio.sleep(pause)

    def _tell(self, room: ServedRoom, updates: list[Any]) -> None:
        try:
            room.tell(updates)
        except Exception:  # noqa: BLE001 - other rooms go on
            _log.exception("room %r failed, and goes on", room.name)

    async def _commit(self, taken: dict[ServedRoom, list[Any]]) -> bool:
        rows = [(room.name, update) for room, updates in taken.items() for update, _ in updates]
        try:
            await self._on_database(self.shelf.write, rows)
        except TinyBaseError as error:
            self.metrics.count("commit_failures_total")
            _log.error("edits can't be kept, and wait: %s", error)
            return False
        self.metrics.count("commits_total")
        for room, updates in taken.items():
            room.kept += len(updates)
        return True

    async def _squash(self, rooms: set[ServedRoom]) -> None:
        for room in rooms:
            if room.kept > _MANY:
                room.kept = 1
                with suppress(TinyBaseError):
                    await self._on_database(self.shelf.squash, room.name)


def _where(connection: ServerConnection) -> str:
    address = connection.remote_address
    return str(address[0]) if isinstance(address, tuple) else "somebody"
