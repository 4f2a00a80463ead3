"""pycrdt's panics as errors.

Where pycrdt's Rust code gives up it raises a `PanicException`, which is no `Exception`: it would
pass every handler and end up with whoever happened to set a cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybase_widget._exceptions import DocumentError

if TYPE_CHECKING:
    from types import TracebackType

_PASSES = (Exception, GeneratorExit, KeyboardInterrupt, SystemExit)


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
        if error is not None and not isinstance(error, _PASSES):
            raise DocumentError(error) from error


def as_error(error: BaseException) -> Exception:
    """Return the exception that stands for what was raised; raise what is no error again."""
    if isinstance(error, Exception):
        return error
    if isinstance(error, _PASSES):
        raise error
    return DocumentError(error)
