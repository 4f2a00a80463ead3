"""A repo alone: addresses, and documents in a folder."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import cbor2
import pytest
from automerge.core import ROOT, ScalarType
from websockets.sync.server import serve

from tests.waiting import wait_until
from tinybase_widget import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from websockets.sync.server import ServerConnection


def put(key: str, value: int) -> Any:
    return lambda doc: doc.put(ROOT, key, ScalarType.Int, value)


def read(connection: ServerConnection) -> Any:
    data = connection.recv()
    assert isinstance(data, bytes)
    return cbor2.loads(data)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("**/*") if path.is_file())


def test_a_document_is_found_by_its_address_or_its_id_as_the_same_handle() -> None:
    with Repo() as repo:
        handle = repo.create()
        assert handle.url is not None
        assert handle.url.startswith("automerge:")
        assert repo.find(handle.url) is repo.find(handle.url.removeprefix("automerge:")) is handle
        assert repo.get_urls() == [handle.url]


def test_an_unknown_document_is_empty_at_once() -> None:
    with Repo() as repo, Repo() as other:
        url = other.create().url
        assert url is not None
        assert repo.find(url).doc() == {}


@pytest.mark.parametrize(
    "url",
    ["", "automerge:", "automerge:xyz", "http://x", "automerge:0OIl", "automerge:" + "2" * 27],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with Repo() as repo, pytest.raises(ValueError, match="document id"):
        repo.find(url)


def test_a_mistyped_address_is_refused() -> None:
    with Repo() as repo:
        url = repo.create().url
        assert url is not None
        mistyped = url[:-1] + ("2" if url[-1] != "2" else "3")
        with pytest.raises(ValueError, match="no document id"):
            repo.find(mistyped)


def test_an_address_that_is_no_text_is_refused() -> None:
    with Repo() as repo, pytest.raises(TypeError, match="is a text, not 5"):
        repo.find(5)  # type: ignore[arg-type]


def test_documents_outlast_the_repo_in_a_folder(tmp_path: Path) -> None:
    with Repo(tmp_path) as repo:
        url = repo.create().change(put("a", 1)).url
    assert url is not None
    with Repo(tmp_path) as repo:
        handle = repo.find(url)
        assert handle.doc() == {"a": 1}
        handle.change(put("b", 2))
    with Repo(tmp_path) as repo:
        assert repo.find(url).doc() == {"a": 1, "b": 2}


def test_changes_are_added_to_a_snapshot_and_made_one_with_it_now_and_then(tmp_path: Path) -> None:
    with Repo(tmp_path) as repo:
        handle = repo.create()
        text = os.urandom(3000).hex()
        handle.change(lambda doc: doc.put(ROOT, "text", ScalarType.Str, text))
        kinds = []
        for at in range(100):
            handle.change(put(f"key {at}", at))
            repo.flush()
            kinds.append({path.parent.name for path in files(tmp_path)})
        url = handle.url
    assert {"snapshot", "incremental"} in kinds
    assert {"snapshot"} in kinds[kinds.index({"snapshot", "incremental"}) :]
    assert url is not None
    with Repo(tmp_path) as repo:
        assert repo.find(url).heads() == handle.heads()


def test_a_file_that_cannot_be_read_is_reported_and_left_and_the_rest_is_loaded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Repo(tmp_path) as repo:
        handle = repo.create().change(put("a", 1))
        url = handle.url
    (snapshot,) = files(tmp_path)
    broken = snapshot.with_name("broken")
    broken.write_bytes(b"junk")
    assert url is not None
    with caplog.at_level(logging.WARNING), Repo(tmp_path) as repo:
        assert repo.find(url).doc() == {"a": 1}
    assert "broken is left as it is" in caplog.text
    assert broken.read_bytes() == b"junk"


def test_a_folder_that_cannot_be_written_is_an_error_and_is_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "folder"
    blocked.write_text("a file is in the way")
    repo = Repo(blocked)
    handle = repo.create().change(put("a", 1))
    with pytest.raises(OSError, match="folder"):
        repo.flush()
    blocked.unlink()
    repo.flush()
    repo.close()
    assert handle.url is not None
    with Repo(blocked) as again:
        assert again.find(handle.url).doc() == {"a": 1}


def test_what_a_process_changed_is_stored_when_it_ends(tmp_path: Path) -> None:
    source = f"""
from automerge.core import ROOT, ScalarType
from tinybase_widget import Repo
handle = Repo({str(tmp_path)!r}).create()
handle.change(lambda doc: doc.put(ROOT, "a", ScalarType.Int, 1))
print(handle.url)
"""
    done = subprocess.run(
        [sys.executable, "-c", source], check=True, capture_output=True, text=True
    )
    with Repo(tmp_path) as repo:
        assert repo.find(done.stdout.strip()).doc() == {"a": 1}


def test_a_deleted_document_is_gone_from_the_folder(tmp_path: Path) -> None:
    with Repo(tmp_path) as repo:
        handle = repo.create().change(put("a", 1))
        repo.flush()
        assert handle.url is not None
        url = handle.url
        repo.delete(url)
        assert files(tmp_path) == []
        assert repo.find(url).doc() == {}


def test_a_closed_repo_says_so_and_its_handles_stay_usable() -> None:
    repo = Repo()
    handle = repo.create()
    repo.close()
    repo.close()
    assert handle.change(put("a", 1)).doc() == {"a": 1}
    with pytest.raises(RuntimeError, match="closed"):
        repo.create()


def test_nonsense_from_a_server_is_reported_and_the_connection_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Among it: no CBOR, no map, a sync message that is none, a document that nobody has."""
    answers: list[Any] = []

    def lie(connection: ServerConnection) -> None:
        join = read(connection)
        me = {"senderId": "liar", "targetId": join["senderId"]}
        connection.send(cbor2.dumps({"type": "peer", "selectedProtocolVersion": "1", **me}))
        first = read(connection)
        document_id = first["documentId"]
        connection.send("text")
        connection.send(b"\xff\xff")
        connection.send(cbor2.dumps([1, 2]))
        connection.send(
            cbor2.dumps({"type": "sync", "documentId": document_id, "data": b"x", **me})
        )
        connection.send(cbor2.dumps({"type": "sync", "documentId": 5, "data": None, **me}))
        connection.send(cbor2.dumps({"type": "request", "documentId": "x", "data": b"x", **me}))
        answers.extend((first, read(connection)))

    with serve(lie, "127.0.0.1", 0) as server, caplog.at_level(logging.WARNING):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        with Repo(network=f"ws://127.0.0.1:{port}") as repo:
            handle = repo.create().change(put("a", 1))
            wait_until(lambda: answers)
            assert handle.doc() == {"a": 1}
        server.shutdown()
        thread.join()
    assert answers[0]["type"] == "sync"
    assert answers[1] == {
        "type": "doc-unavailable",
        "documentId": "x",
        "senderId": repo.peer_id,
        "targetId": "liar",
    }
    assert "no sync message" in caplog.text
    assert "2 bytes that are no message" in caplog.text
