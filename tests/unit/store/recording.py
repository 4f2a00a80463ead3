"""A listener that writes down what it hears, so that a test reads as a list of changes."""

from __future__ import annotations

from typing import Any


class Recorder:
    """Notes the arguments of each call, without the Store; what is callable is called."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def __call__(self, _store: Any, *args: Any) -> None:
        self.heard.append(tuple(arg() if callable(arg) else arg for arg in args))


def names(*labels: str) -> tuple[list[str], list[Any]]:
    """Make listeners that note their labels in one list, to see in which order they are called."""
    called: list[str] = []
    return called, [lambda *_, label=label: called.append(label) for label in labels]
