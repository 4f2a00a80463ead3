"""A large document, given to somebody who has nothing: batch by batch, the first rows first.

All of a million cells at once would hold everybody up while it is encoded, and whoever gets them
would see nothing before the last has come. A state vector that lacks the structs of a few clients
only has these encoded. So what is given together is what clients share: the rows that were made
together, with their first cells (`_yjs_containers`). A client's last struct tells which rows these
are, and all last structs are asked for at once. Of the first such batch, which may have thousands
of rows, some hundred go ahead: these are cut out of its bytes.

Such a part has no deletions: what is deleted, and what was set since, is among what is left. What
has been deleted is said ahead, so that no row is shown that something was deleted of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME, Containers
from tinybase_widget.persisters._yjs_reading import TYPE, iterate_structs
from tinybase_widget.persisters._yjs_wire import (
    Block,
    ItemId,
    Structs,
    match_digits,
    read_varuint,
)
from tinybase_widget.sync._generations import clocks_of, write_clocks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from pycrdt import Doc

    from tinybase_widget.store import Store

LARGE = 50_000  # structs
_FIRST_ROWS = 256
_FEW_ROWS = 32  # have been made one by one, and are left for the answer
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
        has_begun = False
        for group in self._groups:
            if not has_begun and group.rows > _FIRST_ROWS:
                first = self._first_rows(group)
                if first is not None:
                    yield GivenPart(first, min(rows + _FIRST_ROWS, self._of), self._of)
                has_begun = True
            rows = min(rows + group.rows, self._of)
            with self._store.lock:
                update = self._encode(group.clients)
                clocks = clocks_of(self._doc)
            if update is None:
                return
            self._given |= {client: clocks[client] for client in group.clients}
            yield GivenPart(update, rows, self._of)

    def _first_rows(self, group: _Group) -> bytes | None:
        """Return the first rows of a batch that has many more."""
        left = _FIRST_ROWS
        limits: dict[int, int] = {}
        with self._store.lock:
            clocks = clocks_of(self._doc)
            for client in group.makers:
                if left > 0:
                    limits[client] = min(left, clocks[client])
                    left -= limits[client]
            limits |= {client: clocks[client] for client in group.tables}
            whole = [client for client in limits if limits[client] == clocks[client]]
            cut = [client for client in limits if limits[client] < clocks[client]]  # one, or none
            updates = [self._encode(each) for each in (whole, cut, group.fillers[:1]) if each]
        blocks: list[Block] = []
        for update in updates:
            if update is None:
                return None
            blocks += _beginnings(update, limits)
        self._given |= {block.client: block.structs.number for block in blocks}
        return wire.update(blocks)

    def _encode(self, clients: Collection[int]) -> bytes | None:
        """Return what clients have made that was not given yet, without what is deleted."""
        if self._current() is not self._doc:
            return None
        known = clocks_of(self._doc)
        known |= {client: self._given.get(client, 0) for client in clients}
        deleted, update = self.deleted(), self._doc.get_update(write_clocks(known))
        if not update.endswith(deleted):  # it has something that waits for what is not there
            return None
        return update[: -len(deleted)] + _NOTHING


class _Group(NamedTuple):
    """Clients that are given together.

    Attributes:
        tables: Those of the start and of the tables, with the first group.
        makers: Those of rows.
        fillers: Those of first cells.
        rows: How many rows there are.
    """

    tables: frozenset[int]
    makers: tuple[int, ...]
    fillers: tuple[int, ...]
    rows: int

    @property
    def clients(self) -> frozenset[int]:
        """All of them."""
        return self.tables.union(self.makers, self.fillers)


class _Places:
    """Where rows stand in a Store: tables as it has them; integers by value, then other rows.

    Args:
        store: The Store, which is locked.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._table_ids = store.get_table_ids()
        self._named: dict[int, dict[str, int]] = {}

    def of(self, table: int, row_id: str) -> tuple[int, bool, int, str]:
        """Return what to sort a row by, whether or not the Store has it."""
        if match_digits(row_id) is not None:
            return table, False, int(row_id), ""
        named = self._named.get(table)
        if named is None:
            row_ids = self._store.get_row_ids(self._table_ids[table])
            named = self._named[table] = {each: at for at, each in enumerate(row_ids)}
        return table, True, named.get(row_id, len(named)), row_id


def _groups(store: Store, doc: Doc[Any], clocks: Mapping[int, int]) -> list[_Group]:
    """Return the clients of rows and first cells, those of the first rows first."""
    containers = Containers(DEFAULT_MAP_NAME)
    table_ids = store.get_table_ids()
    tables = {containers.table_item(table_id): at for at, table_id in enumerate(table_ids)}
    places = _Places(store)
    rows: dict[int, tuple[int, bool, int, str]] = {}
    cells: dict[int, int] = {}
    last = doc.get_update(write_clocks({client: end - 1 for client, end in clocks.items()}))
    for struct in iterate_structs(last):
        client, parent = struct.item.client, struct.parent
        if client < _DERIVED or parent is None or isinstance(parent, str):
            continue
        if parent in tables:
            if struct.kind == TYPE and clocks[client] >= _FEW_ROWS:
                rows[client] = places.of(tables[parent], struct.key or "")
        else:
            cells[client] = parent.client
    found: list[_Group] = []
    filled: dict[int, list[int]] = {}
    for client, parent_client in cells.items():
        filled.setdefault(parent_client, []).append(client)
    first = frozenset((containers.start, *(item.client for item in tables))) & clocks.keys()
    makers: list[int] = []
    for client in sorted(rows, key=rows.__getitem__):
        makers.append(client)
        if client in filled:
            made = sum(clocks[each] for each in makers)
            found.append(_Group(first, tuple(makers), tuple(filled[client]), made))
            first, makers = frozenset(), []
    return found


def _beginnings(update: bytes, limits: Mapping[int, int]) -> list[Block]:
    """Return the first structs of each client, up to one that is not among the first rows.

    Args:
        update: An update; of several clients it is read to the end, so it is to be short.
        limits: How many structs are wanted of the clients that make rows; of others those that
            are below these.
    """
    runs: dict[int, _Run] = {}
    clients, at = read_varuint(update, 0)
    for struct in iterate_structs(update):
        client, clock = struct.item
        run = runs.get(client)
        if run is None:
            for _ in range(3):  # their number, the client, the first clock
                _, at = read_varuint(update, at)
            run = runs[client] = _Run(clock, at)
        at = struct.end
        item = struct.item if client in limits else struct.parent
        is_wanted = isinstance(item, ItemId) and item.clock < limits.get(item.client, 0)
        run.is_open = run.is_open and struct.length == 1 and is_wanted
        if run.is_open:
            run.number += 1
            run.end = at
        elif clients == 1:
            break
    return [
        Block(client, run.clock, Structs(run.number, update[run.begin : run.end]))
        for client, run in runs.items()
        if run.number
    ]


class _Run:
    """The first structs of a client in an update: where they are, and how many."""

    def __init__(self, clock: int, begin: int) -> None:
        self.clock = clock
        self.begin = self.end = begin
        self.number = 0
        self.is_open = True
