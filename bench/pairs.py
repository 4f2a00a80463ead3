"""Doing the same work in Python and in Node, in turn, and the ratio of what it took.

Both sides do a work within the same minutes, so that a busy machine slows both. What is printed is
the ratio of the medians, Python / Node, beside what we aim at.
"""

from __future__ import annotations

import gc
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALL_AIM = 0.1
ROW = {"id": 1, "name": "name", "price": 0.5, "sold": True, "kind": "kind"}


def make_table(count: int, prefix: str = "r") -> dict[str, dict[str, Any]]:
    """Make rows of five cells: int, str, float, bool, str."""
    return {
        f"{prefix}{i}": {
            "id": i,
            "name": f"name {i}",
            "price": i * 37 % 100_000 / 100,
            "sold": i % 3 == 0,
            "kind": f"kind {i % 10}",
        }
        for i in range(count)
    }


class Node:
    """Does works on npm's TinyBase.

    Args:
        script: The name of the script in this folder that knows the works.
    """

    def __init__(self, script: str) -> None:
        self._process = subprocess.Popen(
            ["node", "--expose-gc", str(Path(__file__).with_name(script))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, name: str) -> float:
        """Give the milliseconds that a work takes, or the bytes that are held."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("Node.js has no pipes")
        print(name, file=stdin, flush=True)
        return float(stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def time_of(prepare: Callable[[], Any], work: Callable[[Any], object]) -> float:
    """Give the milliseconds that some work takes."""
    prepared = prepare()
    gc.collect()
    start = time.perf_counter()
    work(prepared)
    return (time.perf_counter() - start) * 1000


def medians(pairs: int, ours: Callable[[], float], theirs: Callable[[], float]) -> list[float]:
    """Measure both sides in turn, and give the median of each."""
    measured = [(ours(), theirs()) for _ in range(pairs)]
    return [median(each) for each in zip(*measured, strict=True)]


def print_headings() -> None:
    """Print the head of the table."""
    print("| work | Python | Node | Python / Node | aim |")
    print("|---|---|---|---|---|", flush=True)


def print_row(title: str, ours: str, theirs: str, ratio: float, aim: float) -> None:
    """Print a row of the table.

    Args:
        title: What was measured.
        ours: The figure of the Python side.
        theirs: The figure of the Node side.
        ratio: The one divided by the other, or what else is compared with the aim.
        aim: What it should not exceed.
    """
    mark = "" if ratio <= aim else " (missed)"
    digits = 0 if isinstance(ratio, int) else 4 if aim < _SMALL_AIM else 2
    print(f"| {title} | {ours} | {theirs} | {ratio:.{digits}f} | {aim}{mark} |", flush=True)
