"""What listeners of each kind are called with.

A listener gets these arguments by position, as many of them as it accepts: `add_..._listener` takes
any callable. The protocols say what a full one looks like, for editors and type checkers.

Source: TinyBase's types of the same names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tinybase_widget.store._store import Store
    from tinybase_widget.store._types import (
        CellChange,
        CellOrMissing,
        Id,
        IdChanges,
        Ids,
        ValueChange,
    )

GetIdChanges = Callable[[], "IdChanges"]
GetCellChange = Callable[["Id", "Id", "Id"], "CellChange"]
GetValueChange = Callable[["Id"], "ValueChange"]


class HasTablesListener(Protocol):
    """Is called when the tables came or went."""

    def __call__(self, store: Store, has_tables: bool, /) -> object:
        """Hear of it."""


class TableIdsListener(Protocol):
    """Is called when tables came or went."""

    def __call__(self, store: Store, get_id_changes: GetIdChanges, /) -> object:
        """Hear of it."""


class HasTableListener(Protocol):
    """Is called when a table came or went."""

    def __call__(self, store: Store, table_id: Id, has_table: bool, /) -> object:
        """Hear of it."""


class TableCellIdsListener(Protocol):
    """Is called when cell ids came or went in a table."""

    def __call__(self, store: Store, table_id: Id, get_id_changes: GetIdChanges, /) -> object:
        """Hear of it."""


class HasTableCellListener(Protocol):
    """Is called when a cell id came or went in a table."""

    def __call__(self, store: Store, table_id: Id, cell_id: Id, has_table_cell: bool, /) -> object:
        """Hear of it."""


class RowCountListener(Protocol):
    """Is called when a table has more or fewer rows."""

    def __call__(self, store: Store, table_id: Id, count: int, /) -> object:
        """Hear of it."""


class RowIdsListener(Protocol):
    """Is called when rows came or went in a table."""

    def __call__(self, store: Store, table_id: Id, get_id_changes: GetIdChanges, /) -> object:
        """Hear of it."""


class SortedRowIdsListener(Protocol):
    """Is called when rows are sorted otherwise."""

    def __call__(
        self,
        store: Store,
        table_id: Id,
        cell_id: Id | None,
        descending: bool,
        offset: int,
        limit: int | None,
        sorted_row_ids: Ids,
        /,
    ) -> object:
        """Hear of it."""


class HasRowListener(Protocol):
    """Is called when a row came or went."""

    def __call__(self, store: Store, table_id: Id, row_id: Id, has_row: bool, /) -> object:
        """Hear of it."""


class CellIdsListener(Protocol):
    """Is called when cells came or went in a row."""

    def __call__(
        self, store: Store, table_id: Id, row_id: Id, get_id_changes: GetIdChanges, /
    ) -> object:
        """Hear of it."""


class HasCellListener(Protocol):
    """Is called when a cell came or went."""

    def __call__(
        self, store: Store, table_id: Id, row_id: Id, cell_id: Id, has_cell: bool, /
    ) -> object:
        """Hear of it."""


class HasValuesListener(Protocol):
    """Is called when the values came or went."""

    def __call__(self, store: Store, has_values: bool, /) -> object:
        """Hear of it."""


class ValueIdsListener(Protocol):
    """Is called when values came or went."""

    def __call__(self, store: Store, get_id_changes: GetIdChanges, /) -> object:
        """Hear of it."""


class HasValueListener(Protocol):
    """Is called when a value came or went."""

    def __call__(self, store: Store, value_id: Id, has_value: bool, /) -> object:
        """Hear of it."""


class TablesListener(Protocol):
    """Is called when something in the tables changed."""

    def __call__(self, store: Store, get_cell_change: GetCellChange, /) -> object:
        """Hear of it."""


class TableListener(Protocol):
    """Is called when something in a table changed."""

    def __call__(self, store: Store, table_id: Id, get_cell_change: GetCellChange, /) -> object:
        """Hear of it."""


class RowListener(Protocol):
    """Is called when something in a row changed."""

    def __call__(
        self, store: Store, table_id: Id, row_id: Id, get_cell_change: GetCellChange, /
    ) -> object:
        """Hear of it."""


class CellListener(Protocol):
    """Is called when a cell changed."""

    def __call__(
        self,
        store: Store,
        table_id: Id,
        row_id: Id,
        cell_id: Id,
        new_cell: CellOrMissing,
        old_cell: CellOrMissing,
        get_cell_change: GetCellChange,
        /,
    ) -> object:
        """Hear of it."""


class InvalidCellListener(Protocol):
    """Is called when cells were refused."""

    def __call__(
        self,
        store: Store,
        table_id: Id | None,
        row_id: Id | None,
        cell_id: Id | None,
        invalid_cells: list[Any],
        /,
    ) -> object:
        """Hear of it."""


class ValuesListener(Protocol):
    """Is called when some value changed."""

    def __call__(self, store: Store, get_value_change: GetValueChange, /) -> object:
        """Hear of it."""


class ValueListener(Protocol):
    """Is called when a value changed."""

    def __call__(
        self,
        store: Store,
        value_id: Id,
        new_value: CellOrMissing,
        old_value: CellOrMissing,
        get_value_change: GetValueChange,
        /,
    ) -> object:
        """Hear of it."""


class InvalidValueListener(Protocol):
    """Is called when values were refused."""

    def __call__(self, store: Store, value_id: Id | None, invalid_values: list[Any], /) -> object:
        """Hear of it."""


class TransactionListener(Protocol):
    """Is called when a transaction starts or ends."""

    def __call__(self, store: Store, /) -> object:
        """Hear of it."""
