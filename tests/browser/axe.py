"""Accessibility as far as a program can tell: axe-core, run on a part of a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

_AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async element => {
    const { violations } = await axe.run(element);
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}"""


def violations(root: Locator) -> list[str]:
    """Return what axe-core finds wrong within an element."""
    if not root.page.evaluate("() => 'axe' in window"):
        root.page.evaluate(_AXE.read_text())
    found: list[str] = root.evaluate(_RUN)
    return found
