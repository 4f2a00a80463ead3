"""The document type of `*.tinybase.json` files, as jupyter-collaboration's server uses it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import jupyter_ydoc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc

from tinybase_widget import Store, YjsPersister, YTinyBase, create_doc
from tinybase_widget.documents._texts import file_texts

ZOO = '[{"pets":{"fido":{"age":3,"species":"dog"},"rex":{"age":7}}},{"open":true}]'
BROKEN = [
    "nonsense",
    "[{",
    "{}",
    "[{}]",
    "[[],[]]",
    '[{"pets":1},{}]',
    '[{"pets":{"fido":3}},{}]',
    '[{"pets":{"fido":{"age":1e999}}},{}]',
    "[" * 100_000,
]
# What is reserved: the mark of an object, and that of nothing.
texts = st.text(max_size=5).filter(lambda text: text[:1] != "\ufffd" and text != "\ufffc")
cells = st.one_of(texts, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans())
names = st.text(min_size=1, max_size=3)
tables = st.dictionaries(
    names,
    st.dictionaries(
        names, st.dictionaries(names, cells, min_size=1, max_size=3), min_size=1, max_size=3
    ),
    max_size=3,
)


class Server:
    """A room of jupyter-collaboration, and the file that it reads and writes."""

    def __init__(self, text: str) -> None:
        self.file = text
        self.document = YTinyBase()
        first = YTinyBase(Doc(client_id=0))
        first.set(text)
        self.document.ydoc.apply_update(first.ydoc.get_update())
        self.person = Store()
        self.persister = YjsPersister(self.person, self.document.ydoc).start_auto_persisting()

    def save(self) -> None:
        """Write the file, and say so, as a room does."""
        self.file = self.document.get()
        self.document.dirty = False
        self.document.hash = "some hash"

    def is_changed_outside(self, text: str) -> None:
        """Hear that somebody else has written the file."""
        self.file = text
        if self.document.get() != text:
            self.document.set(text)
        self.document.dirty = False


def content(text: str) -> Any:
    return json.loads(text)


def test_jupyter_finds_the_type_by_its_entry_point() -> None:
    assert jupyter_ydoc.ydocs["tinybase"] is YTinyBase


def test_what_was_read_is_what_is_written() -> None:
    text = '[ {"pets": {"rex": {"z": 1.50, "a": 2}}},\n  {} ]\n'
    assert Server(text).document.get() == text


def test_an_empty_file_is_a_store_without_content() -> None:
    server = Server("")
    assert server.document.get() == ""
    server.person.set_value("open", True)
    assert server.document.get() == '[{},{"open":true}]'


def test_a_file_that_is_emptied_takes_nothing_away_and_is_written_anew() -> None:
    async def run() -> None:
        server = Server(ZOO)
        is_to_be_saved = asyncio.Event()
        server.document.observe(lambda _what, _event: is_to_be_saved.set())
        server.person.set_cell("pets", "fido", "age", 4)
        server.is_changed_outside("")
        is_to_be_saved.clear()
        await is_to_be_saved.wait()
        assert server.document.dirty
        assert content(server.document.get())[0]["pets"] == {
            "fido": {"age": 4, "species": "dog"},
            "rex": {"age": 7},
        }

    asyncio.run(run())


def test_an_edit_outlasts_a_file_that_is_emptied_before_it_is_written() -> None:
    server = Server(ZOO)
    server.person.set_cell("pets", "fido", "age", 4)
    server.is_changed_outside("")
    server.is_changed_outside(ZOO.replace('"age":7', '"age":8'))
    assert server.person.get_cell("pets", "fido", "age") == 4
    assert server.person.get_cell("pets", "rex", "age") == 8


def test_a_store_reads_the_document_and_its_edits_are_written() -> None:
    server = Server(ZOO)
    server.person.set_cell("pets", "fido", "age", 4)
    assert content(server.document.get())[0]["pets"]["fido"] == {"age": 4, "species": "dog"}


def test_objects_and_arrays_are_written_as_tinybase_writes_them() -> None:
    server = Server('[{"pets":{"fido":{"tags":["a"]}}},{}]')
    assert server.person.get_cell("pets", "fido", "tags") == ["a"]
    server.person.set_value("open", True)
    assert content(server.document.get())[0] == {"pets": {"fido": {"tags": '�["a"]'}}}


@given(tables, tables)
def test_any_content_comes_back(first: Any, second: Any) -> None:
    document = YTinyBase()
    for each in (first, second):
        document.set(json.dumps([each, {}]))
        store = Store()
        YjsPersister(store, document.ydoc).load()
        assert store.get_tables() == each


def test_the_same_text_makes_the_same_document_whoever_reads_it() -> None:
    documents = [YTinyBase(Doc(client_id=0)) for _ in range(2)]
    for document in documents:
        document.set(ZOO)
    assert documents[0].ydoc.get_update() == documents[1].ydoc.get_update()


def test_a_room_made_anew_from_another_text_does_not_spoil_the_page_that_was_there() -> None:
    page = create_doc()
    for text in (ZOO, '[{"pets":{"rex":{"age":8}},"people":{"ann":{"age":30}}},{}]', "broken"):
        fresh = YTinyBase(Doc(client_id=0))
        fresh.set(text)
        page.apply_update(fresh.ydoc.get_update())
    store = Store()
    YjsPersister(store, page).load()
    assert store.get_row("people", "ann") == {"age": 30}
    assert store.get_row("pets", "fido") == {"age": 3, "species": "dog"}


def test_a_change_of_the_file_is_taken_over_cell_by_cell() -> None:
    server = Server(ZOO)
    heard: list[Any] = []
    server.person.add_cell_listener(None, None, None, lambda _s, *cell: heard.append(cell[:5]))
    server.is_changed_outside(ZOO.replace('"age":7', '"age":8'))
    assert heard == [("pets", "rex", "age", 8, 7)]


def test_what_somebody_entered_meanwhile_outlasts_a_change_of_the_file() -> None:
    server = Server(ZOO)
    server.person.set_cell("pets", "fido", "age", 4)
    server.person.set_row("pets", "felix", {"species": "cat"})
    server.is_changed_outside('[{"pets":{"fido":{"age":3,"species":"wolf"}}},{"open":true}]')
    assert server.person.get_tables() == {
        "pets": {"fido": {"age": 4, "species": "wolf"}, "felix": {"species": "cat"}}
    }


def test_what_is_deleted_in_the_file_is_deleted_also_after_a_save() -> None:
    server = Server(ZOO)
    server.person.set_row("pets", "felix", {"species": "cat"})
    server.save()
    server.is_changed_outside('[{"pets":{"felix":{"species":"cat"}}},{}]')
    assert server.person.get_content() == ({"pets": {"felix": {"species": "cat"}}}, {})


def test_edits_that_a_changed_file_lacks_are_saved() -> None:
    async def run() -> None:
        server = Server(ZOO)
        is_called_for = asyncio.Event()
        server.document.observe(lambda _what, _event: is_called_for.set())
        server.person.set_cell("pets", "fido", "age", 4)
        server.is_changed_outside(ZOO.replace('"age":7', '"age":8'))
        is_called_for.clear()
        await is_called_for.wait()
        assert server.document.dirty

    asyncio.run(run())


def test_a_document_from_the_store_goes_on_where_the_file_is_as_it_was_saved() -> None:
    server = Server(ZOO)
    server.save()
    server.person.set_cell("pets", "fido", "age", 4)
    again = restarted(server)
    again.set(server.file)
    assert content(again.get())[0]["pets"]["fido"]["age"] == 4


def test_a_document_from_the_store_follows_a_file_that_was_changed_meanwhile() -> None:
    server = Server(ZOO)
    server.save()
    again = restarted(server)
    again.set('[{"pets":{"rex":{"age":8}}},{}]')
    assert content(again.get()) == [{"pets": {"rex": {"age": 8}}}, {}]


def test_an_edit_after_a_restart_outlasts_a_change_of_the_file() -> None:
    spaced = ZOO.replace(",", ", ")
    for text in (ZOO, spaced):
        server = Server(text)
        server.save()
        again = restarted(server)
        if again.get() != text:
            again.set(text)
        person = Store()
        YjsPersister(person, again.ydoc).start_auto_persisting()
        person.set_cell("pets", "fido", "age", 4)
        again.set(text.replace('"age":7', '"age":8'))
        assert person.get_cell("pets", "fido", "age") == 4
        assert person.get_cell("pets", "rex", "age") == 8


@pytest.mark.parametrize(
    "without",
    [
        '[{"pets":{"rex":{"age":7}}},{"open":true}]',
        '[{"pets":{"fido":{"species":"dog"},"rex":{"age":7}}},{"open":true}]',
        '[{},{"open":true}]',
    ],
    ids=["row", "cell", "table"],
)
def test_what_somebody_entered_outlasts_its_deletion_in_the_file(without: str) -> None:
    server = Server(ZOO)
    server.person.set_cell("pets", "fido", "age", 4)
    server.person.set_cell("pets", "fido", "sold", True)
    server.is_changed_outside(without)
    fido = server.person.get_row("pets", "fido")
    assert (fido["age"], fido["sold"]) == (4, True)
    assert ("species" in fido) is ("species" in without)


CHANGED = '[{"pets":{"rex":{"age":8}}},{"open":true}]'


def test_an_edit_that_was_not_saved_outlasts_a_restart_and_a_file_that_was_changed() -> None:
    server = Server(ZOO)
    server.save()
    server.person.set_cell("pets", "fido", "age", 4)
    server.person.set_row("pets", "owl", {"age": 1})
    again = restarted(server)
    again.set(CHANGED)
    assert content(again.get()) == [
        {"pets": {"fido": {"age": 4}, "owl": {"age": 1}, "rex": {"age": 8}}},
        {"open": True},
    ]


@pytest.mark.parametrize(
    "said",
    [None, 7, "x", b"", b"\xff" * 9, b"\xff\xff\xff\xff\x0f"],
    ids=range(6),
)
def test_a_file_is_followed_whatever_a_peer_says_of_what_was_saved(said: object) -> None:
    server = Server(ZOO)
    server.save()
    server.document.ystate["tinybase/saved"] = said
    again = restarted(server)
    again.set(CHANGED)
    assert content(again.get()) == content(CHANGED)


def test_of_a_file_that_is_saved_often_one_text_is_kept() -> None:
    file_texts.clear()
    server = Server(ZOO)
    for age in range(9):
        server.person.set_cell("pets", "fido", "age", age)
        server.save()
    assert len(file_texts) == 1


def restarted(server: Server) -> YTinyBase:
    """Return the document as a server finds it in its store that knows no texts."""
    file_texts.clear()
    document = YTinyBase()
    document.ydoc.apply_update(server.document.ydoc.get_update())
    return document


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_is_no_stores_json_is_shown_and_not_written_over(text: str) -> None:
    server = Server(text)
    said = server.document.ystate["tinybase/unreadable"]
    assert said["text"] == text
    assert "left as it is" in said["reason"]
    assert server.document.get() == text


def test_a_file_that_breaks_leaves_the_content_and_goes_on_when_it_is_mended() -> None:
    server = Server(ZOO)
    server.is_changed_outside("[{")
    server.person.set_cell("pets", "fido", "age", 4)
    assert server.document.get() == "[{"
    assert server.person.get_cell("pets", "rex", "age") == 7
    server.is_changed_outside(ZOO.replace('"age":7', '"age":8'))
    assert "tinybase/unreadable" not in server.document.ystate
    assert content(server.document.get())[0]["pets"] == {
        "fido": {"age": 4, "species": "dog"},
        "rex": {"age": 8},
    }


def test_content_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="a file's content is a text"):
        YTinyBase().set([{}, {}])  # type: ignore[arg-type]


def test_observers_hear_of_content_and_state_until_they_are_gone() -> None:
    document = YTinyBase()
    heard: list[str] = []
    document.observe(lambda what, _event: heard.append(what))
    document.set(ZOO)
    assert set(heard) == {"source", "state"}
    document.unobserve()
    heard.clear()
    document.set('[{},{"open":false}]')
    assert heard == []


@pytest.mark.parametrize("note", ["document_id", "hash", "path"])
def test_observers_hear_nothing_of_what_the_server_notes_for_itself(note: str) -> None:
    document = YTinyBase()
    heard: list[str] = []
    document.observe(lambda what, _event: heard.append(what))
    document.ystate[note] = "noted"
    assert heard == []
    document.dirty = True
    assert heard == ["state"]


def test_what_somebody_brought_into_a_broken_file_stays_when_it_is_mended() -> None:
    server = Server("[{")
    server.person.set_cell("pets", "owl", "age", 1)
    assert server.document.get() == "[{"
    server.is_changed_outside(ZOO)
    assert server.person.get_table("pets") == {
        "fido": {"age": 3, "species": "dog"},
        "owl": {"age": 1},
        "rex": {"age": 7},
    }
