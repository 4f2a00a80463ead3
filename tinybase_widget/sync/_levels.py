"""What of one document is to be carried into another, and as which structs.

`_carrying` says how; this is where each struct and each deletion is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._yjs_containers import container_client
from tinybase_widget.persisters._yjs_content import YjsContent
from tinybase_widget.persisters._yjs_reading import ANY, DELETED, Struct, read_structs
from tinybase_widget.persisters._yjs_wire import ItemId
from tinybase_widget.store import MISSING
from tinybase_widget.sync._generations import (
    Former,
    Ids,
    Lineage,
    clocks_of,
    deleted_of,
    is_derived,
    write_clocks,
)
from tinybase_widget.sync._structs import Place, Run, Structs, behind, is_cell, last_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pycrdt import Doc

    from tinybase_widget.store import Changes
    from tinybase_widget.sync._contained import Contained

_ORIGIN, _RIGHT_ORIGIN, _KEY = 0x80, 0x40, 0x20
_GC = b"\x00"


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
        self._deleted = deleted_of(doc)
        former = known.formers.get(self._generation)
        self._is_known = former is not None
        if former is not None:
            self._since, self._contained_deleted = former.clocks, former.deleted
        else:
            formers = self._lineage.formers()
            last = next(reversed(formers.values()), None)
            self._since = clocks_of(doc) if last is None else last.standing.starts()
            self._contained_deleted = Ids()
        self._seams = defaultdict(list, {each: [end] for each, end in self._since.items()})

    # What there is to carry

    def is_contained(self) -> bool:
        """Return whether the new document has everything already."""
        if self._is_strange:
            return False
        newer = read_structs(self._doc.get_update(write_clocks(self._since)))
        is_newer = any(
            each.kind in (ANY, DELETED) and not self._is_contained(last_id(each)) for each in newer
        )
        return not is_newer and next(self._contained_deletions(), None) is None

    def _is_old(self, item: ItemId) -> bool:
        return item.clock < self._since.get(item.client, 0)

    def _is_contained(self, item: ItemId) -> bool:
        """Return whether a struct that is new here is contained all the same."""
        return self._known.contains(self._renamed(item))

    def _contained_deletions(self) -> Iterator[ItemId]:
        """Yield what is contained, and was deleted here only."""
        for item in (self._deleted - self._contained_deleted).items():
            if self._is_old(item) or self._is_contained(item):
                yield item

    @cached_property
    def _structs(self) -> Structs:
        return Structs(self._doc)

    def read(self, *, many: bool) -> None:
        """Get ready; everything is read at once if there are many questions."""
        if many:
            self._structs.read_all()

    @cached_property
    def content(self) -> YjsContent:
        """The document's content."""
        return YjsContent(self._doc, self._map_name, lambda _row_id: False)

    @cached_property
    def _carried(self) -> dict[int, list[Struct]]:
        """The new structs of the client ids under which there are cells or records."""
        return {
            client: structs
            for client, structs in self._structs.beyond(self._since).items()
            if any(
                self._carries(struct) and not self._is_contained(last_id(struct))
                for struct in structs
            )
        }

    def _carries(self, struct: Struct) -> bool:
        """Return whether a struct is an edit of a cell, or a conflict's record."""
        if struct.kind != DELETED and (struct.kind != ANY or struct.length != 1):
            return False
        place = self._structs.place(struct.item)
        return place is not None and (self._is_cell(place) or self._is_record(place))

    def _is_cell(self, place: Place) -> bool:
        return place[0] == self._map_name and is_cell(place)

    def _is_record(self, place: Place) -> bool:
        return place[0] == f"{self._map_name}/conflicts" and len(place) == 2  # noqa: PLR2004

    @cached_property
    def _needed(self) -> set[ItemId]:
        """The new structs that matter.

        Those are the ones still to be seen, with what they were made on, and where a cell was
        deleted all of them. Others have lost their cell to an edit made at once.
        """
        runs = {client: Run(b"", structs) for client, structs in self._carried.items()}
        needed: set[ItemId] = set()
        for struct in (each for run in runs.values() for each in run.structs):
            place = self._structs.place(struct.item) if self._carries(struct) else None
            if place is None:
                continue
            if self._is_record(place) or read(self.content, place) is MISSING:
                needed.add(struct.item)
            elif struct.kind == ANY and struct.item not in self._deleted:
                each: Struct | None = struct
                while each is not None and each.item not in needed:
                    needed.add(each.item)
                    origin = each.origin
                    before = None if origin is None else runs.get(origin.client)
                    each = None if before is None or origin is None else before.at(origin)
        return needed

    def places(self) -> Iterator[Place]:
        """Yield the places of the cells that are carried."""
        for structs in self._carried.values():
            for struct in structs:
                place = self._structs.place(struct.item)
                if self._carries(struct) and place is not None and self._is_cell(place):
                    yield place

    # How it is carried

    def _renamed(self, item: ItemId) -> ItemId:
        """Return the id under which a new struct is carried; derived ones keep theirs."""
        if is_derived(item.client):
            return item
        start = self._since.get(item.client, 0)
        return ItemId(carried_client(item.client, start), item.clock - start)

    def image(self, item: ItemId) -> ItemId | None:
        """Return what stands for a struct in the new document; `None` if nothing does."""
        place = self._structs.place(item)
        if place is None:
            return None
        is_old = self._is_old(item)
        if is_old and not (is_derived(item.client) and self._known.contains(item)):
            return self._old_image(item, place)
        new = self._renamed(item)
        if self._known.contains(new):
            return self._known.standing(new, place, self._generation)
        return new

    def _old_image(self, item: ItemId, place: Place) -> ItemId | None:
        if self._is_known:
            return self._known.standing(item, place, self._generation)
        if self._below is not None:
            shown = self._below.shown(place)
            return None if shown is None else self._below.image(shown)
        if self._shared is None or item not in self._shared[0].standing:
            return None
        return self._known.shown_since(self._shared[1], place)

    def shown(self, place: Place) -> ItemId | None:
        """Return the struct that a place shows."""
        return self._structs.visible_at(place)

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

    def images(self, place: Place) -> Iterator[ItemId]:
        """Yield what stands for the structs of a place, as far as others may show it.

        Of a run of structs, that is the last one at the end of each generation.
        """
        for last in self._structs.items_at(place):
            struct = self._structs.at(last)
            ends = {last}
            for first_new in self._seams[last.client]:
                if struct is not None and struct.item.clock < first_new <= last.clock:
                    ends.add(ItemId(last.client, first_new - 1))
            yield from (image for image in map(self.image, ends) if image is not None)

    def content_at(self, item: ItemId | None) -> Any:
        """Return what a struct holds; `MISSING` for none."""
        return self._structs.content_at(item)

    def blocks(self) -> Iterator[bytes]:
        """Yield the structs to carry, by client id, as a part of an update."""
        for client, structs in self._carried.items():
            if not any(struct.item in self._needed for struct in structs):
                continue
            start = self._since.get(client, 0)
            new_client, first = self._renamed(ItemId(client, start))
            here, contained = self._known.extent(new_client)
            contained = max(first, contained)
            self._seams[client].append(start - first + contained)
            made = [_GC + wire.varuint(contained - here)] if contained > here else []
            last = max(at for at, struct in enumerate(structs) if struct.item in self._needed)
            for struct in structs[: last + 1]:
                rest = behind(struct, start - first + contained)
                if rest.length > 0:
                    made.append(self._remade(rest, is_needed=struct.item in self._needed))
            head = (len(made), new_client, here)
            yield b"".join((*map(wire.varuint, head), *made))

    def _remade(self, struct: Struct, *, is_needed: bool) -> bytes:
        """Return a new struct as it is carried."""
        place = self._structs.place(struct.item)
        if place is None or not is_needed:
            return _GC + wire.varuint(struct.length)
        base = None if struct.origin is None else self.image(struct.origin)
        first = self._known.first_at(place)
        if base is not None:
            flag, where = _ORIGIN, _id(base)
        elif first is not None:
            flag, where = _RIGHT_ORIGIN, _id(first)
        elif self._is_record(place):
            flag, where = _KEY, wire.parent_root(place[0]) + wire.text(self._renamed_key(place[1]))
        else:
            container = self._known.structs.container_at(place[:-1])
            if container is None:
                return _GC + wire.varuint(struct.length)
            flag, where = _KEY, wire.parent_id(container) + wire.text(place[-1])
        if struct.kind == ANY:
            value = wire.value(self._structs.content_at(struct.item))
            return b"".join((bytes((flag | ANY,)), where, b"\x01", value))
        return bytes((flag | DELETED,)) + where + wire.varuint(struct.length)

    def _renamed_key(self, key: str) -> str:
        """Return the key of a conflict's record, or of its dismissal, for a struct's new id."""
        mark = "!" if key.startswith("!") else ""
        client, _, clock = key[len(mark) :].partition(":")
        if client.isdecimal() and clock.isdecimal():
            item = ItemId(int(client), int(clock))
            if item.client in self._carried and not self._is_old(item):
                item = self._renamed(item)
                return f"{mark}{item.client}:{item.clock}"
        return key

    def touched(self) -> Iterator[Place]:
        """Yield the cells that are carried, and those where something was deleted."""
        yield from self.places()
        for item in self._contained_deletions():
            place = self._structs.place(item)
            if place is not None and self._is_cell(place):
                yield place

    def deletions(self) -> Iterator[tuple[Place, ItemId]]:
        """Yield what stands for the structs that were deleted here, and where."""
        for item in self._contained_deletions():
            place = self._structs.place(item)
            image = self.image(item)
            if place is not None and image is not None:
                yield place, image

    def lacking(self) -> Changes:
        """Return the cells of a document that nothing is known of, where the new one has none."""
        changes: Changes = [{}, {}, 1]
        if not self._is_strange:
            return changes
        for place, item in self._structs.visible_cells(self._map_name):
            if self._is_old(item) and not self._known.structs.items_at(place):
                add_content(changes, place, self.content_at(item))
        return changes


def carried_client(client: int, start: int) -> int:
    """Return the client id under which structs of another are carried.

    It is below those of other derived structs and above all ordinary ones, and keeps the order of
    the latter: where edits were made at once, Yjs shows that of the highest.

    Args:
        client: The other client id.
        start: The first clock that is carried.
    """
    hashed = container_client("carried", str(client), str(start))
    return 1 << 51 | (client & (1 << 32) - 1) << 19 | hashed & (1 << 19) - 1


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
