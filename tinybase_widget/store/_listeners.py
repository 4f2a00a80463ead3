"""Listeners: who listens to what, and calling them in TinyBase's order.

Each kind of listener ("cell", "row_ids", ...) has two trees, one of listeners that only look and
one of mutators. A tree is nested dictionaries, one level for each id of the path that is listened
to; the key None is the wildcard. Its leaves are dictionaries from listener id to `Registered`, in
the order in which they were added. To find who hears about ("pets", "fido", "age") costs at most
eight walks of three steps, however many listeners there are.
"""

from __future__ import annotations

import inspect
from collections import deque
from typing import TYPE_CHECKING, Any

from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tinybase_widget.store._types import Id

    Leaf = dict[Id, "Registered"]
    Tree = dict[Any, Any]
    Path = tuple[Any, ...]

ALL_ARGUMENTS = 99

# Each kind that has a pair of trees, and how many ids its listeners name.
KINDS = {
    "has_tables": 0,
    "tables": 0,
    "table_ids": 0,
    "has_table": 1,
    "table": 1,
    "table_cell_ids": 1,
    "has_table_cell": 2,
    "row_count": 1,
    "row_ids": 1,
    "sorted_row_ids": 2,
    "has_row": 2,
    "row": 2,
    "cell_ids": 2,
    "has_cell": 3,
    "cell": 3,
    "invalid_cell": 3,
    "has_values": 0,
    "values": 0,
    "value_ids": 0,
    "has_value": 1,
    "value": 1,
    "invalid_value": 1,
}
START, WILL_FINISH, DID_FINISH = "start_transaction", "will_finish", "did_finish"


class IdPool:
    """Hands out "0", "1", ... and, if asked to, released ids again first (TinyBase: its pools)."""

    __slots__ = ("_next", "_released")

    _MOST_KEPT = 1000

    def __init__(self) -> None:
        self._next = 0
        self._released: deque[Id] = deque()

    def take(self, *, reuse: bool) -> Id:
        """Give a released id, or the next new one."""
        if reuse and self._released:
            return self._released.popleft()
        self._next += 1
        return str(self._next - 1)

    def release(self, released: Id) -> None:
        """Take an id back, if it is one that a pool could have made."""
        if released.isdigit() and released.isascii() and len(self._released) < self._MOST_KEPT:
            self._released.append(released)


class Registered:
    """A listener in its place."""

    __slots__ = ("arity", "function", "id", "kind", "on_one_cell", "path", "tree")

    def __init__(
        self,
        listener_id: Id,
        function: Callable[..., object],
        kind: str,
        tree: Tree,
        path: Path,
    ) -> None:
        self.id = listener_id
        self.function = function
        self.kind = kind
        self.tree = tree
        self.path = path
        self.arity = accepted_arguments(function)
        # What is called in place of the function where one cell is all that changed; see _encoded.
        self.on_one_cell: Callable[..., object] | None = None


