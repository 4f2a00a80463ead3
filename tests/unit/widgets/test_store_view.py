"""The widgets of a Store's values and of a whole Store: what they tell their pages, and take."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from traitlets import TraitError

from tests.unit.widgets.page import Page
from tinybase_widget import Room, Store, StoreView, ValuesView
from tinybase_widget.widgets._snapshot import MAX_TABLES, store_html, values_html

if TYPE_CHECKING:
    from tests.unit.widgets.conftest import Timers

ATTACK = "<img src=x onerror=alert(1)>"


def zoo() -> Store:
    return (
        Store()
        .set_table("pets", {"fido": {"species": "dog"}, "felix": {"species": "cat"}})
        .set_table("shops", {"0": {"city": "Oslo"}})
        .set_values({"open": True, "theme": "dark"})
    )


# ValuesView


def test_values_view_shares_the_values_with_its_page() -> None:
    store = zoo()
    page = Page(ValuesView(store))
    page.say_hello()
    assert page.values() == {"open": True, "theme": "dark"}


def test_values_view_tells_its_page_of_the_values_schema(timers: Timers) -> None:
    store = Store().set_values_schema({"theme": {"type": "string"}})
    view = ValuesView(store)
    assert view._values_schema == {"theme": {"type": "string"}}
    assert ValuesView(Store())._values_schema is None
    store.set_values_schema({"open": {"type": "string", "default": "no"}})
    timers.run_out()
    assert view._values_schema == {"open": {"type": "string", "default": "no"}}


def test_values_view_says_what_people_do() -> None:
    view = ValuesView(zoo())
    seen: list[Any] = []
    view.on_edit(lambda edit: seen.append((edit.row, edit.column, edit.old, edit.value)))
    event = {"event": "edit", "row": "theme", "column": "value", "old": "dark", "value": "light"}
    Page(view).send({"kind": "events", "v": 1, "events": [event]})
    assert seen == [("theme", "value", "dark", "light")]


def test_options_of_values_are_cells() -> None:
    with pytest.raises(TraitError, match="the options of 'theme' are cells"):
        ValuesView(zoo(), value_options={"theme": [object()]})  # type: ignore[list-item]


# StoreView


def test_store_view_opens_the_first_table() -> None:
    view = StoreView(zoo())
    assert view.table_id == "pets"
    assert not view._is_chosen


def test_store_view_opens_the_values_where_there_is_no_table_until_there_is_one() -> None:
    view = StoreView(Store())
    assert view.table_id is None
    assert view._is_chosen is False


@pytest.mark.parametrize("table_id", ["shops", "not yet", "", None])
def test_store_view_opens_the_tab_that_is_asked_for(table_id: str | None) -> None:
    view = StoreView(zoo(), table_id)
    assert view.table_id == table_id
    assert view._is_chosen is True


def test_a_tab_that_is_set_is_a_choice() -> None:
    view = StoreView(zoo())
    view.table_id = "shops"
    assert view._is_chosen is True


def test_store_view_tells_its_page_of_all_schemas(timers: Timers) -> None:
    store = Store().set_tables_schema({"pets": {"price": {"type": "number"}}})
    view = StoreView(store)
    assert view._schemas == {"pets": {"price": {"type": "number"}}}
    store.set_values_schema({"open": {"type": "boolean"}})
    timers.run_out()
    assert view._values_schema == {"open": {"type": "boolean"}}


# Both


@pytest.mark.parametrize("make", [ValuesView, StoreView])
def test_a_view_shows_a_store_only(make: Any) -> None:
    with pytest.raises(TypeError, match=r"the view shows a Store, such as Store\(\), not \[1\]"):
        make([1])


@pytest.mark.parametrize("make", [ValuesView, StoreView])
def test_a_view_refuses_the_room_of_another_store(make: Any) -> None:
    with pytest.raises(ValueError, match="shares another Store"):
        make(zoo(), room=Room("other", Store()))


@pytest.mark.parametrize("make", [ValuesView, StoreView])
def test_a_closed_view_listens_no_more(make: Any, timers: Timers) -> None:
    store = zoo()
    before = store.get_listener_stats()
    view = make(store, room=Room("closed", store))
    assert store.get_listener_stats() != before
    view.close()
    store.set_value("theme", "light")
    assert timers.started == []


@pytest.mark.parametrize("make", [ValuesView, StoreView])
def test_the_snapshot_follows_the_values(make: Any, timers: Timers) -> None:
    store = zoo()
    view = make(store)
    assert "<td>dark</td>" in view.snapshot
    store.set_value("theme", "light")
    timers.run_out()
    assert "<td>light</td>" in view.snapshot


@pytest.mark.parametrize("make", [ValuesView, StoreView])
def test_a_saved_notebook_shows_the_snapshot(make: Any) -> None:
    view = make(zoo())
    data = view._repr_mimebundle_()
    bundle = data[0] if isinstance(data, tuple) else data
    assert bundle["text/html"] == view.snapshot
    assert bundle["text/plain"] == repr(view)


# Snapshots


class Tags(HTMLParser):
    """Collects a document's tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.add(tag)


def test_values_stand_beside_their_names() -> None:
    assert values_html(zoo()) == (
        '<table><caption>Values: 2 values</caption><thead><tr><th scope="col"></th>'
        '<th scope="col">value</th></tr></thead><tbody>'
        '<tr><th scope="row">open</th><td>true</td></tr>'
        '<tr><th scope="row">theme</th><td>dark</td></tr></tbody></table>'
    )
    assert values_html(Store()) == "<p>Values: 0 values</p>"


def test_only_the_first_values_are_there_and_the_caption_says_so() -> None:
    html = values_html(Store().set_values({str(number): number for number in range(1234)}))
    assert "<caption>Values: 1,234 values, the first 10 shown</caption>" in html
    assert re.findall(r"<td>(.*?)</td>", html) == [str(number) for number in range(10)]


def test_a_store_is_its_first_tables_and_its_values() -> None:
    html = store_html(zoo())
    assert re.findall("<caption>(.*?)</caption>", html) == [
        "pets: 2 rows",
        "shops: 1 row",
        "Values: 2 values",
    ]
    many = Store().set_tables({f"t{n}": {"r": {"n": n}} for n in range(MAX_TABLES + 3)})
    assert "<p>3 more tables</p>" in store_html(many)


def test_everything_from_the_store_is_escaped() -> None:
    store = Store().set_table(ATTACK, {ATTACK: {ATTACK: ATTACK}}).set_value(ATTACK, ATTACK)
    tags = {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert Tags(store_html(store)).tags == tags
