"""Fresh documents: making one, and moving to one that somebody else has made.

`room.compact()` writes the content of the document into a new one, by the rules that hold for any
content (`_yjs_content`), with the open records of conflicts, what lost in them, and the document's
lineage (`_generations`), and goes on with that. Everybody else takes the new document as it is, and
what it lacks is carried into it (`_carrying`).

What changed in one former generation and not since another is written in runs of its own, so that
the lineage can say of each former generation which structs stand for it.

A replica keeps the documents that it has left, packed, for the case that two replicas compact at
once: then those who are in the one that is left again need the one before.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from pycrdt import Map

from tinybase_widget.persisters._yjs_content import YjsContent
from tinybase_widget.persisters._yjs_reading import ANY
from tinybase_widget.persisters._yjs_records import item_of, record_key
from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.store import MISSING
from tinybase_widget.sync._carrying import write
from tinybase_widget.sync._generations import (
    FIRST,
    MAX_FORMER,
    Former,
    Generation,
    Ids,
    Lineage,
    all_of,
    clocks_of,
    deleted_of,
    highest,
    only_derived,
)
from tinybase_widget.sync._levels import add_content, id_of_loser, lost_block
from tinybase_widget.sync._structs import Place, Structs, is_cell, last_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pycrdt import Doc

    from tinybase_widget.store import Changes, Tables, Values

_MANY = 200


class Compacted(NamedTuple):
    """What a compaction has brought: the document's size before and after, in bytes."""

    before: int
    after: int

    def __repr__(self) -> str:
        """Return the sizes in words."""
        return f"Compacted: {self.before:,} bytes before, {self.after:,} after"


class Archive(NamedTuple):
    """A document that was left for the one of the next generation."""

    generation: Generation
    packed: bytes

    @classmethod
    def of(cls, doc: Doc[Any], generation: Generation) -> Archive:
        """Pack a document."""
        return cls(generation, zlib.compress(doc.get_update(), 1))

    def unpack(self) -> Doc[Any]:
        """Return the document, under a client id of its own."""
        doc = create_doc()
        doc.apply_update(zlib.decompress(self.packed))
        return doc


def fresh_doc(doc: Doc[Any], map_name: str) -> Doc[Any]:
    """Return a new document with the content of another, of the generation that follows.

    Args:
        doc: The document.
        map_name: The name of its root map.
    """
    old = Lineage(doc, map_name)
    formers = old.formers()
    content = YjsContent(doc, map_name, lambda _row_id: False)
    tables, values = content.read_tables(), content.read_values()
    new = create_doc()
    standing: dict[Generation, Ids] = dict.fromkeys(formers, Ids())
    for outdated, changes in _runs(tables, values, _outdated(doc, formers, map_name)):
        before = clocks_of(new)
        write(new, changes, map_name)
        written = all_of(clocks_of(new), before)
        for generation in formers.keys() - outdated:
            standing[generation] |= written
    kept, derived = _kept(formers)
    former = Former(clocks_of(doc), deleted_of(doc), all_of(clocks_of(new)))
    records = _add_losers(new, _open_records(doc, map_name, content), map_name)
    lineage = Lineage(new, map_name)
    with new.transaction():
        lineage.begin(old.generation.next(), highest(old.derived, derived))
        lineage.add(old.generation, former)
        for generation in kept:
            known = formers[generation]
            lineage.add(generation, known._replace(standing=standing[generation]))
        new.get(f"{map_name}/conflicts", type=Map).update(records)
    return new


def docs_between(
    doc: Doc[Any], target: Doc[Any], archives: Sequence[Archive], map_name: str
) -> list[Doc[Any]]:
    """Return the documents whose edits another may lack, each one before the next.

    Args:
        doc: The document so far, the last of those returned.
        target: The document that took its place.
        archives: The documents that were left before.
        map_name: The name of their root maps.
    """
    formers = Lineage(target, map_name).formers()
    by_generation = {archive.generation: archive for archive in archives}
    docs = [doc]
    while True:
        lineage = Lineage(docs[0], map_name)
        if lineage.generation in formers:
            return docs
        archive = None if lineage.parent is None else by_generation.get(lineage.parent)
        if archive is None:
            return [doc]
        docs.insert(0, archive.unpack())


