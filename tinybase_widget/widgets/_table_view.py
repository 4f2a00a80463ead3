"""The table widget: shows a table of a Store live, and lets people edit it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import traitlets as t

from tinybase_widget.frames._loading import table_of_frame
from tinybase_widget.store import Cell, Store
from tinybase_widget.widgets._events import TableEvents
from tinybase_widget.widgets._live_view import LiveView, find_room
from tinybase_widget.widgets._looking import LookingTraits
from tinybase_widget.widgets._rules import checked_options, table_schema
from tinybase_widget.widgets._snapshot import Look, snapshot_html

if TYPE_CHECKING:
    from tinybase_widget.sync.presence import User
    from tinybase_widget.sync.room import Room


class TableView(TableEvents, LookingTraits, LiveView):
    """A live, editable table.

    Ctrl+Z and Ctrl+Shift+Z undo and redo what was edited on the page. A cell that two sides set
    without knowing of each other is marked: F8, or the pointer, shows what was overwritten.

    Args:
        store: The Store; or a frame of pandas, polars, pyarrow or another library that narwhals
            reads, which becomes a table of a new Store, `view.store`, as `load_frame` makes it.
        table_id: The table to show; it need not exist yet. That of a frame is "table" without it.
        room: The name under which the Store is shared with other kernels and tabs, or a `Room` of
            this Store; or its address on a server, such as "wss://example.org/zoo", or a file that
            JupyterLab shows, such as "file:zoo.tinybase.json", as for `room.connect`. Without it,
            the table is shared with the pages that show this Store only.
        columns: The cell ids to show, in order. Without it, all, as they first appear; those of a
            frame in its order.
        height: The height of the table at most, in CSS pixels.
        read_only: Whether people may only look.
        read_only_columns: The cell ids of columns in which they may not write. Rows may still be
            added and deleted.
        read_only_cells: The row and cell ids of cells in which they may not write. Their rows
            cannot be deleted in the view.
        column_options: For a cell id, the only cells to choose from. A schema's `enum` needs no
            such list.
        sort: By which columns the rows are sorted, such as `[("price", "desc")]`.
        filters: Which rows are shown, as conditions by cell id: `contains` and `equals` compare
            text without case and accents, `min` and `max` numbers, `in` lists cells, None for a
            missing one.
        search: Words that the rows shown have in their ids or in any column.
        pinned: The cell ids of columns that stay in sight at the left.
        formats: How numbers are written, by cell id, as Python's format specs: `",.2f"`, `".1%"`.
        row_numbers: Whether rows are numbered as they are shown, instead of named by their ids.
        summary: Whether each column's header says what is in it.
        user: Who works on the pages that show the table, a name or a `User`, for hosts that don't
            know. Where JupyterLab knows somebody by name, that name is shown.

    Raises:
        FileNotFoundError: JupyterLab has no such file.
        JupyterServerError: No Jupyter server lets the kernel join the file.
        TypeError: `store` is neither a Store nor a frame, `table_id` no string, `room` neither a
            name nor a Room, `columns` no list of strings, `user` no name, or the frame can't become
            a table.
        ValueError: The Room is one of another Store, or a name is empty.
        traitlets.TraitError: One of the others is not as said above.
        ImportError: A frame is given, and narwhals is not installed.

    Example:
        >>> from tinybase_widget import Store, TableView
        >>> store = Store().set_table("pets", {"fido": {"species": "dog", "sold": False}})
        >>> view = TableView(store, "pets", room="zoo")
        >>> view.room
        <tinybase_widget.Room 'zoo', alone>
    """

    columns = t.List(
        t.Unicode(), None, allow_none=True, help="The cell ids to show, in order; None: all."
    ).tag(sync=True)
    read_only_columns = t.List(
        t.Unicode(), help="The cell ids of columns in which people may not write."
    ).tag(sync=True)
    read_only_cells = t.List(
        t.Tuple(t.Unicode(), t.Unicode()),
        help="The row and cell ids of cells in which people may not write.",
    ).tag(sync=True)
    column_options = t.Dict(
        value_trait=t.List(), key_trait=t.Unicode(), help="By cell id, the cells to choose from."
    ).tag(sync=True)
    _table = t.Unicode().tag(sync=True)
    _schema = t.Dict(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        store: Store | Any,
        table_id: str | None = None,
        room: str | Room | None = None,
        *,
        columns: Sequence[str] | None = None,
        height: int = 400,
        read_only: bool = False,
        read_only_columns: Sequence[str] = (),
        read_only_cells: Iterable[tuple[str, str]] = (),
        column_options: Mapping[str, Sequence[Cell]] | None = None,
        sort: Sequence[tuple[str, str] | str] = (),
        filters: Mapping[str, Mapping[str, Any]] | None = None,
        search: str = "",
        pinned: Sequence[str] = (),
        formats: Mapping[str, str] | None = None,
        row_numbers: bool = False,
        summary: bool = False,
        user: User | str | None = None,
    ) -> None:
        if not isinstance(store, Store):
            _check_columns(columns)
            store, table_id, columns = table_of_frame(store, table_id, columns)
        if not isinstance(table_id, str):
            raise TypeError(f'a table id is a string such as "pets", not {table_id!r}')
        _check_columns(columns)
        super().__init__(
            find_room(store, room),
            columns=None if columns is None else list(columns),
            height=height,
            read_only=read_only,
            read_only_columns=list(read_only_columns),
            read_only_cells=[tuple(place) for place in read_only_cells],
            column_options={key: list(cells) for key, cells in (column_options or {}).items()},
            user=user,
            sort=list(sort),
            filters=dict(filters or {}),
            search=search,
            pinned=list(pinned),
            formats=dict(formats or {}),
            row_numbers=row_numbers,
            summary=summary,
            _table=table_id,
            _schema=table_schema(store, table_id),
        )
        self.observe(self._on_content, ["columns", *Look._fields])

    @property
    def table_id(self) -> str:
        """The table that is shown."""
        return self._table

    def __repr__(self) -> str:
        """Return what is shown."""
        return f"<tinybase_widget.TableView of {self._table!r} in room {self._room!r}>"

    def _snapshot_html(self) -> str:
        look = Look(**{name: getattr(self, name) for name in Look._fields})
        return snapshot_html(self.store, self._table, self.columns, look)

    @t.default("snapshot")
    def _first_snapshot(self) -> str:
        return self._snapshot_html()

    def _schema_traits(self) -> dict[str, Any]:
        return {"_schema": table_schema(self.store, self._table)}

    def _listen(self) -> list[str]:
        return [self.store.add_table_listener(self._table, self._on_content)]

    @t.validate("column_options")
    def _check_options(self, proposal: Any) -> dict[str, list[Cell]]:
        return checked_options(proposal["value"])


def _check_columns(columns: object) -> None:
    if columns is None:
        return
    if (
        isinstance(columns, str)
        or not isinstance(columns, Sequence)
        or not all(isinstance(cell_id, str) for cell_id in columns)
    ):
        raise TypeError(f'columns are cell ids such as ["species", "price"], not {columns!r}')
