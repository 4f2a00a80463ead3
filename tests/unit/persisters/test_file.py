"""Files: whole at any moment, and shared by several that write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiting import wait_until
from tinybase_widget import FilePersister, Store
from tinybase_widget.persisters._json_content import merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PETS = {"pets": {"fido": {"age": 3}, "felix": {"age": 4}}}


class Files:
    """Persisters of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.errors: list[Exception] = []
        self.made: list[FilePersister] = []

    def persister(self, store: Store) -> FilePersister:
        self.made.append(FilePersister(store, self.path, self.errors.append))
        return self.made[-1]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    found = Files(tmp_path / "zoo.json")
    yield found
    for persister in found.made:
        persister.destroy()
    assert found.errors == []


def test_the_file_is_tinybases_json(files: Files) -> None:
    files.persister(Store().set_tables(PETS).set_value("o", {"a": [1]})).save()
    expected = '[{"pets":{"fido":{"age":3},"felix":{"age":4}}},{"o":"\ufffd{\\"a\\":[1]}"}]'
    assert files.path.read_text() == expected


def test_the_path_stays_the_same_when_the_process_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    persister = FilePersister(Store(), "zoo.json")
    monkeypatch.chdir("elsewhere")
    persister.save()
    assert persister.get_file_path() == tmp_path / "zoo.json"
    assert (tmp_path / "zoo.json").exists()


@pytest.mark.parametrize("path", [None, 3, ["zoo"]])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(TypeError, match="a file's path is a string or a Path, not"):
        FilePersister(Store(), path)


def test_a_save_keeps_the_files_mode(files: Files) -> None:
    files.path.write_text("")
    files.path.chmod(0o640)
    files.persister(Store().set_tables(PETS)).save()
    assert files.path.stat().st_mode & 0o7777 == 0o640


def test_a_save_follows_a_link_and_leaves_it(files: Files) -> None:
    target = files.path.with_name("elsewhere.json")
    files.path.symlink_to(target)
    files.persister(Store().set_tables(PETS)).save()
    assert files.path.is_symlink()
    assert "fido" in target.read_text()


def test_a_link_to_another_file_is_noticed(files: Files) -> None:
    other = files.path.with_name("other.json")
    other.write_text('[{},{"other":true}]')
    files.path.symlink_to(files.path.with_name("one.json"))
    store = Store()
    files.persister(store).start_auto_load()
    files.path.unlink()
    files.path.symlink_to(other)
    wait_until(lambda: store.get_value("other") is True)


def test_content_that_is_there_already_is_not_written_again(files: Files) -> None:
    persister = files.persister(Store().set_tables(PETS)).save()
    inode = files.path.stat().st_ino
    persister.save()
    assert files.path.stat().st_ino == inode


def test_a_file_that_an_editor_wrote_is_read_as_it_is(files: Files) -> None:
    files.path.write_bytes(b'\xef\xbb\xbf[\r\n  {},\r\n  {"left": 1.0}\r\n]\r\n')
    store = files.persister(Store()).load().get_store()
    assert store.get_values() == {"left": 1}


@pytest.mark.parametrize("text", ["", " \n", "null"])
def test_a_file_with_nothing_in_it_is_a_place_without_content(files: Files, text: str) -> None:
    files.path.write_text(text)
    files.persister(Store()).start_auto_persisting((PETS, {}))
    assert "fido" in files.path.read_text()


def test_a_file_that_is_deleted_leaves_the_store_and_comes_back_with_the_next_save(
    files: Files,
) -> None:
    store = Store().set_tables(PETS)
    persister = files.persister(store).start_auto_persisting()
    loads = persister.get_stats()["loads"]
    files.path.unlink()
    wait_until(lambda: persister.get_stats()["loads"] > loads)
    assert store.get_tables() == PETS
    store.set_value("open", 1)
    assert "fido" in files.path.read_text()


