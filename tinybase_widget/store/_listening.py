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
        """Call a listener now, once for each thing that its ids and wildcards stand for.

        It gets no changes to ask for, but None. An unknown id is ignored.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store().set_table("pets", {"fido": {"age": 3}, "felix": {"age": 2}})
            >>> listener_id = store.add_row_listener("pets", None, lambda _, table, row: print(row))
            >>> store = store.call_listener(listener_id)
            fido
            felix

        TinyBase: `callListener`.
        """
        with self.lock:
            listener = self._registry.by_id.get(listener_id)
            if listener is not None:
                self._call_with_ids(listener, ())
        return self

    def del_listener(self, listener_id: Id) -> Self:
        """Forget a listener, whose id may then be another one's. An unknown id is ignored.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_tables_listener(lambda: print("changed"))
            >>> store = store.del_listener(listener_id).set_cell("pets", "fido", "age", 3)

        TinyBase: `delListener`.
        """
        with self.lock:
            self._registry.remove(listener_id)
            self._watchers_changed()
        return self

    def get_listener_stats(self) -> dict[str, int]:
        """Count the listeners, mutators included, by the kind of what they listen to.

        Of listeners to sorted row ids it counts only the different pairs of table and cell, as
        TinyBase does.

        Example:
            >>> from tinybase_widget import Store
            >>> store = Store()
            >>> listener_id = store.add_tables_listener(lambda: None)
            >>> store.get_listener_stats()["tables"]
            1

        TinyBase: `getListenerStats`.
        """
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
            table_id, row_id, cell_id = ids
            cell = self.get_cell(table_id, row_id, cell_id, MISSING)
            return cell, cell, None
        if kind == "value":
            value = self.get_value(ids[0], MISSING)
            return value, value, None
        return (None,) if kind in KINDS else ()


def not_callable(listener: Any) -> TypeError:
    """Make the error for what should be a listener and is no function."""
    return TypeError(f"a listener must be callable, not {listener!r}")
