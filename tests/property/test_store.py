"""What holds for a Store whatever is done with it."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.property import strategies as ours
from tinybase_widget.store import MISSING, Store

rows = st.dictionaries(ours.cell_ids, ours.good_cells, min_size=1)
tables = st.dictionaries(
    ours.table_ids, st.dictionaries(ours.row_ids, rows, min_size=1), min_size=1
)
writes = st.one_of(
    st.tuples(st.just("set_cell"), ours.table_ids, ours.row_ids, ours.cell_ids, ours.good_cells),
    st.tuples(st.just("set_row"), ours.table_ids, ours.row_ids, rows),
    st.tuples(st.just("set_tables"), tables),
    st.tuples(st.just("add_row"), ours.table_ids, rows),
    st.tuples(st.just("del_cell"), ours.table_ids, ours.row_ids, ours.cell_ids),
    st.tuples(st.just("del_row"), ours.table_ids, ours.row_ids),
    st.tuples(st.just("del_table"), ours.table_ids),
    st.tuples(st.just("set_value"), ours.value_ids, ours.good_cells),
    st.tuples(st.just("del_value"), ours.value_ids),
)
transactions = st.lists(st.lists(writes, max_size=4), max_size=5)


def write(store: Store, operations: list[Any]) -> None:
    """Do some operations as one transaction."""
    with store.transaction():
        for name, *args in operations:
            getattr(store, name)(*args)


def typed(thing: Any) -> Any:
    """Make `True` differ from `1`."""
    if isinstance(thing, dict):
        return {key: typed(each) for key, each in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [typed(each) for each in thing]
    return (type(thing), thing)


@given(tables)
def test_setting_and_getting_gives_the_same(content: Any) -> None:
    whole = Store().set_tables(content)
    by_cell = Store()
    for table_id, table in content.items():
        for row_id, row in table.items():
            for cell_id, cell in row.items():
                by_cell.set_cell(table_id, row_id, cell_id, cell)
    assert typed(whole.get_tables()) == typed(by_cell.get_tables())
    assert [whole.get_table_cell_ids(each) for each in content] == [
        by_cell.get_table_cell_ids(each) for each in content
    ]


@given(transactions)
def test_json_and_copies_have_the_same_content(steps: list[list[Any]]) -> None:
    store = Store()
    for step in steps:
        write(store, step)
    content = typed(store.get_content())
    assert typed(Store().set_json(store.get_json()).get_content()) == content
    assert typed(copy.deepcopy(store).get_content()) == content


@given(transactions)
def test_changes_make_another_store_the_same(steps: list[list[Any]]) -> None:
    source, twin = Store(), Store()
    source.add_did_finish_transaction_listener(
        lambda store: twin.apply_changes(store.get_transaction_changes())
    )
    for step in steps:
        write(source, step)
        assert typed(twin.get_content()) == typed(source.get_content())


@given(transactions, st.lists(writes, max_size=5))
def test_a_rollback_leaves_no_trace(steps: list[list[Any]], undone: list[Any]) -> None:
    store = Store()
    for step in steps:
        write(store, step)
    before = typed(store.get_content())
    heard: list[Any] = []
    store.add_tables_listener(heard.append)
    store.transaction(lambda: write(store, undone), lambda _: True)
    assert typed(store.get_content()) == before
    assert heard == []


@given(transactions, st.booleans(), st.integers(0, 2), st.one_of(st.none(), st.integers(0, 3)))
def test_a_sorted_window_is_always_what_sorting_anew_gives(
    steps: list[list[Any]], descending: bool, offset: int, limit: int | None
) -> None:
    store = Store()
    window = ("t1", "c1", descending, offset, limit)
    latest = [store.get_sorted_row_ids(*window)]
    store.add_sorted_row_ids_listener(*window, lambda *args: latest.append(args[-1]))
    for step in steps:
        write(store, step)
        assert latest[-1] == store.get_sorted_row_ids(*window)


@given(transactions)
def test_whoever_follows_cell_by_cell_has_the_same_content(steps: list[list[Any]]) -> None:
    store = Store()
    mirror: dict[tuple[str, str, str], Any] = {}

    def follow(_: Store, table_id: str, row_id: str, cell_id: str, new: Any, old: Any) -> None:
        path = (table_id, row_id, cell_id)
        assert typed(mirror.pop(path, MISSING)) == typed(old)
        if new is not MISSING:
            mirror[path] = new

    store.add_cell_listener(None, None, None, follow)
    for step in steps:
        write(store, step)
    assert typed(mirror) == typed(
        {
            (table_id, row_id, cell_id): cell
            for table_id, table in store.get_tables().items()
            for row_id, row in table.items()
            for cell_id, cell in row.items()
        }
    )
