"""The distributions: what is in them, and that they work without Node.js and without a checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tinybase_widget"
BUNDLES = {
    "tinybase_widget/widgets/static/LICENSES.txt",
    "tinybase_widget/widgets/static/loader.js",
    "tinybase_widget/widgets/static/runtime.js",
    "tinybase_widget/widgets/static/server.js",
}
EXTENSION = "tinybase_widget-0.1.0.data/data/share/jupyter/labextensions/tinybase-widget"
LARGEST_WHEEL = 900_000  # bytes; the bundles are 530 kB at most, unpacked, the extension 590

USE_THE_PACKAGE = """
import shutil
import tinybase_widget
from tinybase_widget import Room, Store, TableView, YjsPersister

assert shutil.which("node") is None
store = Store()
store.set_tables({"pets": {"fido": {"species": "dog"}}})
view = TableView(store, "pets", room="zoo")
store.set_cell("pets", "fido", "sold", True)
print(tinybase_widget.__file__)
print(store.get_tables())
print(len(view._esm) > 0)
"""


class Distributions(NamedTuple):
    """Paths of the two files that `make build` makes."""

    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give an environment with no program on PATH."""
    return os.environ | {"PATH": str(tmp_path_factory.mktemp("empty-path"))}


@pytest.fixture(scope="module")
def distributions(
    tmp_path_factory: pytest.TempPathFactory, without_node: dict[str, str]
) -> Distributions:
    """Build the sdist from the checkout, and the wheel from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    _build(ROOT, folder, without_node)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return Distributions(sdist, wheel)


def test_the_wheel_has_every_file_of_the_package(distributions: Distributions) -> None:
    expected = {
        file.relative_to(ROOT).as_posix()
        for file in PACKAGE.rglob("*")
        if file.suffix in {".py", ".typed", ".css"}
    }
    assert expected | BUNDLES <= _wheel_names(distributions.wheel)


def test_the_wheel_has_no_file_outside_the_package(distributions: Distributions) -> None:
    tops = {name.split("/")[0] for name in _wheel_names(distributions.wheel)}
    assert tops == {
        "tinybase_widget",
        "tinybase_widget-0.1.0.data",
        "tinybase_widget-0.1.0.dist-info",
    }


def test_the_wheel_has_the_jupyterlab_extension_where_jupyterlab_looks(
    distributions: Distributions,
) -> None:
    built = PACKAGE / "labextension"
    expected = {
        f"{EXTENSION}/{file.relative_to(built).as_posix()}"
        for file in built.rglob("*")
        if file.is_file()
    }
    names = _wheel_names(distributions.wheel)
    assert f"{EXTENSION}/install.json" in expected
    assert {name for name in names if ".data/" in name} == expected
    assert not [name for name in names if name.startswith("tinybase_widget/labextension")]
    with zipfile.ZipFile(distributions.wheel) as archive:
        package = json.loads(archive.read(f"{EXTENSION}/package.json"))
    assert f"{EXTENSION}/{package['jupyterlab']['_build']['load']}" in names


def test_the_wheel_tells_of_the_document_type_and_the_command(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as archive:
        text = archive.read("tinybase_widget-0.1.0.dist-info/entry_points.txt").decode()
    found = ConfigParser()
    found.read_string(text)
    assert {group: dict(found[group]) for group in found.sections()} == {
        "console_scripts": {"tinybase-widget": "tinybase_widget.server.cli:main"},
        "jupyter_ydoc": {"tinybase": "tinybase_widget.documents.ytinybase:YTinyBase"},
    }


def test_the_wheel_has_the_bundles_as_they_were_built(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as archive:
        packed = {name: archive.read(name) for name in BUNDLES}
    assert packed == {name: (ROOT / name).read_bytes() for name in BUNDLES}


def test_the_wheel_has_the_licences_of_what_is_bundled(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as archive:
        text = archive.read("tinybase_widget/widgets/static/LICENSES.txt").decode()
    assert [
        name for name in ("lib0", "slickgrid", "tinybase", "yjs") if f"\n{name} " not in text
    ] == []
    assert text.count("Permission is hereby granted") >= 4


def test_the_wheel_is_small(distributions: Distributions) -> None:
    assert distributions.wheel.stat().st_size < LARGEST_WHEEL


def test_the_sdist_has_the_typescript_beside_the_bundles(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"js/src/loader.ts", "js/src/runtime.ts", "js/package-lock.json", *BUNDLES} <= names
    assert not [name for name in names if name.startswith((".venv/", "js/node_modules/"))]


@pytest.mark.timeout(600)
def test_the_wheel_works_in_an_empty_environment_without_node(
    distributions: Distributions, without_node: dict[str, str], tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    constraints = ROOT / "requirements" / "dev.txt"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "-c", constraints, distributions.wheel],
        env=without_node,
        check=True,
    )

    used = subprocess.run(
        [python, "-I", "-W", "error", "-c", USE_THE_PACKAGE],
        env=without_node,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert used.returncode == 0, used.stderr
    location, tables, has_module = used.stdout.splitlines()
    assert Path(location).is_relative_to(tmp_path)
    assert tables == "{'pets': {'fido': {'species': 'dog', 'sold': True}}}"
    assert has_module == "True"

    labextensions = tmp_path / "venv" / "share" / "jupyter" / "labextensions"
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"],
        env=without_node
        | {"JUPYTER_PATH": str(labextensions.parent), "JUPYTER_PREFER_ENV_PATH": "0"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(labextensions) in listed.stderr + listed.stdout
    shown = re.sub(r"\x1b\[\d+m", "", listed.stderr + listed.stdout)
    assert "tinybase-widget v0.1.0 enabled OK (python, tinybase-widget)" in shown


def test_a_distribution_without_its_bundles_is_refused(
    tmp_path: Path, without_node: dict[str, str]
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    (source / "tinybase_widget").mkdir()
    (source / "tinybase_widget" / "__init__.py").touch()

    with pytest.raises(subprocess.CalledProcessError) as refused:
        _build(source, tmp_path / "dist", without_node)

    assert "labextension/package.json missing. Run `make build`" in refused.value.stdout


def _build(source: Path, target: Path, env: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )


def _wheel_names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())
