"""Frames of polars."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._dtypes import physical, resolve
from tinybase_widget.frames._extra import narwhals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybase_widget.frames._building import Values


def make_frame(columns: Mapping[str, Values]) -> Any:
    """Return a polars.DataFrame.

    Raises:
        ValueError: polars has no such dtype.
    """
    pl: Any = import_module("polars")
    return pl.DataFrame([_series(pl, name, column) for name, column in columns.items()])


def _series(pl: Any, name: str, column: Values) -> Any:
    dtype, kind = resolve(column.dtype)
    if kind in {"Object", "Unknown"}:
        return pl.Series(name, column.values, dtype=column.native or pl.Null)
    try:
        schemas = narwhals().Schema({"base": physical(dtype), "target": dtype}).to_polars()
    except NotImplementedError:
        raise ValueError(f"polars has no dtype for {dtype}, that of column {name!r}") from None
    target = column.native or schemas["target"]
    series = pl.Series(name, column.values, dtype=schemas["base"])
    return series if series.dtype == target else series.cast(target)
