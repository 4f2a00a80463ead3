"""Files that npm's TinyBase and this package both read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.waiting import wait_until
from tinybase_widget import FilePersister, Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.persisters.conftest import TinyBase

CELLS = {
    "text": "é🐈\n\u2028\x00",
    "int": -4,
    "float": -0.25,
    "yes": True,
    "none": None,
    "object": {"__proto__": 1, "a": [{}]},
}
CONTENT = ({"pets": {"fido": CELLS, "__proto__": CELLS}}, {**CELLS, "constructor": 1})


def test_what_python_saves_tinybase_loads(tinybase: TinyBase, tmp_path: Path) -> None:
    path = tmp_path / "zoo.json"
    FilePersister(Store().set_content(CONTENT), path).save()
    tinybase.start("file", str(path))
    tinybase.persister("load")
    assert tinybase.content() == CONTENT


def test_what_tinybase_saves_python_loads(tinybase: TinyBase, tmp_path: Path) -> None:
    path = tmp_path / "zoo.json"
    tinybase.start("file", str(path))
    tinybase.store("setContent", CONTENT)
    tinybase.persister("save")
    assert FilePersister(Store(), path).load().get_store().get_content() == CONTENT


def test_both_write_the_same_bytes(tinybase: TinyBase, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    FilePersister(Store().set_content(CONTENT), ours).save()
    tinybase.start("file", str(theirs))
    tinybase.store("setContent", CONTENT)
    tinybase.persister("save")
    assert ours.read_bytes() == theirs.read_bytes()


def test_both_hear_of_each_others_edits(tinybase: TinyBase, tmp_path: Path) -> None:
    path = tmp_path / "zoo.json"
    tinybase.start("file", str(path))
    tinybase.store("setContent", CONTENT)
    tinybase.persister("startAutoPersisting")
    tinybase.errors()  # that there was nothing to load
    store = Store()
    persister = FilePersister(store, path).start_auto_persisting()
    assert store.get_content() == CONTENT
    store.set_cell("pets", "fido", "int", 5)
    tinybase.call("cellIs", "pets", "fido", "int", 5)
    tinybase.store("setCell", "pets", "rex", "text", "wuff")
    wait_until(lambda: store.get_cell("pets", "rex", "text") == "wuff")
    assert tinybase.errors() == []
    persister.destroy()
