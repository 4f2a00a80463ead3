"""Adding listeners to ids, counts and order, and to whether something is there.

A listener gets TinyBase's arguments, as many of them as it accepts: the Store, the ids, and what
each method names. None for an id is the wildcard. A mutator may write to the Store; any other
listener is called when everything is written, and what it writes is ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import to_id
from tinybase_widget.store._listening import Listening, not_callable
from tinybase_widget.store._sorted_window import SortedWindow
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from tinybase_widget.store._listener_types import (
        CellIdsListener,
        HasCellListener,
        HasRowListener,
        HasTableCellListener,
        HasTableListener,
        HasTablesListener,
        HasValueListener,
        HasValuesListener,
        RowCountListener,
        RowIdsListener,
        SortedRowIdsListener,
        TableCellIdsListener,
        TableIdsListener,
        ValueIdsListener,
    )
    from tinybase_widget.store._types import Id, IdLike, Listener, SortedRowIdsArgs, Sorter

    IdOrAny = IdLike | None


class IdListening(Listening):
    """The layer of a Store whose ids, counts and order are listened to."""

    def add_has_tables_listener(
        self, listener: HasTablesListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to whether there are any tables.

        The listener gets whether there are.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_has_tables_listener(
            ...     lambda store, has_tables: print(has_tables)
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            True

        TinyBase: `addHasTablesListener`.
        """
        return self._listen("has_tables", (), listener, mutator)

    def add_table_ids_listener(
        self, listener: TableIdsListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to tables that appear or vanish.

        The listener gets `get_id_changes()`, which gives a dictionary from id to 1 (new) or -1
        (gone).

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_table_ids_listener(
            ...     lambda _, get_changes: print(get_changes())
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            {'pets': 1}

        TinyBase: `addTableIdsListener`.
        """
        return self._listen("table_ids", (), listener, mutator)

    def add_has_table_listener(
        self, table_id: IdOrAny, listener: HasTableListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to whether there is a table.

        The listener gets the table's id and whether it is there.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_has_table_listener("pets", lambda *args: print(args[1:]))
            >>> store = store.set_cell("pets", "fido", "age", 3)
            ('pets', True)

        TinyBase: `addHasTableListener`.
        """
        return self._listen("has_table", (table_id,), listener, mutator)

    def add_table_cell_ids_listener(
        self, table_id: IdOrAny, listener: TableCellIdsListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to cell ids that are used in a table for the first time, or no more.

        The listener gets the table's id and `get_id_changes()`, which gives a dictionary from id to
        1 (new) or -1 (gone).

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_table_cell_ids_listener(
            ...     "pets", lambda *args: print(args[2]())
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            {'age': 1}

        TinyBase: `addTableCellIdsListener`.
        """
        return self._listen("table_cell_ids", (table_id,), listener, mutator)

    def add_has_table_cell_listener(
        self,
        table_id: IdOrAny,
        cell_id: IdOrAny,
        listener: HasTableCellListener | Listener,
        mutator: bool = False,
    ) -> Id:
        """Listen to whether any row of a table has a cell.

        The listener gets the ids and whether one has.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_has_table_cell_listener(
            ...     "pets", None, lambda *args: print(args[1:])
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            ('pets', 'age', True)

        TinyBase: `addHasTableCellListener`.
        """
        return self._listen("has_table_cell", (table_id, cell_id), listener, mutator)

    def add_row_count_listener(
        self, table_id: IdOrAny, listener: RowCountListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to how many rows a table has.

        The listener gets the table's id and how many.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_row_count_listener("pets", lambda *args: print(args[1:]))
            >>> store = store.set_cell("pets", "fido", "age", 3)
            ('pets', 1)

        TinyBase: `addRowCountListener`.
        """
        return self._listen("row_count", (table_id,), listener, mutator)

    def add_row_ids_listener(
        self, table_id: IdOrAny, listener: RowIdsListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to rows that appear or vanish.

        The listener gets the table's id and `get_id_changes()`, which gives a dictionary from id to
        1 (new) or -1 (gone).

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_row_ids_listener("pets", lambda *args: print(args[2]()))
            >>> store = store.set_cell("pets", "fido", "age", 3)
            {'fido': 1}

        TinyBase: `addRowIdsListener`.
        """
        return self._listen("row_ids", (table_id,), listener, mutator)

    def add_sorted_row_ids_listener(
        self,
        table_id: IdLike | SortedRowIdsArgs,
        cell_id: Any = None,
        descending: Any = False,
        offset: int = 0,
        limit: int | None = None,
        listener: SortedRowIdsListener | Listener | None = None,
        mutator: bool = False,
        *,
        sorter: Sorter | None = None,
    ) -> Id:
        """Listen to the sorted ids of a table's rows, or a window of them.

        The listener gets the five arguments that say how they are sorted, and the list of ids.

        Args:
            table_id: The table; or a dictionary of the arguments of `get_sorted_row_ids`, after
                which only the listener and `mutator` follow.
            cell_id: The cell to sort by; None sorts by the row ids themselves.
            descending: Whether the greatest comes first.
            offset: How many rows to leave out at the start.
            limit: How many rows to give at most; None for all.
            listener: The listener.
            mutator: Whether the listener may write to the Store.
            sorter: As in `get_sorted_row_ids`.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"age": 3}, "felix": {"age": 2}})
            >>> listener_id = store.add_sorted_row_ids_listener(
            ...     {"table_id": "pets", "cell_id": "age"}, lambda *args: print(args[-1])
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 1)
            ['fido', 'felix']

        TinyBase: `addSortedRowIdsListener`.
        """
        if isinstance(table_id, dict):
            return self.add_sorted_row_ids_listener(
                **table_id, listener=cell_id, mutator=bool(descending)
            )
        if not callable(listener):
            raise not_callable(listener)
        table_id = to_id(table_id)
        cell_id = None if cell_id is None else to_id(cell_id)
        with self.lock:
            how = (bool(descending), offset, limit)
            window = SortedWindow(self, listener, table_id, cell_id, how, sorter, mutator=mutator)
            path = (table_id, MISSING if cell_id is None else cell_id)
            return self._register("sorted_row_ids", path, window, mutator=mutator)

    def add_has_row_listener(
        self,
        table_id: IdOrAny,
        row_id: IdOrAny,
        listener: HasRowListener | Listener,
        mutator: bool = False,
    ) -> Id:
        """Listen to whether there is a row.

        The listener gets the ids and whether it is there.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_has_row_listener(
            ...     "pets", None, lambda *args: print(args[1:])
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            ('pets', 'fido', True)

        TinyBase: `addHasRowListener`.
        """
        return self._listen("has_row", (table_id, row_id), listener, mutator)

    def add_cell_ids_listener(
        self,
        table_id: IdOrAny,
        row_id: IdOrAny,
        listener: CellIdsListener | Listener,
        mutator: bool = False,
    ) -> Id:
        """Listen to cells that appear in a row or vanish from it.

        The listener gets the ids and `get_id_changes()`, which gives a dictionary from id to 1
        (new) or -1 (gone).

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_cell_ids_listener(
            ...     "pets", None, lambda *args: print(args[3]())
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            {'age': 1}

        TinyBase: `addCellIdsListener`.
        """
        return self._listen("cell_ids", (table_id, row_id), listener, mutator)

    def add_has_cell_listener(
        self,
        table_id: IdOrAny,
        row_id: IdOrAny,
        cell_id: IdOrAny,
        listener: HasCellListener | Listener,
        mutator: bool = False,
    ) -> Id:
        """Listen to whether there is a cell.

        The listener gets the ids and whether it is there.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_has_cell_listener(
            ...     "pets", None, "age", lambda *args: print(args[1:])
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            ('pets', 'fido', 'age', True)

        TinyBase: `addHasCellListener`.
        """
        return self._listen("has_cell", (table_id, row_id, cell_id), listener, mutator)

    def add_has_values_listener(
        self, listener: HasValuesListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to whether there are any values.

        The listener gets whether there are.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_has_values_listener(
            ...     lambda store, has_values: print(has_values)
            ... )
            >>> store = store.set_value("open", True)
            True

        TinyBase: `addHasValuesListener`.
        """
        return self._listen("has_values", (), listener, mutator)

    def add_value_ids_listener(
        self, listener: ValueIdsListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to values that appear or vanish.

        The listener gets `get_id_changes()`, which gives a dictionary from id to 1 (new) or -1
        (gone).

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_value_ids_listener(
            ...     lambda _, get_changes: print(get_changes())
            ... )
            >>> store = store.set_value("open", True)
            {'open': 1}

        TinyBase: `addValueIdsListener`.
        """
        return self._listen("value_ids", (), listener, mutator)

    def add_has_value_listener(
        self, value_id: IdOrAny, listener: HasValueListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to whether there is a value.

        The listener gets the id and whether it is there.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_has_value_listener("open", lambda *args: print(args[1:]))
            >>> store = store.set_value("open", False)
            ('open', True)

        TinyBase: `addHasValueListener`.
        """
        return self._listen("has_value", (value_id,), listener, mutator)
