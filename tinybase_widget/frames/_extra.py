"""What reads frames is an extra: imported when it is needed, and named when it is missing."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BACKENDS = ("pandas", "polars", "pyarrow")
_MARKS = ("__arrow_c_stream__", "__dataframe__", "__narwhals_dataframe__", "__narwhals_lazyframe__")


def narwhals() -> Any:
    """Import narwhals.

    Raises:
        ImportError: It is not installed; the text says what to install.
    """
    try:
        return import_module("narwhals")
    except ImportError as error:
        raise ImportError(
            "data frames are read with narwhals, which is not installed: "
            'pip install "tinybase-widget[frames]"'
        ) from error


def is_frame(thing: object) -> bool:
    """Tell whether something is a frame, or from a library of frames; also without narwhals."""
    root = type(thing).__module__.partition(".")[0]
    if root in {*BACKENDS, "narwhals"} or any(hasattr(type(thing), mark) for mark in _MARKS):
        return True
    if find_spec("narwhals") is None:
        return False
    return narwhals().from_native(thing, pass_through=True) is not thing


@contextmanager
def making(library: str, name: str, dtype: Any) -> Iterator[None]:
    """Name a column, should its library be unable to make it.

    Raises:
        ValueError: The block raised something; which library raises what is its own matter.
    """
    try:
        yield
    except Exception as error:
        raise ValueError(f"{library} can't make column {name!r} a {dtype}: {error}") from error


def import_backend(name: Any) -> Any:
    """Import one of the libraries that `to_frame` makes frames of.

    Raises:
        ValueError: It is none of them.
        ImportError: It is not installed.
    """
    if name not in BACKENDS:
        raise ValueError(f"to_frame makes frames of {', '.join(BACKENDS)}; not of {name!r}")
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"{name} is not installed: pip install {name}") from error


def first_backend() -> str:
    """Return the first of the libraries that is installed.

    Raises:
        ImportError: None is.
    """
    for name in BACKENDS:
        if find_spec(name) is not None:
            return name
    raise ImportError(f"none of {', '.join(BACKENDS)} is installed: pip install pandas")
