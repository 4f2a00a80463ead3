"""SQLite databases: ordinary tables, written as little as possible, and shared."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiting import wait_until
from tinybase_widget import PlaceError, SqlitePersister, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PETS = {"fido": {"species": "dog", "age": 3}, "felix": {"species": "cat", "age": 4}}


def tabular(
    load: Any = None, save: Any = None, values: Any = False, interval_s: float = 0.02
) -> dict[str, Any]:
    """Return a config of the tabular mode, of the table of pets where nothing else is said."""
    return {
        "mode": "tabular",
        "tables": {
            "load": {"pets": "pets"} if load is None else load,
            "save": {"pets": "pets"} if save is None else save,
        },
        "values": {"load": values, "save": values},
        "auto_load_interval_seconds": interval_s,
    }


class Databases:
    """Persisters of one database, and a connection of somebody who knows nothing of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.errors: list[Exception] = []
        self.made: list[SqlitePersister] = []

    def persister(self, store: Store, config: Any = None) -> SqlitePersister:
        config = tabular() if config is None else config
        self.made.append(SqlitePersister(store, self.path, config, self.errors.append))
        return self.made[-1]

    def rows(self, sql: str) -> list[Any]:
        return self.db.execute(sql).fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Databases]:
    found = Databases(tmp_path / "zoo.db")
    yield found
    for persister in found.made:
        persister.destroy()
    found.db.close()
    assert found.errors == []


# JSON mode


def test_json_mode_keeps_one_row_in_tinybases_table(database: Databases) -> None:
    database.persister(Store().set_table("pets", PETS), {}).save()
    ((row_id, text),) = database.rows("SELECT _id, store FROM tinybase")
    assert (row_id, text) == ("_", Store().set_table("pets", PETS).get_json())


def test_json_modes_table_and_columns_can_be_named(database: Databases) -> None:
    config = {
        "store_table_name": "my stores",
        "store_id_column_name": "name",
        "store_column_name": "content",
    }
    database.persister(Store().set_value("a", 1), config).save()
    assert database.rows('SELECT name, content FROM "my stores"') == [("_", '[{},{"a":1}]')]


def test_a_string_in_place_of_a_config_names_the_table(database: Databases) -> None:
    database.persister(Store().set_value("a", 1), "zoo").save()
    assert database.rows("SELECT store FROM zoo") == [('[{},{"a":1}]',)]


def test_stores_of_several_names_live_in_one_database(database: Databases) -> None:
    for name in ("one", "two"):
        database.persister(Store().set_value("name", name), name).save()
    for name in ("one", "two"):
        loaded = database.persister(Store(), name).load().get_store()
        assert loaded.get_values() == {"name": name}


def test_a_json_save_does_not_lose_what_somebody_else_has_saved(database: Databases) -> None:
    one, other = Store().set_table("pets", PETS), Store()
    database.persister(one, {}).start_auto_persisting()
    database.persister(other, {}).load().start_auto_save()
    with one.lock:
        other.set_cell("pets", "rex", "age", 1)
        one.set_cell("pets", "fido", "age", 5)
    wait_until(lambda: one.get_cell("pets", "rex", "age") == 1)
    assert one.get_cell("pets", "fido", "age") == 5
    loaded = database.persister(Store(), {}).load().get_store()
    assert loaded.get_content() == one.get_content()


# Tabular mode


def test_a_table_is_an_ordinary_table(database: Databases) -> None:
    database.persister(Store().set_table("pets", PETS)).save()
    assert database.rows("SELECT species, age FROM pets WHERE _id = 'fido'") == [("dog", 3)]
    assert database.rows("SELECT sum(age) FROM pets") == [(7,)]


def test_what_sql_writes_is_loaded(database: Databases) -> None:
    database.db.execute("CREATE TABLE pets (_id INTEGER PRIMARY KEY, species TEXT, sold BOOLEAN)")
    database.db.execute("INSERT INTO pets VALUES (1, 'dog', true), (2, 'cat', NULL)")
    store = Store()
    database.persister(store).start_auto_persisting()
    assert store.get_table("pets") == {
        "1": {"species": "dog", "sold": True},
        "2": {"species": "cat", "sold": None},
    }
    database.db.execute("INSERT INTO pets VALUES (3, 'fish', false)")
    wait_until(lambda: store.get_row("pets", "3") == {"species": "fish", "sold": False})
    database.db.execute("DELETE FROM pets WHERE _id = 1")
    wait_until(lambda: not store.has_row("pets", "1"))
    store.set_cell("pets", "3", "species", "shark").add_row("pets", {"species": "bird"})
    rows = database.rows("SELECT _id, species FROM pets ORDER BY species")
    assert rows == [(1, "bird"), (2, "cat"), (3, "shark")]


