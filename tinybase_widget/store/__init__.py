"""The reactive Store: tables and values, schemas, listeners, transactions.

It needs nothing but Python's standard library, and knows nothing of documents or Jupyter.
"""

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
    "CellOrMissing",
    "Changes",
    "Content",
    "Hooks",
    "Id",
    "IdChanges",
    "IdLike",
    "Ids",
    "IgnoredWarning",
    "Listener",
    "Missing",
    "Row",
    "SortedRowIdsArgs",
    "Sorter",
    "Store",
    "Table",
    "Tables",
    "TablesSchema",
    "TransactionLog",
    "Value",
    "ValueChange",
    "Values",
    "ValuesSchema",
]
