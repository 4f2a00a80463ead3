"""The widget of a Store's values: a table of one column that has a row for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from tinybase_widget.widgets._events import TableEvents
from tinybase_widget.widgets._live_view import LiveView, check_store, find_room
from tinybase_widget.widgets._rules import checked_options, values_schema
from tinybase_widget.widgets._snapshot import values_html

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tinybase_widget.store import Cell, Store
    from tinybase_widget.sync.presence import User
    from tinybase_widget.sync.room import Room


class ValuesView(TableEvents, LiveView):
    """The values of a Store, live and editable.

    Each value is edited by its type; values are added under a name, renamed and deleted. Undo,
    conflicts and the clipboard are those of a `TableView`. Its events, such as those of `on_edit`,
    name a value's id as the row, and the column "value".

    Args:
        store: The Store.
        room: The name under which the Store is shared with other kernels and tabs, or a `Room` of
            this Store. Without it, the Store is shared with the pages that show it only.
        height: The height at most, in CSS pixels.
        read_only: Whether people may only look.
        read_only_values: The ids of values that they may not write, rename or delete.
        value_options: For a value's id, the only values to choose from. A schema's `enum` needs no
            such list.
        user: Who works on the pages that show it, a name or a `User`, for hosts that don't know.

    Raises:
        TypeError: `store` is no Store, `room` neither a name nor a Room, or `user` no name.
        ValueError: The Room is one of another Store, or a name is empty.
        traitlets.TraitError: One of the others is not as said above.

    Example:
        >>> from tinybase_widget import Store, ValuesView
        >>> store = Store().set_values({"theme": "dark", "open": True})
        >>> ValuesView(store, room="zoo", value_options={"theme": ["light", "dark"]})
        <tinybase_widget.ValuesView in room 'zoo'>
    """

    read_only_values = t.List(t.Unicode(), help="The ids of values that people may not write.").tag(
        sync=True
    )
    value_options = t.Dict(
        value_trait=t.List(), key_trait=t.Unicode(), help="By value id, the values to choose from."
    ).tag(sync=True)
    _values_schema = t.Dict(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        store: Store,
        room: str | Room | None = None,
        *,
        height: int = 400,
        read_only: bool = False,
        read_only_values: Iterable[str] = (),
        value_options: Mapping[str, Sequence[Cell]] | None = None,
        user: User | str | None = None,
    ) -> None:
        check_store(store)
        super().__init__(
            find_room(store, room),
            user=user,
            _view="values",
            height=height,
            read_only=read_only,
            read_only_values=list(read_only_values),
            value_options={key: list(values) for key, values in (value_options or {}).items()},
            snapshot=values_html(store),
            _values_schema=values_schema(store),
        )

    def __repr__(self) -> str:
        """Return what is shown."""
        return f"<tinybase_widget.ValuesView in room {self._room!r}>"

    @t.validate("value_options")
    def _check_options(self, proposal: Any) -> dict[str, list[Cell]]:
        return checked_options(proposal["value"])

    def _snapshot_html(self) -> str:
        return values_html(self.store)

    def _schema_traits(self) -> dict[str, Any]:
        return {"_values_schema": values_schema(self.store)}

    def _listen(self) -> list[str]:
        return [self.store.add_values_listener(self._on_content)]
