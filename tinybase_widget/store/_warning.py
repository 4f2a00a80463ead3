"""Warnings about what a Store ignored, at the line of the user's code, once for each line.

A loop that writes a hundred thousand bad cells warns once: Python's own rule, "once for each text
and line", would warn for each, since each text names another cell.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

_PACKAGE = __name__.partition(".")[0]
_LONGEST = 80


class IgnoredWarning(UserWarning):
    """Something was not written to a Store, and no listener was there to be told."""


def warn_of_refusals(warned_places: set[tuple[str, int]], refused: list[tuple[Any, ...]]) -> None:
    """Warn of cells or values that were refused in a transaction."""
    *ids, given = refused[0]
    names = ("table", "row", "cell") if len(ids) > 1 else ("value",)
    place = ", ".join(
        f"{name} {each!r}" for name, each in zip(names, ids, strict=False) if each is not None
    )
    text = repr(given)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 3] + "..."
    what = f"{text} was not set{f' at {place}' if place else ''}: {_reason(ids, given)}"
    if len(refused) > 1:
        what += f" (and {len(refused) - 1} more)"
    warn(warned_places, what)


def warn(warned_places: set[tuple[str, int]], message: str) -> None:
    """Warn once for each line of code outside this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - the way of the warnings module itself
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    place = (frame.f_code.co_filename, frame.f_lineno)
    if place in warned_places:
        return
    warnings.warn_explicit(
        message,
        IgnoredWarning,
        *place,
        module=frame.f_globals.get("__name__"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )
    warned_places.add(place)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == _PACKAGE


def _reason(ids: list[Any], given: Any) -> str:
    if ids[-1] is None:
        return "it should be a dictionary that is not empty, of a table that the schema knows"
    kind = type(given).__name__
    return f"this {kind} is no cell, or not one that the schema allows"
