"""The dtype of a column of which nobody has said one: from its cells."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._extra import narwhals
from tinybase_widget.store import MISSING
from tinybase_widget.store._cells import decode

if TYPE_CHECKING:
    from collections.abc import Sequence


def infer_dtype(cells: Sequence[Any]) -> Any:
    """Return the dtype that holds all of some cells.

    Numbers are Int64, or Float64 if one of them is not whole; text is String: it is not looked at.
    What is of several kinds is Object.

    Args:
        cells: The cells as they are kept, MISSING where there is none.

    Example:
        >>> infer_dtype([1, MISSING, 2.5]), infer_dtype([1, "one"])
        (Float64, Object)
    """
    nw = narwhals()
    dtype = _infer([decode(cell) for cell in cells if cell is not MISSING])
    return nw.Object() if dtype is None else dtype or nw.Unknown()


def _infer(things: Sequence[Any]) -> Any:
    """Return the dtype of cells or items: None if of several kinds, () if there are none."""
    nw = narwhals()
    present = [thing for thing in things if thing is not None]
    kinds = set(map(type, present))
    if not kinds:
        return ()
    if kinds == {list}:
        item = _infer(list(chain.from_iterable(present)))
        return None if item is None else nw.List(item or nw.String())
    if kinds == {dict}:
        names = dict.fromkeys(chain.from_iterable(present))
        fields = {name: _infer([thing.get(name) for thing in present]) for name in names}
        if not fields or None in fields.values():
            return None
        return nw.Struct({name: dtype or nw.String() for name, dtype in fields.items()})
    if kinds == {int, float}:
        return nw.Float64()
    scalars = {bool: nw.Boolean, int: nw.Int64, float: nw.Float64, str: nw.String}
    kind = kinds.pop()
    return scalars[kind]() if not kinds else None
