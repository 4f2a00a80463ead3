"""The table widget: shows a table of a Store live, and lets people edit it.

The widget itself carries little: which room and table it shows, and a few settings. What the table
holds goes over the room's link (`sync.comm`), which rides on this widget's custom messages; so does
the JavaScript runtime, which a page asks for once and all widgets on it share. A snapshot of the
first rows, as plain HTML, stands in wherever there is no kernel or no widget.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import anywidget
import traitlets as t

from tinybase_widget.frames._loading import table_of_frame
from tinybase_widget.store import Cell, Store
from tinybase_widget.sync.comm import PROTOCOL, CommLink
from tinybase_widget.sync.presence import User
from tinybase_widget.sync.room import Room, check_name, join_room, rooms_of_store
from tinybase_widget.widgets._events import TableEvents
from tinybase_widget.widgets._looking import LookingTraits
from tinybase_widget.widgets._rules import checked_options, schema_identity, table_schema
from tinybase_widget.widgets._snapshot import snapshot_html
from tinybase_widget.widgets._static import static_bytes, static_hash

_RUNTIME = "runtime.js"
_RUNTIME_INTERVAL_S = 0.5
_SNAPSHOT_INTERVAL_S = 1.0
_SCHEMA_DELAY_S = 0.02

_log = logging.getLogger(__name__)


class TableView(TableEvents, LookingTraits, anywidget.AnyWidget):
    """A live, editable table.

    Ctrl+Z and Ctrl+Shift+Z undo and redo what was edited on the page. A cell that two sides set
    without knowing of each other is marked: F8, or the pointer, shows what was overwritten.

    Args:
        store: The Store; or a frame of pandas, polars, pyarrow or another library that narwhals
            reads, which becomes a table of a new Store, `view.store`, as `load_frame` makes it.
        table_id: The table to show; it need not exist yet. That of a frame is "table" without it.
        room: The name under which the Store is shared with other kernels and tabs, or a `Room` of
            this Store. Without it, the table is shared with the pages that show this Store only.
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

    height = t.Int(400, help="The height of the table at most, in CSS pixels.").tag(sync=True)
    columns = t.List(
        t.Unicode(), None, allow_none=True, help="The cell ids to show, in order; None: all."
    ).tag(sync=True)
    read_only = t.Bool(False, help="Whether people may only look.").tag(sync=True)
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
    snapshot = t.Unicode("", help="The first rows as plain HTML.").tag(sync=True)
    _room = t.Unicode().tag(sync=True)
    _table = t.Unicode().tag(sync=True)
    _peer = t.Unicode().tag(sync=True)
    _runtime = t.Unicode().tag(sync=True)
    _schema = t.Dict(None, allow_none=True).tag(sync=True)
    _user = t.Dict(None, allow_none=True).tag(sync=True)
    _column_widths = t.Dict(t.Float(), key_trait=t.Unicode()).tag(sync=True)

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
        self._shared = _find_room(store, room)
        self._schema_seen = schema_identity(store)
        super().__init__(
            columns=None if columns is None else list(columns),
            height=height,
            read_only=read_only,
            read_only_columns=list(read_only_columns),
            read_only_cells=[tuple(place) for place in read_only_cells],
            column_options={key: list(cells) for key, cells in (column_options or {}).items()},
            _schema=table_schema(store, table_id),
            _user=_shown(self._shared.user if user is None else User.of(user)),
            sort=list(sort),
            filters=dict(filters or {}),
            search=search,
            pinned=list(pinned),
            formats=dict(formats or {}),
            row_numbers=row_numbers,
            summary=summary,
            snapshot=snapshot_html(store, table_id, columns),
            _room=self._shared.name,
            _table=table_id,
            _peer=self._shared.peer,
            _runtime=static_hash(_RUNTIME),
        )
        self._runtime_sent = float("-inf")
        self._link = CommLink(self._shared, self.send)
        self._snapshot_due: threading.Timer | None = None
        self._snapshot_listener = store.add_table_listener(table_id, self._on_table)
        self._schema_listener = store.add_did_finish_transaction_listener(self._on_transaction)
        self.observe(lambda _change: self._on_table(), "columns")
        self.on_msg(self._on_message)

    @property
    def _esm(self) -> str:
        return static_bytes("loader.js").decode()

    @property
    def room(self) -> Room:
        """The room in which the Store is shared."""
        return self._shared

    @property
    def store(self) -> Store:
        """The Store."""
        return self._shared.store

    @property
    def table_id(self) -> str:
        """The table that is shown."""
        return self._table

    def __repr__(self) -> str:
        """Return what is shown."""
        return f"<tinybase_widget.TableView of {self._table!r} in room {self._room!r}>"

    def close(self) -> None:
        """Take the table off the page; the Store and its room stay."""
        if hasattr(self, "_link"):
            self._link.close()
            self.store.del_listener(self._snapshot_listener)
            self.store.del_listener(self._schema_listener)
            if self._snapshot_due is not None:
                self._snapshot_due.cancel()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        if data is None:
            return bundle
        html = snapshot_html(self.store, self._table, self.columns)
        data = {**data, "text/plain": repr(self), "text/html": html}
        return (data, *rest) if rest else data

    @t.validate("column_options")
    def _check_options(self, proposal: Any) -> dict[str, list[Cell]]:
        return checked_options(proposal["value"])

    def _on_message(self, _widget: object, content: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(content, dict):
            return
        if content.get("kind") == "runtime?" and content.get("v") == PROTOCOL:
            self._send_runtime()
        elif content.get("kind") == "events":
            self._tell_events(content)
        else:
            self._link.receive(_with_text_keys(content), [bytes(data) for data in buffers])

    def _send_runtime(self) -> None:
        # Requests queue up while a cell runs; one answer reaches all who asked.
        now = time.monotonic()
        if now - self._runtime_sent < _RUNTIME_INTERVAL_S:
            return
        answer = {"kind": "runtime", "v": PROTOCOL, "hash": static_hash(_RUNTIME)}
        try:
            self.send(answer, [static_bytes(_RUNTIME)])
        except Exception:  # noqa: BLE001 - the page asks again
            _log.debug("the runtime was not sent", exc_info=True)
        else:
            self._runtime_sent = now

    def _on_table(self) -> None:
        if self._snapshot_due is None:
            self._snapshot_due = threading.Timer(_SNAPSHOT_INTERVAL_S, self._update_snapshot)
            self._snapshot_due.daemon = True
            self._snapshot_due.start()

    def _on_transaction(self) -> None:
        if self._schema_seen is not (seen := schema_identity(self.store)):
            self._schema_seen = seen
            # Not at once: the Store is locked, and nothing is sent under its lock.
            timer = threading.Timer(_SCHEMA_DELAY_S, self._update_schema)
            timer.daemon = True
            timer.start()

    def _update_schema(self) -> None:
        if self.comm is None:
            return
        try:
            self.set_trait("_schema", table_schema(self.store, self._table))
        except Exception:  # noqa: BLE001 - the trait is set, and goes out with the next change
            _log.debug("the schema was not sent", exc_info=True)

    def _update_snapshot(self) -> None:
        self._snapshot_due = None
        if self.comm is None:
            return
        try:
            self.snapshot = snapshot_html(self.store, self._table, self.columns)
        except Exception:  # noqa: BLE001 - the trait is set, and goes out with the next change
            _log.debug("the snapshot was not sent", exc_info=True)


def _check_columns(columns: object) -> None:
    if columns is None:
        return
    if (
        isinstance(columns, str)
        or not isinstance(columns, Sequence)
        or not all(isinstance(cell_id, str) for cell_id in columns)
    ):
        raise TypeError(f'columns are cell ids such as ["species", "price"], not {columns!r}')


def _shown(user: User | None) -> dict[str, str] | None:
    return None if user is None else user.shown()


def _with_text_keys(content: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in content.items()}


def _find_room(store: Store, room: str | Room | None) -> Room:
    if isinstance(room, Room):
        if room.store is not store:
            raise ValueError(
                f"{room!r} shares another Store than the one to show; give one of the two"
            )
        return room
    if room is None:
        own = next(iter(rooms_of_store(store).values()), None)
        return own or join_room(f"store-{uuid.uuid4().hex}", store)
    check_name(room)
    return join_room(room, store)
