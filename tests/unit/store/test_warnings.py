from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from tinybase_widget.store import IgnoredWarning, Store

if TYPE_CHECKING:
    from collections.abc import Callable

NAN = float("nan")


def warned(action: Callable[[], object]) -> list[str]:
    """List the warnings of an action."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    return [str(warning.message) for warning in caught]


def test_a_refused_cell_warns_at_the_line_that_set_it() -> None:
    with pytest.warns(IgnoredWarning) as caught:
        Store().set_cell("pets", "fido", "age", NAN)
    assert caught[0].filename == __file__


def test_a_loop_of_refused_cells_warns_once() -> None:
    store = Store()

    def loop() -> None:
        for row_id in range(5):
            store.set_cell("pets", row_id, "age", NAN)

    assert len(warned(loop)) == 1


def test_refused_cells_of_one_transaction_warn_once() -> None:
    table = {row_id: {"age": NAN} for row_id in "abc"}
    (message,) = warned(lambda: Store().set_table("pets", table))
    assert "(and 2 more)" in message


def test_a_listener_takes_the_place_of_the_warning() -> None:
    store = Store()
    store.add_invalid_cell_listener("pets", None, None, lambda: None)
    assert not warned(lambda: store.set_cell("pets", "fido", "age", NAN))


def test_a_listener_to_something_else_does_not() -> None:
    store = Store()
    store.add_invalid_cell_listener("plants", None, None, lambda: None)
    assert warned(lambda: store.set_cell("pets", "fido", "age", NAN))


def test_a_refused_value_warns() -> None:
    (message,) = warned(lambda: Store().set_value("open", NAN))
    assert message.startswith("nan was not set at value 'open'")


def test_empty_tables_warn() -> None:
    (message,) = warned(lambda: Store().set_tables({}))
    assert "not empty" in message


def test_setting_a_schema_of_values_that_are_not_there_does_not_warn() -> None:
    assert not warned(lambda: Store().set_values_schema({"open": {"type": "boolean"}}))


def test_a_row_without_an_optional_cell_does_not_warn() -> None:
    store = Store().set_tables_schema(
        {"pets": {"age": {"type": "number"}, "x": {"type": "string"}}}
    )
    assert not warned(lambda: store.set_row("pets", "fido", {"age": 3}))


def test_text_that_is_no_json_warns() -> None:
    (message,) = warned(lambda: Store().set_json("{"))
    assert message.startswith("this JSON was not set")


def test_a_listener_that_writes_warns() -> None:
    store = Store()
    store.add_tables_listener(lambda store: store.set_value("seen", True))
    (message,) = warned(lambda: store.set_cell("pets", "fido", "age", 3))
    assert "no mutator" in message
    assert not store.has_values()


def test_a_warning_that_is_an_error_leaves_the_store_usable() -> None:
    store = Store()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(IgnoredWarning):
            store.set_cell("pets", "fido", "age", NAN)
    assert store.set_cell("pets", "fido", "age", 3).get_cell("pets", "fido", "age") == 3
