"""The public setters and deleters of a Store. Each is a transaction of its own, or part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybase_widget.store._cells import to_id
from tinybase_widget.store._changing import Changing

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from tinybase_widget.store._types import (
        CellLike,
        ContentLike,
        Id,
        IdLike,
        RowLike,
        TableLike,
        TablesLike,
        ValuesLike,
    )


class Setting(Changing):
    """The layer of a Store that is written to from outside."""

    def set_content(self, content: ContentLike | Callable[[], ContentLike]) -> Self:
        """Set all tables and all values, instead of those that there are.

        Args:
            content: A pair of tables and values, or a function that gives one.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_content(({"pets": {"fido": {"age": 3}}}, {"open": True})).get_content()
            ({'pets': {'fido': {'age': 3}}}, {'open': True})

        TinyBase: `setContent`.
        """
        self._transact(self._set_content, content)
        return self

    def set_tables(self, tables: TablesLike) -> Self:
        """Set all tables, instead of those that there are.

        What is no cell, or not one that the schema allows, is left out, and reported to the invalid
        cell listeners or by a warning. If nothing at all is left, nothing changes; to delete all
        tables there is `del_tables`.

        Args:
            tables: A dictionary of tables by id, each one of rows by id, each one of cells by id.

        Raises:
            TypeError: If an id is neither a string nor an int.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_tables({"pets": {"fido": {"age": 3}}}).get_tables()
            {'pets': {'fido': {'age': 3}}}

        TinyBase: `setTables`.
        """
        self._transact(self._set_tables, tables)
        return self

    def set_table(self, table_id: IdLike, table: TableLike) -> Self:
        """Set a table, instead of the one that there is; otherwise as `set_tables`.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.set_table("pets", {"felix": {"species": "cat"}}).get_table("pets")
            {'felix': {'species': 'cat'}}

        TinyBase: `setTable`.
        """
        self._transact(self._set_table, to_id(table_id), table)
        return self

    def set_row(self, table_id: IdLike, row_id: IdLike, row: RowLike) -> Self:
        """Set a row, instead of the one that there is; otherwise as `set_tables`.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.set_row("pets", "fido", {"species": "cat"}).get_row("pets", "fido")
            {'species': 'cat'}

        TinyBase: `setRow`.
        """
        self._transact(self._set_row, to_id(table_id), to_id(row_id), row)
        return self

    def add_row(
        self,
        table_id: IdLike,
        row: RowLike,
        reuse_row_ids: bool = True,
    ) -> Id | None:
        """Add a row under a new id, and give that id.

        Args:
            table_id: The table.
            row: The cells by id.
            reuse_row_ids: Whether the id may be one that a deleted row had.

        Returns:
            The new id, "0", "1" and so on, or what `row_id_factory` made; None if nothing of the
            row can be set.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> store.add_row("pets", {"species": "dog"}), store.add_row("pets", {"species": "cat"})
            ('0', '1')

        TinyBase: `addRow`.
        """
        return self._transact(self._add_row, to_id(table_id), row, reuse_row_ids)

    def set_partial_row(self, table_id: IdLike, row_id: IdLike, partial_row: RowLike) -> Self:
        """Set some cells of a row, and leave the others as they are.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.set_partial_row("pets", "fido", {"age": 4}).get_row("pets", "fido")
            {'species': 'dog', 'age': 4}

        TinyBase: `setPartialRow`.
        """
        self._transact(self._set_partial_row, to_id(table_id), to_id(row_id), partial_row)
        return self

    def set_cell(
        self,
        table_id: IdLike,
        row_id: IdLike,
        cell_id: IdLike,
        cell: CellLike | Callable[[Any], CellLike],
    ) -> Self:
        """Set a cell.

        Args:
            table_id: The table, made if there is none.
            row_id: The row, made if there is none.
            cell_id: The cell.
            cell: A string, number, boolean, None, dictionary or list; or a function that makes it
                of the old cell, which is MISSING if there is none.

        Raises:
            TypeError: If an id is neither a string nor an int.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_cell("pets", "fido", "age", 3)
            >>> store.set_cell("pets", "fido", "age", lambda age: age + 1).get_cell(
            ...     "pets", "fido", "age"
            ... )
            4

        TinyBase: `setCell`.
        """
        with self.lock:
            if not self._changed_existing(table_id, row_id, cell_id, cell):
                self._transact(self._set_cell, to_id(table_id), to_id(row_id), to_id(cell_id), cell)
        return self

    def set_values(self, values: ValuesLike) -> Self:
        """Set all values, instead of those that there are.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("open", True).set_values({"employees": 3}).get_values()
            {'employees': 3}

        TinyBase: `setValues`.
        """
        self._transact(self._set_values, values)
        return self

    def set_partial_values(self, partial_values: ValuesLike) -> Self:
        """Set some values, and leave the others as they are.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("open", True).set_partial_values({"employees": 3}).get_values()
            {'open': True, 'employees': 3}

        TinyBase: `setPartialValues`.
        """
        self._transact(self._set_partial_values, partial_values)
        return self

    def set_value(self, value_id: IdLike, value: CellLike | Callable[[Any], CellLike]) -> Self:
        """Set a value.

        Args:
            value_id: The value.
            value: What a cell may be; or a function that makes it of the old value, which is
                MISSING if there is none.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("employees", 3).get_value("employees")
            3

        TinyBase: `setValue`.
        """
        self._transact(self._set_value, to_id(value_id), value)
        return self

    def del_tables(self) -> Self:
        """Delete all tables.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.del_tables().get_tables()
            {}

        TinyBase: `delTables`.
        """
        self._transact(self._del_tables)
        return self

    def del_table(self, table_id: IdLike) -> Self:
        """Delete a table.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.del_table("pets").get_tables()
            {}

        TinyBase: `delTable`.
        """
        self._transact(self._del_table, to_id(table_id))
        return self

    def del_row(self, table_id: IdLike, row_id: IdLike) -> Self:
        """Delete a row, and its table if it was the last one.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.del_row("pets", "fido").get_tables()
            {}

        TinyBase: `delRow`.
        """
        self._transact(self._del_row, to_id(table_id), to_id(row_id))
        return self

    def del_cell(
        self,
        table_id: IdLike,
        row_id: IdLike,
        cell_id: IdLike,
        force_del: bool = False,
    ) -> Self:
        """Delete a cell, and its row and table if it was the last one.

        Args:
            table_id: The table.
            row_id: The row.
            cell_id: The cell.
            force_del: A cell that has a default is set to it rather than deleted; with True, its
                whole row is deleted.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.del_cell("pets", "fido", "age").get_row("pets", "fido")
            {'species': 'dog'}

        TinyBase: `delCell`.
        """
        self._transact(
            self._del_cell, to_id(table_id), to_id(row_id), to_id(cell_id), force=bool(force_del)
        )
        return self

    def del_values(self) -> Self:
        """Delete all values; those that have a default are set to it.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("open", True).del_values().get_values()
            {}

        TinyBase: `delValues`.
        """
        self._transact(self._del_values)
        return self

    def del_value(self, value_id: IdLike) -> Self:
        """Delete a value, or set it to its default if it has one.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("open", True).del_value("open").get_values()
            {}

        TinyBase: `delValue`.
        """
        self._transact(self._del_value, to_id(value_id))
        return self
