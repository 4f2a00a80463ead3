"""Anywidgets: what people see of a Store in a notebook."""

from tinybase_widget.widgets._events import TableEvent
from tinybase_widget.widgets._store_view import StoreView
from tinybase_widget.widgets._table_view import TableView
from tinybase_widget.widgets._values_view import ValuesView

__all__ = ["StoreView", "TableEvent", "TableView", "ValuesView"]
