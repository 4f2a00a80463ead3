"""Tables of pyarrow."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._dtypes import has_temporal, resolve
from tinybase_widget.frames._extra import narwhals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybase_widget.frames._building import Values


def make_frame(columns: Mapping[str, Values]) -> Any:
    """Return a pyarrow.Table.

    Raises:
        ValueError: pyarrow has no such dtype.
    """
    pa: Any = import_module("pyarrow")
    arrays = {name: make_array(name, column, column.native) for name, column in columns.items()}
    return pa.table(arrays)


def make_array(name: str, column: Values, target: Any) -> Any:
    """Return a pyarrow.Array.

    Args:
        name: What the column is called.
        column: Its values.
        target: The type that it should have; None: the one of its dtype.
    """
    pa: Any = import_module("pyarrow")
    dtype, kind = resolve(column.dtype)
    if kind in {"Object", "Unknown"}:
        return pa.array(column.values, type=target or pa.null())
    if target is not None and not has_temporal(dtype):
        return pa.array(column.values, type=target)
    try:
        own = narwhals().Schema({name: dtype}).to_arrow().field(0).type
    except NotImplementedError:
        raise ValueError(f"pyarrow has no dtype for {dtype}, that of column {name!r}") from None
    # Whole numbers are taken as the units of moments and spans of time.
    array = pa.array(column.values, type=own)
    return array if target is None or target == own else array.cast(target)
