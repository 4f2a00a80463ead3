"""Waiting for a condition, and never for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60.0


def wait_until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait until a condition holds; fail after a long while."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.005)
