"""Fresh browser profiles that note the errors of their pages."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

# What Chromium and JupyterLab themselves log, whatever is on the page.
NOT_OURS = (
    "Failed to load resource",  # JupyterLab asks for settings and files that need not be there
    "the server responded with a status of",
    "WebSocket connection to",  # a kernel that ends takes its connection with it
    "Kernel connection disconnected",
    "Could not restore the debugger state",  # JupyterLab, when a kernel restarts
    "net::ERR",
)


@contextmanager
def watched_context(browser: Browser, errors: list[str]) -> Iterator[BrowserContext]:
    """Open a profile; what its pages log as an error or raise is added to `errors`."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in NOT_OURS):
            errors.append(message.text)

    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    context.set_default_timeout(30_000)
    context.on("console", note)
    context.on("weberror", lambda error: errors.append(f"page error: {error.error}"))
    try:
        yield context
    finally:
        context.close()
