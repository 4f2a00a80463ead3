"""pycrdt's panics as errors.

Where pycrdt's Rust code gives up it raises a `PanicException`, which is no `Exception`: it would
pass every handler and end up with whoever happened to set a cell.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tinybase_widget._exceptions import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """Turn a panic into a `DocumentError`; everything else passes as it is."""
    try:
        yield
    except (Exception, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as panic:
        raise DocumentError(panic) from panic
