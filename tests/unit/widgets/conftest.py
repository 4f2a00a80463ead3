"""The widgets' tests run without a kernel: comms are lists, timers wait until they are told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import comm
import pytest

from tests.unit.widgets.page import MockComm

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _mock_comms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every widget of a test a comm that is a list."""
    monkeypatch.setattr(comm, "create_comm", MockComm)


class Timers:
    """The timers that were started and not cancelled; `run_out` runs them."""

    def __init__(self) -> None:
        self.started: list[Timer] = []

    def run_out(self) -> None:
        """Let the time of all of them run out."""
        timers, self.started = self.started, []
        for timer in timers:
            timer.function()


class Timer:
    """The part of `threading.Timer` that the widgets use."""

    def __init__(self, timers: Timers, function: Callable[[], None]) -> None:
        self.daemon = False
        self.function = function
        self._timers = timers

    def start(self) -> None:
        """Begin to wait."""
        assert self.daemon, "the timer would keep Python from ending"
        self._timers.started.append(self)

    def cancel(self) -> None:
        """Wait no more."""
        if self in self._timers.started:
            self._timers.started.remove(self)


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    """The timers that the widgets of this test start."""
    timers = Timers()

    def make(_seconds: float, function: Callable[[], Any]) -> Timer:
        return Timer(timers, function)

    monkeypatch.setattr(threading, "Timer", make)
    return timers
