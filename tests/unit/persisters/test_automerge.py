"""The Automerge persister: the layout, both directions, and what happens when replicas meet."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from automerge.core import ROOT, Document, ObjType, ScalarType

from tests.waiting import wait_until
from tinybase_widget import (
    AutomergeDocHandle,
    AutomergePersister,
    PersistedContentError,
    Store,
)
from tinybase_widget.persisters._automerge_changes import read_ops

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TABLES = {"pets": {"fido": {"species": "dog", "price": 5}}}
ODD_IDS = ["__proto__", "constructor", "prototype", "toString", "\0", "\0x", "é", "😀", "0", "a b"]


class Replica(NamedTuple):
    store: Store
    handle: AutomergeDocHandle
    persister: AutomergePersister
    errors: list[Exception]


def replica(
    content: Sequence[Any] | None = None, handle: AutomergeDocHandle | None = None
) -> Replica:
    store = Store()
    if content is not None:
        store.set_content(content)
    handle = handle or AutomergeDocHandle()
    errors: list[Exception] = []
    persister = AutomergePersister(store, handle, on_ignored_error=errors.append)
    persister.start_auto_persisting(None, True)
    return Replica(store, handle, persister, errors)


def sync(*replicas: Replica) -> None:
    """Merge every document into every other until nothing changes."""
    while len({tuple(each.handle.heads()) for each in replicas}) > 1:
        for one in replicas:
            for other in replicas:
                if one is not other:
                    one.handle.merge(other.handle)


def content_of(handle: AutomergeDocHandle) -> tuple[Any, Any]:
    """Return a document's tables and values, without what is empty."""
    root = handle.doc()["tinybase"]
    tables = {
        table_id: {row_id: row for row_id, row in table.items() if row}
        for table_id, table in root["t"].items()
    }
    return {table_id: table for table_id, table in tables.items() if table}, root["v"]


def test_the_layout_is_a_map_of_tables_and_one_of_values() -> None:
    handle = replica((TABLES, {"open": True})).handle
    assert handle.doc() == {"tinybase": {"t": TABLES, "v": {"open": True}}}


def test_texts_are_text_objects_and_numbers_are_what_javascript_reads_as_numbers() -> None:
    handle = replica(({}, {"s": "text", "e": "", "i": 5, "f": 0.5, "b": False, "n": None})).handle
    get = handle.document.get
    values = get(get(ROOT, "tinybase")[1], "v")[1]  # type: ignore[index]
    kinds = {key: get(values, key)[0] for key in "seifbn"}  # type: ignore[index]
    assert kinds == {
        "s": ObjType.Text,
        "e": ObjType.Text,
        "i": (ScalarType.Int, 5),
        "f": (ScalarType.F64, 0.5),
        "b": (ScalarType.Boolean, False),
        "n": (ScalarType.Null, None),
    }


@pytest.mark.parametrize("id_", ODD_IDS)
def test_an_odd_id_is_read_back_as_it_was(id_: str) -> None:
    content = ({id_: {id_: {id_: 1}}}, {id_: id_})
    handle = replica(content).handle
    other = Store()
    AutomergePersister(other, handle).load()
    assert other.get_content() == content


def test_reserved_ids_are_escaped_as_tinybase_does() -> None:
    handle = replica(({}, {"__proto__": 1, "\0a": 2, "proto": 3})).handle
    assert handle.doc()["tinybase"]["v"] == {"\0__proto__": 1, "\0\0a": 2, "proto": 3}


def test_an_object_or_an_array_is_kept_as_tinybase_encodes_it() -> None:
    one = replica(({}, {"list": [1, {"a": None}]}))
    assert one.handle.doc()["tinybase"]["v"] == {"list": '\ufffd[1,{"a":null}]'}
    assert replica(handle=one.handle).store.get_value("list") == [1, {"a": None}]


