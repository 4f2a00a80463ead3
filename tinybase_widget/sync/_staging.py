"""A newer document that is on its way: gathered in pieces until it is there as a whole."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.sync._generations import Lineage

if TYPE_CHECKING:
    from pycrdt import Doc

    from tinybase_widget.sync._generations import Generation

_ASK_INTERVAL_S = 1.0


class Staging:
    """A document that is to take the place of the one so far.

    Args:
        generation: Its generation.
        map_name: The name of its root map.

    Attributes:
        doc: What is there of it.
    """

    def __init__(self, generation: Generation, map_name: str) -> None:
        self.generation = generation
        self.doc: Doc[Any] = create_doc()
        self._map_name = map_name
        self._asked = float("-inf")

    def take(self, update: bytes) -> None:
        """Add a piece."""
        self.doc.apply_update(update)

    def is_whole(self) -> bool:
        """Return whether a document is there, and nothing in it waits for what is missing."""
        has_gap = self.doc.get_update(self.doc.get_state())[0] != 0
        return not has_gap and Lineage(self.doc, self._map_name).generation == self.generation

    def is_to_ask(self) -> bool:
        """Return whether to ask for what is missing: not again for each piece that arrives."""
        now = time.monotonic()
        if now - self._asked < _ASK_INTERVAL_S:
            return False
        self._asked = now
        return True