def _kept(formers: Mapping[Generation, Former]) -> tuple[list[Generation], dict[int, int]]:
    """Return the former generations to keep, and the derived client ids of the others.

    The first generation is kept for ever: it is that of everybody who starts anew.
    """
    others = [generation for generation in formers if generation != FIRST]
    dropped = others[: max(0, len(others) - MAX_FORMER + 2)]
    kept = [generation for generation in formers if generation not in dropped]
    return kept, highest(*(only_derived(formers[generation].clocks) for generation in dropped))


def _outdated(
    doc: Doc[Any], formers: Mapping[Generation, Former], map_name: str
) -> dict[Place, frozenset[Generation]]:
    """Return the former generations since which a cell has changed, where there are any."""
    structs = Structs(doc)
    outdated: dict[Place, set[Generation]] = {}
    for generation, former in formers.items():
        newer = structs.beyond(former.standing.starts()).values()
        items = [last_id(each) for run in newer for each in run.structs if each.kind == ANY]
        items = [each for each in items if each not in former.standing]
        if len(items) > _MANY:
            structs.read_all()
        for item in items:
            place = None if item in structs.deleted else structs.place(item)
            if place is not None and place[0] == map_name and is_cell(place):
                outdated.setdefault(place, set()).add(generation)
    return {place: frozenset(generations) for place, generations in outdated.items()}


def _runs(
    tables: Tables, values: Values, outdated: Mapping[Place, frozenset[Generation]]
) -> Iterable[tuple[frozenset[Generation], Changes]]:
    """Divide a content into what is outdated for the same former generations."""
    runs: dict[frozenset[Generation], Changes] = {frozenset(): [tables, values, 1]}
    for place, generations in outdated.items():
        row = values if place[1] == "v" else tables.get(place[2], {}).get(place[3], {})
        if place[-1] in row:
            add_content(runs.setdefault(generations, [{}, {}, 1]), place, row.pop(place[-1]))
    return runs.items()


def _open_records(doc: Doc[Any], map_name: str, content: YjsContent) -> dict[str, Any]:
    records = doc.get(f"{map_name}/conflicts", type=Map)
    return {
        key: record
        for key, record in records.items()
        if not key.startswith("!") and f"!{key}" not in records and _exists(record, content)
    }


def _add_losers(new: Doc[Any], records: dict[str, Any], map_name: str) -> dict[str, Any]:
    """Add what lost, and return the records under the ids it has: without it they don't count."""
    structs, clocks = Structs(new), clocks_of(new)
    if len(records) > 1:
        structs.read_all()
    renamed: dict[str, Any] = {}
    blocks: dict[int, bytes] = {}
    for key, record in records.items():
        item = item_of(key)
        winner = None if item is None else structs.visible_at(_place(record, map_name))
        if item is not None and winner is not None:
            loser = id_of_loser(item, clocks)
            blocks[loser.client] = lost_block(loser, winner)
            renamed[record_key(loser)] = record
        else:
            renamed[key] = record
    ordered = [blocks[client] for client in sorted(blocks, reverse=True)]
    new.apply_update(varuint(len(ordered)) + b"".join(ordered) + b"\x00")
    return renamed


def _place(record: object, map_name: str) -> Place:
    table_id, row_id, cell_id = json.loads(str(record))[:3]
    return (
        (map_name, "v", cell_id) if table_id is None else (map_name, "t", table_id, row_id, cell_id)
    )


def _exists(record: object, content: YjsContent) -> bool:
    """Return whether the cell, or the value, of a record is there."""
    try:
        table_id, row_id, cell_id = json.loads(str(record))[:3]
    except ValueError:
        return False
    if table_id is None:
        return content.read_value(cell_id) is not MISSING
    return content.read_cell(table_id, row_id, cell_id) is not MISSING
