"""What a SQLite persister is told about its tables: TinyBase's `DatabasePersisterConfig`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW_ID_COLUMN = "_id"
ALWAYS = "true"
TABLE_NAME = "$tableName"
_VALUES_TABLE = "tinybase_values"
_STORE_TABLE = "tinybase"
_STORE_COLUMN = "store"
_JSON_KEYS = ("store_table_name", "store_id_column_name", "store_column_name")


class JsonConfig(NamedTuple):
    """Where the whole content is, as one JSON text."""

    table_name: str
    id_column: str
    content_column: str


class TableLoad(NamedTuple):
    """The Store's table into which a table of the database is loaded."""

    table_id: str
    row_id_column: str = ROW_ID_COLUMN
    condition: str = ALWAYS


class TableSave(NamedTuple):
    """The table of the database into which a Store's table is saved."""

    table_name: str
    row_id_column: str = ROW_ID_COLUMN
    delete_empty_columns: bool = False
    delete_empty_table: bool = False
    condition: str = ALWAYS


class ValuesConfig(NamedTuple):
    """Which values are loaded and saved: all (`None`), or those; and where."""

    load: bool
    save: bool
    table_name: str
    load_ids: frozenset[str] | None = None
    save_ids: frozenset[str] | None = None


class TabularConfig(NamedTuple):
    """Which tables are loaded, by name, and saved, by id."""

    load: dict[str, TableLoad]
    save: dict[str, TableSave]
    values: ValuesConfig


def read_config(config: Any) -> tuple[JsonConfig | TabularConfig, float]:
    """Return what a config says, and the interval of looking for changes, in seconds.

    Args:
        config: A dictionary, the name of the table of the JSON mode, or `None`.

    Raises:
        TypeError: It, or something in it, is of another type.
        ValueError: It has a key that there is not.
    """
    if config is None or isinstance(config, str):
        config = {} if config is None else {"store_table_name": config}
    mode = _mapping(config, "the config").get("mode", "json")
    if mode not in ("json", "tabular"):
        raise ValueError(f'the mode is "json" or "tabular", not {mode!r}')
    own_keys = _JSON_KEYS if mode == "json" else ("tables", "values")
    _check_keys(config, ("mode", "auto_load_interval_seconds", *own_keys), f"config of mode {mode}")
    interval = config.get("auto_load_interval_seconds", 1)
    if isinstance(interval, bool) or not isinstance(interval, (int, float)) or interval <= 0:
        raise TypeError(f"auto_load_interval_seconds is a number above 0, not {interval!r}")
    return (_read_json if mode == "json" else _read_tabular)(config), float(interval)


def _read_json(config: Mapping[str, Any]) -> JsonConfig:
    defaults = (_STORE_TABLE, ROW_ID_COLUMN, _STORE_COLUMN)
    return JsonConfig(
        *(
            _name(config.get(key, default), key)
            for key, default in zip(_JSON_KEYS, defaults, strict=True)
        )
    )


def _read_tabular(config: Mapping[str, Any]) -> TabularConfig:
    tables = _mapping(config.get("tables", {}), "tables")
    _check_keys(tables, ("load", "save"), "tables")
    values = _read_values(_mapping(config.get("values", {}), "values"))
    load = {
        name: TableLoad(**entry)
        for name, entry in _entries(tables, "load", "table_id", TableLoad._fields)
        if name != values.table_name
    }
    save: dict[str, TableSave] = {}
    for table_id, entry in _entries(tables, "save", "table_name", TableSave._fields):
        if entry["table_name"] != values.table_name:
            loaded = load.get(entry["table_name"])
            entry.setdefault("condition", loaded.condition if loaded else ALWAYS)
            save[table_id] = TableSave(**entry)
    return TabularConfig(load, save, values)


def _read_values(values: Mapping[str, Any]) -> ValuesConfig:
    _check_keys(values, ("load", "save", "table_name"), "values")
    found: dict[str, frozenset[str] | None] = {}
    for key in ("load", "save"):
        which = values.get(key, False)
        if not isinstance(which, (bool, list, tuple)):
            raise TypeError(f"values.{key} is True, False or a list of value ids, not {which!r}")
        found[key] = None if isinstance(which, bool) else frozenset(map(str, which))
    return ValuesConfig(
        values.get("load", False) is not False,
        values.get("save", False) is not False,
        _name(values.get("table_name", _VALUES_TABLE), "values.table_name"),
        found["load"],
        found["save"],
    )


def _entries(
    tables: Mapping[str, Any], key: str, main_field: str, fields: Iterable[str]
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the entries of `tables.load` or `tables.save`, as keyword arguments."""
    known = tuple("row_id_column_name" if each == "row_id_column" else each for each in fields)
    for name, given in _mapping(tables.get(key, {}), f"tables.{key}").items():
        where = f"tables.{key}[{name!r}]"
        entry = {main_field: given} if given is None or isinstance(given, str) else given
        _check_keys(_mapping(entry, where), known, where)
        if entry.get(main_field) is None:
            continue  # as in TinyBase: this one is left out
        read: dict[str, Any] = {}
        for each, content in entry.items():
            is_switch = each.startswith("delete_")
            field = "row_id_column" if each == "row_id_column_name" else each
            read[field] = bool(content) if is_switch else _name(content, f"{where}.{each}")
        yield _name(name, f"tables.{key}"), read


def _mapping(given: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{where} is a dictionary, not {given!r}")
    return given


def _name(given: Any, where: str) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{where} is a string, not {given!r}")
    return given


def _check_keys(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"it knows {', '.join(known)}"
            raise ValueError(f"{where} has the unknown key {key!r}: {hint}")
