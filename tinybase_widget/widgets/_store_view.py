"""The widget of a whole Store: its tables and its values as tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from tinybase_widget.store import MISSING, Store
from tinybase_widget.widgets._live_view import LiveView, check_store, find_room
from tinybase_widget.widgets._rules import tables_schema, values_schema
from tinybase_widget.widgets._snapshot import sorted_ids, store_html

if TYPE_CHECKING:
    from tinybase_widget.store._types import Missing
    from tinybase_widget.sync.presence import User
    from tinybase_widget.sync.room import Room


class StoreView(LiveView):
    """All tables of a Store as tabs, and its values, live and editable.

    Tables are added and deleted beside the tabs; each is what a `TableView` shows, the values what
    a `ValuesView` shows. `table_id` is the table of the open tab, set from both sides; None is the
    tab of the values.

    Args:
        store: The Store.
        table_id: The table to open, which need not exist yet; None opens the values. Without it,
            the first table that there is, by name.
        room: The name under which the Store is shared with other kernels and tabs, or a `Room` of
            this Store. Without it, the Store is shared with the pages that show it only.
        height: The height at most, in CSS pixels.
        read_only: Whether people may only look.
        user: Who works on the pages that show it, a name or a `User`, for hosts that don't know.

    Raises:
        TypeError: `store` is no Store, `room` neither a name nor a Room, or `user` no name.
        ValueError: The Room is one of another Store, or a name is empty.
        traitlets.TraitError: One of the others is not as said above.

    Example:
        >>> from tinybase_widget import Store, StoreView
        >>> store = Store().set_table("pets", {"fido": {"species": "dog"}}).set_value("open", True)
        >>> view = StoreView(store, room="zoo")
        >>> view.table_id
        'pets'
        >>> view.table_id = None  # the values
    """

    table_id = t.Unicode(
        None, allow_none=True, help="The table of the open tab; None is the values."
    ).tag(sync=True)
    _is_chosen = t.Bool(False).tag(sync=True)
    _schemas = t.Dict(None, allow_none=True).tag(sync=True)
    _values_schema = t.Dict(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        store: Store,
        table_id: str | Missing | None = MISSING,
        room: str | Room | None = None,
        *,
        height: int = 400,
        read_only: bool = False,
        user: User | str | None = None,
    ) -> None:
        check_store(store)
        is_chosen = table_id is not MISSING
        first = next(iter(sorted_ids(store.get_table_ids())), None)
        super().__init__(
            find_room(store, room),
            user=user,
            _view="store",
            height=height,
            read_only=read_only,
            table_id=table_id if is_chosen else first,
            _is_chosen=is_chosen,
            snapshot=store_html(store),
            _schemas=tables_schema(store),
            _values_schema=values_schema(store),
        )
        self.observe(self._choose, "table_id")  # not before: what is set above is no choice

    def __repr__(self) -> str:
        """Return what is shown."""
        return f"<tinybase_widget.StoreView in room {self._room!r}>"

    def _choose(self, _change: object) -> None:
        self._is_chosen = True

    def _snapshot_html(self) -> str:
        return store_html(self.store)

    def _schema_traits(self) -> dict[str, Any]:
        return {"_schemas": tables_schema(self.store), "_values_schema": values_schema(self.store)}

    def _listen(self) -> list[str]:
        return [
            self.store.add_tables_listener(self._on_content),
            self.store.add_values_listener(self._on_content),
        ]
