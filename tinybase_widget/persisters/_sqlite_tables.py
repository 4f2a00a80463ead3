"""Tables of a SQLite database as tables of a Store: a row each, a column for each cell id.

They are ordinary tables. Where they do not exist they are made, with the types that the Store's
schema tells; columns are added as cells need them. Only what differs is written.

In SQL there is one NULL, for a cell that is not there and for one that is null. It is loaded as
null, as in TinyBase: a table from a database has every cell in every row. A column that is declared
BOOLEAN, or is one by the Store's schema, holds 0 and 1 for False and True.

Source: TinyBase's tabular mode.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tinybase_widget._exceptions import PlaceError
from tinybase_widget.persisters._compare import same
from tinybase_widget.persisters._sqlite_config import ALWAYS, TABLE_NAME, TableSave
from tinybase_widget.store import MISSING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tinybase_widget.persisters._sqlite_database import Database
    from tinybase_widget.store import Store

_TYPES = {
    "string": "TEXT",
    "number": "NUMERIC",
    "boolean": "BOOLEAN",
    "object": "TEXT",
    "array": "TEXT",
}


class SqliteTables:
    """Reads and writes tables, inside a transaction of the database.

    Args:
        database: The database.
        store: The Store, whose schemas are asked for types.
    """

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._raw_ids: dict[str, dict[str, Any]] = {}

    # Reading

    def columns(self, table_name: str) -> dict[str, str]:
        """Return a table's columns with their declared types; none where there is no table."""
        found = self._database.execute(f"PRAGMA main.table_info({_quoted(table_name)})").fetchall()
        return {column[1]: column[2] for column in found}

    def load(
        self,
        table_name: str,
        row_id_column: str,
        condition: str = ALWAYS,
        types: Mapping[str, Any] | None = None,
        only: Collection[str] | None = None,
    ) -> dict[str, dict[str, Any]] | None:
        """Return a table's rows by id; `None` where there is no such table.

        Args:
            table_name: The table.
            row_id_column: The column of the ids.
            condition: Which rows to load, in SQL.
            types: What the schema says of cells, by their ids.
            only: The columns to load; `None` for all.
        """
        rows = self._read(table_name, row_id_column, condition)
        if rows is None:
            return None
        columns = {name for name in rows[0] if only is None or name in only}
        booleans = {
            name
            for name, declared in rows[0].items()
            if (types or {}).get(name, declared.upper()[:4]) in ("boolean", "BOOL")
        }
        return {
            row_id: {
                name: bool(cell) if name in booleans and cell in (0, 1) else cell
                for name, cell in row.items()
                if name in columns
            }
            for row_id, row in rows[1].items()
        }

    def _read(
        self, table_name: str, row_id_column: str, condition: str
    ) -> tuple[dict[str, str], dict[str, dict[str, Any]]] | None:
        columns = self.columns(table_name)
        if row_id_column not in columns:
            return None
        cursor = self._database.execute(
            f"SELECT * FROM {_quoted(table_name)}{_where(table_name, condition)}"  # noqa: S608
        )
        names = [column[0] for column in cursor.description]
        at = names.index(row_id_column)
        del names[at]
        raw_ids = self._raw_ids[table_name] = {}
        rows: dict[str, dict[str, Any]] = {}
        for cells in map(list, cursor):
            raw_id = cells.pop(at)
            if raw_id is None or isinstance(raw_id, bytes):
                continue
            row_id = raw_id if isinstance(raw_id, str) else str(raw_id)
            if row_id is not raw_id:
                raw_ids[row_id] = raw_id
            rows[row_id] = dict(zip(names, cells, strict=True))
        return {name: columns[name] for name in names}, rows

    # Writing

    def save_all(
        self,
        config: TableSave,
        rows: Mapping[str, Mapping[str, Any]],
        types: Mapping[str, Any],
        *,
        replace: bool,
        only: Collection[str] | None = None,
    ) -> None:
        """Make a table like rows of the Store.

        Args:
            config: Which table, and how.
            rows: The rows, by id.
            types: What the schema says of cells, by their ids.
            replace: Whether to delete what the Store has not.
            only: The columns that are the Store's; `None` for all.
        """
        name, row_id_column = config.table_name, config.row_id_column
        used = dict.fromkeys(cell for row in rows.values() for cell in row)
        if not used and not self.columns(name):
            return
        may_drop = replace and only is None and config.condition == ALWAYS
        if not used and config.delete_empty_table and may_drop:
            self._database.execute(f"DROP TABLE {_quoted(name)}")
            return
        if used:
            self._ensure(name, row_id_column, used, types)
        found = self._read(name, row_id_column, config.condition)
        if found is None:
            raise _without_id_column(name, row_id_column)
        columns, known = found
        owned = [column for column in columns if only is None or column in only]
        if replace:
            self._delete(config, [row_id for row_id in known if row_id not in rows])
        self._put(
            config,
            (
                (row_id, {cell: row.get(cell) for cell in row})
                if row_id not in known
                else (row_id, _differences(row, known[row_id], owned if replace else row))
                for row_id, row in rows.items()
            ),
            are_new=not known and config.condition == ALWAYS,
        )
        if replace and config.delete_empty_columns:
            for column in owned:
                if column not in used:
                    self._database.execute(
                        f"ALTER TABLE {_quoted(name)} DROP COLUMN {_quoted(column)}"
                    )

    def save_changes(
        self,
        config: TableSave,
        rows: Any,
        types: Mapping[str, Any],
        only: Collection[str] | None = None,
    ) -> None:
        """Write changes of a table of the Store.

        Args:
            config: Which table, and how.
            rows: Changed rows, by id; MISSING for what was deleted.
            types: What the schema says of cells, by their ids.
            only: The columns that are the Store's; `None` for all.
        """
        name = config.table_name
        if rows is MISSING:
            if self.columns(name):
                self._database.execute(
                    f"DELETE FROM {_quoted(name)}{_where(name, config.condition)}"  # noqa: S608
                )
            return
        written = {
            row_id: {
                cell_id: None if cell is MISSING else cell
                for cell_id, cell in row.items()
                if only is None or cell_id in only
            }
            for row_id, row in rows.items()
            if row is not MISSING
        }
        used = {
            cell_id: None
            for row in written.values()
            for cell_id, cell in row.items()
            if cell is not None
        }
        columns = self.columns(name)
        if used or (written and columns):
            used |= {cell_id: None for row in written.values() for cell_id in row}
            self._ensure(name, config.row_id_column, used, types)
        elif not columns:
            return
        self._delete(config, [row_id for row_id, row in rows.items() if row is MISSING])
        self._put(config, written.items(), are_new=False)

    def _ensure(
        self, table_name: str, row_id_column: str, used: Iterable[str], types: Mapping[str, Any]
    ) -> None:
        """Make the table, or the columns, that are not there yet."""
        columns = self.columns(table_name)
        if columns and row_id_column not in columns:
            raise _without_id_column(table_name, row_id_column)
        names = {name.lower(): name for name in [row_id_column, *columns]}
        missing: list[str] = []
        for cell_id in used:
            if names.setdefault(cell_id.lower(), cell_id) != cell_id or cell_id == row_id_column:
                raise PlaceError(
                    f"the cell id {cell_id!r} can't be a column of {table_name!r}, which has one "
                    f"called {names[cell_id.lower()]!r}: SQL takes the two for the same; "
                    "rename one of them"
                )
            if cell_id not in columns:
                missing.append(
                    f"{_quoted(cell_id)} {_TYPES.get(types.get(cell_id, ''), '')}".strip()
                )
        if not columns:
            made = ", ".join([f"{_quoted(row_id_column)} TEXT PRIMARY KEY", *missing])
            self._database.execute(f"CREATE TABLE {_quoted(table_name)} ({made})")
        else:
            for column in missing:
                self._database.execute(f"ALTER TABLE {_quoted(table_name)} ADD COLUMN {column}")

    def _put(
        self, config: TableSave, rows: Iterable[tuple[str, Mapping[str, Any]]], *, are_new: bool
    ) -> None:
        """Update rows, and insert those that there are not yet."""
        table, id_column = _quoted(config.table_name), _quoted(config.row_id_column)
        raw_ids = self._raw_ids.get(config.table_name, {})
        inserts: dict[tuple[str, ...], list[list[Any]]] = {}
        for row_id, row in rows:
            if not row:
                continue
            raw_id, cells = raw_ids.get(row_id, row_id), [*row.values()]
            if not are_new:
                changed = ", ".join(f"{_quoted(column)}=?" for column in row)
                cursor = self._database.execute(
                    f"UPDATE {table} SET {changed} WHERE {id_column}=?",  # noqa: S608
                    [*cells, raw_id],
                )
                if cursor.rowcount:
                    continue
            inserts.setdefault(tuple(row), []).append([raw_id, *cells])
        for columns, all_cells in inserts.items():
            names = ", ".join([id_column, *map(_quoted, columns)])
            marks = ", ".join("?" * (len(columns) + 1))
            self._database.execute_many(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
                all_cells,
            )

    def _delete(self, config: TableSave, row_ids: Collection[str]) -> None:
        if row_ids:
            table, id_column = _quoted(config.table_name), _quoted(config.row_id_column)
            raw_ids = self._raw_ids.get(config.table_name, {})
            where = _where(config.table_name, config.condition, f"{id_column}=?")
            self._database.execute_many(
                f"DELETE FROM {table}{where}",  # noqa: S608
                [(raw_ids.get(row_id, row_id),) for row_id in row_ids],
            )


