"""What reads frames is imported when it is needed, and named when it is missing."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import Any

import polars as pl
import pytest

from tinybase_widget import Store, TableView, load_frame, to_frame

LIBRARIES = ("narwhals", "pandas", "polars", "pyarrow")
INSTALL = r'^data frames are read with narwhals, .*: pip install "tinybase-widget\[frames\]"$'


def python(source: str) -> str:
    """Run a program; give what it prints."""
    result = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_none_of_them_is_imported_before_it_is_needed() -> None:
    source = f"""
import sys
from tinybase_widget import Store, TableView
TableView(Store().set_cell("pets", "fido", "age", 3), "pets")
print(*[name for name in {LIBRARIES!r} if name in sys.modules])
"""
    assert python(source) == ""


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_frame_of_one_library_needs_no_other(library: str) -> None:
    others = [name for name in LIBRARIES[1:] if name != library]
    # pandas has its strings from pyarrow where that is installed.
    others = [name for name in others if (library, name) != ("pandas", "pyarrow")]
    source = f"""
import sys

class Nothing:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {others!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
import {library}
from tinybase_widget import Store, load_frame, to_frame
store = Store()
make = {library}.table if {library!r} == "pyarrow" else {library}.DataFrame
load_frame(store, "t", make({{"a": [1, None], "b": ["x", "y"]}}))
to_frame(store, "t", {library!r}, schema={{}})
print(store.get_table("t"), to_frame(store, "t").shape)
"""
    assert python(source) == "{'0': {'a': 1, 'b': 'x'}, '1': {'b': 'y'}} (2, 2)"


@pytest.fixture
def _without_narwhals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it not be there."""
    monkeypatch.setitem(sys.modules, "narwhals", None)


@pytest.mark.usefixtures("_without_narwhals")
def test_load_frame_names_the_extra_that_is_missing() -> None:
    with pytest.raises(ImportError, match=INSTALL):
        load_frame(Store(), "t", pl.DataFrame())


@pytest.mark.usefixtures("_without_narwhals")
def test_to_frame_names_the_extra_that_is_missing() -> None:
    with pytest.raises(ImportError, match=INSTALL):
        to_frame(Store(), "t")


@pytest.mark.usefixtures("_without_narwhals")
def test_a_view_names_the_extra_that_is_missing() -> None:
    with pytest.raises(ImportError, match=INSTALL):
        TableView(pl.DataFrame({"a": [1]}))


@pytest.mark.usefixtures("_without_narwhals")
@pytest.mark.parametrize("given", [None, {}, 5, "pets"])
def test_without_it_a_view_still_refuses_what_is_no_frame(given: Any) -> None:
    with pytest.raises(TypeError, match=r"a Store, or a data frame; .* is neither$"):
        TableView(given, "pets")


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match=r"^polars is not installed: pip install polars$"):
        to_frame(Store(), "t", "polars")


def test_where_none_is_installed_pandas_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = import_module("tinybase_widget.frames._extra")
    monkeypatch.setattr(extra, "find_spec", lambda _name: None)
    with pytest.raises(ImportError, match=r"^none of pandas, polars, pyarrow is installed"):
        to_frame(Store(), "t")
