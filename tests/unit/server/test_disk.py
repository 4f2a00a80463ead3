"""What a server does when its disk does not take what it has to keep."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.unit.server.conftest import QUESTION, RawClient, locked, update
from tests.waiting import wait_until
from tinybase_widget.server import _writing
from tinybase_widget.sync._frames import FrameKind, read_frame

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.server.conftest import Running


def health(running: Running) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/health") as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def is_answered(client: RawClient) -> bool:
    """Say whether an answer has come; what else came is dropped."""
    try:
        while True:
            data = client.socket.recv(0)
            assert isinstance(data, bytes)
            if data[0] == 0 and read_frame(data).kind is FrameKind.STEP_2:
                return True
    except TimeoutError:
        return False


def test_while_the_database_is_locked_others_hear_of_edits_and_nothing_is_acknowledged(
    start: Any, join: Any, caplog: pytest.LogCaptureFixture
) -> None:
    running = start()
    author, reader = join(f"{running.url}/zoo"), join(f"{running.url}/zoo")
    author.sync()
    reader.sync()
    with locked(running.path):
        author.socket.send(update("a"))
        author.socket.send(QUESTION)
        assert b"a" in reader.wait_for(0)
        wait_until(lambda: running.count("commit_failures_total"))
        assert not is_answered(author)
        assert health(running)[0] == 503
        assert "locked" in health(running)[1]
        assert str(running.path) not in health(running)[1]
        assert "edits can't be kept" in caplog.text
    wait_until(lambda: is_answered(author))
    assert health(running) == (200, "ok\n")
    assert author.content() == {"a": 1}


def test_what_waits_for_the_disk_has_an_end_and_comes_back_with_its_author(
    start: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_writing, "_MOST_UNWRITTEN", 100_000)
    running = start()
    author = join(f"{running.url}/zoo")
    author.sync()
    with locked(running.path):
        author.socket.send(update("a", "x" * 200_000))
        wait_until(lambda: running.count("commit_failures_total"))
        author.socket.send(update("b"))
        assert b"stays with you" in author.wait_for(2)
        assert running.count("edits_refused_total") == 1
    with pytest.raises(ConnectionClosed, match="room again"):
        for _ in author.frames():
            pass
    again = join(f"{running.url}/zoo")
    again.socket.send(update("b"))
    assert again.content().keys() == {"a", "b"}


def test_a_room_that_the_file_has_no_place_for_waits_and_others_go_on(
    start: Any, join: Any
) -> None:
    running = start(max_file=200_000)
    greedy, modest = join(f"{running.url}/zoo"), join(f"{running.url}/bank")
    greedy.sync()
    greedy.socket.send(update("a", "x" * 400_000))
    greedy.socket.send(QUESTION)
    wait_until(lambda: health(running)[0] == 503)
    assert "full" in health(running)[1]
    for number in range(20):
        modest.socket.send(update(f"c{number}"))
        assert len(modest.content()) == number + 1
    assert not is_answered(greedy)


def test_a_database_damaged_while_it_is_open_harms_the_rooms_only_that_are_in_what_is_damaged(
    start: Any, join: Any
) -> None:
    running = start()
    for name in ("zoo", "bank"):
        client = join(f"{running.url}/{name}")
        client.socket.send(update(name, name * 100_000))
        client.sync()
    running.stop()
    data = bytearray(running.path.read_bytes())
    at = data.index(b"bank" * 1000)
    page = at // 4096 * 4096
    for start_of_page in range(page, page + 20 * 4096, 4096):
        data[start_of_page : start_of_page + 4] = b"\xff" * 4  # the number of the next page
    running.path.write_bytes(bytes(data))
    again = start()
    with pytest.raises(ConnectionClosed, match="log"):
        for _ in join(f"{again.url}/bank").frames():
            pass
    client = join(f"{again.url}/zoo")
    client.socket.send(update("b"))
    assert client.content().keys() == {"zoo", "b"}
    assert health(again)[0] == 200
    assert "can't be opened: 1" in health(again)[1]
    assert "bank" not in health(again)[1]


def test_a_database_that_is_taken_away_is_missed_and_written_when_it_is_back(
    start: Any, join: Any, tmp_path: Path
) -> None:
    running = start()
    author = join(f"{running.url}/zoo")
    author.socket.send(update("a"))
    author.sync()
    away = tmp_path / "away"
    away.mkdir()
    for path in tmp_path.glob("rooms.db*"):
        path.rename(away / path.name)
    author.socket.send(update("b"))
    author.socket.send(QUESTION)
    wait_until(lambda: health(running)[0] == 503)
    assert not is_answered(author)
    for path in tmp_path.glob("rooms.db*"):
        path.unlink()
    for path in away.iterdir():
        path.rename(tmp_path / path.name)
    wait_until(lambda: is_answered(author))
    running.stop()
    assert join(f"{start().url}/zoo").content() == {"a": 1, "b": 1}