def types_of_tables(store: Store) -> dict[str, dict[str, Any]]:
    """Return what the Store's schema says of cells, by table and cell id."""
    schema = json.loads(store.get_tables_schema_json())
    return {table_id: _types(cells) for table_id, cells in schema.items()}


def types_of_values(store: Store) -> dict[str, Any]:
    """Return what the Store's schema says of values, by id."""
    return _types(json.loads(store.get_values_schema_json()))


def _types(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: each["type"] for key, each in schema.items() if isinstance(each.get("type"), str)}


def _differences(
    row: Mapping[str, Any], known: Mapping[str, Any], columns: Iterable[str]
) -> dict[str, Any]:
    """Return the cells that differ; bytes are no cells, and stay where the Store has nothing."""
    return {
        column: cell
        for column in columns
        for cell in (row.get(column),)
        if not same(_as_sql(cell), known.get(column))
        and not (cell is None and isinstance(known.get(column), bytes))
    }


def _as_sql(cell: Any) -> Any:
    return int(cell) if isinstance(cell, bool) else cell


def _where(table_name: str, condition: str, more: str | None = None) -> str:
    conditions = [] if condition == ALWAYS else [condition.replace(TABLE_NAME, _quoted(table_name))]
    if more is not None:
        conditions.append(more)
    return " WHERE " + " AND ".join(f"({each})" for each in conditions) if conditions else ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _without_id_column(table_name: str, row_id_column: str) -> PlaceError:
    return PlaceError(
        f"the table {table_name!r} has no column {row_id_column!r} for the rows' ids; "
        "say which one it is: row_id_column_name"
    )
