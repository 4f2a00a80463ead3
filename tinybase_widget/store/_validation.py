"""What may be written: cells and values that a Store, or its schema, accepts.

What is refused is noted in the change log, for the invalid listeners, and for a warning where there
are none. The functions follow TinyBase's `validate...` and `getValidated...`; they copy what they
are given and return the copy in the form in which it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tinybase_widget.store import _bulk
from tinybase_widget.store._asking import Asking
from tinybase_widget.store._cells import (
    as_doubles,
    encode,
    is_encoded,
    is_reserved,
    to_id,
    to_python,
    to_raw,
    type_of,
)
from tinybase_widget.store._schema_rules import in_enum, includes, is_valid_encoded
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybase_widget.store._types import Id, Missing, RawCell, RawRow, RawTable, RawTables


class Validation(Asking):
    """The layer of a Store that decides what may be written."""

    @contextmanager
    def _while_mutating(self) -> Iterator[None]:
        was, self._mutating = self._mutating, True
        try:
            yield
        finally:
            self._mutating = was

    @contextmanager
    def _while_accepting_encoded(self, accept: bool = True) -> Iterator[None]:
        was, self._accepting_encoded = self._accepting_encoded, accept
        try:
            yield
        finally:
            self._accepting_encoded = was

    def _valid_tables(self, tables: Any, *, owned: bool = False) -> RawTables | None:
        if not _is_object(tables):
            self._cell_invalid(None, None, None, MISSING, given=tables)
            return None
        valid = {}
        for key, table in tables.items():
            table_id = to_id(key)
            rows = self._valid_table(table_id, table, owned=owned)
            if rows is not None:
                valid[table_id] = rows
        return valid or None

    def _valid_table(self, table_id: Id, table: Any, *, owned: bool = False) -> RawTable | None:
        if self._schema.has_tables:
            if table_id not in self._schema.tables:
                self._cell_invalid(table_id, None, None, MISSING, given=table)
                return None
            table = as_doubles(table) if owned else table
        else:
            plain = _bulk.plain_table(table, owned=owned)
            if plain is not None:
                return plain
            if owned:
                table = as_doubles(table)
        if not _is_object(table):
            self._cell_invalid(table_id, None, None, MISSING, given=table)
            return None
        valid = {}
        for key, row in table.items():
            row_id = to_id(key)
            cells = self._valid_row(table_id, row_id, row)
            if cells is not None:
                valid[row_id] = cells
        return valid or None

    def _valid_row(
        self, table_id: Id, row_id: Id | None, row: Any, *, partial: bool = False
    ) -> RawRow | None:
        if not isinstance(row, Mapping):
            self._cell_invalid(table_id, row_id, None, MISSING, given=row)
            return None
        cells = {to_id(cell_id): cell for cell_id, cell in row.items()}
        schema = self._schema.tables.get(table_id)
        if not partial and schema is not None:
            self._add_defaults(cells, table_id, row_id)
        if not cells:
            self._cell_invalid(table_id, row_id, None, MISSING, given=row)
            return None
        valid: RawRow = {}
        for cell_id, cell in cells.items():
            valid_cell = self._valid_cell(table_id, row_id, cell_id, cell)
            if valid_cell is not MISSING:
                valid[cell_id] = valid_cell
        if not valid:
            return None
        if not partial and schema is not None and not all(map(valid.__contains__, schema.required)):
            return None
        return valid

    def _add_defaults(self, cells: dict[Id, Any], table_id: Id, row_id: Id | None) -> None:
        schema = self._schema.tables.get(table_id)
        if schema is not None:
            for cell_id, default in schema.defaults.items():
                cells.setdefault(cell_id, default)
            for cell_id in schema.without_default:
                if cell_id not in cells:
                    self._cell_invalid(table_id, row_id, cell_id, MISSING)

    def _valid_cell(
        self, table_id: Id, row_id: Id | None, cell_id: Id, cell: Any
    ) -> RawCell | Missing:
        if self._schema.has_tables:
            table_schema = self._schema.tables.get(table_id)
            schema = None if table_schema is None else table_schema.cells.get(cell_id)
            if schema is None:
                return self._cell_invalid(table_id, row_id, cell_id, cell)
            raw = self._fitting(schema, cell)
            if raw is MISSING:
                default = schema.get("default", MISSING)
                return self._cell_invalid(table_id, row_id, cell_id, cell, default)
        else:
            raw = self._acceptable(cell)
            if raw is MISSING:
                return self._cell_invalid(table_id, row_id, cell_id, cell)
        if is_encoded(raw):
            self._tables_with_json.add(table_id)
        return raw

    def _valid_values(self, values: Any, *, partial: bool = False) -> RawRow | None:
        if not isinstance(values, Mapping):
            self._value_invalid(None, MISSING, given=values)
            return None
        given = {to_id(value_id): value for value_id, value in values.items()}
        # There are no defaults, and nothing is required, without a schema.
        schema = self._schema.values
        if not partial:
            for value_id, default in schema.defaults.items():
                given.setdefault(value_id, default)
            for value_id in schema.without_default:
                if value_id not in given:
                    self._value_invalid(value_id, MISSING)
        if not given:
            self._value_invalid(None, MISSING, given=values)
        valid: RawRow = {}
        for value_id, value in given.items():
            valid_value = self._valid_value(value_id, value)
            if valid_value is not MISSING:
                valid[value_id] = valid_value
        complete = partial or all(map(valid.__contains__, schema.required))
        return valid if valid and complete else None

    def _valid_value(self, value_id: Id, value: Any) -> RawCell | Missing:
        if not self._schema.has_values:
            raw = self._acceptable(value)
            return self._value_invalid(value_id, value) if raw is MISSING else raw
        schema = self._schema.values.cells.get(value_id)
        if schema is None:
            return self._value_invalid(value_id, value)
        raw = self._fitting(schema, value)
        if raw is MISSING:
            return self._value_invalid(value_id, value, schema.get("default", MISSING))
        return raw

    def _acceptable(self, cell: Any) -> RawCell | Missing:
        """Give a cell as it is kept where no schema says what it should be."""
        raw = to_raw(cell)
        if raw is MISSING and self._accepting_encoded and is_valid_encoded(cell):
            return cell  # type: ignore[no-any-return]
        return raw

    def _fitting(self, schema: dict[str, Any], cell: Any) -> RawCell | Missing:
        """Give a cell as it is kept if it fits its schema."""
        cell = to_python(cell)
        if cell is None:
            return None if schema.get("allowNull") else MISSING
        if is_reserved(cell, encoded=self._accepting_encoded):
            return MISSING
        if "enum" in schema:
            return to_raw(cell) if in_enum(schema["enum"], cell) else MISSING
        if is_encoded(cell):
            return cell if is_valid_encoded(cell, schema["type"]) else MISSING
        if not includes(schema["type"], type_of(cell)):
            return MISSING
        return encode(cell) if isinstance(cell, (dict, list)) else to_raw(cell)

    def _cell_invalid(
        self,
        table_id: Id | None,
        row_id: Id | None,
        cell_id: Id | None,
        cell: Any,
        default: RawCell | Missing = MISSING,
        *,
        given: Any = MISSING,
    ) -> RawCell | Missing:
        """Note that a cell, or with None for its id a whole row or table, was refused."""
        self._log.cell_refused(table_id, row_id, cell_id, cell)
        if cell_id is None or (cell is not MISSING and not _is_default(cell, default)):
            self._refused.append((table_id, row_id, cell_id, given if cell_id is None else cell))
        return default

    def _value_invalid(
        self,
        value_id: Id | None,
        value: Any,
        default: RawCell | Missing = MISSING,
        *,
        given: Any = MISSING,
    ) -> RawCell | Missing:
        """Note that a value, or with None for its id all of them, was refused."""
        self._log.value_refused(value_id, value)
        if value_id is None or (value is not MISSING and not _is_default(value, default)):
            self._refused.append((value_id, given if value_id is None else value))
        return default


def _is_object(thing: Any) -> bool:
    return isinstance(thing, Mapping) and bool(thing)


def _is_default(cell: Any, default: RawCell | Missing) -> bool:
    # An encoded default that stands in for a cell is itself reported, as in TinyBase; no warning.
    return is_encoded(cell) and bool(cell == default)
