"""Which cells of a document were entered after a moment, by the moment's state vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters._yjs_items import Items, Path, Runs, is_cell
from tinybase_widget.persisters._yjs_reading import read_update
from tinybase_widget.persisters._yjs_wire import read_state_vector

if TYPE_CHECKING:
    from pycrdt import Doc


def entered_since(doc: Doc[Any], root: str, state: object) -> set[Path]:
    """Return the paths of the cells and values that were set since a document had a state.

    Args:
        doc: The document, outside of any transaction.
        root: The name of its map with the tables and values.
        state: A state vector, as a peer may have written it: without one that can be read, nothing
            is known to have been entered.
    """
    if not isinstance(state, (bytes, bytearray)) or not _is_state_vector(bytes(state)):
        return set()
    structs, _ = read_update(doc.get_update(bytes(state)))
    items = Items(doc, root, Runs(structs))
    paths = map(items.path_of_new, structs)
    return {path for path in paths if path is not None and is_cell(path)}


def _is_state_vector(state: bytes) -> bool:
    try:
        read_state_vector(state)
    except ValueError:
        return False
    return True
