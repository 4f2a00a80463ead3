"""Pictures of where rows come from and where they are shown: frames, marimo, pages of HTML."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

from tests.browser.lab import Grid, Lab, write_notebook
from tests.browser.marimo_app import MarimoApp
from tools._checkout import NOTEBOOKS
from tools.pictures._studio import (
    BESIDE_OUTPUTS,
    NO_FRAMES,
    PENGUINS,
    SETTLED_MS,
    THEMES,
    Studio,
    set_theme,
    until,
)

_FRAME = """import polars as pl
from tinybase_widget import TableView, to_frame

penguins = pl.read_csv("data/penguins.csv", null_values="NA").head(5)
view = TableView(penguins.drop("bill_depth_mm", "flipper_length_mm"))
view"""
_BACK = 'to_frame(view.store, "table").filter(pl.col("island") == "Dream")'
_RUN = """async (at) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = at;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
_NO_MARGINS = f"""{NO_FRAMES}
.jp-InputPrompt, .jp-OutputPrompt, .jp-Collapser, .jp-Notebook-footer, .jp-Toolbar-micro,
.jp-cell-menu, .jp-cell-toolbar {{ display: none !important; }}
.jp-WindowedPanel-viewport {{ padding-top: 20px !important; }}
"""
_LARGE = """
from random import Random
from tinybase_widget import Store, TableView

random = Random(1)
weather = {
    str(row): {
        "station": random.choice(["Biscoe", "Dream", "Torgersen"]),
        "wind_m_s": round(random.gammavariate(2, 4), 1),
        "from_deg": random.randrange(0, 360, 10),
        "air_c": round(random.gauss(-3, 6), 1),
        "pressure_hpa": round(random.gauss(990, 12), 1),
        "cloud": random.randrange(9),
        "snow": random.random() < 0.2,
    }
    for row in range(100_000)
}
store = Store().set_table("weather", weather);
"""
_SOME = """
some = {id: penguins[id] for id in list(penguins)[::43]}
columns = ["species", "island", "bill_length_mm", "body_mass_g", "sex"]
store = Store().set_table("penguins", some)
view = TableView(store, "penguins", columns=columns, summary=True)
"""
_IN_MARIMO = PENGUINS.replace("import *", "import Store, TableView").replace(
    "data/penguins.csv", str(NOTEBOOKS / "data" / "penguins.csv")
)
_TITLED = 'mo.vstack([mo.md("## Penguins at Palmer Station"), view])'
_SAVED = """
TableView(
    Store().set_table("penguins", penguins), "penguins",
    sort=[("body_mass_g", "desc")], filters={"species": {"in": ["Gentoo"]}},
    formats={"body_mass_g": ","}, pinned=["body_mass_g"],
)"""


def frames(studio: Studio) -> None:
    """A frame as a table, edited by hand, and the frame that comes back."""
    server = studio.server()
    write_notebook(server.root / "frames.ipynb", _FRAME, _BACK)
    page = studio.context(740 + BESIDE_OUTPUTS, 900).new_page()
    notebook = (
        Lab(page, server).open_in_workspace("frames", "frames.ipynb").notebook("frames.ipynb")
    )
    notebook.activate()
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.add_style_tag(content=_NO_MARGINS)
    page.evaluate(_RUN, 0)
    grid = notebook.grid("table")
    grid.edit("1", "island", "Dream")
    grid.edit("3", "island", "Dream")
    page.evaluate(_RUN, 1)
    page.locator(".jp-OutputArea-output table.dataframe").wait_for()
    studio.shoot(page, "frames", *page.locator(".jp-CodeCell").all(), margin=0)


def loading(studio: Studio) -> None:
    """The first rows of a large table, while the others are on their way."""
    for theme, suffix in THEMES.items():
        notebook = studio.notebook(740, "'the table is loaded below'")
        page = notebook.lab.page
        set_theme(page, theme)
        notebook.run_first_cell(f"{_LARGE}\nTableView(store, 'weather', height=280)")
        bar = page.locator("[data-tinybase-loading][aria-valuenow]")
        bar.wait_for(timeout=120_000)
        while int(bar.get_attribute("aria-valuenow") or 0) < 30:  # noqa: PLR2004 - percent
            page.wait_for_timeout(20)
        studio.take(page, f"loading{suffix}", notebook.grid("weather").root, bar)
        page.close()


def marimo(studio: Studio) -> None:
    """The table in a marimo app."""
    for suffix in THEMES.values():
        source = f"import marimo as mo\n{_IN_MARIMO}{_SOME}"
        theme = suffix.strip("-") or "light"
        with closing(MarimoApp(studio.folder(f"marimo{suffix}"), source, _TITLED, theme)) as app:
            page = studio.context(860, 620).new_page()
            grid = Grid(app.open(page))
            grid.cell("86", "island").click()
            page.wait_for_timeout(SETTLED_MS)
            studio.take(page, f"marimo{suffix}", page.locator("h2"), grid.root, margin=24)
            page.close()


def contrast(studio: Studio) -> None:
    """The reader's few colours, as Windows' contrast themes have them."""
    notebook = studio.notebook(740, f"{PENGUINS}{_SOME}view")
    grid = notebook.grid()
    page = grid.root.page
    grid.cell("86", "island").click()
    grid.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")
    for theme, suffix in THEMES.items():
        set_theme(page, theme)
        scheme = "dark" if suffix else "light"
        page.emulate_media(forced_colors="active", color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(SETTLED_MS)
        studio.take(page, f"contrast{suffix}", grid.root)


def static(studio: Studio) -> None:
    """What nbconvert makes of a notebook: a table of HTML that says what it shows."""
    folder = studio.folder("static")
    folder.mkdir()
    (folder / "data").symlink_to(NOTEBOOKS / "data")
    write_notebook(folder / "static.ipynb", PENGUINS, _SAVED)
    for suffix in THEMES.values():
        theme = f"--theme={suffix.strip('-') or 'light'}"
        options = [
            "--execute",
            "--ExecutePreprocessor.store_widget_state=False",
            theme,
            "--no-input",
        ]
        command = [sys.executable, "-m", "nbconvert", "--to", "html", *options, "static.ipynb"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        page = studio.context(860, 620).new_page()
        page.route("http*://**", lambda route: route.abort())  # nothing of it is needed
        page.goto((folder / "static.html").as_uri())
        table = page.locator("table")
        until(table.is_visible, "the table is there")
        studio.take(page, f"static{suffix}", table, margin=20)
        page.close()


SCENES = {
    "frames": frames,
    "loading": loading,
    "marimo": marimo,
    "contrast": contrast,
    "static": static,
}