def test_ids_that_are_numbers_in_an_untyped_column_stay_the_same_rows(database: Databases) -> None:
    database.db.execute("CREATE TABLE pets (_id PRIMARY KEY, age)")
    database.db.execute("INSERT INTO pets VALUES (1, 3), ('x', 4)")
    store = Store()
    database.persister(store).start_auto_persisting()
    store.set_cell("pets", "1", "age", 5).del_row("pets", "x")
    assert database.rows("SELECT _id, typeof(_id), age FROM pets") == [(1, "integer", 5)]


def test_a_change_writes_that_cell_and_nothing_else(database: Databases) -> None:
    database.db.execute("CREATE TABLE log (id, age)")
    store = Store().set_table("pets", PETS)
    database.persister(store).start_auto_save()
    database.db.execute(
        "CREATE TRIGGER note AFTER UPDATE ON pets BEGIN INSERT INTO log VALUES (new._id, new.age); "
        "END"
    )
    store.set_cell("pets", "fido", "age", 4)
    assert database.rows("SELECT * FROM log") == [("fido", 4)]


def test_a_whole_save_writes_only_what_differs(database: Databases) -> None:
    database.persister(Store().set_table("pets", PETS)).save()
    database.db.execute("CREATE TABLE log (id)")
    for event in ("INSERT", "UPDATE", "DELETE"):
        row = "old" if event == "DELETE" else "new"
        note = f"BEGIN INSERT INTO log VALUES ('{event} ' || {row}._id); END"  # noqa: S608
        database.db.execute(f"CREATE TRIGGER {event}_ AFTER {event} ON pets {note}")
    rows = {"fido": {"species": "dog", "age": 5}, "rex": {"species": "dog"}}
    database.persister(Store().set_table("pets", rows)).save()
    assert sorted(database.rows("SELECT * FROM log")) == [
        ("DELETE felix",),
        ("INSERT rex",),
        ("UPDATE fido",),
    ]


def test_a_transaction_of_the_store_is_one_of_the_database(database: Databases) -> None:
    store = Store().set_table("pets", PETS)
    persister = database.persister(store).start_auto_save()
    begun: list[str] = []
    persister.get_db().set_trace_callback(begun.append)
    with store.transaction():
        for number in range(50):
            store.set_row("pets", str(number), {"age": number})
        store.del_row("pets", "fido")
    assert [sql for sql in begun if sql.startswith(("BEGIN", "COMMIT"))] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]


def test_columns_that_cells_need_are_added(database: Databases) -> None:
    store = Store().set_table("pets", PETS)
    database.persister(store).start_auto_save()
    store.set_cell("pets", "fido", "colour", "brown")
    assert database.rows("SELECT colour FROM pets ORDER BY _id") == [(None,), ("brown",)]


def test_columns_of_a_table_with_constraints_are_updated_one_by_one(database: Databases) -> None:
    database.db.execute("CREATE TABLE pets (_id TEXT PRIMARY KEY, species TEXT NOT NULL, age)")
    database.db.execute("INSERT INTO pets VALUES ('fido', 'dog', 3)")
    store = Store()
    database.persister(store).start_auto_persisting()
    store.set_cell("pets", "fido", "age", 4)
    assert database.rows("SELECT * FROM pets") == [("fido", "dog", 4)]


def test_tables_are_mapped_by_name_id_column_and_condition(database: Databases) -> None:
    database.db.execute("CREATE TABLE animals (name TEXT PRIMARY KEY, zoo, age)")
    database.db.execute("INSERT INTO animals VALUES ('a', 'Ulm', 1), ('b', 'Wien', 2)")
    where = "$tableName.zoo = 'Ulm'"
    config = tabular(
        {"animals": {"table_id": "pets", "row_id_column_name": "name", "condition": where}},
        {"pets": {"table_name": "animals", "row_id_column_name": "name"}},
    )
    store = Store()
    database.persister(store, config).start_auto_persisting()
    assert store.get_tables() == {"pets": {"a": {"zoo": "Ulm", "age": 1}}}
    store.del_table("pets").set_row("pets", "c", {"zoo": "Ulm"})
    assert database.rows("SELECT name FROM animals ORDER BY name") == [("b",), ("c",)]


