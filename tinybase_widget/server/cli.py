"""`tinybase-widget`: serving rooms, and the tokens that let people in."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.server._grants import ROLES, read_span

if TYPE_CHECKING:
    from collections.abc import Sequence

_OTHER_FILES = 250  # than connections, those among them that have not said who they are


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return what the shell is told."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except (TinyBaseError, ValueError, OSError) as error:
        print(f"tinybase-widget: {error}", file=sys.stderr)  # noqa: T201 - it is a command
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tinybase-widget", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="serve rooms until it is interrupted")
    serve.set_defaults(run=_serve)
    _add_db(serve)
    serve.add_argument("--host", default="127.0.0.1", help="where to listen (this computer only)")
    serve.add_argument("--port", type=int, default=1234, help="the port; 0 for any (1234)")
    serve.add_argument(
        "--share",
        metavar="ROOM",
        action="append",
        default=[],
        help="make links to a room, one to edit and one to view, and print them",
    )
    serve.add_argument("--expires", metavar="SPAN", help="how long these links hold, such as 7d")
    serve.add_argument(
        "--origin", action="append", default=[], help="a page's address that may connect, again"
    )
    serve.add_argument("--read-only", action="store_true", help="everybody may only look")
    serve.add_argument("--max-frame", type=int, default=32, help="of a message, in MB (32)")
    serve.add_argument("--max-rooms", type=int, default=5000, help="in memory at once (5000)")
    serve.add_argument("--max-connections", type=int, default=1000, help="at once (1000)")
    serve.add_argument(
        "--max-connections-each",
        type=_count,
        default=0,
        help="at once with one token, or from one address where there is none (half of all)",
    )
    serve.add_argument(
        "--max-rooms-each",
        type=_count,
        default=10_000,
        help="that one token may make; 0 for any (10000)",
    )
    serve.add_argument(
        "--max-edits-each",
        type=_count,
        default=4096,
        help="that one token may bring in an hour, in MB; 0 for any (4096)",
    )
    serve.add_argument(
        "--behind-proxy",
        action="store_true",
        help="believe X-Forwarded-For: a proxy in front says whose address it is",
    )
    serve.add_argument(
        "--max-room", type=int, default=1024, help="memory of a room's document, in MB (1024)"
    )
    serve.add_argument(
        "--max-file", type=int, default=0, help="size of the database, in MB (as the disk)"
    )
    serve.add_argument("--certificate", metavar="PEM", help="of TLS, with its key")

    token = commands.add_parser("token", help="make, list and revoke tokens")
    actions = token.add_subparsers(required=True, metavar="action")
    make = actions.add_parser("make", help="make a token and print it, once")
    make.set_defaults(run=_make_token)
    _add_db(make)
    make.add_argument("--role", choices=ROLES, default="edit")
    make.add_argument("--room", help="the only room that it is for")
    make.add_argument("--expires", metavar="SPAN", help="how long it holds, such as 12h or 7d")
    listing = actions.add_parser("list", help="list what tokens there are")
    listing.set_defaults(run=_list_tokens)
    _add_db(listing)
    revoke = actions.add_parser("revoke", help="delete a token")
    revoke.set_defaults(run=_revoke_token)
    _add_db(revoke)
    revoke.add_argument("id", help="its id, as `list` shows it")
    return parser


def _add_db(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--db", default="rooms.db", help="the SQLite database (rooms.db)")


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = -1
    if count < 0:
        raise argparse.ArgumentTypeError(f"a whole number of 0 or more is wanted, not {text!r}")
    return count


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is a command


def _expiry(span: str | None) -> float | None:
    return None if span is None else time.time() + read_span(span)


# Serving


def _serve(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    return asyncio.run(_serve_until_stopped(options))


async def _serve_until_stopped(options: argparse.Namespace) -> int:
    from tinybase_widget.server._door import ServerOptions  # noqa: PLC0415 - an extra
    from tinybase_widget.server._server import RoomServer  # noqa: PLC0415

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    tokens = _shared(options)
    server = RoomServer(
        options.db,
        ServerOptions(
            host=options.host,
            port=options.port,
            origins=options.origin,
            read_only=options.read_only,
            max_frame=options.max_frame << 20,
            max_rooms=options.max_rooms,
            max_connections=_open_files_for(options.max_connections),
            max_connections_each=options.max_connections_each,
            max_rooms_each=options.max_rooms_each,
            max_edits_each=options.max_edits_each << 20,
            behind_proxy=options.behind_proxy,
            max_room=options.max_room << 20,
            max_file=options.max_file << 20,
            ssl=_tls(options.certificate),
        ),
    )
    port = await server.start()
    scheme = "wss" if options.certificate else "ws"
    host = f"[{options.host}]" if ":" in options.host else options.host
    address = f"{scheme}://{host}:{port}"
    _say(f"Serving the rooms of {server.shelf.path} at {address} (Ctrl+C ends it)")
    for room, role, token in tokens:
        _say(f"  {role:4} {address}/{quote(room)}?token={token}")
    if not tokens:
        _say(f'  A room is joined by its address: TableView(store, "pets", room="{address}/zoo")')
    if scheme == "ws" and host != "127.0.0.1":
        _say("  Without --certificate, or a proxy that has one, whoever listens reads everything.")
    await stopped.wait()
    await server.stop()
    _say("Stopped; everything is on the disk.")
    return 0


def _open_files_for(connections: int) -> int:
    """Allow this process as many open files as it needs; return how many connections these are."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows, and no such limit
    except ImportError:
        return connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted:
            connections = max(1, soft - _OTHER_FILES)
            _say(f"This system lets it have {connections} connections at most (see `ulimit -n`).")
    return connections


