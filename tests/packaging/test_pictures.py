"""The pictures of README: each is one that `tools.pictures` makes, light and dark, and small."""

from __future__ import annotations

import re

from tools._checkout import ROOT
from tools.pictures.__main__ import SCENES

MOST_BYTES = 150_000
DOCS = ROOT / "docs"


def test_readme_shows_every_picture_that_is_made_in_both_themes() -> None:
    shown = set(re.findall(r"docs/([a-z-]+)\.png", (ROOT / "README.md").read_text()))
    assert shown == {f"{name}{suffix}" for name in SCENES for suffix in ("", "-dark")}


def test_every_picture_is_there_and_small() -> None:
    sizes = {path.stem: path.stat().st_size for path in DOCS.glob("*.png")}
    assert set(sizes) == {f"{name}{suffix}" for name in SCENES for suffix in ("", "-dark")}
    assert max(sizes.values()) < MOST_BYTES
