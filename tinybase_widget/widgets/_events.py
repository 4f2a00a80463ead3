"""What people do to a table on a page, told to functions in the kernel.

The page says what was done after it has sent the edit itself, so that the Store has it already when
a function is called. What other code or other kernels do is told by the Store's own listeners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipywidgets import CallbackDispatcher  # type: ignore[import-untyped]

from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KINDS = ("edit", "add", "delete", "click")


@dataclass(frozen=True)
class TableEvent:
    """Something that a person did to a table on a page.

    Args:
        view: The widget.
        kind: "edit", "add", "delete" or "click".
        row: The row's id.
        column: The cell's id; None for a row that was added or deleted, and for a click on its id.
        value: The cell as it is now, or the cells of a row that was added; MISSING if there is
            none.
        old: The cell as it was, or the cells of a row that was deleted; MISSING if there was none.

    Example:
        >>> from tinybase_widget import Store, TableEvent, TableView
        >>> view = TableView(Store(), "pets")
        >>> TableEvent(view, "edit", "fido", "price", 6, 5).column
        'price'
    """

    view: Any
    kind: str
    row: str
    column: str | None = None
    value: Any = MISSING
    old: Any = MISSING


class TableEvents:
    """The part of a table widget that tells of edits, of rows added and deleted, and of clicks."""

    def on_edit(self, callback: Callable[[TableEvent], Any], remove: bool = False) -> None:
        """Call a function for each cell that somebody edits on a page.

        Args:
            callback: Takes a `TableEvent`.
            remove: Whether the function shall no longer be called.

        Example:
            >>> from tinybase_widget import Store, TableView
            >>> view = TableView(Store().set_cell("pets", "fido", "price", 5), "pets")
            >>> view.on_edit(lambda edit: print(edit.row, edit.column, edit.old, "→", edit.value))
        """
        self._callbacks("edit").register_callback(callback, remove=remove)

    def on_add(self, callback: Callable[[TableEvent], Any], remove: bool = False) -> None:
        """Call a function for each row that somebody adds on a page.

        Args:
            callback: Takes a `TableEvent`; its `value` has the row's cells.
            remove: Whether the function shall no longer be called.
        """
        self._callbacks("add").register_callback(callback, remove=remove)

    def on_delete(self, callback: Callable[[TableEvent], Any], remove: bool = False) -> None:
        """Call a function for each row that somebody deletes on a page.

        Args:
            callback: Takes a `TableEvent`; its `old` has the cells that the row had.
            remove: Whether the function shall no longer be called.
        """
        self._callbacks("delete").register_callback(callback, remove=remove)

    def on_click(self, callback: Callable[[TableEvent], Any], remove: bool = False) -> None:
        """Call a function for each click on a cell or a row's id.

        Args:
            callback: Takes a `TableEvent`.
            remove: Whether the function shall no longer be called.
        """
        self._callbacks("click").register_callback(callback, remove=remove)

    def _callbacks(self, kind: str) -> CallbackDispatcher:
        dispatchers: dict[str, CallbackDispatcher] = self.__dict__.setdefault("_dispatchers", {})
        return dispatchers.setdefault(kind, CallbackDispatcher())

    def _tell_events(self, content: Mapping[str, Any]) -> None:
        """Tell what a page says; what makes no sense is passed over."""
        events = content.get("events")
        for event in events if isinstance(events, list) else []:
            if isinstance(event, dict) and event.get("event") in _KINDS:
                self._tell(event)

    def _tell(self, event: Mapping[str, Any]) -> None:
        row, column = event.get("row"), event.get("column")
        if not isinstance(row, str) or not isinstance(column, str | None):
            return
        value, old = event.get("value", MISSING), event.get("old", MISSING)
        self._callbacks(event["event"])(TableEvent(self, event["event"], row, column, value, old))
