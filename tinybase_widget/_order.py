"""The order in which ids are shown where nothing else says one.

A Yjs or Automerge document keeps its maps without an order that all replicas share, so the order of
rows that come out of a document is made from their ids: the same in Python and in the browser.
"""

from __future__ import annotations

from itertools import filterfalse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_MAX_DIGITS = 15  # beyond, JavaScript would no longer tell neighbours apart


def natural_key(id_: str) -> tuple[int, int, str]:
    """Return the sort key of an id.

    Canonical non-negative integers come first, by value, then other ids by code point.

    Example:
        >>> sorted(["b", "10", "9", "a", "09"], key=natural_key)
        ['9', '10', '09', 'a', 'b']
    """
    return (0, int(id_), "") if _is_integer(id_) else (1, 0, id_)


def natural_sorted(ids: Collection[str]) -> list[str]:
    """Return ids in the order of `natural_key`, many of them in less time.

    Example:
        >>> natural_sorted(["b", "10", "9", "a", "09"])
        ['9', '10', '09', 'a', 'b']
    """
    if not any(map(str.isdigit, ids)):
        return sorted(ids)
    integers = sorted(filter(_is_integer, ids), key=int)
    return integers + sorted(filterfalse(_is_integer, ids))


def _is_integer(id_: str) -> bool:
    return (
        id_.isdigit()
        and id_.isascii()
        and len(id_) <= _MAX_DIGITS
        and (id_[0] != "0" or id_ == "0")
    )
