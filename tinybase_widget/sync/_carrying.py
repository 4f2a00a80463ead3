"""Edits carried from a document into the one that took its place.

A replica that comes back from a former generation, or whose edits were on their way when the
document was compacted, has structs and deletions that the new document does not contain. Nobody
else is needed to find them: the new document's `Lineage` says what is contained.

Each such struct is made again in the new document, on what stands there for what it was made on.
Its id follows from its old one, so that it is the same whoever carries it: to carry it twice is to
repeat it, and what has happened to it in the meantime is not undone. So the new document goes on
exactly as the old one would have: an edit follows what its author had seen, and where somebody else
has set the cell since, without knowing of it, the two meet as edits at once always do, and are
found and shown as a conflict.

=================== ==============================================================================
old                 new
=================== ==============================================================================
struct (client, k)  (`carried_client(client, a)`, k - a), where a is the first clock not contained
what it was made on the struct that stands for that; if none does, it goes before what the new
                    document began with: somebody else had set the cell by then, and keeps it
its container       the one at the same path, made by the usual rules where there is none
a deletion          the deletion of what the cell shows, if that stands for what was deleted
no cell             a gap (Yjs' GC), so that clocks stay consecutive
a conflict's record as it is, under the new id of its struct
=================== ==============================================================================

For what stands see `_generations`. Derived structs, and those that were carried before, are the
same in all documents: they keep their ids. So a kernel that restarts and loads its data again
brings nothing that was there before.

After two compactions at once one of the two documents is left again, for one that knows nothing of
it. Then what was edited since in the document before is carried, and on that what was edited in the
one that is left (`_levels`): what that had at its beginning stands for what the one before showed.

Of a document that nothing is known of, and where no document before it is at hand, the cells are
carried that the new one lacks.

What this does not settle: where an edit that is carried had won over one that the new document
began with, its author's replica sets the cell again, by an ordinary edit. Two that do so at once,
one of which had not seen the other's last edit of the cell, may show the older of the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.persisters import _yjs_wire as wire
from tinybase_widget.persisters._compare import same
from tinybase_widget.persisters._panics import panics_as_errors
from tinybase_widget.persisters._yjs_content import YjsContent
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.store import MISSING
from tinybase_widget.sync._contained import Contained
from tinybase_widget.sync._generations import deleted_of
from tinybase_widget.sync._levels import Level, add_content, read
from tinybase_widget.sync._outbox import merge
from tinybase_widget.sync._structs import Place, Structs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pycrdt import Doc

    from tinybase_widget.store import Changes

_MANY = 200


def carry(docs: Sequence[Doc[Any]], target: Doc[Any], map_name: str) -> bytes | None:
    """Return, as an update of a document, what it lacks of those whose place it took.

    The document stays as it is. Where the update is applied it meets what is there as any edits do
    that others have made, so that conflicts are found.

    Args:
        docs: The documents: the last one is that so far, each other one the one before the next.
        target: The document that took their place.
        map_name: The name of their root maps.

    Returns:
        The update; `None` if nothing is lacking.
    """
    if all(level.is_contained() for level in _levels(docs, Contained(target, map_name), map_name)):
        return None
    before = target.get_update()
    copy = create_doc()
    copy.apply_update(before)
    known = Contained(copy, map_name)
    levels = _levels(docs, known, map_name)
    updates: list[bytes] = []
    touched: set[Place] = set()
    for level in levels:
        places = set(level.touched())
        touched |= places
        many = len(places) > _MANY
        level.read(many=many)
        updates += _make_containers(copy, map_name, places)
        known.read(many=many)
        updates += write(copy, level.lacking(), map_name)
        blocks = level.blocks()
        updates.append(wire.varuint(len(blocks)) + b"".join(blocks) + b"\x00")
        with panics_as_errors():
            copy.apply_update(updates[-1])
        known.read(many=False)
    updates += _settle(levels, touched, before, copy, map_name)
    return merge(updates)


def _levels(docs: Sequence[Doc[Any]], known: Contained, map_name: str) -> list[Level]:
    levels: list[Level] = []
    for doc in docs:
        levels.append(Level(doc, known, levels[-1] if levels else None, map_name))
    return levels


def _settle(
    levels: Sequence[Level],
    places: Iterable[Place],
    before: bytes,
    target: Doc[Any],
    map_name: str,
) -> list[bytes]:
    """Let each cell show what it showed, unless somebody else has set it since.

    Args:
        levels: Where edits were carried from.
        places: The cells in question.
        before: The new document as it was before.
        target: The new document.
        map_name: The name of its root map.

    Returns:
        Updates that say what was done.
    """
    current = levels[-1]
    wanted, shown = current.content, YjsContent(target, map_name, _is_unique)
    differing = {place for place in places if not same(read(wanted, place), read(shown, place))}
    if not differing:
        return []
    changes: Changes = [{}, {}, 1]
    deleted = deleted_of(target)
    for level in levels:
        for place, image in level.deletions():
            is_gone = read(wanted, place) is MISSING
            if is_gone and place in differing and image not in deleted:
                add_content(changes, place, MISSING)
    hidden = [place for place in differing if read(wanted, place) is not MISSING]
    if hidden:
        _show(levels, hidden, before, target, changes)
    return write(target, changes, map_name)


def _show(
    levels: Sequence[Level],
    places: Iterable[Place],
    before: bytes,
    target: Doc[Any],
    changes: Changes,
) -> None:
    """Add the cells that show something else now, though nobody else has set them since."""
    old = create_doc()
    old.apply_update(before)
    there_before, there = Structs(old).read_all(), Structs(target).read_all()
    current = levels[-1]
    for place in places:
        item = current.shown(place)
        if item is not None and current.is_followed(item, place):
            continue
        wanted = None if item is None else current.image(item)
        shown, shown_before = there.visible_at(place), there_before.visible_at(place)
        images = {image for level in levels for image in level.images(place)}
        is_ours = shown in images or (
            shown is None and (shown_before is None or shown_before in images)
        )
        is_new = any(each and there_before.at(each) is None for each in (wanted, shown))
        if wanted is not None and shown != wanted and is_ours and is_new:
            add_content(changes, place, current.content_at(item))


def _make_containers(target: Doc[Any], map_name: str, cells: Iterable[Place]) -> list[bytes]:
    """Make the rows that cells are to be carried into, by the rules for any rows."""
    changes: Changes = [{}, {}, 1]
    for place in cells:
        if place[1] == "t":
            changes[0].setdefault(place[2], {}).setdefault(place[3], {})
    return write(target, changes, map_name)


def write(doc: Doc[Any], changes: Changes, map_name: str) -> list[bytes]:
    """Write changes into a document that nobody observes; return updates that say what changed."""
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    content = YjsContent(doc, map_name, _is_unique)
    content.begin()
    with doc.transaction():
        content.ensure_start()
        content.write_changes(changes)
    doc.unobserve(subscription)
    return updates


def _is_unique(_row_id: str) -> bool:
    return False
