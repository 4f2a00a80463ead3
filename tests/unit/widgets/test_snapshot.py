"""The table as plain HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tinybase_widget import Store, TableView
from tinybase_widget.widgets._snapshot import MAX_ROWS, Look, snapshot_html

ATTACK = "<img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """Collects a document's tags, attributes and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def html_of(table: dict[str, dict[str, Any]], columns: list[str] | None = None) -> str:
    return snapshot_html(Store().set_table("pets", table), "pets", columns)


def cells_of(table: dict[str, dict[str, Any]], columns: list[str] | None = None) -> list[str]:
    return Tags(html_of(table, columns)).texts[1:]


def test_rows_stand_below_their_cell_ids() -> None:
    html = html_of({"felix": {"species": "cat"}, "fido": {"species": "dog", "price": 5}})
    assert html == (
        "<table><caption>pets: 2 rows</caption>"
        '<thead><tr><th scope="col"></th><th scope="col">species</th>'
        '<th scope="col">price</th></tr></thead>'
        '<tbody><tr><th scope="row">felix</th><td>cat</td><td></td></tr>'
        '<tr><th scope="row">fido</th><td>dog</td><td>5</td></tr></tbody></table>'
    )


def test_everything_from_the_store_is_escaped() -> None:
    quote = "\"' onmouseover='alert(1)"
    store = Store().set_table(ATTACK, {ATTACK: {ATTACK: ATTACK, quote: {ATTACK: [ATTACK]}}})
    parsed = Tags(snapshot_html(store, ATTACK))
    assert parsed.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert parsed.attributes == {("scope", "row"), ("scope", "col")}
    assert parsed.texts.count(ATTACK) == 3
    assert quote in parsed.texts


def test_rows_stand_in_the_grids_order() -> None:
    # The same ids are in js/tests/table/rows.test.ts.
    order = ["~a", "0", "9", "9~", "9~a", "10", "", "09", "9a", "a~"]
    html = html_of({row_id: {"n": 1} for row_id in reversed(order)})
    assert re.findall(r'<th scope="row">(.*?)</th>', html) == order


def test_the_columns_asked_for_are_escaped_too() -> None:
    assert Tags(html_of({"fido": {"species": "dog"}}, [ATTACK])).tags.isdisjoint({"img"})


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (True, "true"),
        (None, "null"),
        (5, "5"),
        (0.5, "0.5"),
        ("", None),
        ("žába 🐸", "žába 🐸"),
        ({"a": [1, "é"]}, '{"a": [1, "é"]}'),
        ([], "[]"),
    ],
)
def test_cells_are_shown_as_the_grid_shows_them(cell: Any, text: str | None) -> None:
    assert cells_of({"fido": {"cell": cell}}) == ["cell", "fido", *([] if text is None else [text])]


def test_only_the_first_rows_are_there_and_the_caption_says_so() -> None:
    html = html_of({str(number): {"n": number} for number in range(1234)})
    assert html.count("<td>") == MAX_ROWS
    assert "<caption>pets: 1,234 rows, the first 10 shown</caption>" in html


def test_only_the_first_columns_are_there_and_the_caption_says_so() -> None:
    html = html_of({"fido": {f"c{number}": number for number in range(50)}})
    assert html.count("<td>") == 30
    assert "<caption>pets: 1 row, 20 more columns</caption>" in html


def test_a_long_text_is_cut_off() -> None:
    assert cells_of({"fido": {"text": "x" * 1000}})[-1] == "x" * 200 + "…"


def test_the_columns_asked_for_are_shown_in_that_order_whether_or_not_they_are_there() -> None:
    rows = {"fido": {"species": "dog", "price": 5}}
    assert cells_of(rows, ["price", "color", "species"]) == [
        "price",
        "color",
        "species",
        "fido",
        "5",
        "dog",
    ]


PETS = {
    "fido": {"name": "Fido", "price": 5, "sold": True},
    "felix": {"name": "Felix", "price": 1234.5, "sold": False},
    "rex": {"name": "Rex", "price": 7},
}


def looked_at(columns: list[str] | None = None, **look: Any) -> list[str]:
    return Tags(snapshot_html(Store().set_table("pets", PETS), "pets", columns, Look(**look))).texts


def test_rows_are_filtered_searched_and_sorted_as_the_view_has_them_and_the_caption_says_so() -> (
    None
):
    caption, *cells = looked_at(
        ["name"],
        sort=[("price", "desc"), ("name", "asc")],
        filters={"price": {"min": 5}},
        search=" f ",
    )
    assert caption == (
        "pets: 2 of 3 rows, filtered by price, searched for “f”, sorted by price descending, name"
    )
    assert cells == ["name", "felix", "Felix", "fido", "Fido"]


def test_pinned_columns_come_first_and_rows_are_numbered_as_the_view_has_them() -> None:
    cells = looked_at(["name", "price"], pinned=["price", "sold"], row_numbers=True)[1:]
    assert cells == ["price", "name", "1", "1234.5", "Felix", "2", "5", "Fido", "3", "7", "Rex"]


@pytest.mark.parametrize(
    ("spec", "texts"),
    [(",.2f", ["1,234.50", "5.00"]), (".1", ["1234.5", "5.0"]), (",", ["1,234.5", "5"])],
)
def test_numbers_are_written_by_the_views_formats(spec: str, texts: list[str]) -> None:
    found = looked_at(["price", "name"], formats={"price": spec, "name": spec, "sold": spec})
    assert [found[4], found[7]] == texts
    assert found[5] == "Felix"


def test_a_caption_counts_the_rows_that_are_let_through_and_those_that_are_shown() -> None:
    rows = {str(number): {"n": number} for number in range(1000)}
    store = Store().set_table("<t>", rows)
    look = Look(filters={"n": {"max": 99}}, search="<b>")
    assert snapshot_html(store, "<t>", look=look) == (
        "<p>&lt;t&gt;: 0 of 1,000 rows, filtered by n, searched for “&lt;b&gt;”</p>"
    )
    html = snapshot_html(store, "<t>", look=Look(filters={"n": {"max": 99}}))
    assert "100 of 1,000 rows, filtered by n, the first 10 shown" in html


def test_a_view_that_is_looked_at_otherwise_has_another_snapshot(timers: Any) -> None:
    view = TableView(Store().set_table("pets", PETS), "pets", sort=["price"], columns=["name"])
    assert Tags(view.snapshot).texts[0] == "pets: 3 rows, sorted by price"
    view.filters = {"name": {"equals": "rex"}}
    timers.run_out()
    assert Tags(view.snapshot).texts == [
        "pets: 1 of 3 rows, filtered by name, sorted by price",
        "name",
        "rex",
        "Rex",
    ]


@pytest.mark.parametrize("columns", [None, ["species"]])
def test_a_table_without_rows_says_so(columns: list[str] | None) -> None:
    assert snapshot_html(Store(), "<pets>", columns) == "<p>&lt;pets&gt;: 0 rows</p>"


def test_half_a_surrogate_pair_can_be_sent_all_the_same() -> None:
    html = html_of({"fido": {"text": "half \ud83d"}})
    assert "half ?" in html.encode().decode()
