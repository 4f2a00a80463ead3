"""What a view tells its pages about what may be written: the table's schema, and column options.

The documents that pages share have no schema, and a page's Store has none. Without being told, the
page would let people type what the kernel's Store then refuses.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import traitlets as t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinybase_widget.store import Cell, Store

_LARGEST_INT = 2**53 - 1


def table_schema(store: Store, table_id: str) -> dict[str, Any] | None:
    """Return a table's schema by cell id; None if the Store has no schema for tables.

    A table that the Store's schema does not name has an empty one: it takes nothing.
    """
    if not store.has_tables_schema():
        return None
    schema: dict[str, Any] = json.loads(store.get_tables_schema_json()).get(table_id, {})
    return schema


def tables_schema(store: Store) -> dict[str, dict[str, Any]] | None:
    """Return the schemas of all tables by table id; None if the Store has no schema for tables."""
    if not store.has_tables_schema():
        return None
    schema: dict[str, dict[str, Any]] = json.loads(store.get_tables_schema_json())
    return schema


def values_schema(store: Store) -> dict[str, Any] | None:
    """Return the values' schema by value id; None if the Store has none for values."""
    if not store.has_values_schema():
        return None
    schema: dict[str, Any] = json.loads(store.get_values_schema_json())
    return schema


def schema_identity(store: Store) -> object:
    """Return an object that is another one as soon as the Store has another schema."""
    return store._schema  # noqa: SLF001 - asked for in every transaction, so the JSON is too dear


def checked_options(options: Mapping[str, Sequence[Any]]) -> dict[str, list[Cell]]:
    """Copy the options of columns, or of values.

    Raises:
        traitlets.TraitError: One of them is no cell.
    """
    for cell_id, cells in options.items():
        for cell in cells:
            if not _is_cell(cell):
                raise t.TraitError(
                    f"the options of {cell_id!r} are cells: text, numbers, True, False, None, or "
                    f"lists and dictionaries of these, not {cell!r}"
                )
    return {cell_id: list(cells) for cell_id, cells in options.items()}


def _is_cell(value: object) -> bool:
    if isinstance(value, bool | str) or value is None:
        return True
    if isinstance(value, int):
        return abs(value) <= _LARGEST_INT
    if isinstance(value, list):
        return all(map(_is_cell, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_cell(each) for key, each in value.items())
    return isinstance(value, float) and value - value == 0
