"""Registering, calling and deleting listeners, whatever they listen to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybase_widget.store._cells import to_id
from tinybase_widget.store._listeners import KINDS, Registered
from tinybase_widget.store._schemas import Schemas
from tinybase_widget.store._types import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from tinybase_widget.store._types import Id, Listener


class Listening(Schemas):
    """The layer of a Store that has listeners."""

    def call_listener(self, listener_id: Id) -> Self:
        with self.lock:
            listener = self._registry.by_id.get(listener_id)
            if listener is not None:
                self._call_with_ids(listener, ())
        return self

    def del_listener(self, listener_id: Id) -> Self:
        with self.lock:
            self._registry.remove(listener_id)
            self._watchers_changed()
        return self

    def get_listener_stats(self) -> dict[str, int]:
        with self.lock:
            return self._registry.stats()

    def _listen(self, kind: str, path: tuple[Any, ...], listener: Listener, mutator: bool) -> Id:
        ids = tuple(None if each is None else to_id(each) for each in path)
        return self._register(kind, ids, listener, mutator=mutator)

    def _register(
        self, kind: str, path: tuple[Any, ...], listener: Listener, *, mutator: bool = False
    ) -> Id:
        if not callable(listener):
            raise not_callable(listener)
        with self.lock:
            listener_id = self._registry.add(kind, path, listener, mutator=bool(mutator))
            self._watchers_changed()
            return listener_id

    def _call_with_ids(self, listener: Registered, ids: tuple[Id, ...]) -> None:
        """Call a listener for all that its wildcards stand for (TinyBase: callListener)."""
        index = len(ids)
        if index == len(listener.path):
            args = (self, *ids, *self._extra_args(listener.kind, ids))
            listener.function(*args[: listener.arity])
        elif listener.path[index] is not None:
            self._call_with_ids(listener, (*ids, listener.path[index]))
        else:
            for each in self._ids_at(listener.kind, ids):
                self._call_with_ids(listener, (*ids, each))

    def _ids_at(self, kind: str, ids: tuple[Id, ...]) -> list[Id]:
        if kind.startswith("invalid_"):
            return []
        if kind in {"has_value", "value"}:
            return self.get_value_ids()
        getters: tuple[Callable[..., list[Id]], ...] = (
            self.get_table_ids,
            self.get_table_cell_ids if kind == "has_table_cell" else self.get_row_ids,
            self.get_cell_ids,
        )
        return getters[len(ids)](*ids)

    def _extra_args(self, kind: str, ids: tuple[Id, ...]) -> tuple[Any, ...]:
        if kind.startswith("has_"):
            return (getattr(self, kind)(*ids),)
        if kind == "cell":
            return (*(self.get_cell(*ids, MISSING),) * 2, None)
        if kind == "value":
            return (*(self.get_value(*ids, MISSING),) * 2, None)
        return (None,) if kind in KINDS else ()


def not_callable(listener: Any) -> TypeError:
    """Make the error for what should be a listener and is no function."""
    return TypeError(f"a listener must be callable, not {listener!r}")