def test_tables_that_are_not_mapped_are_left_alone_on_both_sides(database: Databases) -> None:
    database.db.execute("CREATE TABLE others (_id, a)")
    database.db.execute("INSERT INTO others VALUES ('1', 2)")
    store = Store().set_table("mine", {"1": {"a": 1}}).set_value("v", 1)
    database.persister(Store().set_table("pets", PETS)).save()
    database.persister(store).start_auto_persisting()
    assert store.get_content() == ({"mine": {"1": {"a": 1}}, "pets": PETS}, {"v": 1})
    assert database.rows("SELECT * FROM others") == [("1", 2)]
    assert {name for (name,) in database.rows("SELECT name FROM sqlite_master")} >= {"others"}
    assert database.rows("SELECT 1 FROM sqlite_master WHERE name = 'mine'") == []


def test_values_are_kept_as_one_row_and_may_be_chosen(database: Databases) -> None:
    config = tabular(values=["open", "left"])
    store = Store().set_values({"open": True, "left": 2, "other": 3})
    database.persister(store, config).start_auto_persisting()
    store.set_values({"left": 5, "other": 6})
    assert database.rows('SELECT "_id", "left" FROM tinybase_values') == [("_", 5)]
    columns = [column[1] for column in database.rows("PRAGMA table_info(tinybase_values)")]
    assert sorted(columns) == ["_id", "left", "open"]
    database.db.execute("UPDATE tinybase_values SET left = 7")
    wait_until(lambda: store.get_value("left") == 7)
    assert store.get_value("other") == 6


def test_empty_columns_and_tables_are_deleted_where_it_is_wanted(database: Databases) -> None:
    save = {
        "pets": {"table_name": "pets", "delete_empty_columns": True, "delete_empty_table": True}
    }
    store = Store().set_table("pets", PETS)
    persister = database.persister(store, tabular(save=save)).save()
    store.set_table("pets", {"fido": {"age": 3}})
    persister.save()
    assert [column[1] for column in database.rows("PRAGMA table_info(pets)")] == ["_id", "age"]
    store.del_tables()
    persister.save()
    assert database.rows("SELECT name FROM sqlite_master") == []


def test_an_empty_table_stays_where_nothing_else_is_said(database: Databases) -> None:
    store = Store().set_table("pets", PETS)
    persister = database.persister(store).save()
    store.del_tables()
    persister.save()
    assert database.rows("SELECT * FROM pets") == []


def test_bytes_are_no_cells_and_stay_where_they_are(database: Databases) -> None:
    database.db.execute("CREATE TABLE pets (_id TEXT PRIMARY KEY, age, photo BLOB)")
    database.db.execute("INSERT INTO pets VALUES ('fido', 3, x'ffd8')")
    store = Store()
    with pytest.warns(UserWarning, match="photo"):
        database.persister(store).start_auto_persisting()
    store.set_cell("pets", "fido", "age", 4)
    assert store.get_row("pets", "fido") == {"age": 4}
    assert database.rows("SELECT age, photo FROM pets") == [(4, b"\xff\xd8")]


# Sharing


def test_a_save_deletes_nothing_that_was_added_since_the_load(database: Databases) -> None:
    store = Store().set_table("pets", PETS)
    persister = database.persister(store).save()
    database.db.execute("INSERT INTO pets (_id, age) VALUES ('rex', 9)")
    store.del_row("pets", "felix")
    persister.save()
    rows = dict(database.rows("SELECT _id, age FROM pets"))
    assert rows["rex"] == 9
    persister.load().save()
    assert store.get_cell("pets", "rex", "age") == 9


def test_stores_that_write_other_rows_at_once_lose_nothing(database: Databases) -> None:
    stores = [Store(), Store(), Store()]
    for store in stores:
        database.persister(store).start_auto_persisting()
    for number in range(10):
        for at, store in enumerate(stores):
            store.set_cell("pets", f"{at}-{number}", "age", number)
    wait_until(lambda: all(store.get_row_count("pets") == 30 for store in stores))
    assert database.rows("SELECT count(*) FROM pets") == [(30,)]


def test_persisters_of_one_connection_hear_of_each_other() -> None:
    db = sqlite3.connect(":memory:", check_same_thread=False)
    one, other = Store(), Store()
    persisters = [
        SqlitePersister(store, db, tabular()).start_auto_persisting() for store in (one, other)
    ]
    one.set_cell("pets", "fido", "age", 3)
    wait_until(lambda: other.get_cell("pets", "fido", "age") == 3)
    for persister in persisters:
        persister.destroy()
    assert db.execute("SELECT age FROM pets").fetchall() == [(3,)]  # it is still open
    db.close()


