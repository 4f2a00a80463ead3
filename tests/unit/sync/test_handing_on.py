from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map

from tinybase_widget.persisters._yjs_items import Ranges
from tinybase_widget.persisters._yjs_reading import read_update
from tinybase_widget.sync._handing_on import Received

if TYPE_CHECKING:
    from pycrdt import TransactionEvent

KEYS = "abc"
EDITS = st.lists(st.tuples(st.sampled_from(KEYS), st.one_of(st.none(), st.integers(0, 9))))


def edit(doc: Doc[Any], edits: list[tuple[str, int | None]]) -> None:
    cells = doc.get("cells", type=Map)
    for key, number in edits:
        if number is not None:
            cells[key] = number
        elif key in cells:
            del cells[key]


def handed_on(doc: Doc[Any], update: bytes, *, is_answer: bool = True) -> bytes:
    """Return what goes on of an update that this document takes over."""
    heard: list[bytes] = []

    def hear(event: TransactionEvent) -> None:
        heard.append(Received(update, None, is_answer).handed_on(event))

    subscription = doc.observe(hear)
    doc.apply_update(update)
    doc.unobserve(subscription)
    return heard[0]


@pytest.fixture
def one() -> Doc[Any]:
    doc: Doc[Any] = Doc()
    edit(doc, [("a", 1), ("b", 1), ("c", 1), ("a", 2), ("b", None)])
    return doc


def test_an_answer_goes_on_as_it_came_where_all_of_it_was_new(one: Doc[Any]) -> None:
    answer = one.get_update()
    assert handed_on(Doc(), answer) == answer


def test_of_an_answers_deletions_those_that_were_known_do_not_go_on(one: Doc[Any]) -> None:
    other: Doc[Any] = Doc()
    other.apply_update(one.get_update())
    edit(one, [("c", 3), ("d", 4)])
    answer = one.get_update(other.get_state())
    went_on = handed_on(other, answer)
    structs, deletions = read_update(went_on)
    assert structs == read_update(answer)[0]
    assert [item.clock for item in Ranges(deletions)] == [2]  # of what "c" was
    assert [item.clock for item in Ranges(read_update(answer)[1])] == [0, 1, 2]


def test_of_an_answer_no_deletion_goes_on_of_what_came_without_content() -> None:
    one, other, third = Doc[Any](), Doc[Any](), Doc[Any]()
    one.get("rows", type=Map)["row"] = Map({"a": 1})
    third.apply_update(one.get_update())
    del one.get("rows", type=Map)["row"]
    other.apply_update(one.get_update())
    third.get("rows", type=Map)["row"]["b"] = 2
    one.apply_update(third.get_update(one.get_state()))
    answer = one.get_update(other.get_state())
    deleted = [item.client for item in Ranges(read_update(answer)[1])]
    assert third.client_id in deleted
    went_on = [item.client for item in Ranges(read_update(handed_on(other, answer))[1])]
    assert went_on == []


def test_an_update_that_answers_nothing_goes_on_as_it_came(one: Doc[Any]) -> None:
    other: Doc[Any] = Doc()
    other.apply_update(one.get_update())
    edit(one, [("c", 3)])
    update = one.get_update()
    assert handed_on(other, update, is_answer=False) == update


@given(first=EDITS, theirs=EDITS, ours=EDITS)
def test_who_had_what_we_had_ends_as_we_do(
    first: list[tuple[str, int | None]],
    theirs: list[tuple[str, int | None]],
    ours: list[tuple[str, int | None]],
) -> None:
    they, we, third = docs = [Doc[Any]() for _ in range(3)]
    edit(they, first)
    for doc in docs:
        doc.apply_update(they.get_update())
    edit(they, theirs)
    edit(we, ours)
    third.apply_update(we.get_update())
    edit(they, [("d", 0)])  # so that there is something to take over
    third.apply_update(handed_on(we, they.get_update(we.get_state())))
    assert third.get_state() == we.get_state()
    assert third.get("cells", type=Map).to_py() == we.get("cells", type=Map).to_py()
