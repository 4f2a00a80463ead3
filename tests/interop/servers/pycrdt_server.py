"""A pycrdt-websocket server behind `websockets`: prints its port; ends when stdin does."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pycrdt.websocket import WebsocketServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Channel:
    """What pycrdt-websocket wants to know of a connection."""

    def __init__(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self._socket = socket
        self.path = socket.request.path.partition("?")[0]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._socket:
            yield data if isinstance(data, bytes) else data.encode()

    async def send(self, message: bytes) -> None:
        with suppress(ConnectionClosed):
            await self._socket.send(message)

    async def recv(self) -> bytes:
        data = await self._socket.recv()
        return data if isinstance(data, bytes) else data.encode()


async def main(port: int) -> None:
    rooms: Any = WebsocketServer(auto_clean_rooms=False)

    async def handle(socket: ServerConnection) -> None:
        await rooms.serve(Channel(socket))

    async with rooms, serve(handle, "127.0.0.1", port) as server:
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
