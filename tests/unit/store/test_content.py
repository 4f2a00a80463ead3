from __future__ import annotations

import pytest

from tinybase_widget._exceptions import TinyBaseError
from tinybase_widget.store import MISSING, Store

PETS = {"fido": {"species": "dog", "age": 3}, "felix": {"species": "cat"}}


def test_set_tables_takes_the_place_of_all_tables() -> None:
    store = Store().set_table("plants", {"rose": {"color": "red"}})
    assert store.set_tables({"pets": PETS}).get_tables() == {"pets": PETS}


def test_set_row_keeps_the_place_of_a_row() -> None:
    store = Store().set_table("pets", PETS).set_row("pets", "fido", {"age": 4})
    assert store.get_row_ids("pets") == ["fido", "felix"]
    assert store.get_row("pets", "fido") == {"age": 4}


def test_set_partial_row_keeps_other_cells() -> None:
    store = Store().set_table("pets", PETS).set_partial_row("pets", "fido", {"age": 4})
    assert store.get_row("pets", "fido") == {"species": "dog", "age": 4}


def test_set_cell_gets_the_old_cell() -> None:
    store = Store().set_cell("pets", "fido", "age", lambda old: 1 if old is MISSING else old + 1)
    store.set_cell("pets", "fido", "age", lambda old: old + 1)
    assert store.get_cell("pets", "fido", "age") == 2


def test_set_value_gets_the_old_value() -> None:
    store = Store().set_value("open", True).set_value("open", lambda old: not old)
    assert store.get_value("open") is False


def test_set_content_may_be_given_a_function() -> None:
    assert Store().set_content(lambda: ({"pets": PETS}, {"open": True})).get_content() == (
        {"pets": PETS},
        {"open": True},
    )


def test_the_last_cell_takes_its_row_and_table_with_it() -> None:
    store = Store().set_cell("pets", "fido", "age", 3).del_cell("pets", "fido", "age")
    assert not store.has_row("pets", "fido")
    assert not store.has_table("pets")


def test_an_int_is_the_id_of_its_digits() -> None:
    store = Store().set_cell(1, 2, 3, "x")
    assert store.get_tables() == {"1": {"2": {"3": "x"}}}
    assert store.get_cell("1", "2", "3") == store.get_cell(1, 2, 3) == "x"


def test_add_row_gives_ids_of_deleted_rows_again() -> None:
    store = Store()
    ids = [store.add_row("pets", {"age": age}) for age in range(3)]
    store.del_row("pets", "1")
    assert [*ids, store.add_row("pets", {"age": 9})] == ["0", "1", "2", "1"]


def test_add_row_can_leave_ids_of_deleted_rows_alone() -> None:
    store = Store()
    for age in range(2):
        store.add_row("pets", {"age": age})
    store.del_row("pets", "0")
    assert store.add_row("pets", {"age": 9}, reuse_row_ids=False) == "2"


def test_add_row_passes_over_ids_that_are_taken() -> None:
    store = Store().set_row("pets", "0", {"age": 1})
    assert store.add_row("pets", {"age": 2}) == "1"


def test_add_row_of_nothing_gives_no_id() -> None:
    store = Store()
    store.add_invalid_cell_listener(None, None, None, lambda: None)
    assert store.add_row("pets", {}) is None


def test_add_row_asks_the_row_id_factory() -> None:
    store = Store()
    ids = iter(["a", "a", "b"])
    store.row_id_factory = lambda table_id: f"{table_id}-{next(ids)}"
    assert [store.add_row("pets", {"age": 1}) for _ in range(2)] == ["pets-a", "pets-b"]


def test_what_getters_give_is_a_copy() -> None:
    store = Store().set_table("pets", {"fido": {"toys": ["ball"]}})
    store.get_tables()["pets"]["fido"]["toys"] = "gone"
    store.get_row("pets", "fido")["toys"] = "gone"
    store.get_cell("pets", "fido", "toys").append("bone")  # type: ignore[union-attr]
    assert store.get_cell("pets", "fido", "toys") == ["ball"]


def test_what_setters_get_is_copied() -> None:
    table = {"fido": {"age": 3}}
    store = Store().set_table("pets", table)
    table["fido"]["age"] = 4
    assert store.get_cell("pets", "fido", "age") == 3


def test_cell_ids_of_a_table_are_those_of_any_row() -> None:
    store = Store().set_table("pets", PETS)
    assert store.get_table_cell_ids("pets") == ["species", "age"]
    assert store.del_row("pets", "fido").get_table_cell_ids("pets") == ["species"]


def test_missing_content_reads_as_empty() -> None:
    store = Store()
    assert store.get_table("pets") == store.get_row("pets", "fido") == {}
    assert store.get_row_ids("pets") == store.get_cell_ids("pets", "fido") == []
    assert store.get_cell("pets", "fido", "age") is None
    assert store.get_cell("pets", "fido", "age", MISSING) is MISSING


def test_a_row_id_factory_that_repeats_itself_is_an_error() -> None:
    store = Store().set_row("pets", "same", {"age": 1})
    store.row_id_factory = lambda _: "same"
    with pytest.raises(TinyBaseError, match="'same'"):
        store.add_row("pets", {"age": 2})
