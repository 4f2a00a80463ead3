"""The persister contract, on a place that is a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import Persister, Status, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybase_widget.store import Changes, Content

TABLES = {"pets": {"fido": {"species": "dog"}}}


class ListPersister(Persister):
    """Keeps content in a list, and notes what it was asked to write."""

    def __init__(self, store: Store, **options: Any) -> None:
        super().__init__(store, **options)
        self.place: list[Any] = []
        self.written: list[Changes | None] = []
        self.listener: Callable[[Any, Any], None] | None = None
        self.fails = False

    def get_persisted(self) -> Content | None:
        if self.fails:
            raise OSError("no such place")
        return (self.place[0], self.place[1]) if self.place else None

    def set_persisted(
        self, get_content: Callable[[], Content], changes: Changes | None = None
    ) -> None:
        if self.fails:
            raise OSError("no such place")
        self.written.append(changes)
        self.place = list(get_content())

    def add_persister_listener(self, listener: Callable[[Any, Any], None]) -> object:
        self.listener = listener
        return "handle"

    def del_persister_listener(self, handle: Any) -> None:
        assert handle == "handle"
        self.listener = None


@pytest.fixture
def persister() -> ListPersister:
    return ListPersister(Store())


def test_load_puts_the_places_content_into_the_store(persister: ListPersister) -> None:
    persister.place = [TABLES, {"open": True}]
    persister.load()
    assert persister.get_store().get_content() == (TABLES, {"open": True})


def test_load_replaces_what_the_store_had(persister: ListPersister) -> None:
    persister.get_store().set_value("old", 1)
    persister.place = [TABLES, {}]
    persister.load()
    assert persister.get_store().get_content() == (TABLES, {})


@pytest.mark.parametrize("initial", [(TABLES, {}), lambda: (TABLES, {})])
def test_load_takes_the_initial_content_when_the_place_has_none(
    persister: ListPersister, initial: Any
) -> None:
    persister.load(initial)
    assert persister.get_store().get_tables() == TABLES


def test_load_leaves_the_store_alone_when_there_is_nothing_to_load(
    persister: ListPersister,
) -> None:
    persister.get_store().set_value("kept", 1)
    persister.load()
    assert persister.get_store().get_values() == {"kept": 1}


def test_initial_content_is_not_used_when_the_place_has_content(persister: ListPersister) -> None:
    persister.place = [{}, {"there": 1}]
    persister.load((TABLES, {}))
    assert persister.get_store().get_content() == ({}, {"there": 1})


def test_save_writes_the_whole_content(persister: ListPersister) -> None:
    persister.get_store().set_tables(TABLES)
    persister.save()
    assert persister.place == [TABLES, {}]


def test_auto_save_saves_at_once_and_then_the_changes_of_each_transaction(
    persister: ListPersister,
) -> None:
    store = persister.get_store()
    persister.start_auto_save()
    store.set_value("a", 1)
    with store.transaction():
        store.set_value("b", 2)
        store.set_value("c", 3)
    assert persister.written == [None, [{}, {"a": 1}, 1], [{}, {"b": 2, "c": 3}, 1]]


def test_auto_save_does_not_save_a_transaction_that_changed_nothing(
    persister: ListPersister,
) -> None:
    persister.get_store().set_value("a", 1)
    persister.start_auto_save()
    persister.get_store().set_value("a", 1)
    assert persister.written == [None]


def test_stopped_auto_save_saves_no_more(persister: ListPersister) -> None:
    persister.start_auto_save().stop_auto_save()
    persister.get_store().set_value("a", 1)
    assert persister.written == [None]
    assert not persister.is_auto_saving()


def test_auto_load_takes_changes_from_the_place(persister: ListPersister) -> None:
    persister.start_auto_load()
    assert persister.listener is not None
    persister.listener(None, [{}, {"a": 1}, 1])
    assert persister.get_store().get_values() == {"a": 1}


def test_auto_load_takes_whole_content_from_the_place(persister: ListPersister) -> None:
    persister.start_auto_load()
    assert persister.listener is not None
    persister.listener((TABLES, {}), None)
    assert persister.get_store().get_tables() == TABLES


def test_auto_load_loads_when_the_place_says_nothing_but_that_it_changed(
    persister: ListPersister,
) -> None:
    persister.start_auto_load()
    persister.place = [TABLES, {}]
    assert persister.listener is not None
    persister.listener(None, None)
    assert persister.get_store().get_tables() == TABLES


def test_what_was_loaded_is_not_saved_back(persister: ListPersister) -> None:
    persister.start_auto_persisting()
    assert persister.listener is not None
    persister.listener(None, [{}, {"a": 1}, 1])
    assert persister.written == [None]


def test_stopped_auto_load_listens_no_more(persister: ListPersister) -> None:
    persister.start_auto_load().stop_auto_load()
    assert persister.listener is None
    assert not persister.is_auto_loading()


def test_an_error_of_a_load_goes_to_the_handler_and_not_to_the_caller() -> None:
    errors: list[Exception] = []
    persister = ListPersister(Store(), on_ignored_error=errors.append)
    persister.fails = True
    persister.load((TABLES, {}))
    assert [str(error) for error in errors] == ["no such place"]
    assert persister.get_store().get_tables() == TABLES


def test_an_error_of_an_auto_save_does_not_reach_who_set_the_cell() -> None:
    errors: list[Exception] = []
    persister = ListPersister(Store(), on_ignored_error=errors.append)
    persister.start_auto_save()
    persister.fails = True
    persister.get_store().set_value("a", 1)
    assert [str(error) for error in errors] == ["no such place"]
    assert persister.get_store().get_value("a") == 1


def test_without_a_handler_an_error_is_logged(
    persister: ListPersister, caplog: pytest.LogCaptureFixture
) -> None:
    persister.fails = True
    persister.load()
    assert "ListPersister: an error was ignored" in caplog.text


def test_status_listeners_hear_of_every_load_and_save(persister: ListPersister) -> None:
    heard: list[tuple[Persister, Status]] = []
    persister.add_status_listener(lambda *args: heard.append(args))
    persister.load().save()
    assert [status for _, status in heard] == [
        Status.LOADING,
        Status.IDLE,
        Status.SAVING,
        Status.IDLE,
    ]
    assert heard[0][0] is persister


def test_a_deleted_status_listener_hears_no_more(persister: ListPersister) -> None:
    heard: list[Any] = []
    listener = persister.add_status_listener(lambda *args: heard.append(args))
    persister.del_listener(listener).load()
    assert heard == []


def test_stats_count_loads_and_saves(persister: ListPersister) -> None:
    persister.load().save().save()
    assert persister.get_stats() == {"loads": 1, "saves": 2}


def test_destroy_stops_everything(persister: ListPersister) -> None:
    persister.start_auto_persisting().destroy()
    persister.get_store().set_value("a", 1)
    assert persister.written == [None]
    assert persister.listener is None
