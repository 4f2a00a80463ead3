"""Pages that came by https, or by http, and are asked to join a server of rooms.

All are served on this computer, under names that only this browser knows, since browsers take
`localhost` for safe. The kernel is the test's own process.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import comm
import pytest

from tests.browser.contexts import browser_that_knows
from tests.browser.host import WEBVIEW_RULES, Host, HostComm
from tests.certificates import make_certificate
from tests.interop.servers.conftest import servers_in
from tests.waiting import wait_until
from tinybase_widget import Room, Store, TableView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

    from tests.interop.servers.conftest import Server
    from tinybase_widget.sync.websocket import WebSocketLink

NAME = "rooms.test"
MIXED = "this page came by https, and from there browsers connect to wss:// addresses only"
RULES = WEBVIEW_RULES.replace("connect-src https:", "connect-src https: ws: wss:")


class EmptyPage(BaseHTTPRequestHandler):
    """Answers with a page that has nothing on it."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><body>")

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the server's name, signed by itself."""
    return make_certificate(tmp_path_factory.mktemp("tls"), NAME)


@pytest.fixture(scope="module")
def addresses(certificate: Path) -> Iterator[dict[str, str]]:
    """The addresses of pages by http and by https."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(None) as plain, serving(context) as tls:
        yield {"http": f"http://{NAME}:{plain}/", "https": f"https://{NAME}:{tls}/"}


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[int]:
    """Serve pages, and tell the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def named_browser(chromium: Browser) -> Iterator[Browser]:
    """A browser that knows the server's name."""
    with browser_that_knows(NAME, chromium) as launched:
        yield launched


@pytest.fixture
def context(named_browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrowserContext]:
    """A profile of it; what it forbids, Chromium says itself as an error."""
    monkeypatch.setattr(comm, "create_comm", HostComm)
    context = named_browser.new_context(ignore_https_errors=True)
    yield context
    context.close()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers, which end with the test."""
    with servers_in(tmp_path) as start:
        yield start


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room("zoo", Store().set_table("pets", {"fido": {"price": 5}}))
    yield room
    room.close()


def show(host: Host, room: Room, *, is_framed: bool) -> None:
    """Show a room's table, in a frame as hosts have it or in the page itself."""
    view = TableView(room.store, "pets", room=room)
    if is_framed:
        host.show(view, rules=RULES)
    else:
        host.show_in(host.page.main_frame, view)
    host.wait_for(lambda: any(link.is_open() for link in room._links), "the page is there")


def connect(room: Room, server: Server, scheme: str = "ws", **options: Any) -> WebSocketLink:
    return room.connect(f"{scheme}://{NAME}:{server.port}/zoo", **options)


in_frames_too = pytest.mark.parametrize("is_framed", [False, True], ids=["page", "frame"])


@in_frames_too
def test_a_page_by_https_says_why_it_joins_no_server_by_ws_and_the_kernel_goes_on(
    context: BrowserContext,
    addresses: dict[str, str],
    start_server: Callable[..., Server],
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_framed: bool,
) -> None:
    host = Host(context, addresses["https"])
    show(host, room, is_framed=is_framed)
    connection = connect(room, start_server("y-websocket"))
    host.wait_for(lambda: f"pages: {MIXED}" in (connection.error or ""), "the reason is told")
    assert connection.through is None
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda name, *rest, **more: resolve("127.0.0.1" if name == NAME else name, *rest, **more),
    )
    wait_until(lambda: connection.through == "kernel", 60)
    assert connection.error is None
    assert room.page_routes == []


@in_frames_too
def test_a_page_by_http_joins_it(
    context: BrowserContext,
    addresses: dict[str, str],
    start_server: Callable[..., Server],
    room: Room,
    *,
    is_framed: bool,
) -> None:
    host = Host(context, addresses["http"])
    show(host, room, is_framed=is_framed)
    connection = connect(room, start_server("y-websocket"), through="page")
    host.wait_for(lambda: connection.through == "page", "the page has joined")
    assert connection.error is None


def test_a_page_by_https_joins_a_server_that_has_a_certificate(
    context: BrowserContext,
    addresses: dict[str, str],
    certificate: Path,
    start_server: Callable[..., Server],
    room: Room,
) -> None:
    options = ["--certificate", str(certificate), "--origin", addresses["https"].rstrip("/")]
    server = start_server("serve", options=options)
    host = Host(context, addresses["https"])
    show(host, room, is_framed=False)
    connection = connect(room, server, "wss", through="page")
    host.wait_for(lambda: connection.through == "page", "the page has joined")
    assert connection.error is None
