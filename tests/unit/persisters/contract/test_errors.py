"""What every persister does when something fails, whatever its place."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiting import wait_until
from tinybase_widget import Persister, Status, Store

if TYPE_CHECKING:
    from tests.unit.persisters.contract.places import Place

PETS = {"pets": {"fido": {"species": "dog", "age": 3}, "félix 🐈": {"species": "cat", "age": 1.5}}}
OTHER = {"pets": {"rex": {"species": "dog", "age": 9}}}


class PlaceIsGoneError(Exception):
    """What a place that was broken on purpose raises."""


def break_place(persister: Persister, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Let one of the persister's four methods fail; `monkeypatch.undo()` mends it."""

    def fail(*_: Any) -> Any:
        raise PlaceIsGoneError

    monkeypatch.setattr(persister, method, fail)


def test_an_error_of_a_load_goes_to_the_handler(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = []
    persister = place.persister(Store(), on_ignored_error=errors.append)
    break_place(persister, monkeypatch, "get_persisted")
    persister.load((PETS, {}))
    assert [type(error) for error in errors] == [PlaceIsGoneError]
    assert persister.get_store().get_tables() == PETS
    assert persister.get_status() is Status.IDLE


def test_an_error_of_an_auto_save_does_not_reach_who_set_the_cell(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = []
    store = Store()
    persister = place.persister(store, on_ignored_error=errors.append).start_auto_save()
    break_place(persister, monkeypatch, "set_persisted")
    store.set_value("open", 1)
    wait_until(lambda: errors)
    assert isinstance(errors[0], PlaceIsGoneError)
    assert store.get_value("open") == 1
    wait_until(lambda: persister.get_status() is Status.IDLE)


def test_a_handler_that_fails_stops_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def handle(error: Exception) -> None:
        raise ValueError("the handler's own") from error

    store = Store()
    persister = place.persister(store, on_ignored_error=handle).start_auto_save()
    break_place(persister, monkeypatch, "set_persisted")
    store.set_value("open", 1)
    wait_until(lambda: "on_ignored_error failed" in caplog.text)
    assert store.get_value("open") == 1


def test_without_a_handler_an_error_is_logged(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    persister = place.persister(Store())
    break_place(persister, monkeypatch, "get_persisted")
    persister.load()
    assert f"{type(persister).__name__}: an error was ignored" in caplog.text


def test_what_a_save_could_not_write_goes_with_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store().set_tables(PETS)
    errors: list[Exception] = []
    persister = place.persister(store, on_ignored_error=errors.append).start_auto_save()
    break_place(persister, monkeypatch, "set_persisted")
    store.set_cell("pets", "fido", "age", 77).del_row("pets", "félix 🐈")
    wait_until(lambda: len(errors) > 1 or persister.get_status() is Status.IDLE)
    monkeypatch.undo()
    if place.is_document:  # it may have refused for good: a whole save brings the rest
        persister.save()
    store.set_value("open", "yes")
    wait_until(lambda: place.content()[1] == {"open": "yes"})
    assert place.content()[0]["pets"]["fido"]["age"] == 77


def test_a_load_does_not_take_away_what_could_not_be_saved_yet(
    plain_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_place.put(PETS, {})
    store = Store()
    errors: list[Exception] = []
    persister = plain_place.persister(store, on_ignored_error=errors.append)
    persister.start_auto_persisting()
    other = plain_place.persister(Store()).load().start_auto_save().get_store()
    break_place(persister, monkeypatch, "set_persisted")
    store.set_value("mine", 1)
    wait_until(lambda: errors)
    monkeypatch.undo()
    other.set_cell("pets", "fido", "age", 5)
    wait_until(lambda: plain_place.content()[1].get("mine") == 1)
    assert store.get_value("mine") == 1


def test_destroy_tries_once_more_to_save(
    plain_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    persister = plain_place.persister(store, on_ignored_error=lambda _: None).start_auto_save()
    break_place(persister, monkeypatch, "set_persisted")
    store.set_value("open", "yes")
    monkeypatch.undo()
    persister.destroy()
    assert plain_place.content() == ({}, {"open": "yes"})


@pytest.mark.parametrize("method", ["add_persister_listener", "del_persister_listener"])
def test_an_error_of_listening_goes_to_the_handler(
    place: Place, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    place.put(PETS, {})
    errors: list[Exception] = []
    persister = place.persister(Store(), on_ignored_error=errors.append)
    break_place(persister, monkeypatch, method)
    persister.start_auto_load().stop_auto_load()
    assert [type(error) for error in errors] == [PlaceIsGoneError]
    assert persister.get_store().get_tables() == PETS
    assert not persister.is_auto_loading()


@pytest.mark.parametrize("nonsense", [[1, 2], [{}], {}, "[{},{}]", 0, [{}, {}, 1, 1]])
def test_what_is_no_content_is_not_loaded(
    place: Place, monkeypatch: pytest.MonkeyPatch, nonsense: Any
) -> None:
    errors: list[Exception] = []
    store = Store().set_tables(PETS)
    persister = place.persister(store, on_ignored_error=errors.append)

    async def get_persisted() -> Any:
        return nonsense

    is_async = inspect.iscoroutinefunction(persister.get_persisted)
    monkeypatch.setattr(persister, "get_persisted", get_persisted if is_async else lambda: nonsense)
    persister.load()
    assert [str(error) for error in errors] == ["tinybase:1"]
    assert store.get_tables() == PETS
