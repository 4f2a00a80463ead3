"""Of which generation the document of a server is that knows nothing of generations."""

from __future__ import annotations

from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.sync._generations import FIRST, Generation, Lineage

_MARK = f"{DEFAULT_MAP_NAME}/generation".encode()


def generation_of(update: bytes) -> Generation:
    """Return the generation of the document that an update holds as a whole.

    Raises:
        DocumentError: pycrdt gave up on it.
        ValueError: These bytes are no update.
    """
    if _MARK not in update:
        return FIRST
    doc = create_doc()
    with panics_as_errors():
        doc.apply_update(update)
    return Lineage(doc, DEFAULT_MAP_NAME).generation
