"""Anywidgets: what people see of a Store in a notebook."""

from tinybase_widget.widgets._events import TableEvent
from tinybase_widget.widgets._table_view import TableView

__all__ = ["TableEvent", "TableView"]
