"""Tables of pyarrow."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._dtypes import has_temporal, resolve
from tinybase_widget.frames._extra import making, narwhals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybase_widget.frames._building import Values


def make_frame(columns: Mapping[str, Values]) -> Any:
    """Return a pyarrow.Table.

    Raises:
        ValueError: pyarrow can't make one of the columns.
    """
    pa: Any = import_module("pyarrow")
    arrays = {}
    for name, column in columns.items():
        with making("pyarrow", name, column.dtype):
            arrays[name] = make_array(column, column.native)
    return pa.table(arrays)


def make_array(column: Values, target: Any) -> Any:
    """Return a pyarrow.Array.

    Args:
        column: Its values.
        target: The type that it should have; None: the one of its dtype.
    """
    pa: Any = import_module("pyarrow")
    dtype, kind = resolve(column.dtype)
    if kind in {"Object", "Unknown"}:
        return pa.array(column.values, type=target or pa.null())
    if target is not None and not has_temporal(dtype):
        return pa.array(column.values, type=target)
    own = narwhals().Schema({"own": dtype}).to_arrow().field(0).type
    # Whole numbers are taken as the units of moments and spans of time.
    array = pa.array(column.values, type=own)
    return array if target is None or target == own else array.cast(target)
