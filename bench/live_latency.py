"""How long an edit takes from one grid to the other kernel and the other grids, and back.

An edit is a click on a cell in the left grid, some keys, and Enter. It begins when the page gets
the Enter, before the grid does; a kernel's edit begins when its code calls `set_cell`. It has
arrived

 - in a kernel when a cell listener runs there, which notes `time.time()`;
 - in a grid when its cell holds the new text, which a MutationObserver notes. (The grid writes its
   cells in an animation frame, and the browser draws them at the end of the same frame.)

Edits are made one at a time, each when the last one has arrived in the grids. Pages and kernels run
on one machine and read one clock; how well their readings agree is measured and printed too.

The demo prints each edit below its table, which is one more message a kernel sends. A kernel's
edits are therefore measured with that and again without it.

The right grid of the same page shows the same Store as the left one, so an edit arrives there
without leaving the page. The grid of "another browser" is in a profile of its own, with the right
notebook alone, as another person has it: everything reaches it through the right kernel.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.live_demo import Demo, running_demo, silence_log
from bench.report import milliseconds, print_table, summary
from tests.browser.lab import LEFT, RIGHT
from tests.browser.server import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.lab import Notebook
    from tests.browser.server import Kernel

EDITS = 200
_WARM_UP = 10
_ROWS = 5
_COLUMN = "island"
_TIMEOUT_MS = 3_000
_LAST_TIMEOUT_MS = 30_000  # replicas compare their states every 20 seconds
_AIM = "< 100 ms"

# In a kernel: when each text arrived.
_LISTEN = f"""
import time as _time
_arrived = {{}}
store.add_cell_listener(
    "penguins", None, {_COLUMN!r},
    lambda _store, _table, _row, _cell, new, _old: _arrived.setdefault(new, _time.time()),
)
"""


class _Watch:
    """A grid that is looked at. One that edits don't reach in time is not waited for again."""

    def __init__(self, title: str, notebook: Notebook, name: str) -> None:
        self.title = title
        self._page: Page = notebook.lab.page
        self._name = name
        self._is_prompt = True
        notebook.grid().root.evaluate(
            "(root, [name, column]) => bench.watch(name, root, column)", [name, _COLUMN]
        )

    def wait_for(self, text: str) -> None:
        if self._is_prompt:
            self._is_prompt = self._arrives(text, _TIMEOUT_MS)

    def times(self, last: str) -> dict[str, float]:
        self._arrives(last, _LAST_TIMEOUT_MS)
        found = self._page.evaluate("name => bench.times(name)", self._name)
        return {text: at / 1000 for text, at in found.items()}

    def _arrives(self, text: str, timeout_ms: float) -> bool:
        return bool(
            self._page.evaluate(
                "([name, text, timeout]) => bench.arrival(name, text, timeout)",
                [self._name, text, timeout_ms],
            )
        )


class _Clock(NamedTuple):
    """How far a page's clock is ahead of ours, and how exactly that is known, in seconds."""

    offset: float
    error: float


def main() -> None:
    """Measure and print."""
    with running_demo() as demo:
        left, right = demo.run()
        kernels = {path: demo.server.kernel(path) for path in (LEFT, RIGHT)}
        for kernel in kernels.values():
            kernel.run(_LISTEN)
        other = _open_elsewhere(demo, right)
        rows = [
            *_measure_from_grid(left, kernels, _watches("typed", left, right, other)[1:]),
            *_measure_from_kernel("set", kernels, _watches("set", left, right, other)),
        ]
        for kernel in kernels.values():
            silence_log(kernel)
            kernel.run("log.outputs = ()")
        quiet = _measure_from_kernel("quiet", kernels, _watches("quiet", left, right, other))
        rows += [[f"{title} (log off)", *figures] for title, *figures in quiet]
        clocks = [_compare_clocks(notebook.lab.page) for notebook in (left, other)]
        for kernel in kernels.values():
            kernel.close()
    readings = ", ".join(f"{milliseconds(c.offset)} ± {milliseconds(c.error)}" for c in clocks)
    print_table(
        f"The way of an edit: {EDITS}, one at a time",
        "python -m bench live-latency",
        ["", "arrived", "median", "95 %", "aim (median)"],
        rows,
        [
            "From Enter, or the call of set_cell, to a listener's call, or a grid's changed cell.",
            (
                "The right grid of the same page shows the same Store; the one in another browser"
                " has its notebook alone, and hears of edits through the right kernel."
            ),
            "A text that the next one in its cell overtakes never arrives in a grid.",
            "The demo prints each edit, which is one more message for each.",
            "Log off: the same again without it. Only these rows are free of what it costs.",
            f"The pages' clocks are ahead of the kernels' by {readings}.",
        ],
    )


