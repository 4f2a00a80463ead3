"""How long it takes from "Run All Cells" to the first row of the live table on the screen.

Measured in the page: from the call of JupyterLab's command until a cell of the live table is in the
document, and until the browser has drawn the next frame. The page is loaded and the kernel
idle before, but fresh: the time contains the notebook's first cell, which imports `tinybase_widget`
and reads the data.

 - "cold": the page has never shown a table, so it fetches and evaluates the runtime first. That is
   the left notebook of a page just loaded.
 - "warm": the page has the runtime and the room. That is the right notebook on the same page
   afterwards, on a fresh kernel too.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from bench.live_demo import running_demo
from bench.report import milliseconds, print_table
from tests.browser.lab import LEFT

if TYPE_CHECKING:
    from tests.browser.lab import Notebook

RUNS = 5
_TIMEOUT_MS = 60_000

# In a fresh kernel: what the notebook's first cell cannot avoid.
_IMPORT = """
import time as _time
_start = _time.perf_counter()
import tinybase_widget
_import_s = _time.perf_counter() - _start
"""


def main() -> None:
    """Measure and print."""
    times: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
    imports = []
    with running_demo() as demo:
        for _ in range(RUNS):
            left, right = demo.open()
            for name, notebook in (("cold", left), ("warm", right)):
                times[name].append(_run(notebook))
            demo.end(left.lab)
        for _ in range(RUNS):
            left, _right = demo.open()
            kernel = demo.server.kernel(LEFT)
            kernel.run(_IMPORT)
            imports.append(float(kernel.value("_import_s")))
            kernel.close()
            demo.end(left.lab)
    print_table(
        f'From "Run All Cells" to the first row: median of {RUNS}, each on a fresh kernel',
        "python -m bench live-start",
        ["", "in the document", "painted", "slowest"],
        [
            [title, *_summary(times[name])]
            for title, name in (
                ("page just loaded, runtime to be fetched", "cold"),
                ("page that has the runtime", "warm"),
            )
        ],
        [f"Of that, `import tinybase_widget`: {milliseconds(statistics.median(imports))}."],
    )


def _run(notebook: Notebook) -> dict[str, float]:
    notebook.activate()
    times: Any = notebook.lab.page.evaluate(
        "([panel, timeout]) => bench.runUntilFirstRow('notebook:run-all-cells', panel, timeout)",
        [notebook.panel.get_attribute("id"), _TIMEOUT_MS],
    )
    if times["painted"] is None:
        raise TimeoutError(f"{notebook.path} has shown no row within {_TIMEOUT_MS} ms")
    return {name: float(ms) / 1000 for name, ms in times.items()}


def _summary(times: list[dict[str, float]]) -> list[str]:
    painted = [each["painted"] for each in times]
    return [
        milliseconds(statistics.median(each["row"] for each in times)),
        milliseconds(statistics.median(painted)),
        milliseconds(max(painted)),
    ]


if __name__ == "__main__":
    main()
