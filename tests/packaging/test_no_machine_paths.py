"""The files of the repository say nothing of the machine that they were written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In pieces, so that this file does not find itself.
MACHINE_FOLDERS = ["/" + name + "/" for name in ("work", "root", "tmp/plan")]
HOME = re.compile("/" + r"(home|Users)/(?!you/|user/)\w+/")
REGISTRIES = [
    name + "." + domain
    for name, domain in (
        ("pypi", "org/simple"),
        ("files.pythonhosted", "org"),
        ("registry.npmjs", "org"),
        ("registry.yarnpkg", "com"),
        ("deb.debian", "org"),
    )
]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Give the text of every file that is, or would be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = {}
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            found[name] = content.decode()
    return found


def test_no_file_names_a_folder_of_a_machine(texts: dict[str, str]) -> None:
    assert [
        name
        for name, text in texts.items()
        if HOME.search(text) or any(folder in text for folder in MACHINE_FOLDERS)
    ] == []


def test_no_file_names_a_registry(texts: dict[str, str]) -> None:
    assert [
        name for name, text in texts.items() if any(address in text for address in REGISTRIES)
    ] == []
