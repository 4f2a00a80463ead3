"""The SQLite persister: a Store's content in a database, as TinyBase keeps it there.

In JSON mode the whole content is one text in one row. In tabular mode tables of the Store are
tables of the database (`_sqlite_tables`), that any SQL tool reads and writes, and a save writes
what has changed. Either way a save is one transaction: after a crash all of it is there or nothing.

Others may write to the database at the same time. What they have changed is noticed by SQLite's
`data_version`: at intervals where the persister loads by itself, and before each save. A save then
deletes nothing that this persister has not seen; in JSON mode it puts its own edits on top of
theirs (`_json_content`).

Source: TinyBase's `createCustomSqlitePersister`; the same tables.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.persisters._compare import compare
from tinybase_widget.persisters._json_content import SharedText
from tinybase_widget.persisters._persister import Persister
from tinybase_widget.persisters._polling import Polling
from tinybase_widget.persisters._sqlite_config import (
    ROW_ID_COLUMN,
    JsonConfig,
    TableSave,
    TabularConfig,
    read_config,
)
from tinybase_widget.persisters._sqlite_database import Version, open_database
from tinybase_widget.persisters._sqlite_tables import (
    SqliteTables,
    types_of_tables,
    types_of_values,
)
from tinybase_widget.store._encoded import EncodedReader

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from typing_extensions import Self

    from tinybase_widget.persisters._persister import IgnoredErrorHandler, PersisterListener
    from tinybase_widget.store import Changes, Content, Store

_SINGLE_ROW = "_"


class SqlitePersister(Persister):
    """Keeps a Store in a SQLite database.

    Args:
        store: The Store.
        path_or_connection: The database's path, or an open connection that any thread may use
            (`sqlite3.connect(path, check_same_thread=False)`), which stays open in the end.
        config: TinyBase's `DatabasePersisterConfig` with its keys in snake_case. Without it, or
            with a table's name in its place, the whole content is kept as JSON. `{"mode":
            "tabular", "tables": {"load": …, "save": …}, "values": …}` says which tables of the
            database are loaded into which of the Store, and the other way round. A load leaves the
            Store's other tables alone.
        on_ignored_error: See `Persister`; what the database refuses gives a `PlaceError`.

    Raises:
        TypeError: The path, or something in the config, is of another type.
        ValueError: The config has an unknown key; the connection is bound to one thread.

    Example:
        >>> import sqlite3
        >>> from tinybase_widget import SqlitePersister, Store
        >>> db = sqlite3.connect(":memory:", check_same_thread=False)
        >>> store = Store().set_table("pets", {"fido": {"species": "dog", "age": 3}})
        >>> config = {
        ...     "mode": "tabular",
        ...     "tables": {"load": {"pets": "pets"}, "save": {"pets": "pets"}},
        ... }
        >>> persister = SqlitePersister(store, db, config).start_auto_persisting()
        >>> store = store.set_row("pets", "felix", {"species": "cat", "age": 4})
        >>> db.execute("SELECT * FROM pets ORDER BY age").fetchall()
        [('fido', 'dog', 3), ('felix', 'cat', 4)]

    Source: TinyBase's `createCustomSqlitePersister`.
    """

    def __init__(
        self,
        store: Store,
        path_or_connection: str | os.PathLike[str] | sqlite3.Connection,
        config: Mapping[str, Any] | str | None = None,
        on_ignored_error: IgnoredErrorHandler | None = None,
    ) -> None:
        super().__init__(store, on_ignored_error)
        self._config, self._interval_s = read_config(config)
        self._database = open_database(path_or_connection)
        self._tables = SqliteTables(self._database, store)
        self._text = SharedText(self._database.name)
        self._version: Version | None = None
        self._heard: Version | None = None
        self._has_seen_tables = False
        self._is_blind = False

    def get_db(self) -> sqlite3.Connection:
        """Return the connection to the database.

        Source: TinyBase's `getDb`.
        """
        return self._database.connection

    def destroy(self) -> Self:
        """Stop everything, and close the connection if it was opened here."""
        super().destroy()
        self._database.close()
        return self

    # Loading

    def get_persisted(self) -> Content | None:
        """Return the database's content, or `None` where it has none yet.

        Raises:
            PersistedContentError: There is something else, in JSON mode.
            PlaceError: The database can't be read.
        """
        if not self._database.exists():
            return None
        try:
            with self._database.transaction(write=False):
                self._version = self._database.version()
                content = self._load_all()
        except TinyBaseError:
            self._is_blind = True
            self._text.not_loaded()
            raise
        self._is_blind = False
        return content

    def _load_all(self) -> Content | None:
        if isinstance(self._config, TabularConfig):
            return self._load_tables(self._config)
        content = self._text.loaded(
            self._read_text(self._config), self._get_content() if self._unsaved else None
        )
        return None if content is None else (content[0], content[1])

    def _read_text(self, config: JsonConfig) -> str | None:
        rows = self._tables.load(config.table_name, config.id_column) or {}
        text = rows.get(_SINGLE_ROW, {}).get(config.content_column)
        return text if text is None or isinstance(text, str) else repr(text)

    def _load_tables(self, config: TabularConfig) -> Content | None:
        types = types_of_tables(self._store)
        found = {
            table.table_id: self._tables.load(
                name, table.row_id_column, table.condition, types.get(table.table_id)
            )
            for name, table in config.load.items()
        }
        tables = {
            table_id: {row_id: row for row_id, row in rows.items() if row}
            for table_id, rows in found.items()
            if rows
        }
        values: dict[str, Any] | None = None
        if config.values.load:
            rows = self._tables.load(
                config.values.table_name,
                ROW_ID_COLUMN,
                types=types_of_values(self._store),
                only=config.values.load_ids,
            )
            values = (rows or {}).get(_SINGLE_ROW)
        if values is not None or any(rows is not None for rows in found.values()):
            self._has_seen_tables = True
        return (tables, values or {}) if self._has_seen_tables else None

    def _set_content(self, content: Sequence[Any]) -> None:
        if isinstance(self._config, JsonConfig):
            super()._set_content(content)
            return
        stored, values = EncodedReader(self._store), self._config.values
        loaded = {table.table_id for table in self._config.load.values()}
        changes = compare(
            {id_: rows for id_, rows in stored.read_tables().items() if id_ in loaded},
            {
                id_: value
                for id_, value in stored.read_values().items()
                if values.load and (values.load_ids is None or id_ in values.load_ids)
            },
            *content[:2],
            delete=True,
        )
        self._apply_changes(changes)

    # Saving

    def set_persisted(
        self, get_content: Callable[[], Content], changes: Changes | None = None
    ) -> None:
        """Write to the database, in one transaction.

        Raises:
            PersistedContentError: There is something else, in JSON mode; it is left as it is.
            PlaceError: The database refused, and is as it was.
        """
        database = self._database
        with database.transaction(write=True):
            before = database.version()
            is_seen = self._version in (None, before) and not self._is_blind
            if isinstance(self._config, JsonConfig):
                is_merged = self._save_text(self._config, get_content)
            else:
                is_merged = False
                self._save_tables(self._config, get_content, changes, replace=is_seen)
            if is_seen:
                self._version = database.version()
        if isinstance(self._config, JsonConfig):
            self._text.saved()
        if (is_merged or not is_seen) and self.is_auto_loading():
            self._listener()

    def _save_text(self, config: JsonConfig, get_content: Callable[[], Content]) -> bool:
        found = self._read_text(config)
        text, is_merged = self._text.to_save(get_content(), found)
        if text != found:
            self._tables.save_changes(
                TableSave(config.table_name, config.id_column),
                {_SINGLE_ROW: {config.content_column: text}},
                {config.content_column: "string"},
            )
        return is_merged

    def _save_tables(
        self,
        config: TabularConfig,
        get_content: Callable[[], Content],
        changes: Changes | None,
        *,
        replace: bool,
    ) -> None:
        types, types_of_value = types_of_tables(self._store), types_of_values(self._store)
        values = TableSave(config.values.table_name, ROW_ID_COLUMN, True, True)
        only = config.values.save_ids
        if changes is not None:
            for table_id, rows in changes[0].items():
                if table_id in config.save:
                    self._tables.save_changes(config.save[table_id], rows, types.get(table_id, {}))
            if config.values.save and changes[1]:
                self._tables.save_changes(values, {_SINGLE_ROW: changes[1]}, types_of_value, only)
            return
        content = get_content()
        for table_id, table in config.save.items():
            self._tables.save_all(
                table, content[0].get(table_id, {}), types.get(table_id, {}), replace=replace
            )
        if config.values.save:
            row = {id_: value for id_, value in content[1].items() if only is None or id_ in only}
            rows_of_values = {_SINGLE_ROW: row} if row else {}
            self._tables.save_all(
                values, rows_of_values, types_of_value, replace=replace, only=only
            )

    # Listening

    def add_persister_listener(self, listener: PersisterListener) -> object:
        """Look at the database at intervals."""
        self._listener = listener
        return Polling(self._look, self._interval_s, f"look at {self._database.name}")

    def del_persister_listener(self, handle: Any) -> None:
        """Look no more."""
        handle.stop()

    def _look(self) -> None:
        try:
            with self._database.lock:
                if not self._database.exists():
                    return
                version = self._database.version()
                is_new = version not in (self._version, self._heard)
        except sqlite3.Error:
            return  # somebody is just writing: the next look sees what
        if is_new and self.is_auto_loading():
            self._heard = version
            self._listener()
        self._save_unsaved_at_times()
