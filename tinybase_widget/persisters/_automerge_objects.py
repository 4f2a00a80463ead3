"""Which object of a document is which table or row.

A change names objects by their ids. `Objects` knows the place of each map in TinyBase's layout, and
of several under one key which ones are still there: those that nobody has deleted or replaced
knowing of them. Automerge shows one of them, the one with the latest id; the others are *hidden*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybase_widget.persisters._automerge_changes import MAKE_MAP
from tinybase_widget.persisters._automerge_core import ROOT, ROOT_ID, ObjType, OpId, identity
from tinybase_widget.persisters._automerge_layout import decode_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybase_widget.persisters._automerge_changes import Op
    from tinybase_widget.persisters._automerge_core import Document

Path = tuple[str, ...]  # (), ("t",), ("t", table), ("t", table, row), ("v",)
_ROW = 3


def is_of_cells(path: Path) -> bool:
    """Return whether what is at a path holds cells or values rather than maps."""
    return len(path) == _ROW or path == ("v",)


class Objects:
    """The maps of a document's layout.

    Args:
        map_key: The key of the layout's map in the document's root.
    """

    def __init__(self, map_key: str) -> None:
        self._map_key = map_key
        self.paths: dict[OpId, Path] = {}
        self._parents: dict[OpId, OpId] = {}
        self._at: dict[Path, list[OpId]] = {}
        self._below: dict[OpId, list[OpId]] = {}
        self._gone: set[OpId] = set()
        self._contested: set[Path] = set()

    def path_below(self, obj: OpId, key: str) -> Path | None:
        """Return where a key of an object leads to; `None` if it is no map of the layout."""
        if obj == ROOT_ID:
            return () if key == self._map_key else None
        path = self.paths.get(obj)
        if path is None or is_of_cells(path):
            return None
        if path:
            return (*path, decode_id(key))
        return (key,) if key in {"t", "v"} else None

    def take(self, op: Op) -> Path | None:
        """Take note of an operation on a key; return the place of the map it is about, if it is."""
        path = self.path_below(op.obj, op.key or "")
        if path is not None:
            self._gone.update(op.preds)
            if op.action == MAKE_MAP:
                self.add(op.id, op.obj, path)
        return path

    def add(self, id_: OpId, parent: OpId, path: Path) -> None:
        """Take note of a map."""
        if id_ in self.paths:
            return
        self.paths[id_] = path
        self._parents[id_] = parent
        self._below.setdefault(parent, []).append(id_)
        there = self._at.setdefault(path, [])
        there.append(id_)
        if len(there) > 1:
            self._contested.add(path)

    def is_contested(self) -> bool:
        """Return whether there may be hidden objects."""
        return any(
            sum(self.is_there(each) for each in self._at[path]) > 1 for path in self._contested
        )

    def is_there(self, obj: OpId) -> bool:
        """Return whether nobody has deleted or replaced an object, or one that it is in."""
        while obj != ROOT_ID:
            if obj in self._gone:
                return False
            obj = self._parents[obj]
        return True

    def visible(self, path: Path) -> OpId | None:
        """Return the object that Automerge shows at a path."""
        if path:
            parent = self.visible(path[:-1])
            if parent is None:
                return None
        else:
            parent = ROOT_ID
        return max(
            (
                each
                for each in self._at.get(path, ())
                if self._parents[each] == parent and each not in self._gone
            ),
            default=None,
        )

    def hidden(self) -> Iterator[OpId]:
        """Yield the objects that are there and not shown; some perhaps twice."""
        for path in self._contested:
            shown = self.visible(path)
            for each in self._at[path]:
                if each != shown and self.is_there(each):
                    yield from self._with_all_below(each)

    def _with_all_below(self, obj: OpId) -> Iterator[OpId]:
        yield obj
        for each in self._below.get(obj, ()):
            if each not in self._gone:
                yield from self._with_all_below(each)

    def walk(self, doc: Document, heads: list[bytes]) -> None:
        """Take note of all maps that a document showed at some heads."""
        root = doc.get(ROOT, self._map_key, heads)
        if root is None or root[0] != ObjType.Map:
            return
        self.add(identity(root[1]), ROOT_ID, ())
        level = [root[1]]
        while level:
            below: list[bytes] = []
            for obj in level:
                parent = identity(obj)
                for key, (kind, child) in zip(
                    doc.keys(obj, heads), doc.values(obj, heads), strict=True
                ):
                    where = self.path_below(parent, key)
                    if where is not None and kind == ObjType.Map:
                        self.add(identity(child), parent, where)
                        if not is_of_cells(where):
                            below.append(child)
            level = below
