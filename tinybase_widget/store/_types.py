"""The names of the things that a Store holds and hands out.

`MISSING` is JavaScript's `undefined`: it says "there is nothing here" where `None` would say
"here is a JSON null". Everything else in this module is a type alias, so that signatures read like
the documentation of TinyBase's types of the same names.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias


class Missing(Enum):
    """The type of `MISSING`: an enumeration of one, so that type checkers can narrow by `is`."""

    MISSING = "MISSING"

    def __repr__(self) -> str:
        return "MISSING"

    def __str__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING

Id: TypeAlias = "str"
IdLike: TypeAlias = "str | int"
Ids: TypeAlias = "list[str]"

Cell: TypeAlias = "str | int | float | bool | dict[str, Any] | list[Any] | None"
Value: TypeAlias = "Cell"
Row: TypeAlias = "dict[str, Cell]"
Table: TypeAlias = "dict[str, Row]"
Tables: TypeAlias = "dict[str, Table]"
Values: TypeAlias = "dict[str, Value]"
Content: TypeAlias = "tuple[Tables, Values]"

# What is really kept: an object or an array is a string, "\ufffd" and its JSON text.
RawCell: TypeAlias = "str | int | float | bool | None"
RawRow: TypeAlias = "dict[str, RawCell]"
RawTable: TypeAlias = "dict[str, RawRow]"
RawTables: TypeAlias = "dict[str, RawTable]"
RawValues: TypeAlias = "dict[str, RawCell]"

# What setters take: any mapping of ids to anything; what is not a cell is reported as invalid.
CellLike: TypeAlias = "Any"
RowLike: TypeAlias = "Mapping[Any, Any]"
TableLike: TypeAlias = "Mapping[Any, Any]"
TablesLike: TypeAlias = "Mapping[Any, Any]"
ValuesLike: TypeAlias = "Mapping[Any, Any]"
ContentLike: TypeAlias = "Sequence[Any]"

# `[changed tables, changed values, 1]`, as in TinyBase's JSON: MISSING is what was deleted.
Changes: TypeAlias = "list[Any]"

TablesSchema: TypeAlias = "Mapping[str, Mapping[str, Mapping[str, Any]]]"
ValuesSchema: TypeAlias = "Mapping[str, Mapping[str, Any]]"

IdChanges: TypeAlias = "dict[str, int]"
CellOrMissing: TypeAlias = "Cell | Missing"
CellChange: TypeAlias = "tuple[bool, CellOrMissing, CellOrMissing]"
ValueChange: TypeAlias = "CellChange"
Sorter: TypeAlias = "Callable[[Any, Any], float]"
Listener: TypeAlias = "Callable[..., object]"


class SortedRowIdsArgs(TypedDict, total=False):
    """What `get_sorted_row_ids` and its listener take in place of positional arguments."""

    table_id: IdLike
    cell_id: IdLike | None
    descending: bool
    offset: int
    limit: int | None
    sorter: Sorter | None


class TransactionLog(NamedTuple):
    """Everything that happened in a transaction, in the order of TinyBase's TransactionLog.

    Attributes:
        cells_touched: Whether any cell was changed, even if it was changed back.
        values_touched: Whether any value was changed, even if it was changed back.
        changed_cells: Old and new cell, by table, row and cell id.
        invalid_cells: What was not set, by table, row and cell id; None stands for a whole level.
        changed_values: Old and new value, by id.
        invalid_values: What was not set, by value id.
        changed_table_ids: 1 for a table that appeared, -1 for one that vanished.
        changed_row_ids: The same for rows, by table.
        changed_cell_ids: The same for cells, by table and row.
        changed_value_ids: The same for values.
    """

    cells_touched: bool
    values_touched: bool
    changed_cells: dict[str, dict[str, dict[str, tuple[CellOrMissing, CellOrMissing]]]]
    invalid_cells: dict[str | None, dict[str | None, dict[str | None, list[Any]]]]
    changed_values: dict[str, tuple[CellOrMissing, CellOrMissing]]
    invalid_values: dict[str | None, list[Any]]
    changed_table_ids: IdChanges
    changed_row_ids: dict[str, IdChanges]
    changed_cell_ids: dict[str, dict[str, IdChanges]]
    changed_value_ids: IdChanges