def test_a_cell_that_is_no_cell_of_tinybase_reads_as_absent() -> None:
    handle = replica(({}, {"kept": 1})).handle

    def write(doc: Any) -> None:
        values = doc.get(doc.get(ROOT, "tinybase")[1], "v")[1]
        doc.put(values, "bytes", ScalarType.Bytes, b"x")
        doc.put(values, "date", ScalarType.Timestamp, datetime(2026, 1, 1))  # noqa: DTZ001
        doc.put(values, "large", ScalarType.Int, 2**60)
        doc.put(values, "nan", ScalarType.F64, float("nan"))

    handle.change(write)
    assert replica(handle=handle).store.get_values() == {"kept": 1}


def test_one_edited_cell_is_one_small_change_of_one_operation() -> None:
    one = replica((TABLES, {}))
    for price in range(40):  # beyond what is derived
        one.store.set_cell("pets", "fido", "price", price)
    heads = one.handle.heads()
    one.store.set_cell("pets", "fido", "price", 99)
    (change,) = one.handle.document.get_changes(heads)
    (op,) = read_ops(change.bytes)
    assert op.key == "price"
    assert len(change.bytes) < 200


def test_a_remote_edit_reaches_the_listeners_of_that_cell_and_no_others() -> None:
    one = replica((TABLES, {}))
    other = replica()
    sync(one, other)
    heard: list[Any] = []
    other.store.add_cell_listener(None, None, None, lambda _, *where: heard.append(where[:5]))
    one.store.set_cell("pets", "fido", "price", 6)
    sync(one, other)
    assert heard == [("pets", "fido", "price", 6, 5)]


def test_what_is_loaded_is_not_saved_again() -> None:
    one, other = replica((TABLES, {})), replica()
    sync(one, other)
    saves, heads = other.persister.get_stats()["saves"], other.handle.heads()
    one.store.set_cell("pets", "fido", "price", 6)
    other.handle.merge(one.handle)
    assert other.persister.get_stats()["saves"] == saves
    assert other.handle.heads() != heads
    assert other.handle.heads() == one.handle.heads()


def test_what_a_listener_adds_while_loading_is_saved() -> None:
    one, other = replica((TABLES, {})), replica()
    other.store.add_tables_listener(lambda store: store.set_value("seen", True), mutator=True)
    sync(one, other)
    assert one.store.get_value("seen") is True


