"""What is remembered of a frame that was loaded, for as long as its Store lives.

A Store has cells and no dtypes, and its rows travel to other kernels without what is kept here. So
whatever another kernel needs is in the schema that `load_frame` returns, which is plain JSON; the
libraries' own dtypes, which say more, are for `to_frame` in the same process only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from tinybase_widget.store import Store


@dataclass(frozen=True)
class Remembered:
    """What is remembered of a frame.

    Attributes:
        backend: The library's name, "pandas", "polars" or "pyarrow"; None: another one.
        schema: The dtypes of narwhals by column, with that of the row ids if they have a name.
        row_id: The name of the column or index that the row ids are from, if it has one.
        labels: The columns' own labels, where they are no strings.
        native: The library's own dtypes, by column.
        index: The dtype of narwhals, the own one and the name of the index that the row ids are
            from; None: they were counted, or are a column.
    """

    backend: str | None
    schema: dict[str, Any]
    row_id: str | None
    labels: dict[str, Any]
    native: dict[str, Any]
    index: tuple[Any, Any, Any] | None


_frames: WeakKeyDictionary[Store, dict[str, Remembered]] = WeakKeyDictionary()


def remember(store: Store, table_id: str, remembered: Remembered) -> None:
    """Remember a frame, in the place of the one that the table was loaded from before."""
    with store.lock:
        _frames.setdefault(store, {})[table_id] = remembered


def recall(store: Store, table_id: str) -> Remembered | None:
    """Return what is remembered of the frame that a table was loaded from, if it was."""
    return _frames.get(store, {}).get(table_id)
