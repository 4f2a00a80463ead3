"""What a lost race leaves: the cells of a row's container that gave way to another replica's.

Two loads that differ in a row differ in the ids of a whole batch (`_yjs_containers`), so a row that
both have is made twice, and Yjs shows one of the two containers, that of the higher client id. All
structs of cells under the other are *carried*: made once more under the one that is shown, with the
origin that they had, and deleted if somebody had deleted them. So an edit that knew another still
does, and what was deleted knowingly stays so.

Whoever sees the two containers carries at once, and what they make is the same. The *image* of a
client, with respect to the container (or the batch of them) that won, is a client of its own: its
struct at a clock is what was carried of that clock, and where nothing was it has a gap. So an id
can be translated without knowing anything else, and who knows fewer of a client's structs makes
fewer of the image. The image of an image is that of the first client: of three containers that
meet in any order the same is left.

Winners that were made one by one have images of their own. A document that has more than 256 such
rows, or where ids had run out on both sides, carries only for batches; the other rows are repaired
as `yjs` says.

An update's deletions of what is under a container that it deletes itself only tell of the race.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from tinybase_widget.persisters._yjs_containers import container_client
from tinybase_widget.persisters._yjs_items import Ranges
from tinybase_widget.persisters._yjs_reading import (
    ANY,
    DELETED,
    GC,
    TYPE,
    Struct,
    any_positions,
    read_update,
)
from tinybase_widget.persisters._yjs_wire import ItemId, parent_id, text, varuint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_DERIVED = 1 << 52
_ORDER_BITS, _HASH_BITS = 22, 29
_ALL_ORDINARY = 32
_MAX_ALONE = 256  # rows that need images of their own, each of which costs every transaction


@lru_cache(maxsize=65_536)
def image_client(client: int, winner: str) -> int:
    """Return the client id of a client's image: in the order of those that it is made of.

    Yjs puts what was made apart in the order of client ids, and shows the last. A deletion of what
    is not shown must not come to hide what is.
    """
    hashed = container_client("image", str(client), winner)
    if client >= _DERIVED:
        return client >> _HASH_BITS << _HASH_BITS | hashed % (1 << _HASH_BITS)
    order = min(client, (1 << _ALL_ORDINARY) - 1) >> _ALL_ORDINARY - _ORDER_BITS
    return 1 << 50 | order << 50 - _ORDER_BITS | hashed % (1 << 50 - _ORDER_BITS)


class Part(NamedTuple):
    """The bytes of a document or an update, and what they say."""

    update: bytes
    structs: list[Struct]
    delete_set: bytes

    @classmethod
    def of(cls, update: bytes) -> Part:
        """Return what an update says."""
        return cls(update, *read_update(update))


class Row(NamedTuple):
    """A row, by its table's container and its id."""

    table: ItemId
    key: str


class Carried(NamedTuple):
    """What is carried because of lost races.

    Attributes:
        update: What to apply, if anything.
        rows: The rows that were made twice.
        lost: The containers of them that gave way.
        gone: The structs that the document has no more, as client, clock and length.
    """

    update: bytes | None
    rows: set[tuple[str, str]]
    lost: set[ItemId]
    gone: list[tuple[int, int, int]]


class _Place(NamedTuple):
    """Where a struct is; or if it is gone, with its container, where its image is."""

    container: ItemId
    key: str
    is_gone: bool = False


class _Copy(NamedTuple):
    """A struct of an image."""

    place: _Place  # where it goes
    origin: ItemId | None
    content: bytes | None


_Copies = dict[int, dict[int, _Copy]]  # by image and clock


