"""Our table beside ipydatagrid, itables and Panel's Tabulator: 100,000 rows by 10 columns.

All in one Chromium, each in a notebook of its own in JupyterLab, on a kernel of its own, one after
the other; from `Run All Cells` with the data frame made before. What a peer does not do is said:

 - first paint: until a cell is in the document and the next frame is drawn; of ipydatagrid, which
   draws on a canvas, until the canvas is there, which flatters it.
 - all there: until the last row can be scrolled to, where that is later than the first paint.
 - memory: the page's JavaScript heap after a garbage collection, less that of the page without a
   table, when all is there. What is in array buffers, as ipydatagrid's data are, is not in it,
   which flatters it too.
 - 1,000 edits: as many `set` in Python, until the page shows the last one. A canvas cannot be read.
 - one edit: the bytes that reach the page by its websockets, less those of code that does nothing.

itables' cells can't be edited from Python. Panel's Tabulator gets its scripts inline: without that
it fetches them from the internet, and paints nothing where that can't be reached. Rows may be given
on the command line, for a first look.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bench.report import print_table
from tests.browser.lab import Lab, write_notebook
from tests.browser.server import JupyterServer, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, WebSocket

    from tests.browser.server import Kernel

EDITS = 1_000
_TIMEOUT_S = 60.0
_FRAME = """
import numpy as np, pandas as pd
n = np.arange({rows})
df = pd.DataFrame({{f"c{{i}}": (n * (i + 1)) % 9973 + (0.5 if i % 2 else 0) for i in range(9)}})
df["name"] = [f"row {{i}}" for i in range({rows})]
"""


@dataclass(frozen=True)
class Peer:
    """A way to show the frame."""

    name: str
    show: str
    painted: str
    """CSS of what is there when the first row is drawn."""
    edit: str = ""
    """Sets the first row's c0 to `value`; empty where that can't be done."""
    cell: str = ""
    """CSS of the first row's c0; empty where nobody can read it."""
    loaded: str = ""
    """CSS of what is there when the last row is; empty where that is with the first."""


PEERS = [
    Peer(
        "tinybase-widget",
        "from tinybase_widget import TableView\nview = TableView(df)\nview",
        ".tbw-table [data-row='0'][data-col='c0']",
        "_ = view.store.set_cell(view.table_id, '0', 'c0', value)",
        ".tbw-table [data-row='0'][data-col='c0']",
        "[data-tinybase-state='synced']",
    ),
    Peer(
        "ipydatagrid",
        "from ipydatagrid import DataGrid\nview = DataGrid(df)\nview",
        ".lm-DataGrid canvas",
        "_ = view.set_cell_value_by_index('c0', 0, value)",
    ),
    Peer(
        "itables, whole table",
        "import itables\nitables.init_notebook_mode(all_interactive=False, connected=False)\n"
        "itables.show(df, maxBytes=0)",
        "table.dataTable tbody td",
    ),
    Peer(
        "Panel's Tabulator",
        "import panel as pn\npn.extension('tabulator', inline=True)\n"
        "view = pn.widgets.Tabulator(df, height=400)\nview",
        ".tabulator-row .tabulator-cell",
        "view.patch({'c0': [(0, value)]})",
        ".tabulator-row:first-child .tabulator-cell[tabulator-field=c0]",
    ),
]


@dataclass
class Figures:
    """What was measured of a peer: seconds, bytes; nothing where it can't be."""

    paint: float | None = None
    loaded: float | None = None
    memory: float | None = None
    edits: float | None = None
    one_edit: float | None = None
    notes: list[str] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with (
        TemporaryDirectory() as folder,
        sync_playwright() as playwright,
    ):
        root, home = Path(folder) / "root", Path(folder) / "home"
        root.mkdir()
        home.mkdir()
        server = JupyterServer.start(root, home)
        try:
            browser = playwright.chromium.launch(
                executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"]
            )
            found = {
                peer.name: _measure(browser.new_context(), server, peer, rows) for peer in PEERS
            }
        finally:
            server.stop()
    ours = found["tinybase-widget"]
    notes = [note for each in found.values() for note in each.notes]
    print_table(
        f"{rows:,} rows by 10 columns in JupyterLab, in one Chromium, one run",
        "python -m bench peers",
        ["", "first paint", "all there", "page memory", f"{EDITS:,} edits", "one edit"],
        [
            [
                name,
                *(
                    _shown(getattr(each, what), getattr(ours, what), unit)
                    for what, unit in (
                        ("paint", "s"),
                        ("loaded", "s"),
                        ("memory", "MB"),
                        ("edits", "s"),
                        ("one_edit", "bytes"),
                    )
                ),
            ]
            for name, each in found.items()
        ],
        ["In brackets: how many times ours.", *notes],
    )


