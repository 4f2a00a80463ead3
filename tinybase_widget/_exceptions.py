"""The errors of this package, in one tree.

TinyBaseError
├── PersistedContentError   a place holds something that is not a Store's content
├── PlaceError              a place can't be read or written
├── DocumentError           a Yjs or Automerge document failed at an operation
├── MissingExtraError       a part of the package needs more than was installed
├── CompactionError         a room's document can't be compacted at the moment
├── JupyterServerError      no Jupyter server lets a kernel join a file
└── FrameError              bytes from a peer that are no frame
"""

from __future__ import annotations

_SHOWN_BYTES = 16


class TinyBaseError(Exception):
    """The base of all errors that this package defines."""


class PersistedContentError(TinyBaseError):
    """What a persister found at its place is not a Store's content.

    Its text is TinyBase's error code, `tinybase:1`; `explanation` says what was found, what was
    expected and what to do.
    """

    def __init__(self, explanation: str) -> None:
        super().__init__("tinybase:1")
        self.explanation = explanation


class PlaceError(TinyBaseError):
    """A place can't be read or written; the text says which, why, and what to do."""


class DocumentError(TinyBaseError):
    """A document failed at an operation in a way that its library did not foresee."""

    def __init__(self, panic: BaseException, library: str = "pycrdt") -> None:
        super().__init__(f"{library} gave up on an operation: {panic}")


class MissingExtraError(TinyBaseError, ImportError):
    """A part of this package needs packages that are not installed; the text names the extra."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(
            f"{what} needs packages that are not installed, or not in a version that fits: "
            f'run `pip install "tinybase-widget[{extra}]"`'
        )


class CompactionError(TinyBaseError):
    """A room's document can't be compacted at the moment; the text says why and what to do."""


class JupyterServerError(TinyBaseError, ConnectionError):
    """No Jupyter server lets this kernel join a file; the text says why and what to do."""


class FrameError(TinyBaseError):
    """Bytes that a peer sent are not a frame of the y-protocols."""

    def __init__(self, data: bytes) -> None:
        shown = data[:_SHOWN_BYTES].hex(" ") + (" …" if len(data) > _SHOWN_BYTES else "")
        super().__init__(f"{len(data)} bytes that are no y-protocols frame: {shown or 'nothing'}")
