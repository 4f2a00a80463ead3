"""The command `tinybase-widget`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.waiting import wait_until
from tinybase_widget import Room, Store
from tinybase_widget.server._grants import read_span
from tinybase_widget.server._shelf import Shelf
from tinybase_widget.server.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_links_that_were_printed_let_in_and_ctrl_c_leaves_everything_on_the_disk(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "tinybase_widget.server.cli", "serve", "--port", "0"]
    command += ["--db", str(tmp_path / "rooms.db"), "--share", "zoo", "--expires", "7d"]
    command += ["--max-connections-each", "1", "--max-rooms-each", "1", "--max-edits-each", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    links = dict(re.findall(r"(edit|view) +(ws://\S+/zoo\?token=\S+)", "".join(lines)))
    room, watcher, second = (Room("zoo", store) for store in (Store(), Store(), Store()))
    room.store.set_value("a", 1)
    try:
        assert room.connect(links["edit"]).wait_until_synced()
        assert watcher.connect(links["view"]).wait_until_synced()
        assert watcher.store.get_values() == {"a": 1}
        refused = second.connect(links["edit"])
        wait_until(lambda: "too many connections with this token" in (refused.error or ""))
    finally:
        for each in (room, watcher, second):
            each.close()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "everything is on the disk" in rest
    shelf = Shelf(tmp_path / "rooms.db")
    assert shelf.rooms() == ["zoo"]
    shelf.close()


def test_tokens_are_made_listed_and_revoked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = ["--db", str(tmp_path / "rooms.db")]
    assert main(["token", "make", "--role", "view", "--room", "zoo", "--expires", "2w", *db]) == 0
    token = capsys.readouterr().out.strip()
    assert len(token) >= 32
    assert main(["token", "list", *db]) == 0
    listed = capsys.readouterr().out
    assert token not in listed
    assert "view" in listed
    assert "'zoo'" in listed
    assert main(["token", "revoke", listed.split()[0], *db]) == 0
    capsys.readouterr()
    main(["token", "list", *db])
    assert capsys.readouterr().out == ""
    assert main(["token", "revoke", "abc", *db]) == 1
    assert "no token 'abc'" in capsys.readouterr().err


def test_serving_others_without_a_token_is_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = ["--db", str(tmp_path / "rooms.db")]
    assert main(["serve", "--host", "0.0.0.0", *db]) == 1  # noqa: S104
    assert "tinybase-widget token make" in capsys.readouterr().err


def test_what_can_be_no_room_is_not_shared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--share", "../etc", "--db", str(tmp_path / "rooms.db")]) == 1
    assert "'../etc' can't be a room's name" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["-1", "1.5", "many"])
def test_a_limit_that_is_no_count_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--max-connections-each", text])
    assert f"a whole number of 0 or more is wanted, not {text!r}" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("12h", 43200), ("2w", 1209600)])
def test_spans_of_time_are_read(text: str, seconds: float) -> None:
    assert read_span(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "7 d", "1e3d", "9999999d"])
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='such as "30m"'):
        read_span(text)


def test_an_expired_grant_says_so(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "rooms.db")
    token = shelf.grants.make("edit", None, time.time() - 1)
    grant = shelf.grants.find(token)
    shelf.close()
    assert grant is not None
    assert grant.has_expired()


def test_as_many_connections_are_allowed_as_the_system_lets_have_open_files(
    tmp_path: Path,
) -> None:
    command = ["prlimit", "--nofile=300:400", sys.executable, "-m", "tinybase_widget.server.cli"]
    command += ["serve", "--port", "0", "--db", str(tmp_path / "rooms.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert "150 connections at most" in process.stdout.readline()
            assert "Serving" in process.stdout.readline()
        finally:
            process.kill()
