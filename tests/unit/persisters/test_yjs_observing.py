"""Listeners to a document's transactions, which share one observer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinybase_widget import Store, YjsPersister, create_doc

if TYPE_CHECKING:
    from pycrdt import Doc, TransactionEvent


def persister() -> YjsPersister:
    return YjsPersister(Store(), create_doc()).start_auto_persisting()


def observers(doc: Doc[Any]) -> int:
    return len(doc._subscriptions)


def test_own_edits_and_those_of_others_are_heard() -> None:
    here, there, copy = persister(), persister(), create_doc()
    copy.apply_update(here.get_y_doc().get_update())
    heard: list[TransactionEvent] = []
    here.add_update_listener(heard.append)
    here.get_store().set_cell("t", "r", "a", 1)
    assert len(heard) == 1
    there.get_store().set_cell("t", "r", "b", 2)
    here.apply_update(there.get_y_doc().get_update())
    assert len(heard) == 2
    for event in heard:
        copy.apply_update(event.update)
    assert YjsPersister(Store(), copy).load().get_store().get_tables() == {
        "t": {"r": {"a": 1, "b": 2}}
    }


def test_a_listener_costs_no_further_observer() -> None:
    here = persister()
    before = observers(here.get_y_doc())
    here.add_update_listener(lambda _: None).add_update_listener(print)
    assert observers(here.get_y_doc()) == before


def test_a_listener_hears_before_the_persister_starts_and_after_it_stopped() -> None:
    here = YjsPersister(Store(), create_doc())
    heard: list[TransactionEvent] = []
    here.add_update_listener(heard.append)
    here.get_store().set_cell("t", "r", "a", 1)
    here.start_auto_persisting(start_save_first=True).stop_auto_persisting()
    here.get_store().set_cell("t", "r", "a", 2)
    assert len(heard) == 1
    here.save()
    assert len(heard) == 2


def test_a_removed_listener_hears_nothing() -> None:
    here = persister()
    heard: list[TransactionEvent] = []
    here.add_update_listener(heard.append).del_update_listener(heard.append)
    here.del_update_listener(heard.append)
    here.get_store().set_cell("t", "r", "a", 1)
    assert heard == []


def test_a_destroyed_persister_leaves_no_observer_behind() -> None:
    here = persister().add_update_listener(print).destroy()
    assert observers(here.get_y_doc()) == 0


def test_listeners_move_with_the_persister_to_another_document() -> None:
    here = persister()
    old, new = here.get_y_doc(), create_doc()
    heard: list[TransactionEvent] = []
    here.add_update_listener(heard.append)
    here.move_to(new)
    assert observers(old) == 0
    here.get_store().set_cell("t", "r", "a", 1)
    assert len(heard) == 1


def test_a_listener_that_fails_stops_no_other_and_is_reported() -> None:
    here, there = persister(), persister()
    there.get_store().set_cell("t", "r", "a", 1)
    heard: list[TransactionEvent] = []

    def fail(_: TransactionEvent) -> None:
        raise KeyError("one's own")

    here.add_update_listener(fail).add_update_listener(heard.append)
    with pytest.raises(Exception, match="Observer callback error") as raised:
        here.apply_update(there.get_y_doc().get_update())
    assert "one's own" in str(getattr(raised.value, "exceptions", ()))
    assert len(heard) == 1
    assert here.get_store().get_tables() == {"t": {"r": {"a": 1}}}
