"""How a table is shown where no kernel runs, and how it looks in JupyterLab's themes."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import pytest
from nbformat.sign import NotebookNotary

from tests.browser.lab import Grid, Lab, write_notebook
from tests.browser.server import wait_for
from tests.notebooks.executing import execute, read, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser.server import JupyterServer

ATTACK = "<img src=x onerror=\"document.title='hacked'\">"
PETS = f"""
from tinybase_widget import Store, TableView
store = Store().set_table("pets", {{
    "fido": {{"species": "dog", "note": {ATTACK!r}}},
    "felix": {{"species": "cat"}},
}})
TableView(store, "pets")
"""
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
READABLE = 4.5  # WCAG's least contrast of text


def test_a_saved_notebook_that_is_not_trusted_shows_the_first_rows(
    new_lab: Callable[[], Lab], notebooks: Path
) -> None:
    path = notebooks / "saved.ipynb"
    write_notebook(path, PETS)
    write(execute(path), path)
    panel = new_lab().open_in_workspace("saved", "saved.ipynb").notebook("saved.ipynb").panel
    output = panel.locator(".jp-OutputArea-output")
    output.locator("table caption", has_text="pets: 2 rows").wait_for()
    assert output.locator("thead th").all_inner_texts() == ["", "species", "note"]
    shown = output.locator("tbody th, tbody td").all_inner_texts()
    assert shown == ["felix", "cat", "", "fido", "dog", ATTACK]
    assert output.locator("img, script, .tbw-table").count() == 0
    assert panel.page.title() != "hacked"


def test_a_saved_notebook_that_is_trusted_shows_the_snapshot_until_it_is_run(
    new_lab: Callable[[], Lab], notebooks: Path, server: JupyterServer
) -> None:
    path = notebooks / "trusted.ipynb"
    write_notebook(path, PETS)
    write(execute(path, with_widgets=True), path)
    trust(path, server)
    notebook = new_lab().open_in_workspace("trusted", "trusted.ipynb").notebook("trusted.ipynb")
    snapshot = notebook.panel.locator("[data-tinybase-state=snapshot]")
    snapshot.locator("table caption", has_text="pets: 2 rows").wait_for()
    assert snapshot.locator("tbody td").all_inner_texts() == ["cat", "", "dog", ATTACK]
    assert snapshot.locator("img").count() == 0
    notebook.run_all()
    assert notebook.grid("pets").row_count() == 2
    assert notebook.panel.page.title() != "hacked"


def trust(path: Path, server: JupyterServer) -> None:
    """Sign a notebook as this server's user."""
    notary = NotebookNotary(data_dir=str(server.data))  # type: ignore[no-untyped-call]
    notary.sign(read(path))  # type: ignore[no-untyped-call]
    notary.store.close()


@pytest.fixture
def themed(new_lab: Callable[[], Lab], server: JupyterServer) -> Iterator[Lab]:
    """A page with a table whose theme a test may change; it is set back for the others."""
    write_notebook(server.root / "themed.ipynb", PETS)
    lab = new_lab().open_in_workspace("themed", "themed.ipynb")
    lab.notebook("themed.ipynb").run_all()
    yield lab
    set_theme(lab, LIGHT)


def test_the_table_is_as_light_or_dark_as_jupyterlab_and_readable_in_both(themed: Lab) -> None:
    grid = themed.notebook("themed.ipynb").grid("pets")
    page = themed.page
    for theme, is_dark in ((LIGHT, False), (DARK, True), (LIGHT, False)):
        set_theme(themed, theme)
        wait_for(partial(is_as_dark, grid.root, is_dark), f"the table is as {theme} is")
        for part in readable_parts(grid):
            assert legibility(part) >= READABLE, f"{part} in {theme}"
        grid.cell("fido", "species").click()
        page.keyboard.press("F2")
        field = grid.root.locator(".tbw-editor-field")
        assert is_as_dark(field, is_dark)
        assert legibility(field) >= READABLE
        page.keyboard.press("Escape")


def readable_parts(grid: Grid) -> list[Locator]:
    """Return one of each of the table's parts that hold text."""
    return [
        grid.cell("fido", "species"),
        grid.root.locator("[role=rowheader][data-row=felix]"),
        grid.root.locator(".tbw-head").first,
        grid.root.locator(".tbw-name"),
        grid.root.locator(".tbw-count"),
        grid.root.locator(".tbw-status-text"),
        grid.root.locator("[data-action=add-row]"),
        grid.root.locator(".tbw-blank [data-col=species]"),
    ]


def set_theme(lab: Lab, theme: str) -> None:
    lab.command("apputils:change-theme", {"theme": theme})
    lab.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


def is_as_dark(part: Locator, is_dark: bool) -> bool:
    """Say whether what is behind a text is as dark, or light, as expected."""
    return (luminance(background(part)) < 0.2) is is_dark


Color = tuple[float, float, float]


def legibility(part: Locator) -> float:
    """Return the contrast of a text with what is behind it."""
    behind = background(part)
    *text, alpha = parsed(part.evaluate("node => getComputedStyle(node).color"))
    red, green, blue = (
        alpha * front + (1 - alpha) * back for front, back in zip(text, behind, strict=True)
    )
    return contrast((red, green, blue), behind)


def background(part: Locator) -> Color:
    """Return the colour behind a text: that of the first element around it that has one."""
    found = part.evaluate(
        """node => {
            for (let at = node; at; at = at.parentElement) {
                const color = getComputedStyle(at).backgroundColor;
                if (!/^rgba\\(.*, 0\\)$|\\/ 0\\)$/.test(color)) return color;
            }
            return 'rgb(255, 255, 255)';
        }"""
    )
    red, green, blue, alpha = parsed(found)
    assert alpha > 0.98, f"what is behind {part} shines through: {found}"
    return red, green, blue


def parsed(css: str) -> tuple[float, float, float, float]:
    """Read a computed colour: `rgb(0, 0, 0)`, `rgba(…)`, or what `color-mix` computes to."""
    kind, *rest = re.findall(r"[a-z]+|[-+.\d]+(?:e-?\d+)?", css)
    numbers = [float(text) for text in rest if text != "srgb"]
    scale = 1.0 if kind == "color" else 255.0
    red, green, blue = (number / scale for number in numbers[:3])
    return red, green, blue, numbers[3] if len(numbers) > 3 else 1.0


def luminance(rgb: Color) -> float:
    """Return WCAG's relative luminance: 0 of black, 1 of white."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Return WCAG's contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
