"""What needs an extra is imported when it is asked for, and its absence is explained."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tinybase_widget

NAMES = sorted(tinybase_widget._LAZY)
EXTRAS = {"WebSocketLink": "websocket", "YTinyBase": "jupyter"}


def run(source: str) -> str:
    """Run some code in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", source], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_of_the_extra() -> None:
    modules = "{'automerge', 'cbor2', 'jupyter_ydoc', 'websockets'}"
    assert run(f"import sys, tinybase_widget; print({modules} & {{*sys.modules}})") == "set()"


@pytest.mark.parametrize("name", NAMES)
def test_without_the_extra_asking_for_a_name_says_what_to_install(name: str) -> None:
    source = f"""
import sys
for missing in ("automerge.core", "cbor2", "jupyter_ydoc", "websockets"):
    sys.modules[missing] = None
import tinybase_widget
try:
    tinybase_widget.{name}
except tinybase_widget.MissingExtraError as error:
    print(isinstance(error, ImportError), error)
"""
    printed = run(source)
    assert printed.startswith("True ")
    extra = EXTRAS.get(name, "automerge")
    assert f'pip install "tinybase-widget[{extra}]"' in printed


def test_a_star_import_leaves_out_what_is_not_installed() -> None:
    source = f"""
import sys
for missing in ("automerge", "jupyter_ydoc", "websockets"):
    sys.modules[missing] = None
from tinybase_widget import *
print(Store().get_tables(), {{*{NAMES}}} & {{*globals()}})
"""
    assert run(source) == "{} set()"


def test_the_names_are_listed_without_being_imported() -> None:
    source = f"import tinybase_widget; print({{*{NAMES}}} <= {{*dir(tinybase_widget)}})"
    assert run(source) == "True"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Repository'"):
        _ = tinybase_widget.Repository
