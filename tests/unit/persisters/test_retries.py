"""When something that failed is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybase_widget.persisters import _retries
from tinybase_widget.persisters._retries import Retries

if TYPE_CHECKING:
    import pytest


def due_times(retries: Retries, monkeypatch: pytest.MonkeyPatch, until: int) -> list[int]:
    """Ask once a second; return the seconds at which it was due."""
    found = []
    for second in range(until):
        monkeypatch.setattr(_retries, "monotonic", lambda now=second: float(now))
        if retries.is_due():
            found.append(second)
    return found


def test_what_fails_again_and_again_is_tried_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert due_times(Retries(), monkeypatch, 250) == [1, 3, 7, 15, 31, 63, 123, 183, 243]


def test_what_has_succeeded_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    retries = Retries()
    assert due_times(retries, monkeypatch, 10) == [1, 3, 7]
    retries.reset()
    assert due_times(retries, monkeypatch, 10) == [1, 3, 7]
