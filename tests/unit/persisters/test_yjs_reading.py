"""Telling whether an update is complete."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from pycrdt import Array, Map, Text, XmlElement, XmlFragment, merge_updates

from tinybase_widget import create_doc
from tinybase_widget.persisters._yjs_reading import is_complete, read_structs
from tinybase_widget.persisters._yjs_wire import read_state_vector


def doc_of_everything() -> Any:
    """A document with every kind of content that pycrdt can write."""
    doc = create_doc(7)
    map_ = doc.get("map", type=Map)
    for key, value in {
        "text": "zoë 🐧",
        "int": -(2**31),
        "large": 2**53 - 1,
        "float": 0.1,
        "null": None,
        "flags": [True, False, {"deep": [1, None]}],
        "bytes": b"\x00\x01",
        "nested": Map({"a": Array([1, 2])}),
    }.items():
        map_[key] = value
    map_["int"] = 1
    text = doc.get("text", type=Text)
    text += "a text, zoë 🐧"
    text.format(0, 3, {"bold": True})
    text.insert_embed(2, {"image": "x"})
    del text[4:6]
    fragment = doc.get("xml", type=XmlFragment)
    fragment.children.append(XmlElement("p", {"class": "c"}))
    return doc


def test_reading_finds_every_struct_of_every_kind_of_content() -> None:
    doc = doc_of_everything()
    structs = list(read_structs(doc.get_update()))
    end = max(struct.item.clock + struct.length for struct in structs)
    assert {7: end} == read_state_vector(doc.get_state())


def test_a_whole_document_is_complete_for_somebody_who_has_nothing() -> None:
    assert is_complete(doc_of_everything().get_update(), {})


def test_an_update_is_complete_only_after_those_before_it() -> None:
    doc = create_doc(7)
    map_ = doc.get("map", type=Map)
    updates: list[tuple[dict[int, int], bytes]] = []
    doc.observe(lambda event: updates.append((states[-1], event.update)))
    states: list[dict[int, int]] = []
    for number in range(5):
        states.append(read_state_vector(doc.get_state()))
        map_[str(number)] = number
    for before, update in updates:
        assert is_complete(update, before)
        if before:
            assert not is_complete(update, {})


def test_an_update_that_refers_to_somebody_unknown_is_not_complete() -> None:
    one, other = create_doc(7), create_doc(8)
    one.get("map", type=Map)["nested"] = Map()
    other.apply_update(one.get_update())
    other.get("map", type=Map)["nested"]["a"] = 1
    update = other.get_update(one.get_state())
    assert is_complete(update, {7: 1})
    assert not is_complete(update, {})


def test_an_update_that_deletes_what_is_unknown_is_not_complete() -> None:
    doc = create_doc(7)
    map_ = doc.get("map", type=Map)
    map_["a"] = 1
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    del map_["a"]
    assert is_complete(updates[0], {7: 1})
    assert not is_complete(updates[0], {})


def test_an_update_with_a_gap_is_complete_only_for_somebody_who_has_what_is_missing() -> None:
    doc = create_doc(7)
    map_ = doc.get("map", type=Map)
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    for number in range(3):
        map_[str(number)] = number
    update = merge_updates(updates[0], updates[2])
    assert is_complete(update, {7: 2})
    assert not is_complete(update, {})


def accepts(update: bytes) -> bool:
    try:
        is_complete(update, {})
    except ValueError:
        return False
    return True


def test_an_update_that_ends_in_the_middle_of_a_struct_is_refused() -> None:
    update = doc_of_everything().get_update()
    accepted = [accepts(update[:end]) for end in range(len(update) + 1)]
    assert accepted == sorted(accepted)
    assert (accepted[0], accepted[len(update) // 2], accepted[-1]) == (False, False, True)


@pytest.mark.parametrize("content", [0x0B, 0x1F, 0x8C])
def test_content_of_an_unknown_kind_is_refused(content: int) -> None:
    update = bytes((1, 1, 5, 0, content, 1, 1, 0x61, 0, 0, 0))
    with pytest.raises(ValueError, match="content of an unknown kind"):
        is_complete(update, {})


@pytest.mark.parametrize("seed", range(50))
def test_bytes_that_were_spoilt_raise_no_other_error(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed that repeats the run is the point
    update = bytearray(doc_of_everything().get_update())
    for _ in range(5):
        update[random.randrange(len(update))] = random.randrange(256)
    accepts(bytes(update))  # does not raise
