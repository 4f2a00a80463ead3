"""A document as newcomers get it, encoded once for those who come together.

A class that opens a table of 100,000 rows asks thirty times for the same megabytes. To encode them
takes a tenth of a second in which the server does nothing else; and thirty copies that wait for
slow lines take memory. So a large document is kept as it was encoded last until it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.sync._frames import FrameKind, write_frame

if TYPE_CHECKING:
    from pycrdt import Doc

_EMPTY = b"\x00"  # a state vector of nothing
_LARGE = 256 << 10  # bytes
_PART = 4  # an answer beyond this part of a large document is replaced by the whole


class Whole:
    """A document's answers.

    Args:
        doc: The document.
    """

    def __init__(self, doc: Doc[Any]) -> None:
        self._doc = doc
        self._frame: bytes | None = None

    def note_change(self) -> None:
        """Take note that the document has changed."""
        self._frame = None

    def answer(self, state: bytes) -> bytes:
        """Return the frame that answers a state vector.

        Raises:
            DocumentError: pycrdt gave up on it.
        """
        if state == _EMPTY and self._frame is not None:
            return self._frame
        frame = self._encode(state)
        if len(frame) <= _LARGE:
            return frame
        if self._frame is None:
            self._frame = frame if state == _EMPTY else self._encode(_EMPTY)
        return frame if len(frame) * _PART < len(self._frame) else self._frame

    def _encode(self, state: bytes) -> bytes:
        with panics_as_errors():
            return write_frame(FrameKind.STEP_2, self._doc.get_update(state))
