"""Python and JavaScript share documents through a real automerge-repo sync server, and a folder."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiting import wait_until
from tinybase_widget import Repo

from .conftest import PythonPeer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import SyncServer, TinyBasePeer


@pytest.fixture
def repo(server: SyncServer) -> Iterator[Repo]:
    """A repo that is connected to the server."""
    with Repo(network=server.url) as repo:
        yield repo


def join(tinybase: TinyBasePeer, server: SyncServer, url: str) -> None:
    tinybase.call("repo", server.url)
    tinybase.call("find", url)
    tinybase.call("persist")


def assert_alike(python: PythonPeer, tinybase: TinyBasePeer, expected: Any) -> None:
    """Wait until both have it."""
    wait_until(lambda: python.content() == expected)
    wait_until(lambda: tinybase.content() == expected)


def test_a_document_of_python_is_found_in_javascript_and_edits_go_both_ways(
    server: SyncServer, repo: Repo, tinybase: TinyBasePeer
) -> None:
    python = PythonPeer(repo.create())
    python.store.set_table("pets", {"fido": {"species": "dog", "price": 0.5}})
    wait_until(repo.get_peers)
    assert python.handle.url is not None
    join(tinybase, server, python.handle.url)
    assert_alike(python, tinybase, ({"pets": {"fido": {"species": "dog", "price": 0.5}}}, {}))
    tinybase.store("setCell", "pets", "fido", "price", 6)
    python.store.set_value("open", True)
    expected = ({"pets": {"fido": {"species": "dog", "price": 6}}}, {"open": True})
    assert_alike(python, tinybase, expected)


def test_a_document_of_javascript_is_found_in_python(
    server: SyncServer, repo: Repo, tinybase: TinyBasePeer
) -> None:
    tinybase.call("repo", server.url)
    url = tinybase.call("create")
    tinybase.call("persist")
    tinybase.store("setTables", {"pets": {"fido": {"species": "dog"}}})
    python = PythonPeer(repo.find(url))
    assert_alike(python, tinybase, ({"pets": {"fido": {"species": "dog"}}}, {}))


def test_what_was_edited_while_the_server_was_away_arrives_when_it_is_back(
    server: SyncServer, repo: Repo, tinybase: TinyBasePeer
) -> None:
    python = PythonPeer(repo.create())
    python.store.set_row("pets", "fido", {"species": "dog"})
    wait_until(repo.get_peers)
    assert python.handle.url is not None
    join(tinybase, server, python.handle.url)
    assert_alike(python, tinybase, ({"pets": {"fido": {"species": "dog"}}}, {}))
    server.stop()
    wait_until(lambda: not repo.get_peers())
    python.store.set_cell("pets", "fido", "price", 5)
    tinybase.store("setCell", "pets", "fido", "color", "brown")
    tinybase.store("setRow", "pets", "felix", {"species": "cat"})
    python.store.set_row("pets", "felix", {"price": 4})
    server.start()
    expected = {
        "felix": {"species": "cat", "price": 4},
        "fido": {"species": "dog", "price": 5, "color": "brown"},
    }
    assert_alike(python, tinybase, ({"pets": expected}, {}))


def test_a_burst_of_edits_arrives(server: SyncServer, repo: Repo, tinybase: TinyBasePeer) -> None:
    python = PythonPeer(repo.create())
    wait_until(repo.get_peers)
    for at in range(1000):
        python.store.set_cell("t", str(at % 100), f"c{at // 100}", at)
    assert python.handle.url is not None
    join(tinybase, server, python.handle.url)
    for at in range(1000):
        python.store.set_cell("t", str(at % 100), f"c{at // 100}", -at)
    assert_alike(python, tinybase, python.content())
    assert python.store.get_cell("t", "99", "c9") == -999


def test_two_python_repos_share_a_document_and_nothing_waits_for_the_server(
    server: SyncServer, repo: Repo
) -> None:
    one = PythonPeer(repo.create())
    one.store.set_value("open", True)
    assert one.handle.url is not None
    with Repo(network=[server.url]) as other_repo:
        other = PythonPeer(other_repo.find(one.handle.url))
        other.store.set_value("x", 1)
        wait_until(lambda: one.store.get_values() == {"open": True, "x": 1})
        wait_until(lambda: other.store.get_values() == {"open": True, "x": 1})
    assert one.errors == other.errors == []


def test_find_can_wait_for_a_document(server: SyncServer, repo: Repo) -> None:
    handle = repo.create()
    PythonPeer(handle).store.set_value("open", True)
    wait_until(repo.get_peers)
    repo.flush()
    assert handle.url is not None
    with Repo(network=server.url) as other:
        assert other.find(handle.url, wait=20).heads()


def test_javascript_reads_the_folder_that_python_wrote(
    tmp_path: Path, tinybase: TinyBasePeer
) -> None:
    with Repo(tmp_path) as repo:
        python = PythonPeer(repo.create())
        for price in range(30):
            python.store.set_row("pets", "fido", {"price": price, "text": "x" * 100})
            repo.flush()
        url = python.handle.url
    tinybase.call("repo", None, str(tmp_path))
    tinybase.call("find", url)
    tinybase.call("persist")
    assert tinybase.content() == ({"pets": {"fido": {"price": 29, "text": "x" * 100}}}, {})


def test_python_reads_the_folder_that_javascript_wrote(
    tmp_path: Path, tinybase: TinyBasePeer
) -> None:
    tinybase.call("repo", None, str(tmp_path))
    url = tinybase.call("create")
    tinybase.call("persist")
    for price in range(5):
        tinybase.store("setRow", "pets", "fido", {"price": price, "text": "x" * 100})
        tinybase.call("flush")
    with Repo(tmp_path) as repo:
        assert PythonPeer(repo.find(url)).content() == tinybase.content()


def test_a_server_that_is_none_is_left_alone_and_the_store_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING), Repo(network="ws://127.0.0.1:9") as repo:
        python = PythonPeer(repo.create())
        python.store.set_value("open", True)
        assert repo.get_peers() == []
    assert python.handle.doc()["tinybase"]["v"] == {"open": True}
    assert caplog.text == ""
