"""How late edits are heard in a busy room of a server, and what an idle room costs.

20 clients in one room, each of which edits five times a second, and 200 that edit ten times: 2,000
edits that 200 should hear of. The clients are the same for all servers, in one process of Node.js,
which shares the cores with the server. Then 2,000 rooms with one client each that does nothing.
`tinybase-widget serve` writes all of it to a database, with `fsync`, and acknowledges it then; the
others keep it in memory.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

from websockets.asyncio.client import connect

from bench.report import print_table
from tests.interop.peer_process import JS
from tests.interop.servers.conftest import Server
from tinybase_widget.sync._addresses import read_address
from tinybase_widget.sync._dialects import DIALECTS
from tinybase_widget.sync._frames import FrameKind, write_frame

LOADS = ((20, 5), (200, 10))  # clients, and edits a second of each
SECONDS, RUNS = 5, 3
IDLE_ROOMS = 2000
SERVERS = {
    "serve": "tinybase-widget serve",
    "y-websocket": "npm's y-websocket",
    "hocuspocus": "Hocuspocus 3",
}
_LOAD = JS / "tests" / "peers" / "server_load.mjs"


class _Busy(NamedTuple):
    median_ms: float
    late_ms: float
    heard: float
    rate: float


def main() -> None:
    """Measure and print."""
    idle = {kind: _idle(kind) for kind in SERVERS}
    for clients, rate in LOADS:
        busy: dict[str, list[_Busy]] = {kind: [] for kind in SERVERS}
        for _ in range(RUNS):
            for kind, results in busy.items():
                results.append(_busy(kind, clients, rate))
        _print(clients, rate, busy, idle)


def _print(clients: int, rate: int, busy: dict[str, list[_Busy]], idle: dict[str, float]) -> None:
    median = {kind: statistics.median(each.median_ms for each in busy[kind]) for kind in SERVERS}
    late = {kind: statistics.median(each.late_ms for each in busy[kind]) for kind in SERVERS}
    best_median = min(median[kind] for kind in SERVERS if kind != "serve")
    best_late = min(late[kind] for kind in SERVERS if kind != "serve")
    print_table(
        f"{clients} clients in a room, {rate} edits a second each, {SECONDS} s: median of {RUNS}",
        "python -m bench server",
        ["", "median", "99 %", "to the best peer", "edits sent", "heard", "an idle room"],
        [
            [
                name,
                f"{median[kind]:,.0f} ms",
                f"{late[kind]:,.0f} ms",
                f"{median[kind] / best_median:.3f} / {late[kind] / best_late:.3f}",
                f"{statistics.median(each.rate for each in busy[kind]):,.0f}/s",
                f"{min(each.heard for each in busy[kind]):.1%}",
                f"{idle[kind]:,.0f} kB",
            ]
            for kind, name in SERVERS.items()
        ],
        [
            "Heard: the part of the edits that had arrived 30 s after the last one.",
            f"An idle room: memory of the server for each of {IDLE_ROOMS}, with a client in each.",
        ],
    )


def _busy(kind: str, clients: int, rate: int) -> _Busy:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(kind, Path(folder) if kind == "serve" else None)
        try:
            command = ["node", str(_LOAD), server.protocol, server.url]
            command += [str(clients), str(rate), str(SECONDS)]
            output = subprocess.run(
                command, cwd=JS, stdout=subprocess.PIPE, text=True, check=True, timeout=120
            ).stdout
        finally:
            server.kill()
    result: dict[str, Any] = json.loads(output)
    return _Busy(
        *(float(result[key] or "nan") for key in ("median", "late", "heard", "rate")),
    )


def _idle(kind: str) -> float:
    most = str(IDLE_ROOMS + 10)
    options = ("--max-connections", most, "--max-connections-each", most)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(
            kind,
            Path(folder) if kind == "serve" else None,
            options=options if kind == "serve" else (),
        )
        try:
            return asyncio.run(_kilobytes_a_room(server))
        finally:
            server.kill()


async def _kilobytes_a_room(server: Server) -> float:
    async with AsyncExitStack() as stack:
        await _join(stack, server, "first")
        before = server.kilobytes()
        for number in range(IDLE_ROOMS):
            await _join(stack, server, f"room{number}")
        return (server.kilobytes() - before) / IDLE_ROOMS


async def _join(stack: AsyncExitStack, server: Server, room: str) -> None:
    """Join a room and wait for the answer to a first question."""
    dialect = DIALECTS[server.protocol](read_address(f"{server.url}/{room}", None))
    socket = await stack.enter_async_context(connect(dialect.target().url, compression=None))
    for message in (*dialect.opening(), dialect.write(write_frame(FrameKind.STEP_1, b"\0"))):
        await socket.send(message)
    answer = write_frame(FrameKind.STEP_2, b"\0\0")
    while True:
        data = await socket.recv()
        assert isinstance(data, bytes)  # noqa: S101 - what they send
        if dialect.read(data).data == answer:
            return


if __name__ == "__main__":
    main()
