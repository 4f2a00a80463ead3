"""What every widget that shows a Store has: a room, a link to its pages, the runtime, a snapshot.

A widget itself carries little: which room it shows, and a few settings. What the Store holds goes
over the room's link (`sync.comm`), which rides on the widget's custom messages; so does the
JavaScript runtime, which a page asks for once and all widgets on it share. A snapshot as plain HTML
stands in wherever there is no kernel or no widget. It is sent as a whole once, and then, as long as
that is less, what has been edited in it: every page and saved notebook has both.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from tinybase_widget.store import Store
from tinybase_widget.sync._addresses import address_of, is_address
from tinybase_widget.sync.comm import PROTOCOL, CommLink
from tinybase_widget.sync.presence import User
from tinybase_widget.sync.room import Room, check_name, join_room, rooms_of_store
from tinybase_widget.widgets._rules import schema_identity
from tinybase_widget.widgets._server_status import ServerStatus
from tinybase_widget.widgets._snapshot import splice_between
from tinybase_widget.widgets._static import static_bytes, static_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RUNTIME = "runtime.js"
_SERVER = "server.js"
_RUNTIME_INTERVAL_S = 0.5
_SNAPSHOT_INTERVAL_S = 1.0
_SNAPSHOT_SHARE = 0.05  # of the time, at most, is spent on making snapshots
_SCHEMA_DELAY_S = 0.02
_SPLICED_SHARE = 0.25  # of a snapshot is sent as an edit of it at most

_log = logging.getLogger(__name__)


class LiveView(anywidget.AnyWidget):
    """A widget that shows a Store, or a part of it, live.

    Subclasses say in `_snapshot_html` what is shown without a page, in `_schema_traits` what a page
    is told of the Store's schema, and in `_listen` how to hear of what changes the snapshot.
    """

    height = t.Int(400, help="The height at most, in CSS pixels.").tag(sync=True)
    read_only = t.Bool(False, help="Whether people may only look.").tag(sync=True)
    snapshot = t.Unicode("", help="What is shown without a page, as plain HTML.")
    _snapshot = t.Unicode("").tag(sync=True)
    _snapshot_edit = t.List(t.Any()).tag(sync=True)
    _view = t.Unicode("table").tag(sync=True)
    _room = t.Unicode().tag(sync=True)
    _peer = t.Unicode().tag(sync=True)
    _place = t.Unicode().tag(sync=True)
    _runtime = t.Unicode().tag(sync=True)
    _server = t.Dict(None, allow_none=True).tag(sync=True)
    _user = t.Dict(None, allow_none=True).tag(sync=True)
    _column_widths = t.Dict(t.Float(), key_trait=t.Unicode()).tag(sync=True)

    def __init__(self, room: Room, user: User | str | None = None, **traits: Any) -> None:
        self._shared = room
        self._schema_seen = schema_identity(room.store)
        shown = room.user if user is None else User.of(user)
        super().__init__(
            **traits,
            _room=room.name,
            _peer=room.peer,
            _place=room.place,
            _runtime=static_hash(_RUNTIME),
            _user=None if shown is None else shown.shown(),
        )
        self._runtime_sent = float("-inf")
        self._link = CommLink(self._shared, self.send, partial(static_bytes, _SERVER))
        self._servers = ServerStatus(room, self._show_server)
        self.set_trait("_server", self._servers.now())
        self._snapshot_due: threading.Timer | None = None
        self._snapshot_delay_s = _SNAPSHOT_INTERVAL_S
        self._store_listeners = [
            *self._listen(),
            self.store.add_did_finish_transaction_listener(self._on_transaction),
        ]
        self.on_msg(self._on_message)

    @t.default("_snapshot")
    def _snapshot_sent_first(self) -> str:
        return self.snapshot

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

    def close(self) -> None:
        """Take the widget off the page; the Store and its room stay."""
        if hasattr(self, "_link"):
            self._link.close()
            self._servers.close()
            for listener in self._store_listeners:
                self.store.del_listener(listener)
            if self._snapshot_due is not None:
                self._snapshot_due.cancel()
        super().close()

    def _snapshot_html(self) -> str:
        raise NotImplementedError

    def _schema_traits(self) -> dict[str, Any]:
        raise NotImplementedError

    def _listen(self) -> list[str]:
        """Call `_on_content` for each change of what is shown; return the listeners' ids."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        if data is None:
            return bundle
        data = {**data, "text/plain": repr(self), "text/html": self._snapshot_html()}
        return (data, *rest) if rest else data

    def _on_message(self, _widget: object, content: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(content, dict):
            return
        if content.get("kind") == "runtime?" and content.get("v") == PROTOCOL:
            self._send_runtime()
        elif content.get("kind") == "events":
            self._tell_events(content)
        else:
            self._link.receive(_with_text_keys(content), [bytes(data) for data in buffers])

    def _tell_events(self, content: Mapping[str, Any]) -> None:
        """Tell what a page says that a person did; nothing where nobody can ask for it."""

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
            self._shared.prepare()  # while the page evaluates it

    def _on_content(self, *_args: object) -> None:
        if self._snapshot_due is None:
            self._snapshot_due = threading.Timer(self._snapshot_delay_s, self._update_snapshot)
            self._snapshot_due.daemon = True
            self._snapshot_due.start()

    def _show_server(self, status: dict[str, str] | None) -> None:
        if self.comm is not None:
            self.set_trait("_server", status)

    def _on_transaction(self) -> None:
        self._servers.on_edit()
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
            for name, value in self._schema_traits().items():
                self.set_trait(name, value)
        except Exception:  # noqa: BLE001 - the trait is set, and goes out with the next change
            _log.debug("the schema was not sent", exc_info=True)

    def _update_snapshot(self) -> None:
        self._snapshot_due = None
        if self.comm is None:
            return
        start = time.monotonic()
        try:
            self.snapshot = self._snapshot_html()
            self._send_snapshot()
        except Exception:  # noqa: BLE001 - the trait is set, and goes out with the next change
            _log.debug("the snapshot was not sent", exc_info=True)
        took = time.monotonic() - start
        self._snapshot_delay_s = max(_SNAPSHOT_INTERVAL_S, took / _SNAPSHOT_SHARE)

    def _send_snapshot(self) -> None:
        """Tell pages, and notebooks that are saved, what of the snapshot is otherwise now."""
        splice = splice_between(self._snapshot, self.snapshot)
        is_small = len(splice.text) < len(self.snapshot) * _SPLICED_SHARE
        with self.hold_sync():
            if is_small:
                self._snapshot_edit = list(splice)
            else:
                self._snapshot, self._snapshot_edit = self.snapshot, []


def _with_text_keys(content: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in content.items()}


def find_room(store: Store, room: str | Room | None) -> Room:
    """Return the room in which a view shows a Store, as `room` names it; connected if on a server.

    Raises:
        FileNotFoundError: JupyterLab has no such file.
        JupyterServerError: No Jupyter server lets us join the file.
        TypeError: `room` is neither a name nor a Room.
        ValueError: The Room is one of another Store, or the name is empty.
    """
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
    if not is_address(room):
        return join_room(room, store)
    name = address_of(room).shown  # a page is told the name: no token
    is_new = name not in rooms_of_store(store)
    shared = join_room(name, store)
    try:
        shared.connect(room)
    except BaseException:
        if is_new:
            shared.close()
        raise
    return shared


def check_store(store: object) -> None:
    """Refuse what is no Store.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(store, Store):
        raise TypeError(f"the view shows a Store, such as Store(), not {store!r}")
