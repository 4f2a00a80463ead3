"""The places on which the contract is tested: one line in `PLACES` for each kind of persister.

A place is made empty. All persisters that it gives out are persisters of the same place, so that
what one of them saves the others can load.
"""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import tinybase_widget
from tinybase_widget import (
    AsyncPersister,
    FilePersister,
    Persister,
    SqlitePersister,
    Store,
    YjsPersister,
    create_doc,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tinybase_widget.persisters._persister import PersisterListener
    from tinybase_widget.store import Changes, Content

# Ids that one language or the other, or SQL, has a word to say about.
NAMES = ("__proto__", "select", "a b", "q\"u'o", "x.y", "ünï 🐈", "1")


def without_nulls(content: Content) -> Content:
    """Return content without its nulls, which a database has for what is not there."""
    tables, values = content
    return (
        {
            table_id: {
                row_id: {cell_id: cell for cell_id, cell in row.items() if cell is not None}
                for row_id, row in rows.items()
            }
            for table_id, rows in tables.items()
        },
        {value_id: value for value_id, value in values.items() if value is not None},
    )


class Place:
    """An empty place of one kind.

    Attributes:
        keeps_all: Whether cells come back as they were, of whatever type and whichever are there.
        is_document: Whether several write here at once, so that a save replaces nothing unseen.
    """

    keeps_all = True
    is_document = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[Persister] = []

    def persister(self, store: Store, **options: Any) -> Persister:
        """Return a new persister of this place."""
        persister = self.make(store, **options)
        self.made.append(persister)
        return persister

    def make(self, store: Store, **options: Any) -> Persister:
        """Make a persister."""
        raise NotImplementedError

    def put(self, *content: Any) -> None:
        """Save content here, as somebody else would."""
        other = self.persister(Store().set_content(content))
        other.save().destroy()

    def content(self) -> Content:
        """Return what somebody else would find here."""
        other = self.persister(Store())
        found = other.load().get_store().get_content()
        other.destroy()
        return found

    def holds(self, content: Content) -> bool:
        """Return whether somebody else would find this here, as far as the place can keep it."""
        found = self.content()
        return found == content or (not self.keeps_all and without_nulls(found) == content)

    def settle(self) -> None:
        """Do what an event loop would do soon."""

    def close(self) -> None:
        """End all persisters."""
        for persister in self.made:
            persister.destroy()


class Shelf:
    """Content, and who wants to hear of changes."""

    def __init__(self) -> None:
        self.content: Any = None
        self.listeners: list[tuple[object, PersisterListener]] = []

    def put(self, content: Any, who: object) -> None:
        self.content = content
        for owner, listener in list(self.listeners):
            if owner is not who:
                listener()


class ShelfPersister(Persister):
    """A custom persister of three methods."""

    def __init__(self, store: Store, shelf: Shelf, **options: Any) -> None:
        super().__init__(store, **options)
        self.shelf = shelf

    def get_persisted(self) -> Content | None:
        return self.shelf.content  # type: ignore[no-any-return]

    def set_persisted(
        self,
        get_content: Callable[[], Content],
        changes: Changes | None = None,  # noqa: ARG002 - the whole content is enough
    ) -> None:
        self.shelf.put(get_content(), self)

    def add_persister_listener(self, listener: PersisterListener) -> object:
        entry = (self, listener)
        self.shelf.listeners.append(entry)
        return lambda: self.shelf.listeners.remove(entry)


class AsyncShelfPersister(AsyncPersister):
    """A custom persister of four methods, all of them coroutines."""

    def __init__(self, store: Store, shelf: Shelf, **options: Any) -> None:
        super().__init__(store, **options)
        self.shelf = shelf

    async def get_persisted(self) -> Content | None:
        await asyncio.sleep(0.001)
        return self.shelf.content  # type: ignore[no-any-return]

    async def set_persisted(
        self,
        get_content: Callable[[], Content],
        changes: Changes | None = None,  # noqa: ARG002 - the whole content is enough
    ) -> None:
        content = get_content()
        await asyncio.sleep(0.001)
        self.shelf.put(content, self)

    async def add_persister_listener(self, listener: PersisterListener) -> object:
        await asyncio.sleep(0)
        entry = (self, listener)
        self.shelf.listeners.append(entry)
        return entry

    async def del_persister_listener(self, handle: Any) -> None:
        await asyncio.sleep(0)
        self.shelf.listeners.remove(handle)


class CustomPlace(Place):
    """A place that somebody wrote a persister for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shelf = Shelf()

    def make(self, store: Store, **options: Any) -> Persister:
        return ShelfPersister(store, self.shelf, **options)


class AsyncCustomPlace(CustomPlace):
    """The same, reached by coroutines."""

    def make(self, store: Store, **options: Any) -> Persister:
        return AsyncShelfPersister(store, self.shelf, **options)


class YjsPlace(Place):
    """A Yjs document."""

    is_document = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.doc = create_doc()

    def make(self, store: Store, **options: Any) -> Persister:
        return YjsPersister(store, self.doc, **options)

    def settle(self) -> None:
        for persister in self.made:
            assert isinstance(persister, YjsPersister)
            persister.flush()


class AutomergePlace(Place):
    """An Automerge document."""

    is_document = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.handle = tinybase_widget.AutomergeDocHandle()

    def make(self, store: Store, **options: Any) -> Persister:
        return tinybase_widget.AutomergePersister(store, self.handle, **options)


class FilePlace(Place):
    """A file."""

    def make(self, store: Store, **options: Any) -> Persister:
        return FilePersister(store, self.folder / "zoo.json", **options)


class SqliteJsonPlace(Place):
    """A SQLite database that keeps everything as JSON."""

    config: Any = {"auto_load_interval_seconds": 0.02}  # noqa: RUF012

    def make(self, store: Store, **options: Any) -> Persister:
        return SqlitePersister(store, self.folder / "zoo.db", self.config, **options)


SAME_NAMES = {name: name for name in ("pets", "t", "gone", *NAMES)}


class SqliteTabularPlace(SqliteJsonPlace):
    """A SQLite database of ordinary tables."""

    keeps_all = False
    config: Any = {  # noqa: RUF012
        "mode": "tabular",
        "tables": {"load": SAME_NAMES, "save": SAME_NAMES},
        "values": {"load": True, "save": True},
        "auto_load_interval_seconds": 0.02,
    }


PLACES: dict[str, type[Place]] = {
    "custom": CustomPlace,
    "custom async": AsyncCustomPlace,
    "Yjs": YjsPlace,
    "file": FilePlace,
    "SQLite JSON": SqliteJsonPlace,
    "SQLite tabular": SqliteTabularPlace,
}
if find_spec("automerge"):  # its wheels end with Python 3.12
    PLACES["Automerge"] = AutomergePlace