def _measure(context: BrowserContext, server: JupyterServer, peer: Peer, rows: int) -> Figures:
    figures = Figures()
    name = f"{peer.name.split()[0].strip(',')}.ipynb"
    write_notebook(server.root / name, peer.show)
    page = context.new_page()
    received: list[int] = []
    page.on("websocket", lambda socket: _count(socket, received))
    try:
        lab = Lab(page, server).open_in_workspace(peer.name[:4], name)
        notebook = lab.notebook(name)
        notebook.activate()
        kernel = server.kernel(name)
        kernel.run(_FRAME.format(rows=rows), _TIMEOUT_S)
        before = _heap(context, page)
        begin = time.perf_counter()
        notebook.run_all()
        cell = page.locator(peer.painted).first
        cell.wait_for(state="attached", timeout=_TIMEOUT_S * 1000)
        page.evaluate("() => new Promise(requestAnimationFrame)")
        figures.paint = figures.loaded = time.perf_counter() - begin
        if peer.loaded:
            page.locator(peer.loaded).first.wait_for(timeout=_TIMEOUT_S * 1000)
            figures.loaded = time.perf_counter() - begin
        page.wait_for_timeout(2000)
        figures.memory = (_heap(context, page) - before) / 1e6
        if peer.edit:
            kernel.run(f"value = -1\n{peer.edit}", _TIMEOUT_S)
            page.wait_for_timeout(3000)
            # Hellos and the like fall into some of the spans: the least of three has none of them.
            edits = [f"value = -{n}\n{peer.edit}" for n in (2, 3, 4)]
            figures.one_edit = min(_bytes_of(kernel, page, received, edit) for edit in edits)
            figures.one_edit -= min(_bytes_of(kernel, page, received, "value = -3") for _ in edits)
        if peer.cell:
            begin = time.perf_counter()
            kernel.run(f"for value in range(1, {EDITS} + 1):\n    {peer.edit}", _TIMEOUT_S)
            last = page.locator(peer.cell).first
            texts = (str(EDITS), f"{EDITS:,}", f"{EDITS}.0", f"{EDITS:,}.0")
            wait_for(lambda: last.inner_text() in texts, "the last edit is shown", _TIMEOUT_S)
            figures.edits = time.perf_counter() - begin
        kernel.close()
    except Exception as error:  # noqa: BLE001 - the others are measured all the same
        figures.notes.append(f"{peer.name} NOT MEASURED WHOLLY: {str(error).splitlines()[0]}")
    print(f"{peer.name}: {figures}", flush=True)
    context.close()
    server.end_sessions()
    return figures


def _bytes_of(kernel: Kernel, page: Page, received: list[int], code: str) -> float:
    """Return how much the page hears of it when code is run: of an empty one, that it was run."""
    received.clear()
    kernel.run(code, _TIMEOUT_S)
    page.wait_for_timeout(3000)
    return float(sum(received))


def _count(socket: WebSocket, received: list[int]) -> None:
    socket.on("framereceived", lambda data: received.append(len(data)))


def _heap(context: BrowserContext, page: Page) -> float:
    session = context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used)


def _chromium() -> str | None:
    return os.environ.get("TINYBASE_WIDGET_CHROMIUM") or shutil.which("chromium")


def _shown(value: float | None, ours: float | None, unit: str) -> str:
    if value is None:
        return "not measured"
    number = f"{value:,.0f}" if unit == "bytes" else f"{value:,.1f}"
    ratio = "" if ours is None or not ours or value == ours else f" ({value / ours:.1f})"
    return f"{number} {unit}{ratio}"


if __name__ == "__main__":
    main()
