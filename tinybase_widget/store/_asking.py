"""What there is in a Store, and walking through it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tinybase_widget.store._cells import to_id
from tinybase_widget.store._reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.store._types import Cell, Id, IdLike, Value

    ForEach = Callable[[Callable[..., object]], None]


class Asking(Reading):
    """The layer of a Store that tells whether there is something, and calls back for each."""

    def has_tables(self) -> bool:
        """Tell whether there is any table.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().has_tables()
            False

        TinyBase: `hasTables`.
        """
        with self.lock:
            return bool(self._tables)

    def has_table(self, table_id: IdLike) -> bool:
        """Tell whether there is a table of an id.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.has_table("pets")
            True

        TinyBase: `hasTable`.
        """
        with self.lock:
            return to_id(table_id) in self._tables

    def has_table_cell(self, table_id: IdLike, cell_id: IdLike) -> bool:
        """Tell whether any row of a table has a cell of an id.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.has_table_cell("pets", "age")
            True

        TinyBase: `hasTableCell`.
        """
        with self.lock:
            return to_id(cell_id) in self._cell_counts.get(to_id(table_id), ())

    def has_row(self, table_id: IdLike, row_id: IdLike) -> bool:
        """Tell whether a table has a row.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.has_row("pets", "fido")
            True

        TinyBase: `hasRow`.
        """
        with self.lock:
            return to_id(row_id) in self._tables.get(to_id(table_id), ())

    def has_cell(self, table_id: IdLike, row_id: IdLike, cell_id: IdLike) -> bool:
        """Tell whether a row has a cell.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.has_cell("pets", "fido", "age")
            True

        TinyBase: `hasCell`.
        """
        with self.lock:
            return to_id(cell_id) in self._row(table_id, row_id)

    def has_values(self) -> bool:
        """Tell whether there is any value.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().has_values()
            False

        TinyBase: `hasValues`.
        """
        with self.lock:
            return bool(self._values)

    def has_value(self, value_id: IdLike) -> bool:
        """Tell whether there is a value of an id.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("open", True).has_value("open")
            True

        TinyBase: `hasValue`.
        """
        with self.lock:
            return to_id(value_id) in self._values

    def is_mergeable(self) -> bool:
        """Tell whether this is a mergeable Store, which it is not.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().is_mergeable()
            False

        TinyBase: `isMergeable`.
        """
        return False

    def for_each_table(
        self, callback: Callable[[Id, Callable[[Callable[..., object]], None]], object]
    ) -> None:
        """Call a function for each table.

        Args:
            callback: Gets the table's id, and a function that calls another one for each row,
                as `for_each_row` does.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.for_each_table(lambda table_id, for_each_row: print(table_id))
            pets

        TinyBase: `forEachTable`.
        """
        with self.lock:
            for table_id in list(self._tables):
                callback(table_id, partial(self.for_each_row, table_id))

    def for_each_table_cell(self, table_id: IdLike, callback: Callable[[Id, int], object]) -> None:
        """Call a function for each cell id of a table, with its number of rows.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.for_each_table_cell("pets", print)
            species 1
            age 1

        TinyBase: `forEachTableCell`.
        """
        with self.lock:
            for cell_id, count in list(self._cell_counts.get(to_id(table_id), {}).items()):
                callback(cell_id, count)

    def for_each_row(
        self,
        table_id: IdLike,
        callback: Callable[[Id, Callable[[Callable[[Id, Cell], object]], None]], object],
    ) -> None:
        """Call a function for each row of a table.

        Args:
            table_id: The table.
            callback: Gets the row's id, and a function that calls another one for each cell,
                as `for_each_cell` does.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.for_each_row("pets", lambda row_id, for_each_cell: for_each_cell(print))
            species dog
            age 3

        TinyBase: `forEachRow`.
        """
        with self.lock:
            for row_id in list(self._tables.get(to_id(table_id), ())):
                callback(row_id, partial(self.for_each_cell, table_id, row_id))

    def for_each_cell(
        self, table_id: IdLike, row_id: IdLike, callback: Callable[[Id, Cell], object]
    ) -> None:
        """Call a function for each cell of a row, with its id and what it is.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
            >>> store.for_each_cell("pets", "fido", print)
            species dog
            age 3

        TinyBase: `forEachCell`.
        """
        with self.lock:
            for cell_id, cell in self.get_row(table_id, row_id).items():
                callback(cell_id, cell)

    def for_each_value(self, callback: Callable[[Id, Value], object]) -> None:
        """Call a function for each value, with its id and what it is.

        Example:
            >>> from tinybase_widget import Store
            >>> Store().set_value("open", True).for_each_value(print)
            open True

        TinyBase: `forEachValue`.
        """
        with self.lock:
            for value_id, value in self.get_values().items():
                callback(value_id, value)
