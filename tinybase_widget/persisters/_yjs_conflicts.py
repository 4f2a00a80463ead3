"""Where two sides set one cell without knowing of each other: found, shared, and dismissed for all.

A conflict is found by each replica that receives the second of two edits (`_yjs_causality`), and
becomes a record in the document's map `<root>/conflicts` (`_yjs_records`), under the id of the
struct that lost: so there is one for everybody, and it outlasts a restart. Records are written when
the transaction is over, never while observers run.

What makes it exact is that an edit carries its author's knowledge: whoever sets or deletes a cell
dismisses, in the same transaction, every conflict there that they know of. That includes those that
nobody needs to see: two sides that chose the same value, or a loser whose value is gone. A replica
that comes back later, still with what lost, finds the dismissal beside the edit and keeps silent.

A record may come sooner than the edits that it tells of, or without them where their replica is
gone: it counts as soon as the document has the struct that lost, and has it as one that lost.

An edit survives the deletion of its row, because nothing that a person entered is to be lost; a
deletion deletes the cells that its author saw. The editor's replica notices: a transaction deletes
cells of a row, and all that is left there was set here since.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pycrdt import Map

from tinybase_widget.persisters._compare import same
from tinybase_widget.persisters._yjs_causality import UNKNOWN, meetings
from tinybase_widget.persisters._yjs_items import Items, Ranges, Scan, last_of
from tinybase_widget.persisters._yjs_reading import DELETED, GC, read_update
from tinybase_widget.persisters._yjs_records import (
    Conflict,
    Edit,
    decoded,
    dismissal_key,
    dismissed_by,
    is_kept_key,
    item_of,
    kept_key,
    plain,
    read_record,
    record_key,
    write_record,
)
from tinybase_widget.persisters._yjs_wire import read_state_vector
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pycrdt import Doc, MapEvent

    from tinybase_widget.persisters._yjs_causality import Heard, Side
    from tinybase_widget.persisters._yjs_items import Path
    from tinybase_widget.persisters._yjs_wire import ItemId
    from tinybase_widget.store import Changes

_MAX_RECORDS = 256
_MAX_OWN_EDITS = 4096
_MAX_OWN_EDITS_AT_ONCE = 1000
_MAX_SCANNED = 1_000_000  # bytes of a document that is looked through as a whole
_ROW_DEPTH = 3


class _Loser(NamedTuple):
    """An edit that is known to have lost: what it held, and the conflict, if it is one to see."""

    path: Path
    content: Any = UNKNOWN
    conflict: Conflict | None = None


class _OwnEdit(NamedTuple):
    """An edit of the Store's: how many came before, whether its struct is surely the document's."""

    number: int = 0
    is_plain: bool = False


class Conflicts:
    """The conflicts of one document.

    Args:
        doc: The document.
        map_name: The name of its root map.
        visible: A function that gives what stands at a path, or `UNKNOWN`.
        has_cell: A function that tells whether the document has a cell at a path.
        on_found: Called when there is something to `settle`, outside of any transaction.
    """

    def __init__(
        self,
        doc: Doc[Any],
        map_name: str,
        visible: Callable[[Path], Any],
        has_cell: Callable[[Path], bool],
        on_found: Callable[[], object],
    ) -> None:
        self._doc = doc
        self._map_name = map_name
        self._visible = visible
        self._has_cell = has_cell
        self._on_found = on_found
        self._records: Map[Any] = doc.get(f"{map_name}/conflicts", type=Map)
        self._known: dict[str, _Loser] = {}
        self._unproven: dict[str, ItemId] = {}  # the document has not been seen to have these lose
        self._has_overlooked = False
        self._scan: Scan | None = None
        self._size = 0  # of the document, as far as is known in a `look`
        self._written: set[str] = set()
        self._by_path: dict[Path, set[str]] = defaultdict(set)
        self._own: OrderedDict[Path, _OwnEdit] = OrderedDict()
        self._own_count = 0
        self._gone: OrderedDict[Path, None] = OrderedDict()
        self._kept_count = 0
        self._heard: list[Heard] = []
        self._left_over: list[tuple[Path, set[str]]] = []
        self._to_record: dict[str, Conflict] = {}
        self._to_dismiss: set[str] = set()
        self._arrived: dict[str, Conflict] = {}
        self._new: dict[str, Conflict] = {}
        for key, text in self._records.items():
            conflict = None if dismissed_by(key) else read_record(key, text)
            if conflict is not None:
                self._learn(key, _Loser(conflict.path, conflict=conflict))
                self._doubt(key)
        self._prove_by_document()
        self._new.clear()
        self._learn_old_losers()
        self._subscription = self._records.observe(self._on_records)

    def _learn_old_losers(self) -> None:
        scan = self._scanned()
        for path, item in () if scan is None else scan.losers():
            self._learn(record_key(item), _Loser(path))
        self._scan = None

    def stop(self) -> None:
        """Stop hearing of records."""
        self._records.unobserve(self._subscription)
        del self._subscription  # pycrdt complains if it ends on another thread, as garbage

    # What people see

    def open(self) -> list[Conflict]:
        """Return the conflicts that nobody has settled, of cells that are there."""
        return [
            loser.conflict
            for key, loser in self._known.items()
            if loser.conflict is not None and self._is_open(key, loser.path)
        ]

    def _is_open(self, key: str, path: Path) -> bool:
        return key not in self._unproven and self._visible(path) is not UNKNOWN

    def take_new(self) -> list[Conflict]:
        """Return the conflicts that have come up since the last call."""
        new = self._new
        self._new = {key: conflict for key, conflict in new.items() if key in self._unproven}
        return [
            conflict
            for key, conflict in new.items()
            if key in self._known and self._is_open(key, conflict.path)
        ]

    # The Store's own edits

    def editing(self, changes: Changes) -> None:
        """Take note of what the Store sets or deletes, inside the transaction that does so."""
        clocks = read_state_vector(self._doc.get_state()) if self._unproven else {}
        for path in self._touched(changes):
            for key in list(self._by_path[path]):
                item = self._unproven.get(key)
                if item is None or item.clock < clocks.get(item.client, 0):
                    self.dismiss(key)
        for path in islice(_set_paths(changes), _MAX_OWN_EDITS_AT_ONCE):
            self._note_own(path)
        self._note_gone(islice(_deleted_paths(changes), _MAX_OWN_EDITS_AT_ONCE))

    def _touched(self, changes: Changes) -> list[Path]:
        """Return the paths of edits that lost that changes set or delete."""
        cells = [
            ("t", table_id, row_id, cell_id)
            for table_id, table in changes[0].items()
            for row_id, row in (() if table is MISSING else table.items())
            for cell_id in (() if row is MISSING else row)
        ]
        is_of_cells = len(cells) < len(self._by_path) and all(
            table is not MISSING and MISSING not in table.values() for table in changes[0].values()
        )
        if not is_of_cells:
            return [path for path in self._by_path if self._touches(changes, path)]
        values = [("v", value_id) for value_id in changes[1]]
        return [path for path in (*cells, *values) if path in self._by_path]

    def is_settled(self) -> bool:
        """Return whether there is nothing to look at, to write or to tell."""
        return not (
            self._arrived
            or self._heard
            or self._left_over
            or self._to_record
            or self._to_dismiss
            or self._has_overlooked
            or self._new.keys() - self._unproven.keys()
        )

    def knows_of_none(self) -> bool:
        """Return whether no edit is known to have lost."""
        return not self._known

    def is_edited_freely(self, path: Path) -> bool:
        """Take note of what the Store sets at one place, unless conflicts there are known."""
        if path in self._by_path:
            return False
        self._note_own(path, is_plain=True)
        return True

    def _note_own(self, path: Path, *, is_plain: bool = False) -> None:
        self._own_count += 1
        self._own[path] = _OwnEdit(self._own_count, is_plain)
        self._own.move_to_end(path)
        if len(self._own) > _MAX_OWN_EDITS:
            self._own.popitem(last=False)

    def _note_gone(self, paths: Iterable[Path]) -> None:
        """Take note of where something was deleted: what comes there next may not have seen it."""
        self._gone.update(dict.fromkeys(paths))
        while len(self._gone) > _MAX_OWN_EDITS:
            self._gone.popitem(last=False)

    def _was_deleted(self, path: Path) -> bool:
        return bool(self._gone) and any(
            path[:depth] in self._gone for depth in range(2, len(path) + 1)
        )

    def _touches(self, changes: Changes, path: Path) -> bool:
        if path[0] == "v":
            return path[1] in changes[1]
        table = changes[0].get(path[1], {})
        row = MISSING if table is MISSING else table.get(path[2], {})
        if row is MISSING:  # goes with all that it has
            return self._has_cell(path)
        return path[3] in row

    def dismiss(self, key: str) -> None:
        """Settle a conflict for everybody; inside a transaction."""
        if not self._is_dismissed(key):
            self._records[dismissal_key(key)] = True
        if key in self._records:
            del self._records[key]
        self._forget(key)

    def _is_dismissed(self, key: str) -> bool:
        return dismissal_key(key) in self._records

    # What others did

    def hear(self, heard: Heard, deleted_cells: Mapping[Path, set[str]]) -> bool:
        """Take note of a remote transaction, inside it; return whether it is to be looked at.

        Args:
            heard: The transaction.
            deleted_cells: The cells that it deleted, by the path of their row.
        """
        for struct in heard.cells if self._known else ():
            if struct.origin is not None and record_key(struct.origin) in self._known:
                self._to_dismiss.add(record_key(struct.origin))
        self._prove_by(heard)
        self._left_over += [
            (path, cells) for path, cells in deleted_cells.items() if len(path) == _ROW_DEPTH
        ]
        is_silent = any(path in self._by_path for path in heard.replaced)
        if is_silent or heard.suspicious() or any(map(self._was_deleted, heard.added)):
            self._heard.append(heard)
        self._note_gone((*row, cell) for row, cells in deleted_cells.items() for cell in cells)
        return not self.is_settled()

    def overlook(self) -> None:
        """Take note of a remote transaction, inside it, that is too large to be heard."""
        self._has_overlooked = bool(self._unproven)

    def _on_records(self, event: MapEvent) -> None:
        keys: dict[str, Any] = event.keys  # type: ignore[attr-defined]
        for key, change in keys.items():
            dismissed = dismissed_by(key)
            if dismissed is not None:
                self._forget(dismissed)
            elif key in self._written:
                self._written.discard(key)  # it is known whence it came
            elif change["action"] != "delete":
                conflict = read_record(key, change["newValue"])
                if conflict is not None:
                    self._arrived[key] = conflict
        if self._arrived:
            self._on_found()

    # When the transaction is over

    def look(self) -> bool:
        """Find what is to be settled by what was heard; return whether there is anything."""
        self._scan, self._size = None, 0
        arrived, self._arrived = self._arrived, {}
        for key, conflict in arrived.items():
            if key not in self._to_record:
                self._learn(key, _Loser(conflict.path, conflict=conflict))
                self._doubt(key)
        if any(key in self._known for key in arrived):
            self._has_overlooked = True
            self._find_overwritten(arrived)
        if self._has_overlooked:
            self._has_overlooked = False
            self._prove_by_document()
        heard_of, self._heard = self._heard, []
        for heard in heard_of:
            self._look_at(heard)
        left_over, self._left_over = self._left_over, []
        for path, cells in left_over:
            self._find_kept(path, cells)
        self._scan = None
        return bool(self._to_record or self._to_dismiss)

    def settle(self) -> None:
        """Write what `look` has found; inside a transaction."""
        to_record, self._to_record = self._to_record, {}
        to_dismiss, self._to_dismiss = self._to_dismiss, set()
        left = _MAX_RECORDS
        for key, conflict in to_record.items():
            if left and key not in self._records and not self._is_dismissed(key):
                self._records[key] = write_record(conflict)
                self._written.add(key)
                left -= 1
        for key in to_dismiss:
            if key in self._known:
                self.dismiss(key)

    def _look_at(self, heard: Heard) -> None:
        items = Items(self._doc, self._map_name, heard.runs, self._scanned)
        seen: dict[Path, Side] = {}
        for meeting in meetings(heard, items, self._visible, seen):
            if meeting.loser.item is not None:
                key = record_key(meeting.loser.item)
                conflict = self._conflict(key, meeting.path, meeting.winner, meeting.loser)
                self._learn(key, _Loser(meeting.path, meeting.loser.value, conflict))
                self._unproven.pop(key, None)
        for path, winner in seen.items():  # what nobody had to see may have lost to another now
            for key in list(self._by_path.get(path, ())):
                loser = self._known[key]
                if loser.conflict is None and loser.content is not UNKNOWN:
                    conflict = self._conflict(key, path, winner, None)
                    self._learn(key, loser._replace(conflict=conflict))

    def _conflict(self, key: str, path: Path, winner: Side, loser: Side | None) -> Conflict | None:
        """Return the conflict of two edits, to be recorded, if it is one that people should see."""
        lost = self._known[key].content if loser is None else loser.value
        if winner.value is UNKNOWN or lost is UNKNOWN or same(winner.value, lost):
            return None
        if key in self._records or self._is_dismissed(key):
            return None
        client = self._client_at(path) if winner.item is None else winner.item.client
        if client is None:
            return None
        table_id, row_id = (None, None) if path[0] == "v" else path[1:3]
        sides = Edit(plain(winner.value), client), Edit(plain(lost), int(key.partition(":")[0]))
        conflict = self._to_record[key] = Conflict(key, table_id, row_id, path[-1], *sides)
        return conflict

    def _client_at(self, path: Path) -> int | None:
        """Return the client id of what is visible: also of first cells, which have their own."""
        own = self._own.get(path)
        if own is None or not own.is_plain:
            scan = self._scanned()
            if scan is not None:
                return scan.client_at(path)
        return None if own is None else self._doc.client_id

    def _scanned(self, most: int = _MAX_SCANNED) -> Scan | None:
        """Return the whole document, read once in a `look`, unless it has more bytes than this."""
        if self._scan is None and self._size <= most:
            update = self._doc.get_update()
            self._size = len(update)
            if self._size <= most:
                self._scan = Scan(update, self._map_name)
        return self._scan

    def _find_overwritten(self, arrived: Mapping[str, Conflict]) -> None:
        """Dismiss the records whose loser was overwritten knowingly: there is a later one."""
        scan = self._scanned()
        for key in () if scan is None else arrived:
            item = item_of(key)
            if item is not None and scan is not None and scan.is_followed(item):
                self._to_dismiss.add(key)

    def _find_kept(self, row: Path, deleted: set[str]) -> None:
        left = {cell_id: (*row, cell_id) for cell_id in self._visible(row) or ()}
        known = max((self._number((*row, cell_id)) for cell_id in deleted), default=0)
        is_kept = all(self._number(path) > known for path in left.values())
        if not is_kept or len(left) > len(deleted):
            return
        for cell_id, path in left.items():
            if not any(is_kept_key(key) for key in self._by_path.get(path, ())):
                key = kept_key(self._doc.client_id, self._kept_count)
                self._kept_count += 1
                winner = Edit(self._visible(path), self._doc.client_id)
                conflict = Conflict(key, row[1], row[2], cell_id, winner, Edit(MISSING, None))
                self._to_record[key] = conflict
                self._learn(key, _Loser(path, conflict=conflict))

    def _number(self, path: Path) -> int:
        return self._own.get(path, _OwnEdit()).number

    # What is known

    def _learn(self, key: str, loser: _Loser) -> None:
        if self._is_dismissed(key):
            return
        before = self._known.get(key)
        if before is not None:
            content = before.content if loser.content is UNKNOWN else loser.content
            loser = _Loser(loser.path, content, before.conflict or loser.conflict)
        if loser.conflict is not None and (before is None or before.conflict is None):
            self._new[key] = decoded(loser.conflict)
            loser = loser._replace(conflict=self._new[key])
        self._known[key] = loser
        self._by_path[loser.path].add(key)

    def _doubt(self, key: str) -> None:
        """Take note that nothing is known of a struct but what a record says."""
        item = item_of(key)
        if item is not None and key in self._known:
            self._unproven[key] = item

    def _prove_by_document(self) -> None:
        if self._unproven:
            state = self._doc.get_state()
            deleted = Ranges(read_update(self._doc.get_update(state))[1])
            self._prove(key for key, item in self._unproven.items() if item in deleted)

    def _prove_by(self, heard: Heard) -> None:
        proven = []
        for key, item in self._unproven.items():
            struct = heard.runs.at(item)
            if struct is not None and struct.kind != GC and item != last_of(struct):
                self._to_dismiss.add(key)  # somebody has set the place again, knowing it
            if item in heard.deleted or (struct is not None and struct.kind in (DELETED, GC)):
                proven.append(key)
        self._prove(proven)

    def _prove(self, keys: Iterable[str]) -> None:
        for key in list(keys):
            del self._unproven[key]

    def _forget(self, key: str) -> None:
        self._arrived.pop(key, None)
        self._unproven.pop(key, None)
        loser = self._known.pop(key, None)
        if loser is not None:
            keys = self._by_path[loser.path]
            keys.discard(key)
            if not keys:
                del self._by_path[loser.path]


def _deleted_paths(changes: Changes) -> Iterator[Path]:
    for table_id, table in changes[0].items():
        if table is MISSING:
            yield "t", table_id
        for row_id, row in (table or {}).items():
            if row is MISSING:
                yield "t", table_id, row_id
            for cell_id, cell in (row or {}).items():
                if cell is MISSING:
                    yield "t", table_id, row_id, cell_id
    for value_id, value in changes[1].items():
        if value is MISSING:
            yield "v", value_id


def _set_paths(changes: Changes) -> Iterator[Path]:
    for table_id, table in changes[0].items():
        for row_id, row in (table or {}).items():
            for cell_id, cell in (row or {}).items():
                if cell is not MISSING:
                    yield "t", table_id, row_id, cell_id
    for value_id, value in changes[1].items():
        if value is not MISSING:
            yield "v", value_id
