"""Setting, getting and deleting the schemas of a Store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import is_encoded
from tinybase_widget.store._exchanging import Exchanging
from tinybase_widget.store._schema_rules import (
    RowSchema,
    decoded_schema,
    merge_order,
    valid_tables_schema,
    valid_values_schema,
)
from tinybase_widget.store._warning import warn

if TYPE_CHECKING:
    from typing_extensions import Self

    from tinybase_widget.store._types import TablesSchema, ValuesSchema


class Schemas(Exchanging):
    """The layer of a Store that has schemas."""

    def has_tables_schema(self) -> bool:
        """Tell whether there is a schema for the tables.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_tables_schema(
            ...     {"pets": {"age": {"type": "number", "default": 0}}}
            ... )
            >>> store.has_tables_schema()
            True

        TinyBase: `hasTablesSchema`.
        """
        return self._schema.has_tables

    def has_values_schema(self) -> bool:
        """Tell whether there is a schema for the values.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_values_schema({"open": {"type": "boolean", "default": False}})
            >>> store.has_values_schema()
            True

        TinyBase: `hasValuesSchema`.
        """
        return self._schema.has_values

    def set_tables_schema(self, tables_schema: TablesSchema) -> Self:
        """Say which tables and cells there may be; what is there already is set anew under it.

        Args:
            tables_schema: A dictionary of tables by id, each one of cells by id, each one a
                dictionary with `type` ("string", "number", "boolean", "object", "array", or a list
                of these) or `enum` (a list of cells), and as you like `default`, `allowNull` and
                `required`. What is wrong in it is left out.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_tables_schema(
            ...     {"pets": {"age": {"type": "number", "default": 0}}}
            ... )
            >>> store.set_row("pets", "fido", {"age": 3}).get_row("pets", "fido")
            {'age': 3}
            >>> store.del_cell("pets", "fido", "age").get_row("pets", "fido")
            {'age': 0}

        TinyBase: `setTablesSchema`.
        """
        self._transact(self._set_tables_schema, tables_schema)
        return self

    def set_values_schema(self, values_schema: ValuesSchema) -> Self:
        """Say which values there may be; what is there already is set anew under it.

        Args:
            values_schema: A dictionary of values by id, each one as in `set_tables_schema`.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_values_schema({"open": {"type": "boolean", "default": False}})
            >>> store.get_values()
            {'open': False}

        TinyBase: `setValuesSchema`.
        """
        self._transact(self._set_values_schema, values_schema)
        return self

    def set_schema(
        self, tables_schema: TablesSchema, values_schema: ValuesSchema | None = None
    ) -> Self:
        """Set both schemas; the second one may be left out.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_schema({"pets": {"age": {"type": "number"}}}).has_values_schema()
            False

        TinyBase: `setSchema`.
        """

        def set_both() -> None:
            self._set_tables_schema(tables_schema)
            if values_schema is not None:
                self._set_values_schema(values_schema)

        self._transact(set_both)
        return self

    def del_tables_schema(self) -> Self:
        """Delete the schema of the tables, not the tables.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_tables_schema(
            ...     {"pets": {"age": {"type": "number", "default": 0}}}
            ... )
            >>> store.del_tables_schema().has_tables_schema()
            False

        TinyBase: `delTablesSchema`.
        """
        self._transact(self._del_tables_schema)
        return self

    def del_values_schema(self) -> Self:
        """Delete the schema of the values, not the values.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_values_schema({"open": {"type": "boolean", "default": False}})
            >>> store.del_values_schema().has_values_schema()
            False

        TinyBase: `delValuesSchema`.
        """
        self._transact(self._del_values_schema)
        return self

    def del_schema(self) -> Self:
        """Delete both schemas.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_values_schema({"open": {"type": "boolean", "default": False}})
            >>> store.del_schema().get_schema_json()
            '[{},{}]'

        TinyBase: `delSchema`.
        """

        def del_both() -> None:
            self._del_tables_schema()
            self._del_values_schema()

        self._transact(del_both)
        return self

    def get_tables_schema_json(self) -> str:
        """Give the schema of the tables as JSON.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_tables_schema(
            ...     {"pets": {"age": {"type": "number", "default": 0}}}
            ... )
            >>> store.get_tables_schema_json()
            '{"pets":{"age":{"type":"number","default":0}}}'

        TinyBase: `getTablesSchemaJson`.
        """
        with self.lock:
            return _to_json(self._tables_schema())

    def get_values_schema_json(self) -> str:
        """Give the schema of the values as JSON.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_values_schema({"open": {"type": "boolean", "default": False}})
            >>> store.get_values_schema_json()
            '{"open":{"type":"boolean","default":false}}'

        TinyBase: `getValuesSchemaJson`.
        """
        with self.lock:
            return _to_json(self._values_schema())

    def get_schema_json(self) -> str:
        """Give both schemas as JSON.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_values_schema({"open": {"type": "boolean", "default": False}})
            >>> store.get_schema_json()
            '[{},{"open":{"type":"boolean","default":false}}]'

        TinyBase: `getSchemaJson`.
        """
        with self.lock:
            return _to_json([self._tables_schema(), self._values_schema()])

    def _tables_schema(self) -> dict[str, Any]:
        return {
            table_id: {cell_id: decoded_schema(cell) for cell_id, cell in table.cells.items()}
            for table_id, table in self._schema.tables.items()
        }

    def _values_schema(self) -> dict[str, Any]:
        return {
            value_id: decoded_schema(schema)
            for value_id, schema in self._schema.values.cells.items()
        }

    def _set_tables_schema(self, given: Any) -> None:
        tables_schema = valid_tables_schema(given)
        if tables_schema is None:
            self._warn_of_schema(given)
            return
        self._keep_schema()
        old = self._schema.tables
        self._schema.has_tables = True
        self._schema.tables = merge_order(
            old,
            {
                table_id: RowSchema(
                    merge_order(old[table_id].cells, cells) if table_id in old else cells, cells
                )
                for table_id, cells in tables_schema.items()
            },
        )
        for table_id, schema in self._schema.tables.items():
            if any(map(is_encoded, schema.defaults.values())):
                self._tables_with_json.add(table_id)
        self._watchers_changed()
        if self._tables:
            tables = self.get_tables()
            self._del_tables()
            self._set_tables(tables)

    def _set_values_schema(self, given: Any) -> None:
        values_schema = valid_values_schema(given)
        if values_schema is None:
            self._warn_of_schema(given)
            return
        self._keep_schema()
        values = self.get_values()
        self._del_values_schema()
        self._del_values()
        self._schema.has_values = True
        self._schema.values = RowSchema(values_schema, values_schema)
        refused = len(self._refused)
        self._set_values(values)
        if not values:
            # That there are no values yet is nothing to warn of.
            del self._refused[refused:]

    def _warn_of_schema(self, given: Any) -> None:
        warn(self._warned_places, f"{given!r} was not set: nothing in it is a valid schema")

    def _del_tables_schema(self) -> None:
        self._keep_schema()
        self._schema.tables = {}
        self._schema.has_tables = False
        self._watchers_changed()

    def _del_values_schema(self) -> None:
        self._keep_schema()
        self._schema.values = RowSchema({}, {})
        self._schema.has_values = False

    def _keep_schema(self) -> None:
        """Keep the schemas from before the transaction, for a rollback; go on with a copy."""
        if self._schema_before is None:
            self._schema_before = self._schema
        self._schema = self._schema.copy()


def _to_json(schema: Any) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
