"""What a loop of 100,000 `set_cell` in one notebook cell costs, alone and in a room.

The loop runs in the right kernel at the top level of a cell, as people write it, without a
transaction: each call is one. Three Stores with the same table take it: one for itself, one in a
room in which nobody else is, and the demo's, which two grids and the left kernel follow. Messages
are those with changes that arrive in the page's websockets from the kernels; the grid's delay is
from the loop's end until the last value is in a cell of the left grid.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

from bench.live_demo import running_demo, silence_log
from bench.live_wire import Tap
from bench.report import milliseconds, print_table
from tests.browser.lab import LEFT, RIGHT

if TYPE_CHECKING:
    from tests.browser.lab import Lab
    from tests.browser.server import Kernel

SETS = 100_000
RUNS = 3
_COLUMN = "body_mass_g"
_TIMEOUT_MS = 120_000

_PREPARE = """
import time as _time
from tinybase_widget import Room, Store
_alone = Store().set_table("penguins", penguins)
_in_room = Store().set_table("penguins", penguins)
_room = Room("bench", _in_room)
"""


class _InDemo(NamedTuple):
    """One loop over the demo's Store."""

    loop_s: float
    delay_s: float
    messages: int
    kilobytes: float
    values_shown: int


def main() -> None:
    """Measure and print."""
    with running_demo() as demo:
        lab = demo.new_lab()
        tap = Tap(lab.page)
        left, _right = demo.run(lab)
        left.grid().root.evaluate("(root, column) => bench.watch('loop', root, column)", _COLUMN)
        kernels = {path: demo.server.kernel(path) for path in (LEFT, RIGHT)}
        for kernel in kernels.values():
            silence_log(kernel)
        right = kernels[RIGHT]
        right.run(_PREPARE)
        loops = {
            store: [_loop(right, store, run) for run in range(RUNS)]
            for store in ("_alone", "_in_room")
        }
        in_demo = [_loop_in_demo(lab, tap, right, run + 1) for run in range(RUNS)]
        for kernel in kernels.values():
            kernel.close()
    print_table(
        f"{SETS:,} set_cell in a loop: median of {RUNS}",
        "python -m bench live-loop",
        ["", "loop", "messages", "size", "values shown", "last one in the left grid"],
        [
            ["a Store", milliseconds(statistics.median(loops["_alone"])), *"----"],
            [
                "in a room, nobody there",
                milliseconds(statistics.median(loops["_in_room"])),
                *"----",
            ],
            [
                "in the demo's room",
                milliseconds(statistics.median(each.loop_s for each in in_demo)),
                f"{statistics.median(each.messages for each in in_demo):,.0f}",
                f"{statistics.median(each.kilobytes for each in in_demo):,.0f} kB",
                f"{statistics.median(each.values_shown for each in in_demo):,.0f}",
                f"{milliseconds(statistics.median(each.delay_s for each in in_demo))} later",
            ],
        ],
        [
            (
                "A Store to which nobody listens takes a short way to a cell that exists; the"
                " others have listeners, and write each call into a document too."
            ),
            (
                "The demo's log of changes is off. The browser and the left kernel share the"
                " cores with the loop."
            ),
            "Jupyter drops what a kernel sends beyond 1,000 messages a second.",
            "Values shown: how many different ones the left grid's cell held meanwhile.",
        ],
    )


def _loop(kernel: Kernel, store: str, run: int) -> float:
    first = run * SETS
    kernel.run(
        "_start = _time.perf_counter()\n"
        f"for _number in range({first}, {first + SETS}):\n"
        f"    {store}.set_cell('penguins', '2', {_COLUMN!r}, _number)\n"
        "_loop_s = _time.perf_counter() - _start; _ended = _time.time()",
        timeout_s=_TIMEOUT_MS / 1000,
    )
    cell = kernel.value(f"{store}.get_cell('penguins', '2', {_COLUMN!r})")
    if cell != first + SETS - 1:
        raise RuntimeError(f"after the loop the cell of {store} is {cell}")
    return float(kernel.value("_loop_s"))


def _loop_in_demo(lab: Lab, tap: Tap, kernel: Kernel, run: int) -> _InDemo:
    tap.take()
    before = len(lab.page.evaluate("() => bench.times('loop')"))
    last = str((run + 1) * SETS - 1)
    loop_s = _loop(kernel, "store", run)
    arrived = lab.page.evaluate(
        "([text, timeout]) => bench.arrival('loop', text, timeout)", [last, _TIMEOUT_MS]
    )
    if not arrived:
        raise TimeoutError(f"the left grid has not shown {last} within {_TIMEOUT_MS} ms")
    times = lab.page.evaluate("() => bench.times('loop')")
    changes = [each for each in tap.take() if each.is_change and not each.to_kernel]
    return _InDemo(
        loop_s,
        times[last] / 1000 - float(kernel.value("_ended")),
        len(changes),
        sum(each.whole for each in changes) / 1000,
        len(times) - before,
    )


if __name__ == "__main__":
    main()
