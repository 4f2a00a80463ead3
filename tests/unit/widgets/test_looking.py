"""How a TableView is looked at, as traits, and what it tells of people's doings, without a page."""

from __future__ import annotations

from typing import Any

import ipywidgets  # type: ignore[import-untyped]
import pytest
from traitlets import TraitError, link

from tests.unit.widgets.page import Page
from tinybase_widget import MISSING, Store, TableEvent, TableView


@pytest.fixture
def view() -> TableView:
    pets = {"fido": {"name": "Fido", "price": 5}, "felix": {"name": "Felix", "price": 4}}
    return TableView(Store().set_table("pets", pets), "pets")


# Traits


def test_a_sort_is_a_list_of_pairs_however_it_is_written(view: TableView) -> None:
    view.sort = ["name", ["price", "desc"]]
    assert view.sort == [("name", "asc"), ("price", "desc")]


@pytest.mark.parametrize("given", [[5], [("price", "down")], [("price",)], [("a", "asc", 1)]])
def test_a_sort_that_is_none_is_refused_and_changes_nothing(view: TableView, given: Any) -> None:
    view.sort = ["price"]
    with pytest.raises(TraitError, match=r'such as \[\("price", "desc"\)\]; .* is no such pair'):
        view.sort = given
    assert view.sort == [("price", "asc")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (5, "a filter is a dict of conditions"),
        ({"contains": 5}, "'contains' in the filter of 'price' takes a text, not 5"),
        ({"min": "5"}, "'min' in the filter of 'price' takes a number, not '5'"),
        ({"max": True}, "'max' in the filter of 'price' takes a number, not True"),
        ({"max": float("nan")}, "'max' in the filter of 'price' takes a number, not nan"),
        ({"in": "cat"}, "'in' in the filter of 'price' takes a list of cells"),
        ({"in": [object]}, "'in' in the filter of 'price' takes a list of cells"),
        ({"like": "x"}, "'like' in the filter of 'price' is no condition: there are \"contains\""),
    ],
)
def test_a_filter_that_is_none_is_refused(view: TableView, given: object, message: str) -> None:
    with pytest.raises(TraitError) as caught:
        view.filters = {"price": given}
    assert message in str(caught.value)
    assert view.filters == {}


def test_a_filter_without_conditions_is_none(view: TableView) -> None:
    view.filters = {"price": {}, "name": {"in": {"Fido"}}}
    assert view.filters == {"name": {"in": ["Fido"]}}


@pytest.mark.parametrize(
    "given", [{"rows": "fido"}, {"rows": [5]}, {"cell": "fido"}, {"cell": ["a"]}, {"cells": []}]
)
def test_a_selection_that_is_none_is_refused(view: TableView, given: Any) -> None:
    with pytest.raises(TraitError, match="selection"):
        view.selection = given


def test_what_is_set_reaches_the_page_and_what_the_page_sets_is_observed(view: TableView) -> None:
    page = Page(view)
    seen = []
    view.observe(lambda change: seen.append((change.name, change.new)), ["sort", "selection"])
    view.sort = [("price", "desc")]
    assert page.traits_sent("sort") == [[("price", "desc")]]
    view.set_state({"sort": [["name", "asc"]]})
    view.set_state({"selection": {"rows": ["fido"], "cell": ["fido", "price"]}})
    assert seen == [
        ("sort", [("price", "desc")]),
        ("sort", [("name", "asc")]),
        ("selection", {"rows": ["fido"], "cell": ("fido", "price")}),
    ]
    assert len(page.traits_sent("sort")) == 1, "the page was told what it had said itself"


def test_two_views_can_be_linked_and_laid_out(view: TableView) -> None:
    other = TableView(view.store, "pets")
    link((view, "selection"), (other, "selection"))
    ipywidgets.jslink((view, "search"), (other, "search"))
    box = ipywidgets.HBox([view, other])
    view.selection = {"rows": ["felix"]}
    assert other.selection == {"rows": ["felix"], "cell": None}
    assert box.children == (view, other)


def test_visible_rows_follow_the_store(view: TableView) -> None:
    view.filters = {"price": {"min": 5}}
    assert view.visible_row_ids == ["fido"]
    view.store.set_cell("pets", "felix", "price", 9)
    assert view.visible_row_ids == ["felix", "fido"]


@pytest.mark.parametrize("spec", ["", ",", ",.2f", ".1%", "e", ".10e"])
def test_number_formats_are_those_of_python(view: TableView, spec: str) -> None:
    view.formats = {"price": spec}
    assert format(1234.5, spec)
    assert view.formats == {"price": spec}


@pytest.mark.parametrize("spec", ["d", "0.2f", ">10", ".2f €", "<b>"])
def test_a_number_format_that_is_not_known_is_refused(view: TableView, spec: str) -> None:
    with pytest.raises(TraitError, match="a number format is one of Python's"):
        view.formats = {"price": spec}


# Events


def said(view: TableView, *events: object) -> None:
    Page(view).send({"kind": "events", "v": 1, "events": list(events)})


def test_an_edit_on_a_page_is_told_once_to_each_function(view: TableView) -> None:
    heard: list[TableEvent] = []
    view.on_edit(heard.append)
    view.on_edit(heard.append)
    said(view, {"event": "edit", "row": "fido", "column": "price", "value": 6, "old": 5})
    said(view, {"event": "edit", "row": "fido", "column": "price", "old": 6})
    assert heard == [
        TableEvent(view, "edit", "fido", "price", 6, 5),
        TableEvent(view, "edit", "fido", "price", MISSING, 6),
    ]
    view.on_edit(heard.append, remove=True)
    said(view, {"event": "edit", "row": "fido", "column": "price", "value": 7})
    assert len(heard) == 2


def test_rows_and_clicks_are_told_to_their_own_functions(view: TableView) -> None:
    heard: list[tuple[str, str, object]] = []
    view.on_add(lambda event: heard.append((event.kind, event.row, event.value)))
    view.on_delete(lambda event: heard.append((event.kind, event.row, event.old)))
    view.on_click(lambda event: heard.append((event.kind, event.row, event.column)))
    said(
        view,
        {"event": "add", "row": "rex", "value": {"price": 7}},
        {"event": "delete", "row": "fido", "old": {"price": 5}},
        {"event": "click", "row": "rex"},
    )
    assert heard == [
        ("add", "rex", {"price": 7}),
        ("delete", "fido", {"price": 5}),
        ("click", "rex", None),
    ]


@pytest.mark.parametrize(
    "event",
    [None, 5, {}, {"event": "edit"}, {"event": "x", "row": "a"}, {"event": "edit", "row": 5}],
)
def test_an_event_that_makes_no_sense_is_passed_over(view: TableView, event: object) -> None:
    heard: list[TableEvent] = []
    view.on_edit(heard.append)
    said(view, event)
    Page(view).send({"kind": "events", "v": 1, "events": event})
    assert heard == []


def test_a_selection_is_known_as_a_pages_or_as_the_kernels(view: TableView) -> None:
    fido = {"rows": ["fido"], "cell": None}
    view.set_state({"selection": fido, "_selected_by": "page/1"})
    assert view._selected_by == "page/1"
    view.selection = {"rows": ["felix"]}
    assert view._selected_by == ""
    view.set_state({"selection": fido, "_selected_by": "page/2"})
    assert view._selected_by == "page/2"
