"""What of one document is to be carried into another, and as which structs.

`_carrying` says how; this is where each struct and each deletion is looked at.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._yjs_containers import container_client
from tinybase_widget.persisters._yjs_content import YjsContent
from tinybase_widget.persisters._yjs_reading import ANY, DELETED, Struct
from tinybase_widget.persisters._yjs_values import value as write_value
from tinybase_widget.persisters._yjs_wire import ItemId
from tinybase_widget.store import MISSING
from tinybase_widget.sync._generations import (
    Former,
    Ids,
    Lineage,
    clocks_of,
    is_derived,
)
from tinybase_widget.sync._structs import Place, Run, Structs, behind, is_cell, last_id

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from pycrdt import Doc

    from tinybase_widget.store import Changes
    from tinybase_widget.sync._contained import Contained

_ORIGIN, _RIGHT_ORIGIN, _KEY = 0x80, 0x40, 0x20
_GC = b"\x00"
_CLOCK_BITS = 19
_CLIENT_BITS = 32
_FIRST_CARRIED = 1 << _CLIENT_BITS + _CLOCK_BITS
_ALL_CLOCKS = (1 << _CLOCK_BITS) - 1
_MAX_CARRIED = 1000  # each costs a client id


class Level:
    """A document whose edits are to be carried.

    Args:
        doc: The document.
        known: The document that they are carried into.
        below: The document before this one, where that is the one the other knows of.
        map_name: The name of their root maps.
    """

    def __init__(self, doc: Doc[Any], known: Contained, below: Level | None, map_name: str) -> None:
        self._doc = doc
        self._known = known
        self._below = below
        self._map_name = map_name
        self._lineage = Lineage(doc, map_name)
        self._generation = self._lineage.generation
        self._structs = Structs(doc)
        self.content = YjsContent(doc, map_name, lambda _row_id: False)
        former = known.formers.get(self._generation)
        self._is_known = former is not None
        if former is not None:
            self._since, self._contained_deleted = former.clocks, former.deleted
        else:
            formers = self._lineage.formers()
            last = next(reversed(formers.values()), None)
            self._since = clocks_of(doc) if last is None else last.standing.starts()
            self._contained_deleted = Ids()

    # What there is to carry

    @cached_property
    def _new(self) -> dict[int, Run]:
        """The structs that the other's former generations did not have."""
        return self._structs.beyond(self._since)

    @cached_property
    def _edits(self) -> list[tuple[Struct, Place]]:
        """The new edits of cells and values, and where they were made."""
        return [
            (struct, place)
            for run in self._new.values()
            for struct in run.structs
            if struct.kind == DELETED or (struct.kind == ANY and struct.length == 1)
            for place in (self._structs.place(struct.item),)
            if place is not None and (self._is_cell(place) or self._is_record(place))
        ]

    def _is_cell(self, place: Place) -> bool:
        return place[0] == self._map_name and is_cell(place)

    def _is_record(self, place: Place) -> bool:
        return place[0] == f"{self._map_name}/conflicts" and len(place) == 2  # noqa: PLR2004

    def _deletions(self) -> Iterator[ItemId]:
        """Yield what the other contains, and was deleted here only."""
        for item in (self._structs.deleted - self._contained_deleted).items():
            if self._is_old(item) or self._known.contains(carried_id(item)):
                yield item

    def is_contained(self) -> bool:
        """Return whether the other has everything already."""
        return not self._is_strange and not self._edits and next(self._deletions(), None) is None

    def touched(self) -> Iterator[Place]:
        """Yield the cells that were set or deleted."""
        yield from (place for _, place in self._edits if self._is_cell(place))
        for item in self._deletions():
            place = self._structs.place(item)
            if place is not None and self._is_cell(place):
                yield place

    def deletions(self) -> Iterator[tuple[Place, ItemId]]:
        """Yield what stands for the structs that were deleted here, and where."""
        for item in self._deletions():
            place = self._structs.place(item)
            image = self.image(item)
            if place is not None and image is not None:
                yield place, image

    def read(self, *, many: bool) -> None:
        """Get ready; everything is read at once if there are many questions."""
        if many:
            self._structs.read_all()

    def lacking(self) -> Changes:
        """Return the cells of a document that nothing is known of, where the other has none."""
        changes: Changes = [{}, {}, 1]
        if self._is_strange:
            for place, item in self._structs.visible_cells(self._map_name):
                if self._is_old(item) and not self._known.structs.first_at(place):
                    add_content(changes, place, self.content_at(item))
        return changes

    # What stands for what

    def _is_old(self, item: ItemId) -> bool:
        return item.clock < self._since.get(item.client, 0)

    def image(self, item: ItemId) -> ItemId | None:
        """Return what stands for a struct in the other document; `None` if nothing does."""
        place = self._structs.place(item)
        if place is None:
            return None
        carried = carried_id(item)
        if self._known.contains(carried):
            return self._known.standing(carried, place, self._generation)
        if self._is_old(item):
            return self._old_image(item, place)
        if self.is_followed(item, place):
            base = self._base(item)
            return None if base is None else self.image(base)
        return carried

    def _old_image(self, item: ItemId, place: Place) -> ItemId | None:
        if self._is_known:
            return self._known.standing(item, place, self._generation)
        if self._below is not None:
            shown = self._below.shown(place)
            return None if shown is None else self._below.image(shown)
        if self._shared is None or item not in self._shared[0].standing:
            return None
        return self._known.shown_since(self._shared[1], place)

    @cached_property
    def _shared(self) -> tuple[Former, Former] | None:
        """A former generation that both documents know as the same: how either stands for it."""
        for generation, former in reversed(self._lineage.formers().items()):
            known = self._known.formers.get(generation)
            if known is not None and known[:2] == former[:2]:
                return former, known
        return None

    @property
    def _is_strange(self) -> bool:
        """Whether nothing tells what of this document is contained."""
        return not self._is_known and self._below is None and self._shared is None

    def shown(self, place: Place) -> ItemId | None:
        """Return the struct that a place shows."""
        return self._structs.visible_at(place)

    def images(self, place: Place) -> Iterator[ItemId]:
        """Yield what stands for the structs of a place."""
        for last in self._structs.items_at(place):
            struct = self._structs.at(last)
            length = 1 if struct is None else struct.length
            for clock in range(last.clock - length + 1, last.clock + 1):
                image = self.image(ItemId(last.client, clock))
                if image is not None:
                    yield image

    def content_at(self, item: ItemId | None) -> Any:
        """Return what a struct holds; `MISSING` for none."""
        return self._structs.content_at(item)

    # How it is carried

    def blocks(self) -> list[bytes]:
        """Return the structs to carry, as parts of an update: the highest client id first.

        Yjs merges no others.
        """
        made: dict[ItemId, bytes] = {}
        derived: set[int] = set()
        followed = {struct.origin for struct, _ in self._edits}
        for struct, place in self._edits:
            is_alive = struct.kind == ANY and struct.item not in self._structs.deleted
            if is_alive or (last_id(struct) not in followed and self._is_empty(place)):
                self._make(last_id(struct), place, made, derived)
        blocks = {client: self._derived_block(client) for client in derived}
        if len(made) <= _MAX_CARRIED:
            for (client, clock), remade in made.items():
                blocks[client] = _block(client, clock, [remade])
        return [blocks[client] for client in sorted(blocks, reverse=True) if blocks[client]]

    def _is_empty(self, place: Place) -> bool:
        return self._is_cell(place) and read(self.content, place) is MISSING

    def _make(
        self, item: ItemId, place: Place, made: dict[ItemId, bytes], derived: set[int]
    ) -> None:
        """Make a new struct again, and what it was made on, as far as that is new too."""
        todo = [(item, place)]
        for each, where in todo:  # which grows
            carried = carried_id(each)
            if self._is_old(each) or self._known.contains(carried):
                continue
            if is_derived(each.client):
                if each.client not in derived:
                    derived.add(each.client)
                    todo += self._derived_bases(each.client)
            elif carried not in made and not self.is_followed(each, where):
                base = self._base(each)
                made[carried] = self._remade(each, base, where)
                if base is not None:
                    todo.append((base, where))

    def _derived_bases(self, client: int) -> Iterator[tuple[ItemId, Place]]:
        """Yield what the new structs of a derived client id were made on."""
        for struct in self._new[client].structs:
            place = None if struct.origin is None else self._structs.place(struct.item)
            if struct.origin is not None and place is not None and self._is_cell(place):
                yield struct.origin, place

    def is_followed(self, item: ItemId, place: Place) -> bool:
        """Return whether somebody has carried a later edit of the same client at this place."""
        if is_derived(item.client):
            return False
        carried = carried_id(item).client
        later = self._known.clients_between(carried + 1, (carried | _ALL_CLOCKS) + 1)
        return any(self._known.structs.place(ItemId(client, 0)) == place for client in later)

    def _base(self, item: ItemId) -> ItemId | None:
        """Return what a new edit was made on, beside edits of the same client."""
        client = item.client
        base: ItemId | None = item
        while base is not None and base.client == client and not self._is_old(base):
            struct = self._new[client].at(base)
            base = None if struct is None else struct.origin
        return base

    def _derived_block(self, client: int) -> bytes:
        """Return the structs of a derived client id, which keep their ids."""
        here, contained = self._known.extent(client)
        made = [_GC + wire.varuint(contained - here)] if contained > here else []
        for struct in self._new[client].structs:
            rest = behind(struct, contained)
            place = self._structs.place(struct.item)
            if rest.length > 0 and place is not None and is_cell(place):
                made.append(self._remade(rest.item, rest.origin, place, rest.length))
            elif rest.length > 0:
                made.append(_GC + wire.varuint(rest.length))
        return _block(client, here, made)

    def _remade(self, item: ItemId, base: ItemId | None, place: Place, length: int = 1) -> bytes:
        """Return a new struct as it is carried."""
        image = None if base is None else self.image(base)
        first = self._known.first_at(place)
        if image is not None:
            flag, where = _ORIGIN, _id(image)
        elif first is not None:
            flag, where = _RIGHT_ORIGIN, _id(first)
        elif self._is_record(place):
            flag, where = _KEY, wire.parent_root(place[0]) + wire.text(renamed_key(place[1]))
        else:
            container = self._known.structs.container_at(place[:-1])
            if container is None:
                return _GC + wire.varuint(length)
            flag, where = _KEY, wire.parent_id(container) + wire.text(place[-1])
        if item in self._structs.deleted:
            return b"".join((bytes((flag | DELETED,)), where, wire.varuint(length)))
        value = write_value(self._structs.content_at(item))
        return b"".join((bytes((flag | ANY,)), where, b"\x01", value))


