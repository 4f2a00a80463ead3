"""The order in which ids are shown where nothing else says one.

A Yjs or Automerge document keeps its maps without an order that all replicas share, so the order of
rows that come out of a document is made from their ids: the same in Python and in the browser.
"""

from __future__ import annotations

_MAX_DIGITS = 15  # beyond, JavaScript would no longer tell neighbours apart


def natural_key(id_: str) -> tuple[int, int, str]:
    """Return the sort key of an id.

    Canonical non-negative integers come first, by value, then other ids by code point.

    Example:
        >>> sorted(["b", "10", "9", "a", "09"], key=natural_key)
        ['9', '10', '09', 'a', 'b']
    """
    if (
        len(id_) <= _MAX_DIGITS
        and id_.isascii()
        and id_.isdigit()
        and (id_[0] != "0" or id_ == "0")
    ):
        return (0, int(id_), "")
    return (1, 0, id_)
