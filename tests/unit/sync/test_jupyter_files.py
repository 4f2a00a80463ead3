"""Which Jupyter server a file is joined on, and what is said when there is none that lets us in.

Joining itself is tested with a real JupyterLab: `tests/browser/test_document_kernel.py`.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tinybase_widget import (
    CompactionError,
    JupyterServerError,
    Room,
    Store,
    TableView,
    create_doc,
)
from tinybase_widget.sync._dialects import JupyterFile
from tinybase_widget.sync._jupyter_files import FileAddress
from tinybase_widget.sync._jupyter_servers import running_servers
from tinybase_widget.sync.room import rooms_of_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "sesame"  # noqa: S105
FILE = "file:zoo.tinybase.json"


class Answers(BaseHTTPRequestHandler):
    """A server that answers what it is told to, by method and the path's beginning."""

    answers: ClassVar[dict[tuple[str, str], tuple[int, Any]]] = {}
    asked: ClassVar[list[tuple[str, str, str | None]]] = []

    def _answer(self) -> None:
        self.asked.append((self.command, self.path, self.headers["Authorization"]))
        for (method, start), (status, content) in self.answers.items():
            if method == self.command and self.path.startswith(start):
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", content)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())
                return
        self.send_response(404)
        self.end_headers()

    do_GET = do_PUT = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[int]:
    """Run the server; yield its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server that has the file, and jupyter-collaboration."""
    Answers.asked = []
    Answers.answers = {
        ("GET", "/api/contents/zoo.tinybase.json"): (200, {"type": "file"}),
        ("PUT", "/api/collaboration/session/"): (200, {"fileId": "f-1", "sessionId": "s-1"}),
    }
    with listening() as port:
        yield port


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes what a running server says of itself; the kernel works in its root folder."""
    runtime, root = tmp_path / "runtime", tmp_path / "served"
    for folder in (runtime, root):
        folder.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    for name in list(os.environ):
        if name.startswith(("JPY_", "JUPYTERHUB_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(root)

    def write(port: int, pid: int = 1, **others: Any) -> None:
        info = {
            "url": f"http://127.0.0.1:{port}/",
            "hostname": "127.0.0.1",
            "port": port,
            "base_url": "/",
            "token": TOKEN,
            "root_dir": str(root),
            "pid": pid,
        }
        (runtime / f"jpserver-{pid}.json").write_text(json.dumps({**info, **others}))

    return write


def test_the_server_is_asked_for_file_and_session_with_the_token_in_a_header(
    say: Callable[..., None], port: int
) -> None:
    say(port)
    server, url = FileAddress(FILE).find()
    room = "api/collaboration/room/text:tinybase:f-1?sessionId=s-1"
    assert url == f"ws://127.0.0.1:{port}/{room}"
    assert server.headers() == {"Authorization": f"token {TOKEN}"}
    assert {token for *_, token in Answers.asked} == {f"token {TOKEN}"}
    assert not any(TOKEN in path for _, path, _ in Answers.asked)


def test_no_token_is_shown(say: Callable[..., None], port: int) -> None:
    say(port)
    address = FileAddress(FILE)
    assert address.shown == FILE
    assert TOKEN not in repr((address, address.find(), running_servers()))
    assert address.hide(f"it was {TOKEN}") == "it was …"


def test_a_path_goes_out_from_the_notebooks_folder(
    say: Callable[..., None], port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(port)
    lesson = tmp_path / "served" / "lessons" / "a b"
    lesson.mkdir(parents=True)
    monkeypatch.setenv("JPY_SESSION_NAME", str(lesson / "first.ipynb"))
    assert FileAddress(FILE).shown == "file:lessons/a b/zoo.tinybase.json"
    assert FileAddress("file:../zoo.tinybase.json").shown == "file:lessons/zoo.tinybase.json"
    absolute = FileAddress(f"file://{tmp_path}/served/zoo.tinybase.json")
    assert absolute.shown == FILE


def test_the_kernels_own_server_is_meant_where_several_show_the_file(
    say: Callable[..., None], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as other:
        say(port, 1)
        say(other, 2)
        monkeypatch.setenv("JPY_PARENT_PID", "2")
        assert f":{other}/" in FileAddress(FILE).find()[1]


def test_several_servers_of_which_none_is_the_kernels_own_are_named(
    say: Callable[..., None], port: int
) -> None:
    with listening() as other:
        say(port, 1)
        say(other, 2)
        with pytest.raises(JupyterServerError, match=f":{port}/.*:{other}/.*stop the others"):
            FileAddress(FILE)


def test_a_server_that_left_its_note_behind_is_no_server(
    say: Callable[..., None], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as gone:
        say(gone, 1)
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    with pytest.raises(JupyterServerError, match="has ended"):
        FileAddress(FILE)
    say(port, 2)
    assert f":{port}/" in FileAddress(FILE).find()[1]


def test_without_any_server_it_is_said_what_to_do(say: Callable[..., None]) -> None:
    del say
    with pytest.raises(JupyterServerError, match=r"none was found at all.*FilePersister"):
        FileAddress(FILE)


def test_a_file_outside_of_the_kernels_own_server_is_refused(
    say: Callable[..., None], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(port, 1)
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    with pytest.raises(ValueError, match="is not in"):
        FileAddress("file:../zoo.tinybase.json")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"url": 1}', '{"url": "http+unix://x"}'])
def test_a_servers_note_that_makes_no_sense_is_left_out(
    say: Callable[..., None], port: int, tmp_path: Path, content: str
) -> None:
    say(port)
    (tmp_path / "runtime" / "jpserver-2.json").write_text(content)
    assert len(running_servers()) == 1


def test_a_server_that_listens_everywhere_is_asked_on_this_computer(
    say: Callable[..., None], port: int
) -> None:
    say(port, url=f"http://some-host:{port}/base/", hostname="0.0.0.0", base_url="/base/")  # noqa: S104
    assert running_servers()[0].url == f"http://127.0.0.1:{port}/base/"


def test_in_jupyterhub_the_token_is_that_of_the_environment(
    say: Callable[..., None], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hubs")
    say(port, token="", base_url="/user/ada/", url=f"http://127.0.0.1:{port}/user/ada/")
    (server,) = running_servers()
    assert (server.url, server.token) == (f"http://127.0.0.1:{port}/user/ada/", "hubs")


def test_in_jupyterhub_the_environment_tells_the_server_that_left_no_note(
    say: Callable[..., None], port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del say
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hubs")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", f"http://0.0.0.0:{port}/user/ada/")
    monkeypatch.setenv("JUPYTERHUB_ROOT_DIR", str(tmp_path))
    (server,) = running_servers()
    assert (server.url, server.token) == (f"http://127.0.0.1:{port}/user/ada/", "hubs")
    assert FileAddress(FILE).shown == "file:served/zoo.tinybase.json"


@pytest.mark.parametrize(
    "url",
    [
        "file:",
        "file:zoo.json",
        "file:zoo.tinybase.json/",
        "file:.tinybase.json",
        "file:lessons/.tinybase.json",
        "file:zoo.ipynb",
    ],
)
def test_what_is_no_table_as_a_file_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match=r'"file:zoo.tinybase.json"'):
        Room("zoo", Store()).connect(url)


def test_a_token_is_a_string_for_a_file_too(say: Callable[..., None], port: int) -> None:
    say(port)
    with pytest.raises(TypeError, match="string"):
        FileAddress(FILE, 1)  # type: ignore[arg-type]


def test_a_token_that_is_given_takes_the_place_of_the_servers(
    say: Callable[..., None], port: int
) -> None:
    say(port)
    FileAddress(FILE, "open it").find()
    assert {token for *_, token in Answers.asked} == {"token open it"}


def test_a_file_that_is_not_there_is_said_so_and_leaves_no_room_behind(
    say: Callable[..., None], port: int
) -> None:
    say(port)
    store = Store()
    with pytest.raises(FileNotFoundError, match=r"no file ark.tinybase.json.*File > New"):
        TableView(store, "pets", room="file:ark.tinybase.json")
    assert not rooms_of_store(store)


@pytest.mark.parametrize(
    ("asked", "answer", "said"),
    [
        (("PUT", "/api/collaboration"), (404, None), r'pip install "tinybase-widget\[jupyter\]"'),
        (("PUT", "/api/collaboration"), (200, ["x"]), "speaks another language"),
        (("PUT", "/api/collaboration"), (200, {"fileId": 1}), "speaks another language"),
        (("PUT", "/api/collaboration"), (500, None), "answered 500"),
        (("GET", "/api/contents"), (403, None), "does not let this kernel in"),
        (("GET", "/api/contents"), (302, "http://127.0.0.1:9/"), "answered 302"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_named_with_what_to_do(
    say: Callable[..., None],
    port: int,
    asked: tuple[str, str],
    answer: tuple[int, Any],
    said: str,
) -> None:
    say(port)
    Answers.answers = {asked: answer, **Answers.answers}
    with pytest.raises(JupyterServerError, match=said) as raised:
        Room("zoo", Store()).connect(FILE)
    assert TOKEN not in str(raised.value)


def test_a_directory_is_no_file(say: Callable[..., None], port: int) -> None:
    say(port)
    Answers.answers[("GET", "/api/contents/zoo.tinybase.json")] = (200, {"type": "directory"})
    with pytest.raises(FileNotFoundError, match="no file"):
        FileAddress(FILE).find()


def test_another_file_of_the_same_name_is_not_mixed_with_the_one_before(
    say: Callable[..., None], port: int
) -> None:
    say(port)
    address = FileAddress(FILE)
    address.find()
    session = {"fileId": "f-2", "sessionId": "s-1"}
    Answers.answers[("PUT", "/api/collaboration/session/")] = (200, session)
    with pytest.raises(JupyterServerError, match="another file"):
        address.find()


def test_a_room_that_was_compacted_does_not_join_a_file(
    say: Callable[..., None], port: int
) -> None:
    say(port)
    room = Room("zoo", Store().set_value("a", 1))
    room.compact()
    with pytest.raises(CompactionError, match="from a new room"):
        room.connect(FILE)
    assert room.connections == []
    room.close()


def test_a_file_is_never_compacted_and_is_left_by_any_of_its_names(
    say: Callable[..., None], port: int
) -> None:
    say(port)
    room = Room("zoo", Store())
    connection = room.connect(FILE)
    assert room.connect(f"file:../served/{FILE[5:]}") is connection
    with pytest.raises(CompactionError, match="never compacted"):
        room.compact()
    room.disconnect("file:./zoo.tinybase.json")
    assert room.connections == []
    room.close()


def test_what_a_browser_keeps_is_the_files_and_not_of_one_with_the_same_path_elsewhere(
    say: Callable[..., None], port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(port)
    places = []
    for folder in ("served", "elsewhere"):
        (tmp_path / folder).mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / folder)
        say(port, root_dir=str(tmp_path / folder))
        views = [TableView(Store(), "pets", room=FILE) for _ in range(2)]
        assert {view.room.name for view in views} == {FILE}
        places += [view.room.place for view in views]
        for view in views:
            view.close()
            view.room.close()
    assert places[0] == places[1] != places[2] == places[3]


def test_a_file_that_can_not_be_written_is_said_so_as_long_as_it_is_so(
    say: Callable[..., None], port: int
) -> None:
    say(port)
    address, doc = FileAddress(FILE), create_doc()
    dialect = JupyterFile(address)
    for is_writable in (False, True):
        model = {"type": "file", "writable": is_writable}
        Answers.answers[("GET", "/api/contents/zoo.tinybase.json")] = (200, model)
        dialect.check()
        assert (dialect.trouble(doc) is None) is is_writable


def test_a_file_has_no_other_protocol(say: Callable[..., None], port: int) -> None:
    say(port)
    room = Room("zoo", Store())
    with pytest.raises(ValueError, match="a protocol of its own"):
        room.connect(FILE, protocol="hocuspocus")
    assert room.connections == []
    room.close()