def test_the_file_is_never_open_half_written(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store().set_tables(PETS)
    files.persister(store).start_auto_save()
    before = files.path.read_bytes()
    fail_once = FailOnce()
    monkeypatch.setattr(os, "fsync", fail_once)
    store.set_value("open", 1)
    assert fail_once.saw == [before]  # at the moment when the new file is written to the disk
    files.errors.clear()
    store.set_value("open", 2)
    assert "open" in files.path.read_text()
    assert [file.name for file in files.path.parent.iterdir()] == ["zoo.json"]


class FailOnce:
    """In the place of `os.fsync`: fails the first time, as a disk does, and looks at the file."""

    def __init__(self) -> None:
        self.saw: list[bytes] = []

    def __call__(self, descriptor: int) -> None:
        if not self.saw:
            new = Path(f"/proc/self/fd/{descriptor}").readlink()
            self.saw.append((new.parent / "zoo.json").read_bytes())
            raise OSError(5, "Input/output error")


# Several that write


def test_a_save_does_not_lose_what_somebody_else_has_written(files: Files) -> None:
    one, other = Store().set_tables(PETS), Store()
    files.persister(one).start_auto_save()
    files.persister(other).load().start_auto_save()
    other.set_cell("pets", "rex", "age", 1)
    one.set_cell("pets", "fido", "age", 5)
    other.del_row("pets", "felix")
    assert files.persister(Store()).load().get_store().get_tables() == {
        "pets": {"fido": {"age": 5}, "rex": {"age": 1}}
    }
    assert not one.has_row("pets", "rex")  # it does not load by itself


def test_a_save_takes_over_what_somebody_else_has_written_where_it_loads_by_itself(
    files: Files,
) -> None:
    one, other = Store().set_tables(PETS), Store()
    files.persister(one).start_auto_persisting()
    files.persister(other).load().start_auto_save()
    with one.lock:  # the watch has to wait
        other.set_cell("pets", "rex", "age", 1)
        one.set_cell("pets", "fido", "age", 5)
    wait_until(lambda: one.get_cell("pets", "rex", "age") == 1)
    assert one.get_cell("pets", "fido", "age") == 5
    loaded = files.persister(Store()).load().get_store()
    assert loaded.get_content() == one.get_content()


def test_two_processes_that_write_one_file_lose_nothing(files: Files) -> None:
    code = """
import sys
from tinybase_widget import FilePersister, Store
store = Store()
persister = FilePersister(store, sys.argv[1]).load().start_auto_save()
for number in range(60):
    store.set_cell("t", f"{sys.argv[2]}{number}", "a", number)
"""
    files.persister(Store().set_tables(PETS)).save()
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(files.path), name]) for name in "xyz"
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    tables = files.persister(Store()).load().get_store().get_tables()
    assert tables["pets"] == PETS["pets"]
    assert tables["t"].keys() == {f"{name}{number}" for name in "xyz" for number in range(60)}


def test_what_was_left_by_a_process_that_was_killed_is_removed(files: Files) -> None:
    left = files.path.with_name(".zoo.json.0123456789ab.tmp")
    left.write_text("[{")
    others = files.path.with_name(".other.json.0123456789ab.tmp")
    others.write_text("[{")
    files.persister(Store().set_tables(PETS)).save()
    assert not left.exists()
    assert others.exists()


A = {"t": {"1": {"a": 1, "b": 2}, "2": {"a": 1}}}
MERGES: list[tuple[str, Sequence[Any], Sequence[Any], Sequence[Any]]] = [
    (
        "other rows",
        [{"t": {**A["t"], "3": {"a": 1}}}, {}],
        [{"t": {**A["t"], "4": {"a": 1}}}, {}],
        [{"t": {**A["t"], "3": {"a": 1}, "4": {"a": 1}}}, {}],
    ),
    ("mine deleted", [{"t": {"1": A["t"]["1"]}}, {}], [A, {}], [{"t": {"1": A["t"]["1"]}}, {}]),
    ("theirs deleted", [A, {}], [{"t": {"1": A["t"]["1"]}}, {}], [{"t": {"1": A["t"]["1"]}}, {}]),
    ("both deleted", [{}, {}], [{}, {}], [{}, {}]),
    (
        "an edit beats my deletion",
        [{}, {}],
        [{"t": {"1": {"a": 9, "b": 2}}}, {}],
        [{"t": {"1": {"a": 9}}}, {}],
    ),
    (
        "my edit beats a deletion",
        [{"t": {"1": {"a": 9, "b": 2}}}, {}],
        [{}, {}],
        [{"t": {"1": {"a": 9}}}, {}],
    ),
    (
        "a row added to my deleted table",
        [{}, {}],
        [{"t": {**A["t"], "3": {"a": 1}}}, {}],
        [{"t": {"3": {"a": 1}}}, {}],
    ),
    (
        "one cell on both sides",
        [{"t": {"1": {"a": 5, "b": 2}}}, {}],
        [{"t": {"1": {"a": 6, "b": 2}}}, {}],
        [{"t": {"1": {"a": 5, "b": 2}}}, {}],
    ),
    ("values", [A, {"x": 1}], [A, {"y": 2}], [A, {"y": 2, "x": 1}]),
    (
        "true is not one",
        [{"t": {"1": {"a": True, "b": 2}}}, {}],
        [{"t": {"1": A["t"]["1"]}}, {}],
        [{"t": {"1": {"a": True, "b": 2}}}, {}],
    ),
]


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"), [each[1:] for each in MERGES], ids=[each[0] for each in MERGES]
)
def test_ones_own_edits_go_on_top_of_the_others(
    mine: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]], merged: Sequence[Any]
) -> None:
    assert merge([A, {}], mine, theirs) == merged
    assert merge([A, {}], theirs, [A, {}]) == theirs


# Without watchfiles


def test_without_watchfiles_loading_by_itself_names_the_extra(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    persister = files.persister(Store().set_tables(PETS))
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'tinybase-widget\[files\]'"):
        persister.start_auto_persisting()
    persister.start_auto_save()
    assert "fido" in files.path.read_text()


def test_a_folder_that_can_not_be_watched_is_looked_at(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles  # noqa: PLC0415 - as the persister does

    def watch(*_: Any, **__: Any) -> Any:
        raise OSError(28, "no more watches")

    monkeypatch.setattr(watchfiles, "watch", watch)
    store = Store()
    files.persister(store).start_auto_load()
    files.persister(Store().set_tables(PETS)).save()
    wait_until(lambda: store.get_tables() == PETS)
