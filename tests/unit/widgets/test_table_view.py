"""TableView in plain Python: what it takes, shows and shares, without a kernel."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from traitlets import TraitError

from tests.unit.widgets.page import MockComm, Page
from tinybase_widget import Room, Store, TableView

if TYPE_CHECKING:
    from tests.unit.widgets.conftest import Timers

ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def store() -> Store:
    return Store().set_table("pets", {"fido": {"species": "dog", "price": 5}})


# What it takes


@pytest.mark.parametrize("given", [None, {}, [], "pets", Store])
def test_something_else_than_a_store_or_a_frame_is_refused(given: Any) -> None:
    with pytest.raises(
        TypeError, match=r"a TableView shows a table of a Store, or a data frame; .* is neither"
    ):
        TableView(given, "pets")


@pytest.mark.parametrize("given", [None, 5, b"pets", ["pets"]])
def test_a_table_id_that_is_no_string_is_refused(store: Store, given: Any) -> None:
    with pytest.raises(TypeError, match=r'a table id is a string such as "pets", not '):
        TableView(store, given)


@pytest.mark.parametrize("given", [5, b"zoo", ["zoo"], Room])
def test_a_room_that_is_neither_a_name_nor_a_room_is_refused(store: Store, given: Any) -> None:
    with pytest.raises(TypeError, match=r"a room's name is a string such as \"zoo\", not "):
        TableView(store, "pets", given)


def test_a_room_with_an_empty_name_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match=r'must not be empty; give it one such as "zoo"'):
        TableView(store, "pets", "")


def test_a_room_of_another_store_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match=r"Room 'zoo', alone> shares another Store"):
        TableView(store, "pets", Room("zoo", Store()))


@pytest.mark.parametrize("given", ["species", 5, [5], [None], {"species": 1}, {"species"}])
def test_columns_that_are_no_list_of_cell_ids_are_refused(store: Store, given: Any) -> None:
    with pytest.raises(
        TypeError, match=r'columns are cell ids such as \["species", "price"\], not'
    ):
        TableView(store, "pets", columns=given)


@pytest.mark.parametrize(("name", "given"), [("height", "tall"), ("read_only", "no")])
def test_settings_of_another_type_are_refused(store: Store, name: str, given: Any) -> None:
    with pytest.raises(TraitError, match=rf"'{name}' trait .* expected an? \w+, not the str '"):
        TableView(store, "pets", **{name: given})


def test_settings_are_traits(store: Store) -> None:
    view = TableView(store, "pets", columns=("price",), height=200, read_only=True)
    assert (view.columns, view.height, view.read_only) == (["price"], 200, True)
    page = Page(view)
    view.set_trait("columns", None)
    view.height, view.read_only = 300, False
    assert page.traits_sent("columns") == [None]
    assert page.traits_sent("height") == [300]
    assert page.traits_sent("read_only") == [False]


def test_what_may_be_written_is_said_by_traits(store: Store) -> None:
    view = TableView(
        store,
        "pets",
        read_only_columns=("price",),
        read_only_cells={("fido", "species")},
        column_options={"species": ("dog", "cat", None)},
    )
    assert view.read_only_columns == ["price"]
    assert view.read_only_cells == [("fido", "species")]
    assert view.column_options == {"species": ["dog", "cat", None]}
    page = Page(view)
    view.read_only_columns, view.column_options = [], {"species": ["dog"]}
    assert page.traits_sent("read_only_columns") == [[]]
    assert page.traits_sent("column_options") == [{"species": ["dog"]}]


@pytest.mark.parametrize("cell", [{1}, 2**53, float("nan"), b"x", {1: 2}, [object()]])
def test_options_that_are_no_cells_are_refused(store: Store, cell: Any) -> None:
    with pytest.raises(TraitError, match=r"the options of 'species' are cells: text, numbers,"):
        TableView(store, "pets", column_options={"species": [cell]})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("read_only_columns", [5]),
        ("read_only_cells", [("fido",)]),
        ("read_only_cells", [("fido", 5)]),
    ],
)
def test_read_only_places_that_are_no_ids_are_refused(store: Store, name: str, given: Any) -> None:
    with pytest.raises(TraitError):
        TableView(store, "pets", **{name: given})


def test_pages_know_the_tables_schema(store: Store) -> None:
    assert TableView(store, "pets")._schema is None
    schema: dict[str, Any] = {
        "species": {"enum": ["dog", "cat"]},
        "price": {"type": "number", "default": 0},
    }
    store.set_tables_schema({"pets": schema})
    assert TableView(store, "pets")._schema == schema
    assert TableView(store, "other")._schema == {}


def test_pages_hear_of_another_schema(store: Store, timers: Timers) -> None:
    view = TableView(store, "pets")
    page = Page(view)
    store.set_tables_schema({"pets": {"species": {"type": "string"}, "price": {"type": "number"}}})
    timers.run_out()
    store.del_tables_schema()
    timers.run_out()
    schemas = page.traits_sent("_schema")
    assert [schema and sorted(schema) for schema in schemas] == [["price", "species"], None]


def test_by_default_it_shows_all_columns_400_pixels_high_for_editing(store: Store) -> None:
    settings = TableView(store, "pets").get_state(["columns", "height", "read_only"])
    assert settings == {"columns": None, "height": 400, "read_only": False}


def test_it_knows_its_store_and_table_and_says_so(store: Store) -> None:
    view = TableView(store, "pets", room="zoo")
    assert (view.store, view.table_id) == (store, "pets")
    assert repr(view) == "<tinybase_widget.TableView of 'pets' in room 'zoo'>"


# Rooms


def test_views_of_one_store_and_room_share_the_room(store: Store) -> None:
    views = [TableView(store, table, room="zoo") for table in ("pets", "pets", "other")]
    assert len({view.room for view in views}) == 1
    assert len({view._peer for view in views}) == 1


def test_views_of_two_stores_have_rooms_of_their_own(store: Store) -> None:
    one, other = TableView(store, "pets", room="zoo"), TableView(Store(), "pets", room="zoo")
    assert one.room is not other.room
    assert one._peer != other._peer


def test_a_room_can_be_given(store: Store) -> None:
    room = Room("zoo", store)
    view = TableView(store, "pets", room)
    assert view.room is room
    assert (view._room, view._peer) == ("zoo", room.peer)


def test_without_a_room_views_of_one_store_share_one_that_nobody_else_has(store: Store) -> None:
    one, two = TableView(store, "pets"), TableView(store, "pets")
    assert one.room is two.room
    assert one._room != TableView(Store(), "pets")._room


def test_without_a_room_a_view_shows_in_the_room_that_its_store_is_in(store: Store) -> None:
    assert TableView(store, "pets", "zoo").room is TableView(store, "pets").room


# Messages


def test_a_page_that_asks_for_the_runtime_gets_it(store: Store) -> None:
    view = TableView(store, "pets")
    page = Page(view)
    page.send({"kind": "runtime?", "v": 1})
    [(content, [bundle])] = page.custom_messages()
    assert content == {"kind": "runtime", "v": 1, "hash": view._runtime}
    assert b"renderTable" in bundle


def test_requests_for_the_runtime_that_queued_up_are_answered_once(store: Store) -> None:
    page = Page(TableView(store, "pets"))
    for _ in range(10):
        page.send({"kind": "runtime?", "v": 1})
    assert len(page.custom_messages()) == 1


def test_a_page_that_says_hello_has_the_table_afterwards(store: Store) -> None:
    page = Page(TableView(store, "pets"))
    page.say_hello()
    assert page.tables() == store.get_tables()


def test_what_a_page_had_before_it_came_is_in_the_store_afterwards(store: Store) -> None:
    before = Page(TableView(Store().set_table("pets", {"felix": {"species": "cat"}}), "pets"))
    before.say_hello()
    page = Page(TableView(store, "pets"))
    page.doc = before.doc
    page.say_hello()
    assert set(store.get_row_ids("pets")) == {"fido", "felix"}


def test_changes_of_the_store_reach_the_page(store: Store) -> None:
    view = TableView(store, "pets")
    page = Page(view)
    page.say_hello()
    store.set_cell("pets", "fido", "price", 6)
    assert view.room.flush_outbox()
    page.take_frames()
    assert page.tables()["pets"]["fido"]["price"] == 6


def test_a_page_that_has_said_bye_hears_nothing(store: Store) -> None:
    view = TableView(store, "pets")
    page = Page(view)
    page.say_hello()
    page.say("bye")
    before = len(page.custom_messages())
    store.set_cell("pets", "fido", "price", 6)
    assert view.room.flush_outbox()
    assert len(page.custom_messages()) == before


def test_messages_arrive_by_the_comm(store: Store) -> None:
    page = Page(TableView(store, "pets"))
    data = {"method": "custom", "content": {"kind": "hello", "v": 1, "page": "tab"}}
    page.comm.handle_msg({"content": {"data": data}, "buffers": []})
    [(content, _)] = page.custom_messages()
    assert content["to"] == "tab"


@pytest.mark.parametrize(
    "content",
    [
        None,
        5,
        "runtime?",
        ["runtime?"],
        {},
        {5: 6},
        {"kind": "runtime?"},
        {"kind": "runtime?", "v": 2},
        {"kind": "hello", "v": 2, "page": "tab"},
        {"kind": "hello", "v": 1},
        {"kind": "dance", "v": 1, "page": "tab"},
        {"kind": {"kind": "hello"}, "v": 1, "page": "tab"},
    ],
)
def test_unknown_kinds_and_versions_are_ignored(store: Store, content: Any) -> None:
    page = Page(TableView(store, "pets"))
    page.send(content, [b"\x00\x00\x01\x00"])
    assert page.custom_messages() == []


@pytest.mark.parametrize("kind", ["hello", "frames", "bye", "runtime?"])
@pytest.mark.parametrize(
    "buffers", [[b""], [b"\xff" * 50], [b"\x00\x02\x05ab"], [b"\x01"], [memoryview(b"\x00\x01")]]
)
def test_garbage_does_no_harm(store: Store, kind: str, buffers: list[bytes]) -> None:
    tables = store.get_tables()
    page = Page(TableView(store, "pets"))
    page.send({"kind": kind, "v": 1, "page": "tab"}, buffers)
    page.say_hello()
    assert page.tables() == store.get_tables() == tables


def test_nothing_raises_when_nothing_can_be_sent(store: Store, timers: Timers) -> None:
    view = TableView(store, "pets")
    page = Page(view)
    page.say_hello()
    page.comm.breaks = True
    page.send({"kind": "runtime?", "v": 1})
    page.say_hello()
    store.set_cell("pets", "fido", "price", 6)
    assert view.room.flush_outbox()
    timers.run_out()
    page.comm.breaks = False
    page.say_hello()
    assert page.tables()["pets"]["fido"]["price"] == 6


def test_a_request_that_could_not_be_answered_is_answered_when_it_comes_again(
    store: Store,
) -> None:
    page = Page(TableView(store, "pets"))
    page.comm.breaks = True
    page.send({"kind": "runtime?", "v": 1})
    page.comm.breaks = False
    page.send({"kind": "runtime?", "v": 1})
    assert len(page.custom_messages()) == 1


# Snapshot


def test_the_saved_notebook_has_the_table_beside_the_widget(store: Store) -> None:
    data, _metadata = TableView(store, "pets", room="zoo")._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["version_major"] == 2
    assert "<td>dog</td><td>5</td>" in data["text/html"]
    assert data["text/plain"] == "<tinybase_widget.TableView of 'pets' in room 'zoo'>"


def test_what_is_displayed_is_as_new_as_the_store(store: Store) -> None:
    view = TableView(store, "pets")
    store.set_cell("pets", "fido", "price", 6)
    assert "<td>6</td>" in view._repr_mimebundle_()[0]["text/html"]


def test_ids_and_cells_are_escaped_wherever_they_are_shown() -> None:
    view = TableView(Store().set_table(ATTACK, {ATTACK: {ATTACK: ATTACK}}), ATTACK)
    for html in (view.snapshot, view._repr_mimebundle_()[0]["text/html"]):
        assert "<img" not in html
        assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 4


def test_the_snapshot_follows_the_store_once_for_many_changes(store: Store, timers: Timers) -> None:
    view = TableView(store, "pets")
    page = Page(view)
    for price in range(100):
        store.set_cell("pets", "fido", "price", price)
    assert page.traits_sent("_snapshot_edit") == []
    assert len(timers.started) == 1
    timers.run_out()
    [(start, end, text)] = page.traits_sent("_snapshot_edit")
    assert text == "99"
    assert "<td>99</td>" in view._snapshot[:start] + text + view._snapshot[end:]
    store.set_cell("pets", "fido", "price", 100)
    timers.run_out()
    assert "<td>100</td>" in view.snapshot


def test_of_a_snapshot_that_is_edited_everywhere_the_whole_is_sent(
    store: Store, timers: Timers
) -> None:
    view = TableView(store, "pets")
    page = Page(view)
    store.set_cell("pets", "fido", "price", 7)
    timers.run_out()
    store.set_table("pets", {"felix": {"species": "cat", "name": "𝄞"}})
    timers.run_out()
    assert page.traits_sent("_snapshot") == [view.snapshot]
    assert page.traits_sent("_snapshot_edit")[-1] == []
    store.set_cell("pets", "felix", "species", "lynx")
    timers.run_out()
    start, end, text = page.traits_sent("_snapshot_edit")[-1]
    units = view._snapshot.encode("utf-16-le")
    edited = units[: 2 * start] + text.encode("utf-16-le") + units[2 * end :]
    assert edited.decode("utf-16-le") == view.snapshot


def test_the_snapshot_follows_the_columns(store: Store, timers: Timers) -> None:
    view = TableView(store, "pets")
    view.columns = ["price"]
    timers.run_out()
    assert "species" not in view.snapshot


def test_the_snapshot_leaves_other_tables_alone(store: Store, timers: Timers) -> None:
    TableView(store, "pets")
    store.set_cell("other", "1", "a", 1)
    assert timers.started == []


def test_a_table_that_is_not_there_yet_is_shown_as_empty_and_then_appears(timers: Timers) -> None:
    store = Store()
    view = TableView(store, "pets")
    assert view.snapshot == "<p>pets: 0 rows</p>"
    store.set_cell("pets", "fido", "species", "dog")
    timers.run_out()
    assert "<td>dog</td>" in view.snapshot


# The end


def test_a_closed_view_has_left_its_room_and_the_store_goes_on(
    store: Store, timers: Timers
) -> None:
    view = TableView(store, "pets", room="zoo")
    page = Page(view)
    page.say_hello()
    store.set_cell("pets", "fido", "price", 6)
    assert view.room.flush_outbox()
    view.close()
    assert timers.started == []
    before = len(page.comm.sent)
    store.set_cell("pets", "fido", "price", 7)
    assert view.room.flush_outbox()
    assert timers.started == []
    assert len(page.comm.sent) == before
    assert repr(view.room) == "<tinybase_widget.Room 'zoo', alone>"
    assert TableView(store, "pets", room="zoo").room is view.room


def test_closing_one_of_two_views_leaves_the_other_alive(store: Store) -> None:
    one, two = TableView(store, "pets"), TableView(store, "pets")
    pages = Page(one, "one"), Page(two, "two")
    for page in pages:
        page.say_hello()
    one.close()
    store.set_cell("pets", "fido", "price", 6)
    assert two.room.flush_outbox()
    pages[1].take_frames()
    assert pages[1].tables()["pets"]["fido"]["price"] == 6


def test_a_view_can_be_closed_twice(store: Store) -> None:
    view = TableView(store, "pets")
    view.close()
    view.close()


def test_a_timer_that_runs_out_while_the_view_closes_sends_nothing(
    store: Store, timers: Timers
) -> None:
    view = TableView(store, "pets")
    comm = view.comm
    assert isinstance(comm, MockComm)
    store.set_cell("pets", "fido", "price", 6)
    [timer] = timers.started
    view.close()
    before = len(comm.sent)
    timer.function()
    assert len(comm.sent) == before


def test_a_store_that_was_shown_can_be_collected_once_its_view_is_closed() -> None:
    store = Store().set_table("pets", {"fido": {"species": "dog"}})
    gone = weakref.ref(store)
    view = TableView(store, "pets", room="zoo")
    view.close()
    view.room.close()
    del store, view
    gc.collect()
    assert gone() is None
