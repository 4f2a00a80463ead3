"""The data that peers load when they begin: different parts of the same tables.

No value is in two of them, so that a value says which load it is from.
"""

from __future__ import annotations

from typing import Any

_NUMBERED = {str(row): {"a": f"loaded {row} a", "b": f"loaded {row} b"} for row in range(4)}
_OTHER = {str(row): {"a": f"other {row} a", "b": f"other {row} b"} for row in range(3)}
_NAMED = {f"row {row}": {"a": f"loaded row {row}"} for row in range(3)}
_MANY = {f"item {row}": {"a": f"loaded item {row}"} for row in range(72)}
_FEWER = {f"item {row}": {"a": f"other item {row}"} for row in range(72) if row != 3}

LOADS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"numbered": _NUMBERED, "named": _NAMED}, {"x": "loaded x"}),
    ({"numbered": {**_OTHER, "5": {"c": "other 5 c"}}}, {}),
    ({"named": {"row 1": {"a": "third row 1", "c": "third row 1 c"}}}, {"x": "third x"}),
    ({"many": _MANY}, {}),
    ({"many": _FEWER}, {}),
]
SMALL = range(3)
LARGE = range(3, 5)  # more rows than are made one by one, and nearly the same ones