def carried_id(item: ItemId) -> ItemId:
    """Return the id under which an edit is carried, the same into whichever document.

    Carried edits are above all ordinary ones and below derived structs. They keep their order, by
    client id and clock: of edits that were made at once Yjs shows that of the highest id.
    """
    client, clock = item
    if is_derived(client):
        return item
    if client >> _CLIENT_BITS or clock >> _CLOCK_BITS:
        return ItemId(container_client("carried", str(client), str(clock)), 0)
    return ItemId(_FIRST_CARRIED | client << _CLOCK_BITS | clock, 0)


def id_of_loser(item: ItemId, taken: Container[int]) -> ItemId:
    """Return the id under which a fresh document has what lost to the edit that it begins with.

    Args:
        item: The struct that lost.
        taken: The document's client ids.
    """
    carried = carried_id(item)
    if carried.clock == 0 and carried.client not in taken:
        return carried
    return ItemId(container_client("carried", str(item.client), str(item.clock)), 0)


def lost_block(item: ItemId, winner: ItemId) -> bytes:
    """Return a block with a deleted struct that lost to another."""
    head = bytes((_RIGHT_ORIGIN | DELETED,))
    return _block(item.client, item.clock, [head + _id(winner) + wire.varuint(1)])


def renamed_key(key: str) -> str:
    """Return the key of a conflict's record, or of its dismissal, for a struct's new id."""
    mark = "!" if key.startswith("!") else ""
    client, _, clock = key[len(mark) :].partition(":")
    if not (client.isdecimal() and clock.isdecimal()):
        return key
    item = carried_id(ItemId(int(client), int(clock)))
    return f"{mark}{item.client}:{item.clock}"


def _block(client: int, clock: int, structs: list[bytes]) -> bytes:
    if not structs:
        return b""
    return b"".join((*map(wire.varuint, (len(structs), client, clock)), *structs))


def read(content: YjsContent, place: Place) -> Any:
    """Return what a document has at a place, or `MISSING`."""
    try:
        if place[1] == "v":
            return content.read_value(place[2])
        return content.read_cell(*place[2:])
    except PersistedContentError:
        return MISSING


def add_content(changes: Changes, place: Place, content: Any) -> None:
    """Add to changes what is to be at a place."""
    if place[1] == "v":
        changes[1][place[2]] = content
    else:
        _, _, table_id, row_id, cell_id = place
        rows = changes[0].setdefault(table_id, {})
        rows.setdefault(row_id, {})[cell_id] = content


def _id(item: ItemId) -> bytes:
    return wire.varuint(item.client) + wire.varuint(item.clock)
