"""Fresh browser profiles that note the errors of their pages, and ways to cut them off."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocketRoute

# What Chromium and JupyterLab themselves log, whatever is on the page.
NOT_OURS = (
    "Failed to load resource",  # JupyterLab asks for settings and files that need not be there
    "the server responded with a status of",
    "WebSocket connection to",  # a kernel that ends takes its connection with it
    "Kernel connection disconnected",
    "Could not restore the debugger state",  # JupyterLab, when a kernel restarts
    "Canceled future for",  # JupyterLab, of what it had asked a kernel that has gone
    "Invalid response: 404",  # JupyterLab, when it looks for a file that has just been renamed
    "Comm not found for comm id",  # JupyterLab, of what a page sent to a kernel that had died
    "net::ERR",
)
# ... and of what JupyterLab sends just before it hears that a connection has gone, but not of ours.
SENT_TOO_LATE = "WebSocket is already in CLOSING or CLOSED state"


@contextmanager
def browser_that_knows(name: str, chromium: Browser) -> Iterator[Browser]:
    """Launch a browser that takes a name for this computer, as nobody else does."""
    launched = chromium.browser_type.launch(
        executable_path=os.environ.get("TINYBASE_WIDGET_CHROMIUM") or shutil.which("chromium"),
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--host-resolver-rules=MAP {name} 127.0.0.1",
        ],
    )
    yield launched
    launched.close()


@contextmanager
def watched_context(
    browser: Browser, errors: list[str], **options: Any
) -> Iterator[BrowserContext]:
    """Open a profile; what its pages log as an error or raise is added to `errors`."""

    def note(text: str) -> None:
        if not any(each in text for each in NOT_OURS):
            errors.append(text)

    def hear(message: ConsoleMessage) -> None:
        is_ours = message.location["url"].startswith("blob:")
        is_late = SENT_TOO_LATE in message.text and not is_ours
        if message.type == "error" and not is_late:
            note(message.text)

    context = browser.new_context(viewport={"width": 1600, "height": 1000}, **options)
    context.set_default_timeout(30_000)
    context.on("console", hear)
    context.on("weberror", lambda error: note(f"page error: {error.error}"))
    try:
        yield context
    finally:
        context.close()


@contextmanager
def failing_on(errors: list[str]) -> Iterator[None]:
    """Fail in the end if there are errors that nobody has failed for yet."""
    yield
    noted = list(errors)
    errors.clear()
    assert not noted, "\n".join(noted)


@contextmanager
def offline(context: BrowserContext) -> Iterator[None]:
    """Take the network away from a profile; what its pages send meanwhile arrives afterwards."""
    context.set_offline(True)
    try:
        yield
    finally:
        context.set_offline(False)


class KernelWires:
    """The connections of a page, or a profile's, to their kernels; make it before they are."""

    def __init__(self, page: Page | BrowserContext) -> None:
        self._open: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        self._is_cut = False
        page.route_web_socket(re.compile("/channels"), self._connect)

    def _connect(self, page_side: WebSocketRoute) -> None:
        if self._is_cut:
            page_side.close()
        else:
            self._open.append((page_side, page_side.connect_to_server()))

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Close all connections, and let no new ones be made."""
        self._is_cut = True
        for sides in self._open:
            for side in sides:
                side.close()
        self._open.clear()
        try:
            yield
        finally:
            self._is_cut = False
