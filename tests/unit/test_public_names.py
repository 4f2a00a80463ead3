"""What the package shows of itself, and which of its parts know which."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import tinybase_widget

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(tinybase_widget.__file__).parent
ARCHITECTURE = PACKAGE.parent / "ARCHITECTURE.md"
NAMES = tinybase_widget.__all__
ABSENT = {name for name, package in tinybase_widget._PACKAGES.items() if not find_spec(package)}
CLASSES_AND_FUNCTIONS = [name for name in NAMES if name != "MISSING"]
BELOW_ALL = {"_exceptions", "_order"}  # modules that every folder may use, and that use none
MODULES = sorted(PACKAGE.glob("**/*.py"))


def test_all_lists_every_public_name() -> None:
    public = {
        name
        for name, thing in vars(tinybase_widget).items()
        if not name.startswith("_") and not isinstance(thing, ModuleType)
    }
    public -= {
        "TYPE_CHECKING",
        "Any",
        "find_spec",
        "import_module",
    }  # what the package's own module needs
    assert set(NAMES) == public | tinybase_widget._LAZY.keys() - ABSENT


def test_all_lists_constants_then_classes_then_functions_each_in_order() -> None:
    def rank(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

    assert sorted(set(NAMES), key=rank) == NAMES


@pytest.mark.parametrize("name", CLASSES_AND_FUNCTIONS)
def test_a_public_name_says_where_to_import_it_from(name: str) -> None:
    thing = getattr(tinybase_widget, name)
    assert (thing.__module__, thing.__qualname__) == ("tinybase_widget", name)


@pytest.mark.parametrize("name", CLASSES_AND_FUNCTIONS)
def test_a_public_name_has_a_docstring_of_its_own(name: str) -> None:
    thing = getattr(tinybase_widget, name)
    assert vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__


def is_used_by_itself(name: str) -> bool:
    """Say whether a name is none of the errors, enumerations and abstract classes."""
    thing = getattr(tinybase_widget, name)
    is_kind = inspect.isclass(thing) and issubclass(thing, (Exception, Enum))
    return not is_kind and not inspect.isabstract(thing)


@pytest.mark.parametrize(
    "name", [name for name in CLASSES_AND_FUNCTIONS if is_used_by_itself(name)]
)
def test_a_public_name_comes_with_an_example(name: str) -> None:
    assert any(">>> " in text for text in docstrings(getattr(tinybase_widget, name)))


def docstrings(thing: Any) -> Iterator[str]:
    """Yield the docstring of a function, or those of a class and its methods, inherited or not."""
    yield thing.__doc__ or ""
    for base in getattr(thing, "__mro__", ()):
        if base.__module__.startswith("tinybase_widget"):
            yield from (member.__doc__ or "" for member in vars(base).values())


def layers() -> list[str]:
    """Return the folders of ARCHITECTURE.md's table, those that others build on first."""
    return re.findall(r"^\| `tinybase_widget/(\w+)/` \|", ARCHITECTURE.read_text(), re.MULTILINE)


def imports(path: Path, *, for_types: bool = True) -> set[str]:
    """Return the full names of what a module imports, with or without what only its types need."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not for_types:
        tree.body = [node for node in tree.body if not is_for_types(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            assert node.module is not None
            # `from tinybase_widget import store` and `from tinybase_widget.store import Store`
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def is_for_types(node: ast.stmt) -> bool:
    """Say whether a statement is an `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def parts(path: Path) -> set[str]:
    """Return the folders, and modules beside them, of this package that a module imports from."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("tinybase_widget.")}


def test_architecture_lists_every_folder_of_python() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(layers()) == folders


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(PACKAGE)) for path in MODULES])
def test_a_module_imports_only_from_its_own_layer_and_those_it_builds_on(path: Path) -> None:
    part = path.relative_to(PACKAGE).parts[0]
    if part == "__init__.py":
        allowed = {*layers(), *BELOW_ALL}
    elif part in layers():
        allowed = {*layers()[: layers().index(part) + 1], *BELOW_ALL}
    else:
        allowed = set()
    assert parts(path) <= allowed


def test_the_store_needs_the_standard_library_only() -> None:
    roots = {
        name.split(".")[0]
        for path in (PACKAGE / "store").glob("*.py")
        for name in imports(path, for_types=False)
    }
    assert roots - {"tinybase_widget"} <= sys.stdlib_module_names
