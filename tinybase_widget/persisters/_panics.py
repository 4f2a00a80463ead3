"""pycrdt's panics as errors.

Where pycrdt's Rust code gives up it raises a `PanicException`, which is no `Exception`: it would
pass every handler and end up with whoever happened to set a cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybase_widget._exceptions import DocumentError

if TYPE_CHECKING:
    from types import TracebackType


class panics_as_errors:  # noqa: N801 - used like a function
    """Turn a panic into a `DocumentError`; everything else passes as it is."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raise a `DocumentError` in place of a panic."""
        passes = (Exception, GeneratorExit, KeyboardInterrupt, SystemExit)
        if error is not None and not isinstance(error, passes):
            raise DocumentError(error) from error