class Registry:
    """All listeners of a Store."""

    def __init__(self) -> None:
        self.observers: dict[str, Tree] = {kind: {} for kind in KINDS}
        self.mutators: dict[str, Tree] = {kind: {} for kind in KINDS}
        self.transaction: dict[str, Tree] = {START: {}, WILL_FINISH: {}, DID_FINISH: {}}
        self.by_id: dict[Id, Registered] = {}
        self.version = 0
        # How many listeners are mutators, or listen to a transaction's start or to its last moment:
        # those that can change what it does.
        self.others = 0
        self._ids = IdPool()

    def add(
        self,
        kind: str,
        path: Path,
        function: Callable[..., object],
        *,
        mutator: bool = False,
    ) -> Id:
        """Register a listener and give its id."""
        if kind in self.transaction:
            trees = self.transaction
        else:
            trees = self.mutators if mutator else self.observers
        tree = trees[kind]
        listener_id = self._ids.take(reuse=True)
        listener = Registered(listener_id, function, kind, tree, path)
        node = tree
        for step in path or ("",):
            node = node.setdefault(step, {})
        node[listener_id] = self.by_id[listener_id] = listener
        self.version += 1
        if trees is not self.observers and kind != DID_FINISH:
            self.others += 1
        return listener_id

    def stats(self) -> dict[str, int]:
        """Count the listeners of each kind."""
        stats = {}
        for kind, steps in KINDS.items():
            # TinyBase counts tables and cells with sorted listeners rather than these listeners.
            levels = 1 if kind == "sorted_row_ids" else max(steps, 1)
            stats[kind] = _count(self.observers[kind], levels) + _count(self.mutators[kind], levels)
        stats["transaction"] = sum(_count(tree, 1) for tree in self.transaction.values())
        return stats

    def remove(self, listener_id: Id) -> None:
        """Forget a listener; an unknown id is ignored."""
        listener = self.by_id.pop(listener_id, None)
        if listener is None:
            return
        path = listener.path or ("",)
        nodes = [listener.tree]
        for step in path:
            nodes.append(nodes[-1][step])
        del nodes.pop()[listener_id]
        for node, step in zip(reversed(nodes), reversed(path), strict=True):
            if node[step]:
                break
            del node[step]
        self._ids.release(listener_id)
        listener.function = _nothing
        listener.on_one_cell = None
        self.version += 1
        if listener.tree is not self.observers.get(listener.kind) and listener.kind != DID_FINISH:
            self.others -= 1

    def call(self, leaves: Iterable[Leaf], args: tuple[Any, ...]) -> None:
        """Call the listeners of some leaves, one leaf after the other.

        As in TinyBase, a listener that is removed meanwhile is not called any more, and one that is
        added to the leaf that is being called still is.
        """
        size = len(args)
        for leaf in leaves:
            known = listeners = tuple(leaf.values())
            version = self.version
            while listeners:
                for listener in listeners:
                    if listener.arity >= size:
                        listener.function(*args)
                    else:
                        listener.function(*args[: listener.arity])
                if self.version == version:
                    break
                listeners = tuple(each for each in leaf.values() if each not in known)
                known += listeners

    def call_all(
        self, tree: Tree, args: tuple[Any, ...], one_cell: tuple[Any, ...] | None = None
    ) -> None:
        """Call all listeners to a transaction's stages, then raise the first error of them.

        Args:
            tree: The listeners.
            args: What they are called with.
            one_cell: Where one cell is all that changed, what `on_one_cell` is called with.
        """
        error: BaseException | None = None
        leaf: Leaf = tree.get("", {})
        known = listeners = tuple(leaf.values())
        while listeners:
            version = self.version
            for listener in listeners:
                try:
                    if one_cell is not None and listener.on_one_cell is not None:
                        listener.on_one_cell(*one_cell)
                    else:
                        listener.function(*args[: listener.arity])
                except BaseException as raised:  # noqa: BLE001, PERF203 - raised again below
                    error = error or raised
            if self.version == version:
                break
            listeners = tuple(each for each in leaf.values() if each not in known)
            known += listeners
        if error is not None:
            raise error


def _nothing(*_: object) -> None:
    """What a removed listener does, if it is still to be called."""


def leaves_for(tree: Tree, *path: Any) -> list[Leaf]:
    """Find the leaves that hear about a path: for each step its id first, then the wildcard.

    The step MISSING means every id, as TinyBase means with `null` there; None is no id, so that
    only the wildcard hears about it.
    """
    if not tree:
        return []
    nodes = [tree]
    for step in path or ("",):
        if step is MISSING:
            nodes = [child for node in nodes for child in node.values()]
            continue
        found = []
        for node in nodes:
            if step in node:
                found.append(node[step])
            if step is not None and None in node:
                found.append(node[None])
        nodes = found
    return nodes


def leaves_for_cell(tree: Tree, table_id: Id, row_id: Id, cell_id: Id) -> list[Leaf]:
    """Do what `leaves_for` does for the path of a cell, the most frequent one, in half the time."""
    leaves = []
    for rows in (tree.get(table_id), tree.get(None)):
        if rows:
            for cells in (rows.get(row_id), rows.get(None)):
                if cells:
                    if cell_id in cells:
                        leaves.append(cells[cell_id])
                    if None in cells:
                        leaves.append(cells[None])
    return leaves


def _count(tree: Tree, levels: int) -> int:
    if levels == 0:
        return len(tree)
    return sum(_count(child, levels - 1) for child in tree.values())


def accepted_arguments(function: Callable[..., object]) -> int:
    """Count the positional arguments that a function takes."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ALL_ARGUMENTS
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return ALL_ARGUMENTS
    return sum(
        parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        for parameter in parameters
    )
