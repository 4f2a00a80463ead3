"""What is saved outlives all that can go wrong, and what went wrong is said."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.persisters.saving import TABULAR, persister_of
from tests.waiting import wait_until
from tinybase_widget import (
    FilePersister,
    PersistedContentError,
    PlaceError,
    SqlitePersister,
    Store,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
KINDS = ["file", "SQLite JSON", "SQLite tabular"]


def start(kind: str, path: Path, event: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.unit.persisters.saving", kind, str(path), event],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def lines_of(kind: str, path: Path, event: str) -> list[Any]:
    """Run the process to its end; return what it told."""
    process = start(kind, path, event)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def load(kind: str, path: Path) -> Store:
    """Return what is at a place; nothing may be wrong with it."""
    store = Store()
    errors: list[Exception] = []
    persister_of(kind, path, store, errors).load().destroy()
    assert errors == []
    return store


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", [1, 40, 101])
def test_a_kill_in_the_middle_of_a_thousand_saves_leaves_the_last_one_whole(
    tmp_path: Path, kind: str, after: int
) -> None:
    path = tmp_path / "zoo"
    with start(kind, path, "kill") as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(after)][-1]
        process.kill()
        told = max([told, *map(int, process.stdout.read().splitlines())])
    store = load(kind, path)
    numbers = {store.get_cell("t", str(row), "number") for row in range(20)}
    assert numbers == {store.get_value("number")}
    assert numbers <= {told, told + 1}  # the one that it did not come to tell of may be there
    persister_of(kind, path, store.set_value("number", -1), []).save().destroy()
    assert load(kind, path).get_value("number") == -1
    assert [file.name for file in tmp_path.iterdir()] == ["zoo"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_what_was_saved_and_the_rest_follows_when_there_is_room(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "zoo"
    (error,), later = lines_of(kind, path, "full")
    assert error.startswith(f"PlaceError: {path} can't be written: ")
    assert later == []
    store = load(kind, path)
    assert store.get_value("number") == 2
    assert store.get_cell("t", "small", "text") == "y"
    assert len(str(store.get_cell("t", "big", "text"))) == 120_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_changes_nothing_in_what_was_saved_before(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "zoo"
    with start(kind, path, "full") as process:
        assert process.stdout is not None
        assert "PlaceError" in process.stdout.readline()
        process.kill()
    assert load(kind, path).get_cell("t", "small", "text") == "y"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others can reach, as pytest's own can't be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize("kind", KINDS)
def test_a_read_only_folder_is_read_and_otherwise_reported(open_folder: Path, kind: str) -> None:
    path = open_folder / "zoo"
    persister_of(kind, path, Store().set_value("number", 1), []).save().destroy()
    before = path.read_bytes()
    loaded, errors = lines_of(kind, path, "read-only")
    assert loaded == [1]
    assert errors
    assert all(error.startswith(f"PlaceError: {path} can't be written: ") for error in errors)
    assert path.read_bytes() == before


@pytest.mark.parametrize("config", [None, TABULAR], ids=["JSON", "tabular"])
def test_what_a_locked_database_refused_is_saved_when_it_is_free(
    tmp_path: Path, config: Any
) -> None:
    path = tmp_path / "zoo.db"
    errors: list[Exception] = []
    store = Store().set_value("number", 1)
    mine = sqlite3.connect(path, timeout=0.05, check_same_thread=False)
    settings = {**(config or {}), "auto_load_interval_seconds": 0.02}
    persister = SqlitePersister(store, mine, settings, errors.append).start_auto_persisting()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.set_value("number", 2).set_cell("t", "1", "a", "b")
        assert {type(error) for error in errors} == {PlaceError}
        assert "database is locked" in str(errors[0])
        assert "somebody else is writing" in str(errors[0])
        assert store.get_value("number") == 2
        other.execute("ROLLBACK")
    kind = "SQLite tabular" if config else "SQLite JSON"
    wait_until(lambda: load(kind, path).get_content() == store.get_content())
    persister.destroy()
    mine.close()


BROKEN = [
    b"[{",
    b'{"pets": {}}',
    b"\xff\xfe",
    b"[1, 2]",
    b'[{"pets": 1}, {}]',
    b"NaN",
    b"[" * 99999,
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "zoo.json"
    path.write_bytes(content)
    errors: list[Exception] = []
    store = Store()
    persister = FilePersister(store, path, errors.append)
    persister.start_auto_persisting(({}, {"mine": 1}))
    store.set_value("mine", 2)
    persister.destroy()
    assert path.read_bytes() == content
    assert {type(error) for error in errors} == {PersistedContentError}
    assert isinstance(errors[0], PersistedContentError)
    assert "It is left as it is; move it away, or delete it, to begin anew" in errors[0].explanation
    assert [file.name for file in tmp_path.iterdir()] == ["zoo.json"]


def test_a_file_that_was_repaired_is_loaded_and_saved_again(tmp_path: Path) -> None:
    path = tmp_path / "zoo.json"
    path.write_text("[{")
    errors: list[Exception] = []
    store = Store()
    persister = FilePersister(store, path, errors.append).start_auto_persisting()
    path.write_text('[{"pets":{"fido":{"age":1}}},{}]')
    wait_until(lambda: store.get_cell("pets", "fido", "age") == 1)
    store.set_value("mine", 2)
    persister.destroy()
    assert path.read_text() == '[{"pets":{"fido":{"age":1}}},{"mine":2}]'


@pytest.mark.parametrize("config", [None, TABULAR], ids=["JSON", "tabular"])
@pytest.mark.parametrize("damage", ["no database", "short", "damaged"])
def test_a_database_that_is_broken_is_left_as_it_is(
    tmp_path: Path, config: Any, damage: str
) -> None:
    path = tmp_path / "zoo.db"
    if damage == "no database":
        path.write_bytes(b"certainly no database" * 200)
    elif damage == "short":
        path.write_bytes(b"x")
    else:
        rows = {str(row): {"text": "x" * 100} for row in range(500)}
        SqlitePersister(Store().set_tables({"t": rows}), path, config).save().destroy()
        content = path.read_bytes()
        path.write_bytes(content[:1000] + b"\xa5" * (len(content) - 1000))
    before = path.read_bytes()
    errors: list[Exception] = []
    store = Store()
    persister = SqlitePersister(store, path, config, errors.append)
    persister.start_auto_persisting(({}, {"mine": 1}))
    store.set_value("mine", 2)
    persister.destroy()
    assert path.read_bytes() == before
    assert len(errors) >= 3
    assert {type(error) for error in errors} == {PlaceError}
    assert "left as it is" in str(errors[0])


@pytest.mark.parametrize("config", [None, TABULAR], ids=["JSON", "tabular"])
def test_who_could_not_load_a_locked_database_does_not_empty_it(
    tmp_path: Path, config: Any
) -> None:
    path = tmp_path / "zoo.db"
    content = ({"t": {"1": {"a": 1}}}, {"b": 2})
    SqlitePersister(Store().set_content(content), path, config).save().destroy()
    errors: list[Exception] = []
    mine = sqlite3.connect(path, timeout=0.05, check_same_thread=False)
    settings = {**(config or {}), "auto_load_interval_seconds": 0.02}
    store = Store().set_value("c", 3)
    persister = SqlitePersister(store, mine, settings, errors.append)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        persister.start_auto_persisting()
        assert len(errors) == 2
        other.execute("ROLLBACK")
    wait_until(lambda: store.get_content() == ({"t": {"1": {"a": 1}}}, {"b": 2, "c": 3}))
    kind = "SQLite tabular" if config else "SQLite JSON"
    wait_until(lambda: load(kind, path).get_content() == store.get_content())
    persister.destroy()
    mine.close()


def test_json_in_a_database_that_is_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "zoo.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE tinybase (_id PRIMARY KEY, store)")
        db.execute("INSERT INTO tinybase VALUES ('_', 'no JSON')")
    errors: list[Exception] = []
    store = Store()
    persister = SqlitePersister(store, path, None, errors.append).start_auto_persisting()
    store.set_value("mine", 2)
    persister.destroy()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT store FROM tinybase").fetchall() == [("no JSON",)]
    assert {type(error) for error in errors} == {PersistedContentError}


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_missing_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "missing" / "zoo"
    errors: list[Exception] = []
    persister_of(kind, path, Store(), errors).save().destroy()
    assert [type(error) for error in errors] == [PlaceError]
    assert str(path) in str(errors[0])
    assert not path.parent.exists()
