from __future__ import annotations

from typing import Any

import pytest

from tinybase_widget.store import IgnoredWarning, Store

CONTENT: Any = (
    {"t": {"r": {"s": 'é"\\\n😀', "n": 0.5, "i": 3, "b": True, "z": None, "o": {"a": [1]}}}},
    {"v": [{}, []]},
)


def test_json_brings_back_the_same_content() -> None:
    store = Store().set_content(CONTENT)
    assert Store().set_json(store.get_json()).get_content() == CONTENT
    assert Store().set_tables_json(store.get_tables_json()).get_tables() == CONTENT[0]
    assert Store().set_values_json(store.get_values_json()).get_values() == CONTENT[1]


def test_json_of_tables_alone_sets_tables() -> None:
    assert Store().set_json('{"t":{"r":{"c":1}}}').get_tables() == {"t": {"r": {"c": 1}}}


def test_empty_json_deletes() -> None:
    assert Store().set_content(CONTENT).set_json("[{},{}]").get_content() == ({}, {})


def test_numbers_of_json_are_those_of_javascript() -> None:
    store = Store().set_tables_json(
        '{"t":{"r":{"a":1.0,"b":12345678901234567890,"c":1e3,"d":-9007199254740991}}}'
    )
    row = store.get_row("t", "r")
    assert row == {"a": 1, "b": 12345678901234567000.0, "c": 1000, "d": -(2**53) + 1}
    assert [type(cell) for cell in row.values()] == [int, float, int, int]


def test_an_int_of_json_that_no_double_can_hold_is_no_cell() -> None:
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    text = f'{{"t":{{"r":{{"a":{"9" * 400},"b":{"9" * 5000},"c":1}}}}}}'
    assert store.set_tables_json(text).get_row("t", "r") == {"c": 1}


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"t":{"r":{"c":NaN}}}', "[1"])
def test_what_is_no_json_changes_nothing(text: str) -> None:
    store = Store().set_content(CONTENT)
    with pytest.warns(IgnoredWarning, match="this JSON was not set"):
        store.set_json(text).set_tables_json(text)
    assert store.get_content() == CONTENT


def test_forged_objects_are_refused_where_they_are_not_awaited() -> None:
    forged = '\ufffd{"a":1}'
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    assert not store.set_cell("t", "r", "c", forged).has_tables()
    store.apply_changes([{"t": {"r": {"c": forged}}}, {}, 1])
    assert store.get_cell("t", "r", "c") == {"a": 1}


def test_broken_objects_are_refused_everywhere() -> None:
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    store.apply_changes([{"t": {"r": {"c": "\ufffd{", "d": "\ufffd1"}}}, {}, 1])
    assert not store.has_tables()
