from __future__ import annotations

from typing import Any

import pytest

from tinybase_widget.store import Store


def with_cell(**schema: Any) -> Store:
    """Make a Store whose one cell has a schema, and where nothing warns."""
    store = Store().set_tables_schema({"t": {"c": schema, "x": {"type": "number"}}})
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    return store


@pytest.mark.parametrize(
    ("schema_type", "good", "bad"),
    [
        ("string", "a", 1),
        ("number", 0.5, "a"),
        ("boolean", True, 1),
        ("object", {"a": 1}, [1]),
        ("array", [1], {"a": 1}),
        (["string", "number"], 1, True),
    ],
)
def test_only_cells_of_the_type_are_set(schema_type: Any, good: Any, bad: Any) -> None:
    store = with_cell(type=schema_type)
    store.set_cell("t", "r", "c", good).set_cell("t", "r", "c", bad)
    assert store.get_cell("t", "r", "c") == good


def test_null_has_to_be_allowed() -> None:
    assert not with_cell(type="string").set_cell("t", "r", "c", None).has_tables()
    assert with_cell(type="string", allowNull=True).set_cell("t", "r", "c", None).has_tables()


def test_an_enum_tells_true_from_one() -> None:
    store = with_cell(enum=[1, "a"])
    store.set_cell("t", "r", "c", 1).set_cell("t", "r", "c", True)
    assert store.get_cell("t", "r", "c") == 1
    assert store.get_cell("t", "r", "c") is not True


def test_a_default_stands_in_for_what_is_missing_or_wrong_or_deleted() -> None:
    store = with_cell(type="string", default="?")
    store.set_row("t", "r", {"x": 1})
    assert store.get_row("t", "r") == {"x": 1, "c": "?"}
    assert (
        store.set_cell("t", "r", "c", "a").set_cell("t", "r", "c", 1).get_row("t", "r")["c"] == "?"
    )
    assert store.set_cell("t", "r", "c", "a").del_cell("t", "r", "c").get_row("t", "r")["c"] == "?"


def test_a_forced_deletion_of_a_default_takes_the_row() -> None:
    store = with_cell(type="string", default="?").set_row("t", "r", {"x": 1})
    assert not store.del_cell("t", "r", "c", force_del=True).has_tables()


def test_a_default_may_be_an_object() -> None:
    store = with_cell(type="object", default={"a": 1}).set_row("t", "r", {"x": 1})
    assert store.get_table("t") == {"r": {"x": 1, "c": {"a": 1}}}


def test_a_row_without_a_required_cell_is_not_set() -> None:
    store = with_cell(type="string", required=True)
    assert not store.set_row("t", "r", {"x": 1}).has_tables()


def test_other_tables_and_cells_are_not_set() -> None:
    store = with_cell(type="string")
    assert not store.set_cell("u", "r", "c", "a").set_cell("t", "r", "d", "a").has_tables()


def test_content_that_is_there_already_is_set_anew() -> None:
    store = Store().set_tables({"t": {"r": {"c": 1, "d": 2}}, "u": {"r": {"c": 1}}})
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    store.set_tables_schema(
        {"t": {"c": {"type": "number"}, "e": {"type": "string", "default": ""}}}
    )
    assert store.get_tables() == {"t": {"r": {"c": 1, "e": ""}}}


def test_values_get_their_defaults_at_once() -> None:
    store = Store().set_values_schema({"v": {"type": "number", "default": 1}})
    assert store.get_values() == {"v": 1}
    assert store.del_values().get_values() == {"v": 1}


def test_a_deleted_schema_leaves_the_content() -> None:
    store = with_cell(type="string").set_cell("t", "r", "c", "a").del_schema()
    assert store.set_cell("u", "r", "c", 1).get_tables() == {
        "t": {"r": {"c": "a"}},
        "u": {"r": {"c": 1}},
    }


def test_what_is_wrong_in_a_schema_is_left_out() -> None:
    store = Store().set_tables_schema(
        {
            "t": {
                "good": {"type": "string", "default": 1, "nonsense": 1},
                "bad": {"type": "nonsense"},
                "both": {"type": "string", "enum": ["a"]},
                "null": {"type": "string", "default": None},
            },
            "u": {"bad": {}},
        }
    )
    assert store.get_tables_schema_json() == '{"t":{"good":{"type":"string"}}}'


def test_what_is_given_as_a_schema_is_copied() -> None:
    schema: Any = {"t": {"c": {"type": "string"}}}
    store = Store().set_tables_schema(schema)
    schema["t"]["c"]["type"] = "number"
    assert store.get_tables_schema_json() == '{"t":{"c":{"type":"string"}}}'
