"""The handle of an Automerge document."""

from __future__ import annotations

from typing import Any

import pytest
from automerge.core import ROOT, ScalarType, SyncState

from tinybase_widget import AutomergeDocHandle, DocumentError


def put(key: str, value: int) -> Any:
    return lambda doc: doc.put(ROOT, key, ScalarType.Int, value)


def test_a_change_is_told_with_the_heads_before_and_after_and_its_origin() -> None:
    handle = AutomergeDocHandle()
    heard: list[Any] = []
    handle.add_change_listener(lambda _, event: heard.append(event))
    handle.change(put("a", 1), origin="here")
    (event,) = heard
    assert (event.before, event.after, event.origin) == ([], handle.heads(), "here")


def test_what_changes_nothing_is_not_told() -> None:
    handle, other = AutomergeDocHandle(), AutomergeDocHandle()
    other.change(put("a", 1))
    handle.merge(other)
    heard: list[Any] = []
    handle.add_change_listener(lambda *args: heard.append(args))
    handle.merge(other).change(lambda _: None)
    assert heard == []


def test_a_deleted_listener_is_not_called() -> None:
    handle = AutomergeDocHandle()
    heard: list[Any] = []
    listener_id = handle.add_change_listener(lambda *args: heard.append(args))
    handle.del_listener(listener_id).change(put("a", 1))
    assert heard == []


def test_an_exception_in_a_change_takes_it_back() -> None:
    handle = AutomergeDocHandle().change(put("a", 1))

    def fail(doc: Any) -> None:
        doc.put(ROOT, "a", ScalarType.Int, 2)
        raise KeyError("no")

    with pytest.raises(KeyError):
        handle.change(fail)
    assert handle.doc() == {"a": 1}


def test_a_panic_of_automerge_is_an_error() -> None:
    handle = AutomergeDocHandle()
    with pytest.raises(DocumentError, match="automerge gave up"):
        handle.change(lambda doc: doc.put(ROOT, "\ud800", ScalarType.Int, 1))
    assert handle.change(put("a", 1)).doc() == {"a": 1}


def test_what_is_saved_can_be_loaded_whole_and_in_parts() -> None:
    handle = AutomergeDocHandle().change(put("a", 1))
    whole, heads = handle.save(), handle.heads()
    handle.change(put("b", 2))
    rest = handle.save(since=heads)
    assert AutomergeDocHandle.load(whole).doc() == {"a": 1}
    assert AutomergeDocHandle.load(whole + rest).heads() == handle.heads()


@pytest.mark.parametrize("data", [b"junk", b"\x85oJ\x83", b"\0" * 100])
def test_loading_what_is_no_document_says_so(data: bytes) -> None:
    with pytest.raises(ValueError, match="are no Automerge document"):
        AutomergeDocHandle.load(data)


def test_sync_messages_bring_two_documents_together() -> None:
    one = AutomergeDocHandle().change(put("a", 1))
    other = AutomergeDocHandle().change(put("b", 2))
    states = SyncState(), SyncState()
    for _ in range(10):
        for here, there, mine, theirs in ((one, other, *states), (other, one, *states[::-1])):
            message = here.generate_sync_message(mine)
            if message is not None:
                there.receive_sync_message(theirs, message)
    assert one.heads() == other.heads()
    assert one.doc() == {"a": 1, "b": 2}


@pytest.mark.parametrize("data", [b"", b"\x42", b"hello", b"\x42\1\2\3"])
def test_a_sync_message_that_is_none_is_refused_and_changes_nothing(data: bytes) -> None:
    handle = AutomergeDocHandle().change(put("a", 1))
    with pytest.raises(ValueError, match="no sync message"):
        handle.receive_sync_message(SyncState(), data)
    assert handle.change(put("b", 2)).doc() == {"a": 1, "b": 2}


def test_changes_that_come_before_their_predecessors_wait_for_them() -> None:
    one, other = AutomergeDocHandle(), AutomergeDocHandle()
    for at in range(3):
        one.change(put("a", at))
    first, second, third = (each.bytes for each in one.document.get_changes([]))
    other.apply_changes([third])
    assert other.doc() == {}
    other.apply_changes([second, first])
    assert other.doc() == {"a": 2}


def test_what_is_no_change_is_refused() -> None:
    with pytest.raises(ValueError, match="no changes"):
        AutomergeDocHandle().apply_changes([b"junk"])
