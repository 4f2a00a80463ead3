"""Tables of figures on the terminal; the median and the percentile that sum up many."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PERCENTILE = 0.95


def print_table(
    title: str,
    command: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> None:
    """Print a table.

    Args:
        title: What was measured.
        command: What repeats it.
        headings: One for each column; the first column holds what a row is about.
        rows: As many texts in each as there are headings.
        notes: Sentences below the table: how it was measured, what the figures contain.
    """
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    print(f"\n{title}\n    {command}\n")
    for number, line in enumerate(lines):
        first = line[0].ljust(widths[0])
        rest = (text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True))
        print("  " + "  ".join([first, *rest]).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    for note in notes:
        print(f"  * {note}")
    print(end="", flush=True)


def summary(seconds: Sequence[float]) -> tuple[str, str]:
    """Return the median and the 95th percentile of some durations.

    Example:
        >>> summary([0.001 * number for number in range(1, 101)])
        ('50.5 ms', '95.0 ms')
        >>> summary([])
        ('-', '-')
    """
    if not seconds:
        return "-", "-"
    ordered = sorted(seconds)
    percentile = ordered[math.ceil(_PERCENTILE * len(ordered)) - 1]
    return milliseconds(statistics.median(ordered)), milliseconds(percentile)


def milliseconds(seconds: float) -> str:
    """Return a duration as text.

    Example:
        >>> milliseconds(0.0123), milliseconds(1.5)
        ('12.3 ms', '1,500 ms')
    """
    in_ms = seconds * 1000
    return f"{in_ms:,.0f} ms" if in_ms >= 100 else f"{in_ms:.1f} ms"  # noqa: PLR2004 - three digits
