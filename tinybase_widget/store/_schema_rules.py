"""Schemas: which of them are valid, and what follows from one for a row or for the values.

A schema names, for each cell or value, a `type` (one or several) or an `enum`, and optionally a
`default`, `allowNull` and `required`. What is not a valid schema is dropped at the lowest level at
which it is wrong, as TinyBase does: one bad cell does not spoil its table.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import (
    decode,
    encode,
    encoded_type,
    is_encoded,
    is_reserved,
    to_number,
    to_python,
    type_of,
)
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from tinybase_widget.store._types import Id, RawCell

    CellSchema = dict[str, Any]

TYPES = frozenset({"string", "number", "boolean", "object", "array"})
_KEYS = frozenset({"type", "enum", "default", "allowNull", "required"})


class RowSchema:
    """What a table's schema asks of its rows, or the values schema of the values."""

    __slots__ = ("cells", "defaults", "required", "without_default")

    def __init__(self, cells: dict[Id, CellSchema], in_order: dict[Id, CellSchema]) -> None:
        self.cells = cells
        self.defaults: dict[Id, RawCell] = {}
        self.without_default: list[Id] = []
        self.required: list[Id] = []
        for cell_id, schema in in_order.items():
            if "default" in schema:
                self.defaults[cell_id] = schema["default"]
            else:
                self.without_default.append(cell_id)
                if schema.get("required") is True:
                    self.required.append(cell_id)


class SchemaState:
    """The schemas of a Store; replaced as a whole, so that a rollback can put an old one back."""

    __slots__ = ("has_tables", "has_values", "tables", "values")

    def __init__(self) -> None:
        self.has_tables = False
        self.has_values = False
        self.tables: dict[Id, RowSchema] = {}
        self.values = RowSchema({}, {})

    def copy(self) -> SchemaState:
        """Copy, sharing the parts, which are never changed."""
        return copy.copy(self)


def valid_tables_schema(schema: Any) -> dict[Id, dict[Id, CellSchema]] | None:
    """Copy what is valid of a tables schema; None if nothing is."""
    if not isinstance(schema, Mapping):
        return None
    tables = {
        table_id: cells
        for table_id, table in schema.items()
        if isinstance(table_id, str) and (cells := valid_values_schema(table)) is not None
    }
    return tables or None


def valid_values_schema(schema: Any) -> dict[Id, CellSchema] | None:
    """Copy what is valid of a values schema, or of one table's schema; None if nothing is."""
    if not isinstance(schema, Mapping):
        return None
    cells = {
        cell_id: valid
        for cell_id, cell_schema in schema.items()
        if isinstance(cell_id, str) and (valid := _valid_cell_schema(cell_schema)) is not None
    }
    return cells or None


def merge_order(old: Mapping[Id, Any], new: dict[Id, Any]) -> dict[Id, Any]:
    """Give the new entries, those whose keys were there before at their old places."""
    merged = {key: new[key] for key in old if key in new}
    merged.update(new)
    return merged


def includes(schema_types: Any, cell_type: str | None) -> bool:
    """Tell whether a schema's `type`, one or a list, is or has a type."""
    if isinstance(schema_types, list):
        return cell_type in schema_types
    return bool(schema_types == cell_type)


def in_enum(allowed: list[Any], cell: Any) -> bool:
    """Tell whether an enum has a cell; `True` and `1` are different."""
    return any(type(cell) is type(one) and cell == one for one in allowed)


def decoded_schema(schema: CellSchema) -> CellSchema:
    """Copy a schema with its default as the user wrote it, for JSON."""
    return {key: decode(entry) if key == "default" else entry for key, entry in schema.items()}


def _valid_cell_schema(given: Any) -> CellSchema | None:
    if not isinstance(given, Mapping):
        return None
    schema = {key: _plain(entry) for key, entry in given.items() if key in _KEYS}
    schema = {key: entry for key, entry in schema.items() if entry is not MISSING}
    allowed = schema.get("enum", MISSING)
    types = schema.get("type", MISSING)
    if allowed is MISSING:
        valid = bool(types) and all(
            isinstance(one, str) and one in TYPES
            for one in (types if isinstance(types, list) else [types])
        )
    else:
        valid = (
            types is MISSING
            and isinstance(allowed, list)
            and bool(allowed)
            and all(map(_may_be_in_enum, allowed))
        )
    if not valid:
        return None
    default = schema.get("default", MISSING)
    if default is None:
        return schema if schema.get("allowNull") else None
    fits = (
        includes(types, type_of(default)) if allowed is MISSING else in_enum(allowed, default)
    ) and not is_reserved(default)
    encoded = encode(default) if fits and isinstance(default, (dict, list)) else default
    if not fits or encoded is MISSING:
        schema.pop("default", None)
    else:
        schema["default"] = encoded
    return schema


def _may_be_in_enum(cell: Any) -> bool:
    return type_of(cell) in {"string", "number", "boolean"} and not is_reserved(cell)


def _plain(entry: Any) -> Any:
    entry = to_python(entry)
    if isinstance(entry, list):
        return [_plain(one) for one in entry]
    if isinstance(entry, dict):
        return {key: _plain(one) for key, one in entry.items()}
    return to_number(entry) if type(entry) is float else entry


def is_valid_encoded(cell: Any, types: Any = MISSING) -> bool:
    """Tell whether an encoded cell holds what it should (TinyBase: isValidEncodedJson)."""
    if not is_encoded(cell):
        return False
    cell_type = encoded_type(cell)
    return cell_type is not None and (types is MISSING or includes(types, cell_type))
