"""Row ids that no other replica makes.

An id is the time in milliseconds since 1970 in base 36, nine digits, then "-" and the replica's
client id in base 36: `0mq3x9k2a-1z141z3`. The time makes added rows sort by when they were added;
it only ever goes up within a replica, whatever the clock does; the client id keeps replicas apart.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TIME_WIDTH = 9


def _now() -> int:
    return time.time_ns() // 1_000_000


class RowIds:
    """Makes the row ids of one replica.

    Args:
        client_id: The client id of the replica's document.
        now: The clock, in milliseconds since 1970.

    Example:
        >>> ids = RowIds(35, now=lambda: 36)
        >>> ids.next(), ids.next()
        ('000000010-z', '000000011-z')
    """

    def __init__(self, client_id: int, now: Callable[[], int] = _now) -> None:
        self._suffix = "-" + _base36(client_id)
        self._now = now
        self._last = 0

    def next(self) -> str:
        """Return a new id, greater than all before."""
        self._last = max(self._now(), self._last + 1)
        return _base36(self._last).rjust(_TIME_WIDTH, "0") + self._suffix

    def is_own(self, row_id: str) -> bool:
        """Return whether an id, or the end of one that says a place too, is of this replica."""
        return row_id.endswith(self._suffix) and len(row_id) >= _TIME_WIDTH + len(self._suffix)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
