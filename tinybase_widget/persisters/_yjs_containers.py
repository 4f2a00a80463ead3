"""Containers that are the same whoever makes them, and content that is the same whoever loads it.

Two replicas that each make a Y.Map under one key lose one of the two with all that is in it. So
that this does not happen, the structs made here depend on nothing but what they are for: two
replicas that make the same table make the *same struct*, and Yjs takes the second as a repetition
of the first. The same goes for the cells of rows that are loaded together: two kernels that run the
same cell on the same data make the same structs, so that a kernel that restarts and loads its data
again does not take back what people edited since.

Every client id in a document costs every transaction a little, so ids are shared (`batches` and
`row_block`, whose sizes grow with the data; a table of 100,000 rows has some 30 ids):

=========== ================================== ==============================================
what         client id                          clock
=========== ================================== ==============================================
start        0 (see `start_client`)             0 the tables, 1 the values
a table      H("table", table)                  0
integer rows H("rows", table, first of block)   place in the block; see `row_block`
other rows   H("row", table, row)               0; up to 64 rows made together
many others  H("row", table, row, row, …)       place among those made together
cells        H of the structs themselves        place in the batch; first values likewise
=========== ================================== ==============================================

H is `container_client`: 52 bits of a SHA-256 above 2^52, where no ordinary client id is found (Yjs
draws 32 bits). The start has the lowest id there is, so that whatever an unmodified TinyBase peer
makes at its place wins, and nothing of that peer's is lost; our own side writes back what it then
lacks.

Rows and cells come in `key_order`, whoever makes them.

What it costs to share: two loads of a table that differ in a row or a cell differ in the ids of a
whole batch, a sixteenth to an eighth of a large table. Then who wins in its cells is left to Yjs,
as where two people set a cell; and what a race makes rows lose is carried (`_yjs_races`). A kernel
that makes integer rows from the middle of a block on makes those up to the block's end as other
rows.

This is a wire format: replicas that differ in it are strangers to each other, which costs them the
protection and no more. `VERSION` is part of every id.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import islice, repeat
from operator import eq, lt
from typing import TYPE_CHECKING, Any, NamedTuple

from tinybase_widget.persisters._yjs_wire import (
    Block,
    ItemId,
    cell_structs,
    map_structs,
    match_digits,
    parent_id,
    parent_root,
    sendable,
    text,
    texts,
    update,
)
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from hashlib import _Hash

    from tinybase_widget.store import Row

VERSION = 2
DEFAULT_MAP_NAME = "tinybase"
_DOMAIN = b"tinybase-widget/%d\0" % VERSION
_SMALLEST_BLOCK = 32
_LARGEST_BLOCK = 8192
_MAX_INTEGER_DIGITS = 9
_MAX_INTEGER = 10**_MAX_INTEGER_DIGITS - 1
_MAX_PADDING = 32
MAX_SINGLES = 64
_MAX_INDEX = 2**32 - 2
_SMALLEST_BATCH = 512
_MAX_BATCHES = 16


class RowBlock(NamedTuple):
    """The block of integer row ids that a row belongs to, and the row's place in it."""

    first: int
    place: int


def container_client(*parts: str) -> int:
    """Return the client id that belongs to a path: 2^52 and 52 bits of its SHA-256."""
    return _derived(_path(*parts))


def _path(*parts: str) -> bytes:
    return b"".join(map(text, parts))


def _derived(content: bytes) -> int:
    return _client_of(sha256(_DOMAIN + content))


def _client_of(hashed: _Hash) -> int:
    digest = hashed.digest()
    return 1 << 52 | int.from_bytes(digest[:8], "big") & (1 << 52) - 1


def start_client(map_name: str = DEFAULT_MAP_NAME) -> int:
    """Return the client id of the start: 0, or for another root map a low number of its own.

    Low, so that it loses to nearly every ordinary id; from 16, to stay clear of the small ids that
    people write into examples.
    """
    if map_name == DEFAULT_MAP_NAME:
        return 0
    return 16 + container_client("start", map_name) % (2**20 - 16)


def start_update(map_name: str = DEFAULT_MAP_NAME) -> bytes:
    """Return the update that makes the tables and the values of an empty document."""
    root = parent_root(map_name)
    structs = map_structs(root, [text("t"), text("v")])
    return update([Block(start_client(map_name), 0, structs)])


def row_block(row_id: str) -> RowBlock | None:
    """Return the block of a row whose id is a canonical non-negative integer; `None` for other ids.

    Blocks begin at 0, 32, 64, 128, …, doubling up to 8192 rows each, so that small tables make few
    containers ahead and large ones few client ids.

    Example:
        >>> row_block("5"), row_block("100"), row_block("9000"), row_block("05")
        (RowBlock(first=0, place=5), RowBlock(first=64, place=36), RowBlock(first=8192, place=808),
        None)
    """
    number = _integer(row_id)
    if number is None:
        return None
    block = _block_of(number)
    return RowBlock(block.start, number - block.start)


def _integer(row_id: str) -> int | None:
    if not (row_id.isdigit() and row_id.isascii()) or len(row_id) > _MAX_INTEGER_DIGITS:
        return None
    return None if row_id[0] == "0" and row_id != "0" else int(row_id)


def _integers(row_ids: Sequence[str]) -> Sequence[int | None]:
    try:
        numbers = list(map(int, row_ids))
    except ValueError:
        return list(map(_integer, row_ids))
    is_plain = min(numbers, default=0) >= 0 and max(numbers, default=0) <= _MAX_INTEGER
    if is_plain and all(map(eq, map(str, numbers), row_ids)):
        return numbers
    return list(map(_integer, row_ids))


