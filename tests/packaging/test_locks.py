"""The lock files: complete, in step with what they lock, and without the address of a registry."""

from __future__ import annotations

import json
import re
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYTHON_LOCK = ROOT / "requirements" / "dev.txt"
ADDRESS = re.compile(r"[a-z+]+://|\bgit@|\bfile:")


@pytest.fixture(scope="module")
def js_lock() -> Any:
    return json.loads((ROOT / "js" / "package-lock.json").read_text())


def test_the_python_lock_has_nothing_but_pinned_versions() -> None:
    lines = PYTHON_LOCK.read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    pinned = re.compile(r"[a-z0-9-]+==[0-9][a-z0-9.]*( ; .+)?")
    assert [line for line in pins if not pinned.fullmatch(line)] == []


def test_the_python_lock_has_no_address() -> None:
    assert not ADDRESS.search(PYTHON_LOCK.read_text())


def test_the_python_lock_fits_pyproject() -> None:
    """`make lock` brings them together again."""
    pins: dict[str, list[str]] = {}
    for line in PYTHON_LOCK.read_text().splitlines():
        if not line.startswith("#"):
            requirement = Requirement(line)
            version = str(requirement.specifier).removeprefix("==")
            pins.setdefault(requirement.name, []).append(version)
    needed = [Requirement(text) for text in requires("tinybase-widget") or ()]
    own = {"tinybase-widget"}
    misfits = [
        str(requirement)
        for requirement in needed
        if requirement.name not in own
        and not (
            (versions := pins.get(canonicalize_name(requirement.name)))
            and all(requirement.specifier.contains(version) for version in versions)
        )
    ]
    assert needed
    assert misfits == []


def test_the_javascript_lock_has_no_address_but_those_for_donations(js_lock: Any) -> None:
    packages: dict[str, dict[str, Any]] = js_lock["packages"]
    rest = {
        name: {key: value for key, value in package.items() if key != "funding"}
        for name, package in packages.items()
    }
    assert not ADDRESS.search(json.dumps(rest))


def test_the_javascript_lock_fits_package_json(js_lock: Any) -> None:
    manifest = json.loads((ROOT / "js" / "package.json").read_text())
    locked = js_lock["packages"][""]
    for group in ("dependencies", "devDependencies"):
        assert locked.get(group) == manifest.get(group)


def test_the_javascript_lock_has_the_packages_of_every_platform(js_lock: Any) -> None:
    """`npm ci` refuses a lock in which the builds for other systems are missing."""
    packages: dict[str, dict[str, Any]] = js_lock["packages"]
    names = {path.rpartition("node_modules/")[2] for path in packages}
    missing = {
        needed
        for package in packages.values()
        for needed in package.get("optionalDependencies", ())
        if needed not in names
    }
    assert missing == set()