def test_ones_own_saves_are_not_loaded(database: Databases) -> None:
    store = Store()
    persister = database.persister(store).start_auto_persisting()
    heard = Store()
    database.persister(heard).start_auto_load()
    store.set_cell("pets", "fido", "age", 3)
    wait_until(lambda: heard.get_cell("pets", "fido", "age") == 3)
    store.set_cell("pets", "fido", "age", 4)
    wait_until(lambda: heard.get_cell("pets", "fido", "age") == 4)
    assert persister.get_stats()["loads"] == 1


def test_a_save_joins_a_transaction_that_is_open_on_the_connection(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "zoo.db", check_same_thread=False)
    db.execute("CREATE TABLE own (a)")
    db.execute("INSERT INTO own VALUES (1)")  # opens one
    SqlitePersister(Store().set_table("pets", PETS), db, tabular()).save()
    assert db.in_transaction
    db.rollback()
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("own",)]
    db.close()


def test_a_database_that_is_replaced_by_another_file_is_opened_anew(database: Databases) -> None:
    store = Store()
    database.persister(store).start_auto_persisting()
    new = database.path.with_name("new.db")
    SqlitePersister(Store().set_table("pets", PETS), new, tabular()).save().destroy()
    new.replace(database.path)
    wait_until(lambda: store.get_table("pets") == PETS)
    store.set_cell("pets", "fido", "age", 9)
    with_new = SqlitePersister(Store(), database.path, tabular())
    assert with_new.load().get_store().get_cell("pets", "fido", "age") == 9
    with_new.destroy()


def test_a_load_makes_no_database(tmp_path: Path) -> None:
    SqlitePersister(Store(), tmp_path / "zoo.db").load(({}, {})).destroy()
    assert list(tmp_path.iterdir()) == []


def test_a_save_after_the_end_opens_no_database_again(tmp_path: Path) -> None:
    errors: list[Exception] = []
    store = Store().set_table("pets", PETS)
    persister = SqlitePersister(store, tmp_path / "zoo.db", tabular(), errors.append)
    persister.destroy().save()
    assert [type(error) for error in errors] == [PlaceError]
    assert "it was closed; make a new persister" in str(errors[0])
    assert list(tmp_path.iterdir()) == []


# Foolish input


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        (3, TypeError, "the config is a dictionary, not 3"),
        ({"mode": "tables"}, ValueError, 'the mode is "json" or "tabular", not'),
        ({"storeTableName": "a"}, ValueError, "did you mean 'store_table_name'"),
        ({"auto_load_interval_seconds": 0}, TypeError, "a number above 0"),
        ({"mode": "tabular", "tabels": {}}, ValueError, "did you mean 'tables'"),
        (tabular(load={"a": {"tableId": "b"}}), ValueError, "did you mean 'table_id'"),
        (tabular(load={"a": 3}), TypeError, r"tables.load\['a'\] is a dictionary, not 3"),
        (tabular(save={"a": {"table_name": 3}}), TypeError, "table_name is a string, not 3"),
        (tabular(values="open"), TypeError, "True, False or a list of value ids, not 'open'"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(
    config: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        SqlitePersister(Store(), ":memory:", config)


@pytest.mark.parametrize("place", [None, 3, b"zoo.db"])
def test_what_is_no_database_is_refused(place: Any) -> None:
    with pytest.raises(TypeError, match="by its path or an open"):
        SqlitePersister(Store(), place)


def test_a_connection_that_is_bound_to_a_thread_is_refused() -> None:
    db = sqlite3.connect(":memory:")
    with pytest.raises(ValueError, match="check_same_thread=False"):
        SqlitePersister(Store(), db)
    db.close()


@pytest.mark.parametrize("row", [{"Age": 1, "age": 2}, {"_id": 1}, {"_ID": 1}])
def test_cells_that_can_not_be_columns_are_named(tmp_path: Path, row: Any) -> None:
    errors: list[Exception] = []
    store = Store().set_row("pets", "fido", row)
    SqlitePersister(store, tmp_path / "zoo.db", tabular(), errors.append).save().destroy()
    assert [type(error) for error in errors] == [PlaceError]
    assert "rename one of them" in str(errors[0])


def test_a_table_without_the_column_of_ids_is_named(tmp_path: Path) -> None:
    errors: list[Exception] = []
    db = sqlite3.connect(tmp_path / "zoo.db", check_same_thread=False)
    db.execute("CREATE TABLE pets (name, age)")
    SqlitePersister(Store().set_table("pets", PETS), db, tabular(), errors.append).save()
    assert [type(error) for error in errors] == [PlaceError]
    assert "row_id_column_name" in str(errors[0])
    db.close()
