"""Adding listeners to content, and to transactions.

A listener gets TinyBase's arguments, as many of them as it accepts: the Store, the ids, and what
each method names. None for an id is the wildcard. A mutator may write to the Store; any other
listener is called when everything is written, and what it writes is ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybase_widget.store._id_listening import IdListening
from tinybase_widget.store._listeners import DID_FINISH, START, WILL_FINISH

if TYPE_CHECKING:
    from tinybase_widget.store._listener_types import (
        CellListener,
        InvalidCellListener,
        InvalidValueListener,
        RowListener,
        TableListener,
        TablesListener,
        TransactionListener,
        ValueListener,
        ValuesListener,
    )
    from tinybase_widget.store._types import Id, IdLike, Listener

    IdOrAny = IdLike | None


class CellListening(IdListening):
    """The layer of a Store whose content and transactions are listened to."""

    def add_tables_listener(self, listener: TablesListener | Listener, mutator: bool = False) -> Id:
        """Listen to any change of the tables.

        The listener gets `get_cell_change(table_id, row_id, cell_id)`, which gives whether a cell
        changed, from what, and to what.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_tables_listener(lambda store: print(store.get_tables()))
            >>> store = store.set_cell("pets", "fido", "age", 3)
            {'pets': {'fido': {'age': 3}}}

        TinyBase: `addTablesListener`.
        """
        return self._listen("tables", (), listener, mutator)

    def add_table_listener(
        self, table_id: IdOrAny, listener: TableListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to any change of a table.

        The listener gets the table's id and `get_cell_change(table_id, row_id, cell_id)`, which
        gives whether a cell changed, from what, and to what.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_table_listener(
            ...     None, lambda store, table_id: print(table_id)
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            pets

        TinyBase: `addTableListener`.
        """
        return self._listen("table", (table_id,), listener, mutator)

    def add_row_listener(
        self,
        table_id: IdOrAny,
        row_id: IdOrAny,
        listener: RowListener | Listener,
        mutator: bool = False,
    ) -> Id:
        """Listen to any change of a row.

        The listener gets the ids and `get_cell_change(table_id, row_id, cell_id)`, which gives
        whether a cell changed, from what, and to what.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_row_listener(
            ...     "pets", None, lambda _, table_id, row_id: print(row_id)
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            fido

        TinyBase: `addRowListener`.
        """
        return self._listen("row", (table_id, row_id), listener, mutator)

    def add_cell_listener(
        self,
        table_id: IdOrAny,
        row_id: IdOrAny,
        cell_id: IdOrAny,
        listener: CellListener | Listener,
        mutator: bool = False,
    ) -> Id:
        """Listen to a cell.

        The listener gets the ids, the new cell, the old one (MISSING where there is none), and
        `get_cell_change(table_id, row_id, cell_id)`, which gives whether a cell changed, from what,
        and to what.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_cell_listener(
            ...     "pets", None, "age", lambda *args: print(args[1:6])
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            ('pets', 'fido', 'age', 3, MISSING)

        TinyBase: `addCellListener`.
        """
        return self._listen("cell", (table_id, row_id, cell_id), listener, mutator)

    def add_invalid_cell_listener(
        self,
        table_id: IdOrAny,
        row_id: IdOrAny,
        cell_id: IdOrAny,
        listener: InvalidCellListener | Listener,
        mutator: bool = False,
    ) -> Id:
        """Listen to what was not set since it is no cell, or not one that the schema allows.

        The listener gets the ids, and a list of what was not set there. An id is None where it is a
        whole row or table that was none.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_invalid_cell_listener(
            ...     None, None, None, lambda *args: print(args[1:])
            ... )
            >>> store = store.set_cell("pets", "fido", "age", float("inf"))
            ('pets', 'fido', 'age', [inf])

        TinyBase: `addInvalidCellListener`.
        """
        return self._listen("invalid_cell", (table_id, row_id, cell_id), listener, mutator)

    def add_values_listener(self, listener: ValuesListener | Listener, mutator: bool = False) -> Id:
        """Listen to any change of the values.

        The listener gets `get_value_change(value_id)`, which gives whether a value changed, from
        what, and to what.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_values_listener(lambda store: print(store.get_values()))
            >>> store = store.set_value("open", True)
            {'open': True}

        TinyBase: `addValuesListener`.
        """
        return self._listen("values", (), listener, mutator)

    def add_value_listener(
        self, value_id: IdOrAny, listener: ValueListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to a value.

        The listener gets the id, the new value, the old one (MISSING where there is none), and
        `get_value_change(value_id)`.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_value_listener(None, lambda *args: print(args[1:4]))
            >>> store = store.set_value("open", True)
            ('open', True, MISSING)

        TinyBase: `addValueListener`.
        """
        return self._listen("value", (value_id,), listener, mutator)

    def add_invalid_value_listener(
        self, value_id: IdOrAny, listener: InvalidValueListener | Listener, mutator: bool = False
    ) -> Id:
        """Listen to what was not set since it is no value, or not one that the schema allows.

        The listener gets the id and a list of what was not set there. The id is None where it is
        all values that were none.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_invalid_value_listener(None, lambda *args: print(args[1:]))
            >>> store = store.set_value("open", float("inf"))
            ('open', [inf])

        TinyBase: `addInvalidValueListener`.
        """
        return self._listen("invalid_value", (value_id,), listener, mutator)

    def add_start_transaction_listener(self, listener: TransactionListener | Listener) -> Id:
        """Listen to the start of a transaction.

        The listener gets the Store, and may write to it: that is part of the transaction.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_start_transaction_listener(
            ...     lambda store: print(store.get_cell("pets", "fido", "age"))
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            None

        TinyBase: `addStartTransactionListener`.
        """
        return self._register(START, (), listener)

    def add_will_finish_transaction_listener(self, listener: TransactionListener | Listener) -> Id:
        """Listen to the end of a transaction, before all listeners but mutators.

        The listener gets the Store, and may write to it: that is part of the transaction.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_will_finish_transaction_listener(
            ...     lambda store: print(store.get_cell("pets", "fido", "age"))
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            3

        TinyBase: `addWillFinishTransactionListener`.
        """
        return self._register(WILL_FINISH, (), listener)

    def add_did_finish_transaction_listener(self, listener: TransactionListener | Listener) -> Id:
        """Listen to the end of a transaction, after all other listeners.

        The listener gets the Store. It can ask for the log and the changes, and cannot write.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_did_finish_transaction_listener(
            ...     lambda store: print(store.get_cell("pets", "fido", "age"))
            ... )
            >>> store = store.set_cell("pets", "fido", "age", 3)
            3

        TinyBase: `addDidFinishTransactionListener`.
        """
        return self._register(DID_FINISH, (), listener)