def _block_of(number: int) -> range:
    if number < _SMALLEST_BLOCK:
        return range(_SMALLEST_BLOCK)
    size = min(1 << number.bit_length() - 1, _LARGEST_BLOCK)
    first = number - number % size
    return range(first, first + size)


def key_order(keys: Collection[str]) -> Collection[str]:
    """Return keys in the order in which a JavaScript object holds them.

    That is: integers below 2^32 - 1 by their value, then all others as they were given.

    Example:
        >>> key_order(["b", "10", "a", "9"])
        ['9', '10', 'b', 'a']
    """
    digits = list(filter(match_digits, keys))
    if not digits:
        return keys
    numbers = list(map(int, digits))
    is_ascending = all(map(lt, numbers, islice(numbers, 1, None)))
    if is_ascending and len(numbers) == len(keys) and numbers[-1] <= _MAX_INDEX:
        return keys
    indices = sorted(number for number in numbers if number <= _MAX_INDEX)
    first = dict.fromkeys(map(str, indices))
    return [*first, *(key for key in keys if key not in first)]


def batches(row_ids: Collection[str]) -> Iterator[list[str]]:
    """Yield the row ids in `key_order`, in runs that share a client id: 16 of them at most.

    What is left over in the end has so few rows that each would get an id of its own; it goes with
    the run before it.
    """
    count = len(row_ids)
    size = _SMALLEST_BATCH
    while size * _MAX_BATCHES < count:
        size *= 2
    ordered = list(key_order(row_ids))
    start = 0
    while start < count:
        end = count if count - start - size <= MAX_SINGLES else start + size
        yield ordered[start:end]
        start = end


class Containers:
    """The derived structs of one root map.

    Args:
        map_name: The name of the document's root map.
    """

    def __init__(self, map_name: str = DEFAULT_MAP_NAME) -> None:
        self._scope = () if map_name == DEFAULT_MAP_NAME else ("map", map_name)
        self.start = start_client(map_name)
        self._tables = parent_id(ItemId(self.start, 0))
        self.values_item = ItemId(self.start, 1)

    def table_item(self, table_id: str) -> ItemId:
        """Return the id of a table's container."""
        return ItemId(container_client(*self._scope, "table", table_id), 0)

    def table_update(self, table_id: str) -> bytes:
        """Return the update that makes a table's container."""
        client, clock = self.table_item(table_id)
        return update([Block(client, clock, map_structs(self._tables, [text(table_id)]))])

    def rows(
        self,
        table_id: str,
        row_ids: Sequence[str],
        clocks: Mapping[int, int],
        is_taken: Callable[[str], bool],
    ) -> tuple[list[Block], dict[str, ItemId]]:
        """Return the blocks that make rows, and the item id of each row.

        Args:
            table_id: The table, whose container is the derived one.
            row_ids: The rows to make, none of which the table has.
            clocks: The document's state vector, by client id.
            is_taken: Whether the table has a key already.

        A row that can't be made this way has no item in the result.
        """
        blocks: list[Block] = []
        items: dict[str, ItemId] = {}
        parent = parent_id(self.table_item(table_id))
        by_block: dict[int, dict[int, str]] = {}
        others: list[str] = []
        block, in_block = range(0), dict[int, str]()
        for row_id, number in zip(row_ids, _integers(row_ids), strict=True):
            if number is None:
                others.append(row_id)
                continue
            if number not in block:
                block = _block_of(number)
                in_block = by_block.setdefault(block.start, {})
            in_block[number - block.start] = row_id
        for first, places in by_block.items():
            client = container_client(*self._scope, "rows", table_id, str(first))
            known = clocks.get(client, 0)
            made = range(known, max(places) + 1)
            padding = [str(first + place) for place in made if place not in places]
            if min(places) < known or len(padding) > _MAX_PADDING or any(map(is_taken, padding)):
                others += places.values()
                continue
            keys = [places.get(place) or str(first + place) for place in made]
            blocks.append(Block(client, known, map_structs(parent, texts(keys))))
            items.update(zip(places.values(), map(ItemId, repeat(client), places), strict=True))
        for keys in [[key] for key in others] if len(others) <= MAX_SINGLES else [others]:
            written = texts(keys)
            client = self.batch_client(table_id, written)
            if client not in clocks:
                blocks.append(Block(client, 0, map_structs(parent, written)))
                items.update(zip(keys, map(ItemId, repeat(client), range(len(keys))), strict=True))
        return blocks, items

    def batch_client(self, table_id: str, row_ids: Iterable[bytes]) -> int:
        """Return the client id of rows that are made together, or of a single one.

        Args:
            table_id: The table.
            row_ids: The rows, as `text` writes them.
        """
        return _derived(_path(*self._scope, "row", table_id) + b"".join(row_ids))

    @staticmethod
    def cells(rows: Iterable[tuple[ItemId, Mapping[str, Any]]]) -> Block:
        """Return the block that fills rows with their first cells."""
        rows = list(rows)
        try:
            structs = cell_structs(rows)
        except (KeyError, UnicodeEncodeError):
            prepared = [(item, _sendable_row(row)) for item, row in rows]
            structs = cell_structs(prepared, is_ordered=True)
        hashed = sha256(_DOMAIN + text("cells"))
        hashed.update(structs.data)
        return Block(_client_of(hashed), 0, structs)


def _sendable_row(row: Mapping[str, Any]) -> Row:
    """Return a row in `key_order`, without what is MISSING and texts that can't be written."""
    return {
        sendable(key): sendable(cell) if isinstance(cell, str) else cell
        for key in key_order(row)
        for cell in (row[key],)
        if cell is not MISSING
    }