def _shared(options: argparse.Namespace) -> list[tuple[str, str, str]]:
    from tinybase_widget.server._door import room_name  # noqa: PLC0415 - an extra
    from tinybase_widget.server._shelf import Shelf  # noqa: PLC0415

    for room in options.share:
        if room_name(f"/{quote(room)}") is None:
            raise ValueError(
                f"{room!r} can't be a room's name: letters, digits, spaces and - _ . ~, 100 at most"
            )
    expires = _expiry(options.expires)
    if not options.share:
        return []
    shelf = Shelf(options.db)
    try:
        return [
            (room, role, shelf.grants.make(role, room, expires))  # type: ignore[arg-type]
            for room in options.share
            for role in ROLES
        ]
    finally:
        shelf.close()


def _tls(certificate: str | None):  # type: ignore[no-untyped-def] # noqa: ANN202
    if certificate is None:
        return None
    import ssl  # noqa: PLC0415

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


# Tokens


def _make_token(options: argparse.Namespace) -> int:
    from tinybase_widget.server._shelf import Shelf  # noqa: PLC0415

    expires = _expiry(options.expires)
    shelf = Shelf(options.db)
    try:
        _say(shelf.grants.make(options.role, options.room, expires))
    finally:
        shelf.close()
    return 0


def _list_tokens(options: argparse.Namespace) -> int:
    from tinybase_widget.server._shelf import Shelf  # noqa: PLC0415

    shelf = Shelf(options.db)
    try:
        for grant in shelf.grants.all():
            room = "all rooms" if grant.room is None else f"room {grant.room!r}"
            until = (
                "without end"
                if grant.expires is None
                else time.strftime("until %Y-%m-%d %H:%M", time.localtime(grant.expires))
            )
            _say(f"{grant.id}  {grant.role:4}  {room}  {until}")
    finally:
        shelf.close()
    return 0


def _revoke_token(options: argparse.Namespace) -> int:
    from tinybase_widget.server._shelf import Shelf  # noqa: PLC0415

    shelf = Shelf(options.db)
    try:
        if not shelf.grants.revoke(options.id):
            raise ValueError(f"there is no token {options.id!r}; `tinybase-widget token list`")
    finally:
        shelf.close()
    _say(f"{options.id} is revoked: nobody comes in with it any more, and who is in goes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