def _open_elsewhere(demo: Demo, right: Notebook) -> Notebook:
    """Open the right notebook, with what it shows now, in another browser profile."""
    right.save()
    elsewhere = demo.new_lab().open_in_workspace("elsewhere", RIGHT).notebook(RIGHT)
    elsewhere.grid()
    return elsewhere


def _watches(what: str, left: Notebook, right: Notebook, other: Notebook) -> list[_Watch]:
    return [
        _Watch("left grid", left, f"{what} left"),
        _Watch("right grid, same page", right, f"{what} right"),
        _Watch("right grid, another browser", other, f"{what} other"),
    ]


def _measure_from_grid(
    left: Notebook, kernels: dict[str, Kernel], watches: list[_Watch]
) -> list[list[str]]:
    starts: dict[str, float] = {}
    grid = left.grid()
    for number in range(-_WARM_UP, EDITS):
        text = f"typed {number}"
        grid.edit(str(number % _ROWS), _COLUMN, text)
        start = float(left.lab.page.evaluate("() => bench.enteredAt")) / 1000
        for watch in watches:
            watch.wait_for(text)
        if number >= 0:
            starts[text] = start
    return _rows("left grid", starts, {"right": kernels[RIGHT], "left": kernels[LEFT]}, watches)


def _measure_from_kernel(
    word: str, kernels: dict[str, Kernel], watches: list[_Watch]
) -> list[list[str]]:
    starts: dict[str, float] = {}
    for number in range(-_WARM_UP, EDITS):
        text = f"{word} {number}"
        row = str(number % _ROWS)
        kernels[RIGHT].run(
            f"_start = _time.time(); store.set_cell('penguins', {row!r}, {_COLUMN!r}, {text!r})"
        )
        for watch in watches:
            watch.wait_for(text)
        if number >= 0:
            starts[text] = float(kernels[RIGHT].value("_start"))
    return _rows("right kernel", starts, {"left": kernels[LEFT]}, watches)


def _rows(
    source: str, starts: dict[str, float], kernels: dict[str, Kernel], watches: list[_Watch]
) -> list[list[str]]:
    """Ask everybody, now that all edits are made, when each arrived."""
    last = next(reversed(starts))
    arrivals: dict[str, dict[str, float]] = {}
    for name, kernel in kernels.items():
        arrivals[f"{name} kernel's listener"] = _kernel_times(kernel, last)
    for watch in watches:
        arrivals[watch.title] = watch.times(last)
    rows = []
    for title, arrived in arrivals.items():
        durations = [arrived[text] - start for text, start in starts.items() if text in arrived]
        count = f"{len(durations)} of {len(starts)}"
        rows.append([f"{source} -> {title}", count, *summary(durations), _AIM])
    return rows


def _kernel_times(kernel: Kernel, last: str) -> dict[str, float]:
    wait_for(lambda: kernel.value(f"{last!r} in _arrived"), "the last edit is in the kernel")
    times: dict[str, float] = kernel.value("_arrived")
    return times


def _compare_clocks(page: Page) -> _Clock:
    best = _Clock(0.0, float("inf"))
    for _ in range(50):
        before = time.time()
        reading = float(page.evaluate("() => bench.now()")) / 1000
        after = time.time()
        error = (after - before) / 2
        if error < best.error:
            best = _Clock(reading - statistics.mean((before, after)), error)
    return best


if __name__ == "__main__":
    main()
