"""A large document, given to somebody who has nothing: batch by batch, the first rows first.

All of a million cells at once would hold everybody up while it is encoded, and whoever gets them
would see nothing before the last has come. A state vector that lacks the structs of a few clients
only has these encoded. So what is given together is what clients share: the rows that were made
together, with their first cells (`_yjs_containers`). A client's last struct tells which rows these
are, and all last structs are asked for at once.

Such a part has no deletions: what is deleted, and what was set since, is among what is left. What
has been deleted is said ahead, so that no row is shown that something was deleted of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME, Containers
from tinybase_widget.persisters._yjs_reading import TYPE, iterate_structs
from tinybase_widget.persisters._yjs_wire import match_digits
from tinybase_widget.sync._generations import clocks_of, write_clocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pycrdt import Doc

    from tinybase_widget.persisters._yjs_reading import Struct
    from tinybase_widget.store import Store

LARGE = 50_000  # structs
_DERIVED = 1 << 52  # the lowest of the client ids of containers and first cells
_NOTHING = b"\x00"


class GivenPart(NamedTuple):
    """A part of a document.

    Attributes:
        update: The part, with no deletions.
        rows: How many rows have been given by now, about.
        of: How many there are.
    """

    update: bytes
    rows: int
    of: int


class Giving:
    """What is given of a document ahead of the rest; nothing, if it is not large.

    Args:
        store: The Store, whose lock is taken for each part.
        doc: Returns its document, which may be another one after a while.
    """

    def __init__(self, store: Store, doc: Callable[[], Doc[Any]]) -> None:
        self._store = store
        self._current = doc
        self._doc = doc()
        self._given: dict[int, int] = {}
        with store.lock:
            clocks = clocks_of(self._doc)
            is_large = sum(clocks.values()) >= LARGE
            self._groups = _groups(store, self._doc, clocks) if is_large else []
            self._of = sum(len(store.get_row_ids(each)) for each in store.get_table_ids())
        given = sum(clocks.get(client, 0) for group in self._groups for client in group.clients)
        self.is_worth_it = bool(self._groups) and given * 2 > sum(clocks.values())
        """Whether most of the document can be given so."""

    @property
    def given(self) -> dict[int, int]:
        """What somebody has of the document that there is now, who has taken all parts so far."""
        return self._given if self._current() is self._doc else {}

    def deleted(self) -> bytes:
        """Return what has been deleted in the document, as Yjs writes it."""
        with self._store.lock:
            return self._doc.get_update(self._doc.get_state())[len(_NOTHING) :]

    def parts(self) -> Iterator[GivenPart]:
        """Yield the parts; between two the document may change, and the lock is free."""
        rows = 0
        for group in self._groups:
            rows = min(rows + group.rows, self._of)
            with self._store.lock:
                update = self._encode(group.clients)
            if update is None:
                return
            yield GivenPart(update, rows, self._of)

    def _encode(self, clients: frozenset[int]) -> bytes | None:
        if self._current() is not self._doc:
            return None
        clocks, deleted = clocks_of(self._doc), self.deleted()
        others = {client: end for client, end in clocks.items() if client not in clients}
        update = self._doc.get_update(write_clocks(others))
        if not update.endswith(deleted):  # it has something that waits for what is not there
            return None
        self._given |= {client: clocks[client] for client in clients}
        return update[: -len(deleted)] + _NOTHING


class _Group(NamedTuple):
    """Clients that are given together, and how many rows they make."""

    clients: frozenset[int]
    rows: int


class _Place(NamedTuple):
    """Where rows stand that a client makes: the table's place, and the last row's."""

    table: int
    is_named: bool
    number: int
    name: str


def _groups(store: Store, doc: Doc[Any], clocks: Mapping[int, int]) -> list[_Group]:
    """Return the clients of rows and first cells, those of the first rows first."""
    containers = Containers(DEFAULT_MAP_NAME)
    table_ids = store.get_table_ids()
    tables = {containers.table_item(table_id): at for at, table_id in enumerate(table_ids)}
    rows: dict[int, _Place] = {}
    cells: dict[int, int] = {}
    last = doc.get_update(write_clocks({client: end - 1 for client, end in clocks.items()}))
    for struct in iterate_structs(last):
        client, parent = struct.item.client, struct.parent
        if client < _DERIVED or parent is None or isinstance(parent, str):
            continue
        if parent in tables:
            if struct.kind == TYPE:
                rows[client] = _place_of(tables[parent], struct)
        elif parent.client != containers.start:
            cells[client] = parent.client
    found: list[_Group] = []
    # The first ones also make the tables.
    clients = {containers.start, *(item.client for item in tables)} & clocks.keys()
    filled: dict[int, list[int]] = {}
    for client, parent_client in cells.items():
        filled.setdefault(parent_client, []).append(client)
    made = 0
    for client in sorted(rows, key=rows.__getitem__):
        clients |= {client, *filled.get(client, ())}
        made += clocks[client]
        if client in filled:
            found.append(_Group(frozenset(clients), made))
            clients, made = set(), 0
    return found


def _place_of(table: int, struct: Struct) -> _Place:
    key = struct.key or ""
    is_number = match_digits(key) is not None
    return _Place(table, not is_number, int(key) if is_number else 0, key)
