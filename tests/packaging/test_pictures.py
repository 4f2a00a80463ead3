"""The pictures of README and its gallery: those that `tools.pictures` makes, twice, and small."""

from __future__ import annotations

import re

from tools._checkout import ROOT
from tools.pictures.__main__ import SCENES

MOST_BYTES = 150_000
DOCS = ROOT / "docs"


def test_readme_or_its_gallery_shows_every_picture_that_is_made_in_both_themes() -> None:
    readme, gallery = (ROOT / "README.md").read_text(), (DOCS / "gallery.md").read_text()
    in_readme = re.findall(r"docs/([a-z-]+)\.png", readme)
    in_gallery = re.findall(r"\"([a-z-]+)\.png\"", gallery)
    made = [f"{name}{suffix}" for name in SCENES for suffix in ("", "-dark")]
    assert sorted(in_readme + in_gallery) == sorted(made)
    assert "(docs/gallery.md)" in readme


def test_every_picture_is_there_and_small() -> None:
    sizes = {path.stem: path.stat().st_size for path in DOCS.glob("*.png")}
    assert set(sizes) == {f"{name}{suffix}" for name in SCENES for suffix in ("", "-dark")}
    assert max(sizes.values()) < MOST_BYTES
