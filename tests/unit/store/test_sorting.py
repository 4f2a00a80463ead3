from __future__ import annotations

from typing import Any

import pytest

from tests.unit.store.recording import Recorder
from tinybase_widget.store import MISSING, Store


def store_of(*cells: Any) -> Store:
    """Make a Store with rows a, b, ... of these cells."""
    rows = {chr(ord("a") + i): {"c": cell, "x": 1} for i, cell in enumerate(cells)}
    return Store().set_table("t", rows)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        ((3, 1, 2), "bca"),
        ((1, 1, 0), "cab"),
        ((2.5, None, True), "bca"),
        (("b", "a", "A"), "cba"),
        (("\U0001f600", "\uffff", "a"), "cab"),
        ((10, "9", True), "cba"),
        (([2], [10], {"a": 1}), "bac"),
    ],
)
def test_rows_are_in_the_order_of_javascript(cells: Any, order: str) -> None:
    assert "".join(store_of(*cells).get_sorted_row_ids("t", "c")) == order


def test_descending_reverses_equal_rows_too() -> None:
    assert store_of(1, 1, 2).get_sorted_row_ids("t", "c", True) == ["c", "b", "a"]


def test_without_a_cell_rows_are_sorted_by_id() -> None:
    store = Store().set_table("t", {row_id: {"c": 1} for row_id in "bca"})
    assert store.get_sorted_row_ids("t") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("offset", "limit", "order"),
    [(1, None, "bcd"), (1, 2, "bc"), (-2, None, "cd"), (0, 0, ""), (9, 1, "")],
)
def test_a_window_is_cut_out(offset: int, limit: int | None, order: str) -> None:
    row_ids = store_of(1, 2, 3, 4).get_sorted_row_ids("t", "c", False, offset, limit)
    assert "".join(row_ids) == order


def test_a_sorter_gets_decoded_cells_and_missing() -> None:
    store = store_of([2], [1]).del_cell("t", "a", "c").set_cell("t", "c", "c", [3])

    def sorter(one: Any, two: Any) -> int:
        sizes = [9 if cell is MISSING else cell[0] for cell in (one, two)]
        return sizes[0] - sizes[1]

    ids = store.get_sorted_row_ids("t", "c", sorter=sorter)
    assert ids == ["b", "c", "a"]


def test_arguments_may_come_as_a_dictionary() -> None:
    store = store_of(3, 1, 2)
    assert store.get_sorted_row_ids({"table_id": "t", "cell_id": "c", "limit": 1}) == ["b"]


def test_a_listener_hears_of_a_window_only_when_it_changes() -> None:
    store, recorder = store_of(1, 2, 3, 4), Recorder()
    store.add_sorted_row_ids_listener("t", "c", False, 0, 2, recorder)
    store.set_cell("t", "d", "c", 5)
    store.set_cell("t", "a", "c", 2.5)
    store.set_cell("t", "a", "x", 9)
    assert recorder.heard == [("t", "c", False, 0, 2, ["b", "a"])]


def test_a_listener_hears_of_rows_that_come_and_go() -> None:
    store, recorder = store_of(1, 2), Recorder()
    store.add_sorted_row_ids_listener({"table_id": "t", "cell_id": "c"}, recorder)
    store.add_row("t", {"c": 0})
    store.del_row("t", "a")
    assert [heard[-1] for heard in recorder.heard] == [["0", "a", "b"], ["0", "b"]]


def test_a_listener_is_right_again_after_a_rollback() -> None:
    store, recorder = store_of(1, 2, 3), Recorder()
    store.add_sorted_row_ids_listener("t", "c", False, 0, None, recorder)
    store.set_cell("t", "a", "c", 9)
    store.transaction(lambda: store.set_cell("t", "b", "c", 10), do_rollback=lambda _: True)
    store.set_cell("t", "c", "c", 1)
    assert recorder.heard[-1][-1] == ["c", "b", "a"]


def test_a_listener_is_right_again_after_another_one_raised() -> None:
    store, recorder = store_of(1, 2, 3), Recorder()

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    failing = store.add_sorted_row_ids_listener("t", "c", False, 0, None, fail)
    store.add_sorted_row_ids_listener("t", "c", False, 0, None, recorder)
    with pytest.raises(ZeroDivisionError):
        store.set_cell("t", "a", "c", 9)
    store.del_listener(failing)
    store.set_cell("t", "b", "c", 8)
    assert recorder.heard == [("t", "c", False, 0, None, ["c", "b", "a"])]
