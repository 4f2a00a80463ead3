"""Whose room it is, to what a browser keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinybase_widget import Room, Store, TableView
from tinybase_widget.sync._place import place_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be the kernel of a notebook."""
    monkeypatch.setenv("JPY_SESSION_NAME", "/srv/zoo/zoo.ipynb")


def test_a_kernel_that_is_started_again_has_the_same_place() -> None:
    assert place_of("zoo") == place_of("zoo")


def test_a_copy_of_a_notebook_another_room_and_another_machine_have_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = {place_of("zoo"), place_of("farm")}
    monkeypatch.setenv("JPY_SESSION_NAME", "/srv/zoo/zoo-Copy1.ipynb")
    places.add(place_of("zoo"))
    monkeypatch.setattr("platform.node", lambda: "elsewhere")
    places.add(place_of("zoo"))
    assert len(places) == 4


def test_without_a_notebook_it_is_that_of_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME")
    monkeypatch.chdir(tmp_path)
    here = place_of("zoo")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert place_of("zoo") != here


def test_a_room_in_a_database_is_the_same_from_every_notebook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "rooms.db"
    room = Room("zoo", Store(), path=path)
    place = room.place
    room.close()
    monkeypatch.setenv("JPY_SESSION_NAME", "/srv/zoo/other.ipynb")
    again = Room("zoo", Store(), path=path)
    assert again.place == place
    assert again.place != place_of("zoo")
    again.close()


def test_a_room_on_a_server_is_the_same_from_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_of("wss://example.org/zoo")
    monkeypatch.setenv("JPY_SESSION_NAME", "/srv/zoo/other.ipynb")
    monkeypatch.setattr("platform.node", lambda: "elsewhere")
    assert place_of("wss://example.org/zoo") == place


def test_a_widget_says_it_and_not_what_it_is_made_of() -> None:
    view = TableView(Store(), "pets", room="zoo")
    assert view._place == place_of("zoo")
    assert "srv" not in view._place
    view.close()
