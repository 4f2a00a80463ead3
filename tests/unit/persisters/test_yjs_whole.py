"""Starting with a save: a document that holds nothing else is not read back."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Map

from tinybase_widget import Store, YjsPersister, create_doc
from tinybase_widget.persisters._yjs_content import YjsContent

TABLES: dict[str, Any] = {"t": {"r": {"a": 1, "b": [2]}}, "": {"": {"": ""}}}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """How often all tables of a document have been read."""
    found: list[None] = []
    read_tables = YjsContent.read_tables

    def count(self: YjsContent) -> Any:
        found.append(None)
        return read_tables(self)

    monkeypatch.setattr(YjsContent, "read_tables", count)
    return found


def start(store: Store, doc: Any) -> YjsPersister:
    return YjsPersister(store, doc).start_auto_persisting(start_save_first=True)


def test_an_empty_document_is_read_once_for_the_save_and_not_for_the_load(
    reads: list[None],
) -> None:
    store = Store().set_tables(TABLES).set_value("v", 1)
    persister = start(store, create_doc())
    assert len(reads) == 1
    assert persister.get_stats() == {"loads": 1, "saves": 1}
    assert YjsPersister(Store(), persister.get_y_doc()).load().get_store().get_content() == (
        TABLES,
        {"v": 1},
    )


def test_later_loads_read_the_document(reads: list[None]) -> None:
    store, doc = Store().set_tables(TABLES), create_doc()
    persister = start(store, doc)
    reads.clear()
    persister.load()
    assert len(reads) == 1


def test_a_document_with_content_is_loaded() -> None:
    doc = start(Store().set_cell("u", "r", "a", 2), create_doc()).get_y_doc()
    store = Store().set_tables(TABLES)
    start(store, doc)
    assert store.get_tables() == {**TABLES, "u": {"r": {"a": 2}}}


@pytest.mark.parametrize(
    ("tables", "values"),
    [
        ({"t": {"r": {"a": "x\ud83d"}}}, {}),
        ({"t": {"r": {"a\ud83d": "x"}}}, {}),
        ({"t": {"r\ud83d": {"a": "x"}}}, {}),
        ({"t\ud83d": {"r": {"a": "x"}}}, {}),
        ({}, {"v": "x\ud83d"}),
        ({"": {"": {"a": "x"}}}, {"v\ud83d": 1}),
    ],
)
def test_text_that_was_mended_on_its_way_is_so_in_the_store_too(
    tables: dict[str, Any], values: dict[str, Any]
) -> None:
    store, doc = Store().set_content((tables, values)), create_doc()
    start(store, doc)
    root = doc.get("tinybase", type=Map).to_py()
    assert root is not None
    assert store.get_content() == (root["t"], root["v"])


def test_what_the_save_let_in_is_loaded() -> None:
    one = start(Store().set_cell("t", "r", "a", 1), create_doc())
    before = one.get_y_doc().get_state()
    one.get_store().set_cell("t", "r", "b", 2)
    doc = create_doc()
    doc.apply_update(one.get_y_doc().get_update(before))  # waits for the row
    store = Store().set_cell("t", "r", "a", 1)
    start(store, doc)
    assert store.get_tables() == {"t": {"r": {"a": 1, "b": 2}}}
