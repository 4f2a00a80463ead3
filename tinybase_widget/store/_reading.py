"""The getters of a Store. They hand out copies, never the Store's own dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from tinybase_widget.store._cells import JSON_PREFIX, decode, decode_row, to_id
from tinybase_widget.store._sorting import sorted_row_ids
from tinybase_widget.store._state import State

if TYPE_CHECKING:
    from tinybase_widget.store._types import (
        Cell,
        Content,
        Id,
        IdLike,
        Ids,
        RawRow,
        RawTable,
        Row,
        SortedRowIdsArgs,
        Sorter,
        Table,
        Tables,
        Value,
        Values,
    )

Default = TypeVar("Default")

_NO_ROWS: RawTable = {}
_NO_CELLS: RawRow = {}


class Reading(State):
    """The layer of a Store that reads."""

    def get_content(self, *, encoded: bool = False) -> Content:
        """Give a copy of all tables and all values.

        Args:
            encoded: Give objects and arrays as they are kept and exchanged: U+FFFD and JSON text.

        Returns:
            A pair: the tables, as `get_tables` gives them, and the values, as `get_values` does.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_cell("pets", "fido", "age", 3).set_value("open", True).get_content()
            ({'pets': {'fido': {'age': 3}}}, {'open': True})

        TinyBase: `getContent`.
        """
        with self.lock:
            if encoded:
                tables = {
                    table_id: {row_id: row.copy() for row_id, row in rows.items()}
                    for table_id, rows in self._tables.items()
                }
                return tables, self._values.copy()  # type: ignore[return-value]
            return self.get_tables(), self.get_values()

    def get_tables(self) -> Tables:
        """Give a copy of all tables.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_tables()
            {'pets': {'fido': {'species': 'dog', 'age': 3}}}

        TinyBase: `getTables`.
        """
        with self.lock:
            tables = {table_id: self._copy_table(table_id) for table_id in self._tables}
            if self._hooks is None:
                return tables
            return {table_id: table for table_id, table in tables.items() if table}

    def get_table_ids(self) -> Ids:
        """List the ids of all tables, in the order in which they were first set.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_table_ids()
            ['pets']

        TinyBase: `getTableIds`.
        """
        with self.lock:
            return list(self._tables)

    def get_table(self, table_id: IdLike) -> Table:
        """Give a copy of a table; an empty one where there is none.

        Raises:
            TypeError: If the id is neither a string nor an int.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_table("pets")
            {'fido': {'species': 'dog', 'age': 3}}
            >>> store.get_table("plants")
            {}

        TinyBase: `getTable`.
        """
        table_id = to_id(table_id)
        with self.lock:
            return self._copy_table(table_id)

    def get_table_cell_ids(self, table_id: IdLike) -> Ids:
        """List the ids of all cells that any row of a table has.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_table_cell_ids("pets")
            ['species', 'age']

        TinyBase: `getTableCellIds`.
        """
        with self.lock:
            return list(self._cell_counts.get(to_id(table_id), ()))

    def get_row_count(self, table_id: IdLike) -> int:
        """Count the rows of a table.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_row_count("pets")
            1

        TinyBase: `getRowCount`.
        """
        with self.lock:
            return len(self._tables.get(to_id(table_id), ()))

    def get_row_ids(self, table_id: IdLike) -> Ids:
        """List the ids of a table's rows, in the order in which they were first set.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_row_ids("pets")
            ['fido']

        TinyBase: `getRowIds`.
        """
        with self.lock:
            return list(self._tables.get(to_id(table_id), ()))

    def get_sorted_row_ids(
        self,
        table_id: IdLike | SortedRowIdsArgs,
        cell_id: IdLike | None = None,
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
        sorter: Sorter | None = None,
    ) -> Ids:
        """List the ids of a table's rows, sorted by a cell, or a window of that list.

        Args:
            table_id: The table; or a dictionary of all these arguments.
            cell_id: The cell to sort by; None sorts by the row ids themselves.
            descending: Whether the greatest comes first. Equal rows are then in reverse order, too.
            offset: How many rows to leave out at the start; negative counts from the end.
            limit: How many rows to give at most; None for all.
            sorter: Compares two cells instead of `<`: negative if the first one comes first.
                Where a row lacks the cell, it gets MISSING.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table(
            ...     "pets", {"a": {"age": 3}, "b": {"age": 1}, "c": {"age": 2}}
            ... )
            >>> store.get_sorted_row_ids("pets", "age")
            ['b', 'c', 'a']
            >>> store.get_sorted_row_ids("pets", "age", descending=True, limit=1)
            ['a']

        TinyBase: `getSortedRowIds`.
        """
        if isinstance(table_id, dict):
            return self.get_sorted_row_ids(**table_id)
        with self.lock:
            return sorted_row_ids(
                self._tables.get(to_id(table_id), _NO_ROWS),
                None if cell_id is None else to_id(cell_id),
                descending=descending,
                window=slice(offset, None if limit is None else offset + limit),
                sorter=sorter,
            )

    def get_row(self, table_id: IdLike, row_id: IdLike) -> Row:
        """Give a copy of a row; an empty one where there is none.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_row("pets", "fido")
            {'species': 'dog', 'age': 3}

        TinyBase: `getRow`.
        """
        with self.lock:
            return decode_row(self._row(table_id, row_id))

    def get_cell_ids(self, table_id: IdLike, row_id: IdLike) -> Ids:
        """List the ids of a row's cells.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_cell_ids("pets", "fido")
            ['species', 'age']

        TinyBase: `getCellIds`.
        """
        with self.lock:
            return list(self._row(table_id, row_id))

    @overload
    def get_cell(self, table_id: IdLike, row_id: IdLike, cell_id: IdLike) -> Cell: ...

    @overload
    def get_cell(
        self, table_id: IdLike, row_id: IdLike, cell_id: IdLike, default: Default
    ) -> Cell | Default: ...

    def get_cell(
        self, table_id: IdLike, row_id: IdLike, cell_id: IdLike, default: Any = None
    ) -> Any:
        """Give a cell, or what is given as default where there is none.

        Objects and arrays are copies. A cell that is JSON's null is None; give `default=MISSING` to
        tell it from no cell.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.get_cell("pets", "fido", "age")
            3
            >>> store.get_cell("pets", "fido", "color", default="brown")
            'brown'

        TinyBase: `getCell`.
        """
        with self.lock:
            try:
                cell = self._tables[table_id][row_id][cell_id]  # type: ignore[index]
            except (KeyError, TypeError):
                cell = self._row(table_id, row_id).get(to_id(cell_id), default)
        if type(cell) is str and cell[:1] == JSON_PREFIX:
            return decode(cell)
        return cell

    def get_values(self) -> Values:
        """Give a copy of all values.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_values({"open": True, "employees": 3}).get_values()
            {'open': True, 'employees': 3}

        TinyBase: `getValues`.
        """
        with self.lock:
            return decode_row(self._values)

    def get_value_ids(self) -> Ids:
        """List the ids of all values, in the order in which they were first set.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_values({"open": True, "employees": 3}).get_value_ids()
            ['open', 'employees']

        TinyBase: `getValueIds`.
        """
        with self.lock:
            return list(self._values)

    @overload
    def get_value(self, value_id: IdLike) -> Value: ...

    @overload
    def get_value(self, value_id: IdLike, default: Default) -> Value | Default: ...

    def get_value(self, value_id: IdLike, default: Any = None) -> Any:
        """Give a value, or what is given as default where there is none.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_value("employees", 3)
            >>> (
            ...     store.get_value("employees"),
            ...     store.get_value("open"),
            ...     store.get_value("open", False),
            ... )
            (3, None, False)

        TinyBase: `getValue`.
        """
        value_id = to_id(value_id)
        with self.lock:
            if value_id in self._values:
                return decode(self._values[value_id])
            return default

    def _row(self, table_id: IdLike, row_id: IdLike) -> RawRow:
        return self._tables.get(to_id(table_id), _NO_ROWS).get(to_id(row_id), _NO_CELLS)

    def _copy_table(self, table_id: Id) -> Table:
        rows = self._tables.get(table_id, _NO_ROWS)
        if self._hooks is not None:
            # Middleware that prevents every cell of a new row leaves the row empty.
            return {row_id: decode_row(row) for row_id, row in rows.items() if row}
        if table_id in self._tables_with_json:
            return {row_id: decode_row(row) for row_id, row in rows.items()}
        copies: map[Row] = map(dict.copy, rows.values())  # type: ignore[arg-type]
        return dict(zip(rows, copies, strict=True))
