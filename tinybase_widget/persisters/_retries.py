"""When something that failed is tried again: less and less often, until it succeeds."""

from __future__ import annotations

from time import monotonic

_FIRST_S = 1.0
_LAST_S = 60.0


class Retries:
    """Says when to try again; whoever uses it asks every now and then."""

    def __init__(self) -> None:
        self._delay_s = _FIRST_S
        self._at: float | None = None

    def reset(self) -> None:
        """Begin anew: it has succeeded."""
        self._delay_s = _FIRST_S
        self._at = None

    def is_due(self) -> bool:
        """Return whether to try now; asked for the first time, it begins to wait."""
        now = monotonic()
        if self._at is None:
            self._at = now + self._delay_s
            return False
        if now < self._at:
            return False
        self._delay_s = min(2 * self._delay_s, _LAST_S)
        self._at = now + self._delay_s
        return True