class _Known:
    """All structs of a document and of an update to it."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.parts: list[bytes] = []
        self.deleted: list[Ranges] = []
        self._by_client: dict[int, list[tuple[Struct, int]]] = defaultdict(list)
        for number, (part, structs, deletions) in enumerate(parts):
            self.parts.append(part)
            self.deleted.append(Ranges(deletions))
            for struct in structs:
                known = self._by_client[struct.item.client]
                if not known or struct.item.clock + struct.length > _end(known[-1][0]):
                    known.append((struct, number))
        self.clients = {client: _end(known[-1][0]) for client, known in self._by_client.items()}

    def structs(self, client: int) -> list[tuple[Struct, int]]:
        return self._by_client.get(client, [])

    def all(self) -> Iterable[tuple[Struct, int]]:
        for known in self._by_client.values():
            yield from known

    def at(self, item: ItemId) -> Struct | None:
        known = self._by_client.get(item.client, [])
        before = bisect_right(known, item.clock, key=lambda each: each[0].item.clock)
        struct = known[before - 1][0] if before else None
        return struct if struct is not None and item.clock < _end(struct) else None


def _end(struct: Struct) -> int:
    return struct.item.clock + struct.length


def carry(
    document: Part,
    update: Part,
    tables: Mapping[ItemId, str],
    batch_of: Callable[[str, list[bytes]], int],
    clocks: Mapping[int, int],
) -> Carried:
    """Return what has to be carried because of an update.

    Args:
        document: The document before it.
        update: The update.
        tables: The tables' containers.
        batch_of: The client id under which rows of a table, as written, are made together.
        clocks: The state vector of the document after it, by client id.
    """
    return _Race([document, update], tables, batch_of, clocks).carried()


class _Race:
    def __init__(
        self,
        parts: Iterable[Part],
        tables: Mapping[ItemId, str],
        batch_of: Callable[[str, list[bytes]], int],
        clocks: Mapping[int, int],
    ) -> None:
        self._known = _Known(parts)
        self._tables = tables
        self._batch_of = batch_of
        self._clocks = clocks
        self._rows_of: dict[int, dict[int, Row]] = defaultdict(dict)
        self._winners: dict[Row, ItemId] = {}
        self._row_of_lost: dict[ItemId, Row] = {}
        self._lost: dict[Row, list[ItemId]] = {}
        self._identities: dict[int, str | None] = {}
        self._find_races()
        self._spare_ids()
        self._bases: dict[int, int] = {}
        self._images: dict[int, list[int]] = defaultdict(list)
        self._places: dict[ItemId, _Place | None] = {}
        self._gone: list[tuple[int, int, int]] = []

    def _find_races(self) -> None:
        containers: dict[Row, list[ItemId]] = defaultdict(list)
        remade: set[Row] = set()
        for struct, _ in self._known.all():
            if struct.kind not in (TYPE, DELETED) or struct.key is None:
                continue
            if isinstance(struct.parent, ItemId) and struct.parent in self._tables:
                row = Row(struct.parent, struct.key)
                self._rows_of[struct.item.client][struct.item.clock] = row
                containers[row].append(struct.item)
        raced = {row: items for row, items in containers.items() if len(items) > 1}
        if not raced:
            return
        of_raced = {item: row for row, items in raced.items() for item in items}
        for struct, _ in self._known.all():
            if struct.origin in of_raced:
                remade.add(of_raced[struct.origin])
        for row, items in raced.items():
            winner = max(items)
            if row in remade or any(winner in deleted for deleted in self._known.deleted):
                continue
            self._winners[row] = winner
            self._lost[row] = [each for each in items if each != winner]
            self._row_of_lost.update(dict.fromkeys((each for each in items if each != winner), row))

    def _spare_ids(self) -> None:
        """Leave out the rows that would need an image each, where these are too many."""
        alone = [row for row, winner in self._winners.items() if self._is_alone(winner)]
        if len(alone) > _MAX_ALONE:
            for row in alone:
                del self._winners[row]
                for lost in self._lost.pop(row):
                    del self._row_of_lost[lost]

    def _is_alone(self, winner: ItemId) -> bool:
        return len(self._rows_of[winner.client]) == 1 or ":" in self._identity(winner)

    def _row_of(self, container: ItemId) -> Row | None:
        row = self._rows_of[container.client].get(container.clock)
        return row if row in self._winners else None

    def _identity(self, winner: ItemId) -> str:
        """Return what names a container, or the whole batch that was made together with it."""
        client = winner.client
        if client not in self._identities:
            rows = self._rows_of[client]
            ordered = [rows[clock] for clock in sorted(rows)]
            is_batch = (
                sorted(rows) == list(range(len(rows)))
                and len({row.table for row in ordered}) == 1
                and self._batch_of(
                    self._tables[ordered[0].table], [text(row.key) for row in ordered]
                )
                == client
            )
            self._identities[client] = str(client) if is_batch else None
        return self._identities[client] or f"{client}:{winner.clock}"

    def _find_images(self) -> None:
        identities = {self._identity(each) for each in self._winners.values()}
        identities |= {self._identity(each) for each in self._row_of_lost}
        clients = {*self._known.clients, *self._clocks}
        for identity in identities:
            for client in clients:
                image = image_client(client, identity)
                if image in clients:
                    self._bases[image] = client
        for image in self._bases:
            self._images[self._base(image)].append(image)

    def _base(self, client: int) -> int:
        seen = set()
        while client in self._bases and client not in seen:
            seen.add(client)
            client = self._bases[client]
        return client

    def carried(self) -> Carried:
        """Return what has to be carried."""
        if not self._row_of_lost:
            return Carried(None, set(), set(), [])
        self._find_images()
        copies = self._copies()
        rows = {(self._tables[row.table], row.key) for row in self._row_of_lost.values()}
        return Carried(self._update(copies), rows, set(self._row_of_lost), self._gone)

    def _copies(self) -> _Copies:
        copies: _Copies = defaultdict(dict)
        for struct, part in self._known.all():
            if struct.kind == GC:
                self._gone.append((*struct.item, struct.length))
            if struct.kind not in (ANY, DELETED):
                continue
            place = self._place_of(struct)
            row = None if place is None else self._row_of(place.container)
            if place is None or row is None:
                continue
            winner = self._winners[row]
            if place.container != winner or place.is_gone:
                self._gone.append((*struct.item, struct.length))
                self._copy(struct, self._known.parts[part], _Place(winner, place.key), copies)
        return copies

    def _copy(self, struct: Struct, update: bytes, place: _Place, copies: _Copies) -> None:
        client, clock = struct.item
        identity = self._identity(place.container)
        of_image = copies[image_client(self._base(client), identity)]
        contents: Iterable[bytes | None] = (
            any_positions(update, struct) if struct.kind == ANY else repeat(None, struct.length)
        )
        origin = struct.origin
        for at, content in enumerate(contents, clock):
            known = of_image.get(at)
            if known is None or known.content is None:
                of_image[at] = _Copy(place, self._translated(origin, identity), content)
            origin = ItemId(client, at)

    def _translated(self, item: ItemId | None, identity: str) -> ItemId | None:
        if item is None:
            return None
        return ItemId(image_client(self._base(item.client), identity), item.clock)

    def _place_of(self, struct: Struct) -> _Place | None:
        if isinstance(struct.parent, ItemId) and struct.key is not None:
            return _Place(struct.parent, struct.key)
        return self._place(struct.item)

    def _place(self, item: ItemId) -> _Place | None:
        """Return where a struct is; where it is gone, where its image is."""
        chain: list[ItemId] = []
        found: _Place | None = None
        while item not in self._places:
            chain.append(item)
            struct = self._known.at(item)
            if struct is None or struct.kind == GC:
                found = self._place_of_image(item, chain)
                break
            if item != struct.item:
                item = struct.item
            elif struct.origin is not None:
                item = struct.origin
            else:
                if isinstance(struct.parent, ItemId) and struct.key is not None:
                    found = _Place(struct.parent, struct.key)
                break
        else:
            found = self._places[item]
        self._places.update(dict.fromkeys(chain, found))
        return found

    def _place_of_image(self, item: ItemId, chain: list[ItemId]) -> _Place | None:
        for image in self._images.get(self._base(item.client), ()):
            other = ItemId(image, item.clock)
            if other not in chain:
                struct = self._known.at(other)
                if struct is not None and struct.kind in (ANY, DELETED):
                    place = self._place(other)
                    return place and place._replace(is_gone=True)
        return None

    def _deletions(self, copies: _Copies) -> dict[int, list[int]]:
        """Return what somebody deleted who did not do so by deleting its container."""
        found: dict[int, set[int]] = defaultdict(set)
        identities = {self._identity(each) for each in self._winners.values()}
        for deleted in self._known.deleted:
            for item in deleted:
                if not self._is_wished(item, deleted):
                    continue
                base = self._base(item.client)
                for image in (image_client(base, identity) for identity in identities):
                    if image != item.client and (
                        item.clock in copies.get(image, ())
                        or self._is_shown(ItemId(image, item.clock))
                    ):
                        found[image].add(item.clock)
        return {image: sorted(gone) for image, gone in found.items()}

    def _is_wished(self, item: ItemId, deleted: Ranges) -> bool:
        """Return whether a deletion is somebody's wish, and not what a race made lose."""
        place = self._place(item)
        row = None if place is None else self._row_of(place.container)
        if place is None or row is None or place.container in deleted:
            return False
        if not place.is_gone:
            return self._is_last(item, place)  # else it gave way to another, as its image will
        is_image = item.client in self._bases
        return not is_image and not any(lost in deleted for lost in self._lost[row])

    def _is_shown(self, item: ItemId) -> bool:
        struct = self._known.at(item)
        return struct is not None and struct.kind == ANY and item not in self._known.deleted[0]

    def _is_last(self, item: ItemId, place: _Place) -> bool:
        """Return whether nothing was put over a struct, by somebody who knew it or not."""
        over = self._over[place]
        last = max(over[None], default=item)
        while last in over:
            last = max(over[last])
        return last == item

    @cached_property
    def _over(self) -> dict[_Place, dict[ItemId | None, list[ItemId]]]:
        """The raced cells of which something was deleted: what was put over what."""
        found: dict[_Place, dict[ItemId | None, list[ItemId]]] = {}
        for deleted in self._known.deleted:
            for item in deleted:
                place = self._place(item)
                if place is not None and self._row_of(place.container) is not None:
                    found.setdefault(place, defaultdict(list))
        for struct, _ in self._known.all() if found else ():
            if struct.kind not in (ANY, DELETED):
                continue
            place = self._place_of(struct)
            if place in found:
                origin = struct.origin
                client, clock = struct.item
                for item in (ItemId(client, clock + step) for step in range(struct.length)):
                    found[place][origin].append(item)
                    origin = item
        return found

    def _update(self, copies: _Copies) -> bytes | None:
        blocks: list[tuple[int, bytes]] = []
        for image, of_image in copies.items():
            start = end = self._clocks.get(image, 0)
            structs: list[bytes] = []
            for clock in sorted(of_image):
                if clock < start:
                    continue
                if clock > end:
                    structs.append(b"\x00" + varuint(clock - end))
                (container, key, _), origin, content = of_image[clock]
                kind = DELETED if content is None else ANY
                if origin is not None:
                    head = bytes((kind | 0x80,)) + varuint(origin.client) + varuint(origin.clock)
                else:
                    head = bytes((kind | 0x20,)) + parent_id(container) + text(key)
                structs.append(head + b"\x01" + (content or b""))
                end = clock + 1
            if structs:
                head = varuint(len(structs)) + varuint(image) + varuint(start)
                blocks.append((image, head + b"".join(structs)))
        deletions = self._deletions(copies)
        if not blocks and not deletions:
            return None
        blocks.sort(reverse=True)
        parts = [varuint(len(blocks)), *(block for _, block in blocks), varuint(len(deletions))]
        for image, gone in sorted(deletions.items(), reverse=True):
            parts += [varuint(image), varuint(len(gone))]
            parts += [varuint(clock) + b"\x01" for clock in gone]
        return b"".join(parts)
