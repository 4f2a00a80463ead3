"""What every persister does, whatever its place."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.persisters.contract.places import NAMES, without_nulls
from tests.waiting import wait_until
from tinybase_widget import MISSING, Persister, Status, Store

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


# Loading


def test_load_puts_the_places_content_into_the_store(place: Place) -> None:
    place.put(PETS, {"open": "yes"})
    store = place.persister(Store()).load().get_store()
    assert store.get_content() == (PETS, {"open": "yes"})


def test_load_replaces_what_the_store_had(place: Place) -> None:
    place.put(OTHER, {"open": "yes"})
    store = Store().set_tables(PETS).set_value("old", 1)
    place.persister(store).load()
    assert store.get_content() == (OTHER, {"open": "yes"})


@pytest.mark.parametrize("initial", [(PETS, {"open": 1}), lambda: (PETS, {"open": 1})])
def test_load_takes_the_initial_content_where_there_is_none(place: Place, initial: Any) -> None:
    store = place.persister(Store()).load(initial).get_store()
    assert store.get_content() == (PETS, {"open": 1})


def test_load_leaves_the_store_alone_where_there_is_nothing(place: Place) -> None:
    store = Store().set_value("kept", 1)
    place.persister(store).load()
    assert store.get_content() == ({}, {"kept": 1})


def test_initial_content_is_not_used_where_there_is_content(place: Place) -> None:
    place.put(OTHER, {})
    store = place.persister(Store()).load((PETS, {})).get_store()
    assert store.get_tables() == OTHER


def test_auto_load_takes_over_what_somebody_else_saves(place: Place) -> None:
    place.put(PETS, {"open": "no"})
    store = Store()
    place.persister(store).start_auto_load()
    place.persister(Store()).load().start_auto_save().get_store().set_value("open", "yes")
    wait_until(lambda: store.get_value("open") == "yes")
    assert store.get_tables() == PETS


def test_stopped_auto_load_takes_over_nothing(place: Place) -> None:
    place.put(PETS, {})
    persister = place.persister(Store()).start_auto_load()
    persister.stop_auto_load()
    loads = persister.get_stats()["loads"]
    other = place.persister(Store()).load().start_auto_save()
    other.get_store().set_value("open", "yes")
    other.destroy()
    heard = place.persister(Store()).start_auto_load()  # somebody who does hear of it has
    wait_until(lambda: heard.get_store().get_value("open") == "yes")
    assert persister.get_stats()["loads"] == loads
    assert not persister.is_auto_loading()


# Saving


def test_save_writes_the_whole_content(place: Place) -> None:
    place.persister(Store().set_tables(PETS).set_value("open", "yes")).save()
    assert place.content() == (PETS, {"open": "yes"})


def test_an_empty_store_can_be_saved_and_loaded(place: Place) -> None:
    place.persister(Store()).save()
    assert place.content() == ({}, {})


def test_every_kind_of_cell_comes_back_as_it_was(place: Place) -> None:
    cells = {
        "text": "é\n🐈\u2028",
        "int": -7,
        "float": 0.1,
        "yes": True,
        "no": False,
        "nothing": "",
    }
    more: dict[str, Any] = {
        "none": None,
        "object": {"a": [1, None, {"b": "c"}]},
        "array": [],
        "big": 2**53 - 1,
    }
    tables = {"t": {"1": {**cells, **more}, "2": cells, "3": {"text": "alone"}}}
    place.persister(Store().set_content((tables, {**cells, **more}))).save()
    if place.keeps_all:
        assert place.content() == (tables, {**cells, **more})
    else:  # columns of SQL have 1 for True, and NULL for what is not there
        found, values = without_nulls(place.content())
        assert (found, {}) == without_nulls((tables, {}))
        assert values == {key: cell for key, cell in (cells | more).items() if cell is not None}


@pytest.mark.parametrize("name", NAMES)
def test_ids_may_be_any_text(place: Place, name: str) -> None:
    store = Store().set_cell(name, name, name, "a").set_value(name, "b")
    place.persister(store).save()
    assert place.content() == store.get_content()


def test_auto_save_saves_at_once_and_then_every_change(place: Place) -> None:
    store = Store().set_tables(PETS)
    persister = place.persister(store).start_auto_save()
    assert place.content() == (PETS, {})
    store.set_cell("pets", "fido", "age", 4)
    store.set_row("pets", "rex", {"species": "dog", "age": 1})
    store.set_values({"open": "yes", "left": 2})
    persister.stop_auto_save()
    wait_until(lambda: place.holds(store.get_content()))


def test_auto_save_saves_deletions(place: Place) -> None:
    store = Store().set_tables({**PETS, "gone": {"1": {"a": 1}}}).set_values({"open": 1, "left": 2})
    place.persister(store).start_auto_save()
    store.del_row("pets", "fido").del_table("gone").del_value("left")
    wait_until(lambda: place.holds(store.get_content()))


def test_what_was_deleted_and_made_again_in_one_transaction_is_saved_as_it_is(place: Place) -> None:
    store = Store().set_tables(PETS)
    place.persister(store).start_auto_save()
    store.transaction(lambda: store.del_tables().set_cell("pets", "fido", "species", "wolf"))
    wait_until(lambda: place.holds(({"pets": {"fido": {"species": "wolf"}}}, {})))


def test_a_burst_of_edits_is_saved_to_the_last(place: Place) -> None:
    store = Store()
    place.persister(store).start_auto_save()
    for at in range(100):
        store.set_cell("t", str(at % 7), "a", at).set_value("last", at)
    wait_until(lambda: place.holds(store.get_content()))


def test_a_transaction_that_changed_nothing_is_not_saved(place: Place) -> None:
    store = Store().set_tables(PETS)
    persister = place.persister(store).start_auto_save()
    saves = persister.get_stats()["saves"]
    store.set_cell("pets", "fido", "age", 3)
    store.transaction(store.del_tables, lambda *_: True)
    persister.destroy()
    assert persister.get_stats()["saves"] == saves
    assert place.content() == (PETS, {})


def test_stopped_auto_save_saves_no_more(place: Place) -> None:
    store = Store().set_tables(PETS)
    persister = place.persister(store).start_auto_save().stop_auto_save()
    store.set_value("open", "yes")
    persister.destroy()
    assert place.content() == (PETS, {})
    assert not persister.is_auto_saving()


# Both at once


def test_two_stores_at_one_place_become_alike(place: Place) -> None:
    one, other = Store().set_tables(PETS), Store()
    place.persister(one).start_auto_persisting()
    place.persister(other).start_auto_persisting()
    assert other.get_tables() == PETS
    one.set_cell("pets", "fido", "age", 5)
    wait_until(lambda: other.get_cell("pets", "fido", "age") == 5)
    other.set_cell("pets", "fido", "species", "wolf")
    wait_until(lambda: one.get_cell("pets", "fido", "species") == "wolf")
    assert one.get_content() == other.get_content()


def test_start_auto_persisting_takes_initial_content_and_saves_it(place: Place) -> None:
    place.persister(Store()).start_auto_persisting((PETS, {}))
    assert place.content() == (PETS, {})


def test_start_auto_persisting_may_save_first(place: Place) -> None:
    store = Store().set_tables(PETS)
    place.persister(store).start_auto_persisting((OTHER, {}), start_save_first=True)
    assert store.get_tables() == PETS
    assert place.content() == (PETS, {})


@pytest.mark.parametrize("stop_save_first", [False, True])
def test_stop_auto_persisting_stops_both(place: Place, stop_save_first: bool) -> None:
    persister = place.persister(Store()).start_auto_persisting()
    persister.stop_auto_persisting(stop_save_first)
    assert not persister.is_auto_loading()
    assert not persister.is_auto_saving()


def test_what_was_loaded_is_not_saved_back(place: Place) -> None:
    place.put(PETS, {})
    persister = place.persister(Store()).start_auto_persisting()
    saves = persister.get_stats()["saves"]
    other = place.persister(Store()).load().start_auto_save().get_store()
    other.set_cell("pets", "fido", "age", 8)
    wait_until(lambda: persister.get_store().get_cell("pets", "fido", "age") == 8)
    persister.destroy()
    assert persister.get_stats()["saves"] == saves


def test_what_a_listener_makes_of_what_is_loaded_is_saved(place: Place) -> None:
    place.put(PETS, {})
    store = Store()
    store.add_cell_listener(
        "pets",
        None,
        "age",
        lambda store, table, row, _cell, age, *_: store.set_cell(table, row, "old", f"{age} years"),
        True,
    )
    place.persister(store).start_auto_persisting()
    other = place.persister(Store()).load().start_auto_save().get_store()
    other.set_cell("pets", "fido", "age", 8)
    wait_until(lambda: store.get_cell("pets", "fido", "old") == "8 years")
    place.settle()
    wait_until(lambda: place.content()[0]["pets"]["fido"].get("old") == "8 years")
    assert place.content()[0]["pets"]["fido"]["age"] == 8


# Status, counts, order


def test_status_listeners_hear_of_every_load_and_save(place: Place) -> None:
    heard: list[tuple[Persister, Status]] = []
    persister = place.persister(Store())
    persister.add_status_listener(lambda *args: heard.append(args))
    persister.load().save()
    wait_until(lambda: len(heard) >= 4)
    assert [status for _, status in heard] == [
        Status.LOADING,
        Status.IDLE,
        Status.SAVING,
        Status.IDLE,
    ]
    assert {who for who, _ in heard} == {persister}


def test_a_deleted_status_listener_hears_no_more(place: Place) -> None:
    heard: list[Any] = []
    persister = place.persister(Store())
    listener = persister.add_status_listener(lambda *args: heard.append(args))
    persister.del_listener(listener).load()
    assert heard == []


def test_a_status_listener_that_fails_stops_nothing(place: Place) -> None:
    errors: list[Exception] = []
    store = Store()
    persister = place.persister(store, on_ignored_error=errors.append).start_auto_save()
    persister.add_status_listener(lambda *_: 1 // 0)
    store.set_value("open", "yes")
    wait_until(lambda: len(errors) == 2)
    assert place.content() == ({}, {"open": "yes"})


def test_stats_count_loads_and_saves(place: Place) -> None:
    assert place.persister(Store()).load().save().save().get_stats() == {"loads": 1, "saves": 2}


def test_scheduled_actions_run_in_order_and_an_error_stops_none(place: Place) -> None:
    errors: list[Exception] = []
    ran: list[int] = []
    persister = place.persister(Store(), on_ignored_error=errors.append)
    persister.schedule(lambda: ran.append(1), lambda: 1 // 0, lambda: ran.append(2))
    persister.schedule(lambda: ran.append(3))
    assert ran == [1, 2, 3]
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_what_is_scheduled_by_a_scheduled_action_runs_after_it(place: Place) -> None:
    ran: list[str] = []
    persister = place.persister(Store())

    def outer() -> None:
        persister.schedule(lambda: ran.append("inner"))
        ran.append("outer")

    persister.schedule(outer, lambda: ran.append("next"))
    wait_until(lambda: len(ran) == 3)
    assert ran == ["outer", "next", "inner"]


def test_a_save_that_is_asked_for_in_a_transaction_holds_nobody_up(place: Place) -> None:
    store = Store().set_tables(PETS)
    persister = place.persister(store)
    with store.transaction():
        store.set_value("open", "yes")
        persister.save()
    wait_until(lambda: place.holds(store.get_content()))


def test_a_load_that_is_asked_for_by_a_listener_is_done_after_the_transaction(
    plain_place: Place,
) -> None:
    plain_place.put(PETS, {})
    store = Store()
    failed: list[Exception] = []
    persister = plain_place.persister(store, on_ignored_error=failed.append).start_auto_load()
    store.add_value_listener("mine", lambda *_: persister.load() if store.get_value("mine") else 0)
    store.set_value("mine", 1)
    wait_until(lambda: store.get_content() == (PETS, {}))
    assert failed == []


# The end


def test_every_call_returns_the_persister(place: Place) -> None:
    persister = place.persister(Store())
    calls = [
        persister.load,
        persister.save,
        persister.start_auto_load,
        persister.start_auto_save,
        persister.stop_auto_load,
        persister.stop_auto_save,
        persister.start_auto_persisting,
        persister.stop_auto_persisting,
        persister.schedule,
        persister.destroy,
    ]
    assert all(call() is persister for call in calls)


def test_destroy_leaves_nothing_behind(place: Place) -> None:
    place.put(PETS, {})
    store = Store()
    listeners = store.get_listener_stats()
    threads = set(threading.enumerate())
    persister = place.persister(store).start_auto_persisting()
    store.set_value("open", "yes")
    heard: list[Any] = []
    persister.add_status_listener(lambda *args: heard.append(args))
    persister.destroy()
    del heard[:]
    store.set_value("open", "no")
    assert store.get_listener_stats() == listeners
    wait_until(lambda: set(threading.enumerate()) <= threads)
    assert heard == []
    assert place.content() == (PETS, {"open": "yes"})
    assert persister.destroy() is persister


def test_a_destroyed_persister_starts_nothing(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store().set_tables(PETS)
    persister = place.persister(store).destroy()
    persister.start_auto_persisting()
    assert not persister.is_auto_loading()
    assert not persister.is_auto_saving()
    assert place.content() == ({}, {})
    assert "it was destroyed" in caplog.text


def test_a_deleted_cell_is_deleted_at_the_place(place: Place) -> None:
    store = Store().set_tables(PETS)
    place.persister(store).start_auto_save()
    store.del_cell("pets", "fido", "age")
    wait_until(lambda: place.content()[0]["pets"]["fido"].get("age", MISSING) in (MISSING, None))
    assert place.content()[0]["pets"]["fido"]["species"] == "dog"
