"""The reactive Store: tables and values, schemas, listeners, transactions.

It needs nothing but Python's standard library, and knows nothing of documents or Jupyter. It does
what the Store of TinyBase 10 does, step by step, which tests/interop/store holds against the
original. Where it does something else, it is by intent:

- A rollback brings objects and arrays back. TinyBase 10.0.1 loses them: it refuses the text that it
  keeps them as, as if somebody had forged it.
- Dictionaries keep their order. JavaScript's objects put keys that look like integers first, so
  that TinyBase's rows "10", "9" come back as "9", "10" from `getTable` and from JSON.
- `get_transaction_changes` gives, and `apply_changes` takes, objects and arrays as the text that
  travels between Stores; TinyBase has that as a second, internal pair of methods.
- What is no id, no JSON text, no changes or no listener is a TypeError when it is given, where
  JavaScript makes text of it, or fails later, or goes on in silence.
- What is refused, and a write by a listener that may not write, is a warning where no listener was
  there to be told; TinyBase says nothing.
"""

from tinybase_widget.store._listener_types import (
    CellIdsListener,
    CellListener,
    GetCellChange,
    GetIdChanges,
    GetValueChange,
    HasCellListener,
    HasRowListener,
    HasTableCellListener,
    HasTableListener,
    HasTablesListener,
    HasValueListener,
    HasValuesListener,
    InvalidCellListener,
    InvalidValueListener,
    RowCountListener,
    RowIdsListener,
    RowListener,
    SortedRowIdsListener,
    TableCellIdsListener,
    TableIdsListener,
    TableListener,
    TablesListener,
    TransactionListener,
    ValueIdsListener,
    ValueListener,
    ValuesListener,
)
from tinybase_widget.store._middleware import Hooks
from tinybase_widget.store._store import Store
from tinybase_widget.store._types import (
    MISSING,
    Cell,
    CellChange,
    CellOrMissing,
    Changes,
    Content,
    Id,
    IdChanges,
    IdLike,
    Ids,
    Listener,
    Missing,
    Row,
    SortedRowIdsArgs,
    Sorter,
    Table,
    Tables,
    TablesSchema,
    TransactionLog,
    Value,
    ValueChange,
    Values,
    ValuesSchema,
)
from tinybase_widget.store._warning import IgnoredWarning

__all__ = [
    "MISSING",
    "Cell",
    "CellChange",
    "CellIdsListener",
    "CellListener",
    "CellOrMissing",
    "Changes",
    "Content",
    "GetCellChange",
    "GetIdChanges",
    "GetValueChange",
    "HasCellListener",
    "HasRowListener",
    "HasTableCellListener",
    "HasTableListener",
    "HasTablesListener",
    "HasValueListener",
    "HasValuesListener",
    "Hooks",
    "Id",
    "IdChanges",
    "IdLike",
    "Ids",
    "IgnoredWarning",
    "InvalidCellListener",
    "InvalidValueListener",
    "Listener",
    "Missing",
    "Row",
    "RowCountListener",
    "RowIdsListener",
    "RowListener",
    "SortedRowIdsArgs",
    "SortedRowIdsListener",
    "Sorter",
    "Store",
    "Table",
    "TableCellIdsListener",
    "TableIdsListener",
    "TableListener",
    "Tables",
    "TablesListener",
    "TablesSchema",
    "TransactionListener",
    "TransactionLog",
    "Value",
    "ValueChange",
    "ValueIdsListener",
    "ValueListener",
    "Values",
    "ValuesListener",
    "ValuesSchema",
]