def test_a_burst_of_edits_arrives() -> None:
    one, other = replica((TABLES, {})), replica()
    for at in range(1000):
        one.store.set_cell("t", str(at % 300), "abcd"[at // 300], at)
    sync(one, other)
    assert other.store.get_content() == one.store.get_content()
    assert len(other.store.get_table("t")) == 300


def test_the_same_rows_made_on_two_sides_keep_the_cells_of_both() -> None:
    one, other = replica(), replica()
    sync(one, other)
    one.store.set_row("pets", "fido", {"species": "dog"})
    other.store.set_row("pets", "fido", {"price": 5})
    other.store.set_row("pets", "felix", {"price": 4})
    one.store.set_row("fish", "nemo", {"price": 1})
    sync(one, other)
    expected = {
        "fish": {"nemo": {"price": 1}},
        "pets": {"felix": {"price": 4}, "fido": {"species": "dog", "price": 5}},
    }
    for each in (one, other):
        assert each.store.get_tables() == expected
        assert content_of(each.handle) == (expected, {})
        assert each.errors == []


def test_a_cell_set_on_two_sides_is_the_same_on_both_in_the_end() -> None:
    one, other = replica((TABLES, {})), replica((TABLES, {}))
    one.store.set_cell("pets", "fido", "price", 7)
    other.store.set_cell("pets", "fido", "price", 8)
    sync(one, other)
    assert one.store.get_cell("pets", "fido", "price") in (7, 8)
    assert one.store.get_content() == other.store.get_content()


def test_replicas_that_begin_with_the_same_data_make_the_same_document() -> None:
    assert replica((TABLES, {})).handle.heads() == replica((TABLES, {})).handle.heads()


def test_a_kernel_that_loads_its_data_again_takes_back_no_edit_and_revives_no_deletion() -> None:
    one = replica(({"pets": {"fido": {"price": 5}, "felix": {"price": 4}}}, {}))
    one.store.set_cell("pets", "fido", "price", 6).del_row("pets", "felix")
    again = replica(({"pets": {"fido": {"price": 5}, "felix": {"price": 4}}}, {}))
    sync(one, again)
    assert one.store.get_tables() == again.store.get_tables() == {"pets": {"fido": {"price": 6}}}


def test_an_empty_newcomer_wipes_nothing() -> None:
    one, newcomer = replica((TABLES, {"open": True})), replica()
    sync(one, newcomer)
    assert one.store.get_content() == newcomer.store.get_content() == (TABLES, {"open": True})


def test_a_newcomer_with_other_data_brings_it() -> None:
    one = replica((TABLES, {"open": True}))
    newcomer = replica(({"pets": {"felix": {"species": "cat"}}}, {"x": 1}))
    sync(one, newcomer)
    assert one.store.get_content() == newcomer.store.get_content()
    assert one.store.get_row_ids("pets") == ["fido", "felix"]
    assert one.store.get_values() == {"open": True, "x": 1}


def test_a_store_that_only_saves_wipes_nothing_of_a_document_that_it_has_not_read() -> None:
    handle = replica((TABLES, {})).handle
    AutomergePersister(Store().set_value("x", 1), handle).save()
    assert content_of(handle) == (TABLES, {"x": 1})


def test_a_row_added_to_a_table_while_another_side_deletes_it_stays() -> None:
    one, other = replica((TABLES, {})), replica()
    sync(one, other)
    one.store.del_table("pets")
    other.store.set_row("pets", "felix", {"species": "cat"})
    sync(one, other)
    assert one.store.get_tables() == other.store.get_tables()
    assert one.store.get_tables() == {"pets": {"felix": {"species": "cat"}}}


def test_hidden_rows_of_a_document_that_was_merged_before_are_found() -> None:
    """Whoever merged the two had no persister."""
    one, other = replica(({"pets": {"fido": {"a": 1}}}, {})), replica()
    other.store.set_row("pets", "felix", {"a": 2})
    merged = Document.load(one.handle.save())
    merged.merge(other.handle.document)
    later = replica(handle=AutomergeDocHandle(merged))
    assert later.store.get_tables() == {"pets": {"fido": {"a": 1}, "felix": {"a": 2}}}


def test_moving_is_done_once_and_then_nothing_moves() -> None:
    one, other = replica(({"pets": {"fido": {"a": 1}}}, {})), replica()
    other.store.set_row("pets", "felix", {"a": 2})
    sync(one, other)
    heads = one.handle.heads()
    sync(one, other)
    for each in (one, other):
        each.persister.settle()
    assert one.handle.heads() == other.handle.heads() == heads


def test_three_sides_that_make_one_table_lose_nothing() -> None:
    replicas = [replica(({"t": {f"r{at}": {"a": at}, "same": {f"c{at}": at}}}, {})) for at in "123"]
    sync(*replicas)
    tables = replicas[0].store.get_tables()
    assert sorted(tables["t"]) == ["r1", "r2", "r3", "same"]
    assert sorted(tables["t"]["same"]) == ["c1", "c2", "c3"]
    assert all(each.store.get_tables() == tables for each in replicas)


def test_two_stores_on_one_document_stay_alike() -> None:
    one = replica((TABLES, {}))
    other = replica(handle=one.handle)
    other.store.set_cell("pets", "fido", "price", 8)
    one.store.set_value("open", True)
    assert one.store.get_content() == other.store.get_content()
    assert one.store.get_cell("pets", "fido", "price") == 8


def test_threads_that_edit_two_stores_of_one_document_do_not_stop_each_other() -> None:
    one = replica()
    other = replica(handle=one.handle)

    def edit(store: Store, name: str) -> None:
        for at in range(200):
            store.set_cell("t", f"r{at % 20}", name, at)

    threads = [
        threading.Thread(target=edit, args=args, daemon=True)
        for args in ((one.store, "a"), (other.store, "b"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    rows = {f"r{at}": {"a": 180 + at, "b": 180 + at} for at in range(20)}
    wait_until(lambda: one.store.get_table("t") == other.store.get_table("t") == rows)
    assert one.errors == other.errors == []


def test_a_change_is_heard_that_another_persister_makes_in_answer_to_ones_own() -> None:
    one = replica()
    other = replica(handle=one.handle)
    other.store.add_tables_listener(lambda store: store.set_value("seen", True), mutator=True)
    one.store.set_cell("t", "r", "c", 1)
    wait_until(lambda: one.store.get_value("seen") is True)
    assert one.errors == other.errors == []


def test_another_map_is_left_alone() -> None:
    one = replica((TABLES, {}))
    store = Store().set_value("x", 1)
    AutomergePersister(store, one.handle, "other").start_auto_persisting(None, True)
    assert one.handle.doc() == {
        "other": {"t": {}, "v": {"x": 1}},
        "tinybase": {"t": TABLES, "v": {}},
    }


@pytest.mark.parametrize(
    "initial", [(TABLES, {"x": 1}), lambda: (TABLES, {"x": 1})], ids=["content", "function"]
)
def test_initial_content_is_for_an_empty_document_only(
    initial: Sequence[Any] | Callable[[], Sequence[Any]],
) -> None:
    empty, full = AutomergeDocHandle(), replica(({}, {"y": 2})).handle
    for handle, expected in ((empty, (TABLES, {"x": 1})), (full, ({}, {"y": 2}))):
        store = Store()
        AutomergePersister(store, handle).start_auto_persisting(initial)
        assert store.get_content() == expected
        assert content_of(handle) == expected


def spoil(doc: Any) -> None:
    tables = doc.get(doc.get(ROOT, "tinybase")[1], "t")[1]
    doc.put(tables, "pets", ScalarType.Int, 5)


def test_a_document_without_the_layout_is_reported_and_the_store_left_alone() -> None:
    one = replica((TABLES, {}))
    one.handle.change(spoil)
    (error,) = one.errors
    assert isinstance(error, PersistedContentError)
    assert str(error) == "tinybase:1"
    assert "map_name" in error.explanation
    assert one.store.get_tables() == TABLES


def test_without_a_handler_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    handle = replica((TABLES, {})).handle
    AutomergePersister(Store(), handle).start_auto_load()
    with caplog.at_level(logging.WARNING):
        handle.change(spoil)
    assert "where TinyBase's layout has a map" in caplog.text


def test_what_automerge_refuses_reaches_the_handler_and_nothing_of_it_is_written() -> None:
    """Automerge has no empty keys."""
    one = replica((TABLES, {}))
    heads = one.handle.heads()
    one.store.set_partial_values({"a": 1, "": 2})
    assert one.handle.heads() == heads
    assert "empty" in str(one.errors)
    assert one.store.get_value("a") == 1


def test_half_of_a_surrogate_pair_does_not_stop_the_document() -> None:
    one = replica(({}, {"a\ud800": "b\udfff"}))
    assert one.handle.doc()["tinybase"]["v"] == {"a?": "b?"}


def test_a_destroyed_persister_leaves_store_and_document_alone() -> None:
    one = replica((TABLES, {}))
    one.persister.destroy()
    heads = one.handle.heads()
    one.store.set_value("x", 1)
    assert one.handle.heads() == heads
    other = replica(handle=one.handle)
    other.store.set_value("y", 1)
    assert one.store.get_values() == {"x": 1}
    assert one.persister.get_doc_handle() is one.handle


def test_an_edit_within_a_text_arrives() -> None:
    one = replica(({}, {"s": "abc"}))

    def splice(doc: Any) -> None:
        values = doc.get(doc.get(ROOT, "tinybase")[1], "v")[1]
        doc.insert(doc.get(values, "s")[1], 0, ScalarType.Str, "x")

    one.handle.change(splice)
    assert one.store.get_value("s") == "xabc"


def test_a_large_change_of_others_arrives_as_a_whole() -> None:
    one, other = replica(), replica()
    one.store.set_table("t", {str(row): {"a": row, "b": f"text {row}"} for row in range(1500)})
    sync(one, other)
    assert other.store.get_tables() == one.store.get_tables()
