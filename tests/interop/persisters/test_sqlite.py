"""SQLite databases that npm's TinyBase and this package both read and write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.persisters.contract.places import without_nulls
from tests.waiting import wait_until
from tinybase_widget import SqlitePersister, Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.persisters.conftest import TinyBase

CELLS = {"text": "é🐈\n", "int": 4, "float": -0.5, "object": {"a": [1, None]}, "list": [], "": "e"}
TABLES = {"pets": {"fido": CELLS, "__proto__": {**CELLS, "int": 2**53 - 1}, "1": {"text": ""}}}
VALUES = {"open": "yes", "left": 2.5, "constructor": "x"}

JS_TABULAR = {
    "mode": "tabular",
    "tables": {
        "load": {"pets": "pets", "my shops": {"tableId": "shops", "rowIdColumnName": "shop id"}},
        "save": {
            "pets": "pets",
            "shops": {"tableName": "my shops", "rowIdColumnName": "shop id"},
        },
    },
    "values": {"load": True, "save": True},
    "autoLoadIntervalSeconds": 0.02,
}
TABULAR = {
    "mode": "tabular",
    "tables": {
        "load": {
            "pets": "pets",
            "my shops": {"table_id": "shops", "row_id_column_name": "shop id"},
        },
        "save": {
            "pets": "pets",
            "shops": {"table_name": "my shops", "row_id_column_name": "shop id"},
        },
    },
    "values": {"load": True, "save": True},
    "auto_load_interval_seconds": 0.02,
}
CONFIGS = [
    pytest.param(
        {"autoLoadIntervalSeconds": 0.02}, {"auto_load_interval_seconds": 0.02}, id="JSON"
    ),
    pytest.param(JS_TABULAR, TABULAR, id="tabular"),
]
SHOPS = {"shops": {"1": {"city": "Ulm"}, "2": {"city": "Wien"}}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "zoo.db"


@pytest.fixture
def persister(path: Path) -> Any:
    made: list[SqlitePersister] = []

    def make(store: Store, config: Any) -> SqlitePersister:
        made.append(SqlitePersister(store, path, config, errors.append))
        return made[-1]

    errors: list[Exception] = []
    yield make
    for each in made:
        each.destroy()
    assert errors == []


@pytest.mark.parametrize(("js_config", "config"), CONFIGS)
def test_what_python_saves_tinybase_loads(
    tinybase: TinyBase, path: Path, persister: Any, js_config: Any, config: Any
) -> None:
    persister(Store().set_content(({**TABLES, **SHOPS}, VALUES)), config).save()
    tinybase.start("sqlite", str(path), js_config)
    tinybase.persister("load")
    assert tinybase.errors() == []
    assert without_nulls(tinybase.content()) == ({**TABLES, **SHOPS}, VALUES)


@pytest.mark.parametrize(("js_config", "config"), CONFIGS)
def test_what_tinybase_saves_python_loads(
    tinybase: TinyBase, path: Path, persister: Any, js_config: Any, config: Any
) -> None:
    tinybase.start("sqlite", str(path), js_config)
    tinybase.store("setContent", [{**TABLES, **SHOPS}, VALUES])
    tinybase.persister("save")
    assert tinybase.errors() == []
    found = persister(Store(), config).load().get_store().get_content()
    assert without_nulls(found) == ({**TABLES, **SHOPS}, VALUES)


def test_both_load_a_table_alike_to_the_null(
    tinybase: TinyBase, path: Path, persister: Any
) -> None:
    store = Store().set_tables({"pets": {"a": {"x": 1, "yes": True}, "b": {"y": None}}})
    persister(store, TABULAR).save()
    tinybase.start("sqlite", str(path), JS_TABULAR)
    tinybase.persister("load")
    assert persister(Store(), TABULAR).load().get_store().get_content() == tinybase.content()


@pytest.mark.parametrize(("js_config", "config"), CONFIGS)
def test_both_hear_of_each_others_edits_and_deletions(
    tinybase: TinyBase, path: Path, persister: Any, js_config: Any, config: Any
) -> None:
    tinybase.start("sqlite", str(path), js_config)
    tinybase.store("setContent", [SHOPS, VALUES])
    tinybase.persister("startAutoPersisting")
    tinybase.errors()  # that there was nothing to load
    store = Store()
    persister(store, config).start_auto_persisting()
    assert without_nulls(store.get_content()) == (SHOPS, VALUES)
    store.set_cell("shops", "1", "city", "Bern").set_value("open", "no")
    tinybase.call("cellIs", "shops", "1", "city", "Bern")
    tinybase.call("valueIs", "open", "no")
    tinybase.store("setCell", "pets", "rex", "text", "wuff")
    wait_until(lambda: store.get_cell("pets", "rex", "text") == "wuff")
    tinybase.store("delRow", "shops", "2")
    wait_until(lambda: not store.has_row("shops", "2"))
    store.del_row("shops", "1").set_value("last", 1)
    tinybase.call("valueIs", "last", 1)
    assert tinybase.store("getRow", "shops", "1") == {}
    assert tinybase.errors() == []


def test_a_schema_makes_columns_of_its_types(path: Path, persister: Any) -> None:
    store = Store().set_tables_schema(
        {
            "pets": {
                "name": {"type": "string"},
                "age": {"type": "number"},
                "sold": {"type": "boolean", "default": False},
                "tags": {"type": "array"},
            }
        }
    )
    store.set_row("pets", "fido", {"name": "Fido", "age": 3, "tags": [1]})
    persister(store, TABULAR).save()
    with closing(sqlite3.connect(path)) as db:
        columns = {name: kind for _, name, kind, *_ in db.execute("PRAGMA table_info(pets)")}
        cells = db.execute("SELECT name, age, typeof(age), sold FROM pets").fetchall()
    assert columns == {
        "_id": "TEXT",
        "name": "TEXT",
        "age": "NUMERIC",
        "sold": "BOOLEAN",
        "tags": "TEXT",
    }
    assert cells == [("Fido", 3, "integer", 0)]


def test_booleans_come_back_from_tinybases_columns_by_the_schema(
    tinybase: TinyBase, path: Path, persister: Any
) -> None:
    tinybase.start("sqlite", str(path), JS_TABULAR)
    tinybase.store("setContent", [{"pets": {"fido": {"sold": True, "age": 1}}}, {"open": False}])
    tinybase.persister("save")
    store = Store().set_tables_schema(
        {"pets": {"sold": {"type": "boolean"}, "age": {"type": "number"}}}
    )
    store.set_values_schema({"open": {"type": "boolean"}})
    persister(store, TABULAR).load()
    assert store.get_content() == ({"pets": {"fido": {"sold": True, "age": 1}}}, {"open": False})
