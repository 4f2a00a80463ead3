"""Frames of polars."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tinybase_widget.frames._dtypes import physical, resolve
from tinybase_widget.frames._extra import making, narwhals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybase_widget.frames._building import Values


def make_frame(columns: Mapping[str, Values]) -> Any:
    """Return a polars.DataFrame.

    Raises:
        ValueError: polars can't make one of the columns.
    """
    pl: Any = import_module("polars")
    made = {}  # a list of series would lose a name that is empty
    for name, column in columns.items():
        with making("polars", name, column.dtype):
            made[name] = _series(pl, name, column)
    return pl.DataFrame(made)


def _series(pl: Any, name: str, column: Values) -> Any:
    dtype, kind = resolve(column.dtype)
    if kind in {"Object", "Unknown"}:
        return pl.Series(name, column.values, dtype=column.native or pl.Null)
    schema = narwhals().Schema({"base": physical(dtype), "target": dtype}).to_polars()
    target = column.native or schema["target"]
    values = column.values
    if "Map" in repr(dtype):
        values = [_with_entries(value, dtype) for value in values]
    series = pl.Series(name, values, dtype=schema["base"])
    return series if series.dtype == target else series.cast(target)


def _with_entries(value: Any, dtype: Any) -> Any:
    """Give the pairs of maps the names that polars has for them."""
    dtype, kind = resolve(dtype)
    if value is None:
        return None
    if kind in {"List", "Array"}:
        return [_with_entries(item, dtype.inner) for item in value]
    if kind == "Struct":
        fields = {field.name: field.dtype for field in dtype.fields}
        return {name: _with_entries(member, fields[name]) for name, member in value.items()}
    if kind == "Map":
        return [
            {"key": _with_entries(key, dtype.key), "value": _with_entries(item, dtype.value)}
            for key, item in value
        ]
    return value
