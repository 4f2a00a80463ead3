"""The examples of README.md do what they say."""

from __future__ import annotations

import ast
import inspect
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import tinybase_widget
from tinybase_widget import Persister, Room, Store, TableView

README = Path(__file__).parents[2] / "README.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(source: str, namespace: dict[str, Any] | None = None) -> Any:
    """Run an example as a notebook cell; return the value of its last line, if it has one."""
    tree = ast.parse(source)
    namespace = {} if namespace is None else namespace
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "README.md", "exec"), namespace)  # noqa: S102 - our own README
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "README.md", "eval"), namespace)  # noqa: S307


def test_there_is_an_example() -> None:
    assert EXAMPLES


@pytest.mark.parametrize(
    "source", [each for each in EXAMPLES if "Automerge" not in each or find_spec("automerge")]
)
def test_an_example_prints_what_its_comments_say(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    namespace: dict[str, Any] = {}
    last = run(source, namespace)
    for thing in (last, *namespace.values()):
        if isinstance(thing, Persister):
            thing.destroy()
        elif isinstance(thing, Room):
            thing.close()
    assert capsys.readouterr().out.splitlines() == re.findall(r"# prints: (.*)", source)


def test_what_one_sees_first_shows_a_frame_as_a_table() -> None:
    view = run(EXAMPLES[0])
    assert isinstance(view, TableView)
    assert "<td>fido</td><td>5</td>" in view._repr_mimebundle_()[0]["text/html"]


def test_the_last_line_of_the_first_example_shows_the_table_as_it_is_then() -> None:
    view = run(EXAMPLES[1])
    assert isinstance(view, TableView)
    html = view._repr_mimebundle_()[0]["text/html"]
    assert '<th scope="row">fido</th><td>dog</td><td>6</td><td>false</td>' in html


def persisters() -> list[str]:
    return [
        name
        for name in tinybase_widget.__all__
        if inspect.isclass(getattr(tinybase_widget, name))
        and issubclass(getattr(tinybase_widget, name), Persister)
    ]


@pytest.mark.parametrize("name", persisters())
def test_every_persister_is_in_the_table_with_an_example_of_three_lines(name: str) -> None:
    rows = re.findall(r"^\| .*`.*\|$", README.read_text(), re.MULTILINE)
    assert any(name in row for row in rows)
    if not inspect.isabstract(getattr(tinybase_widget, name)):
        lengths = [
            len(list(filter(None, each.splitlines()))) for each in EXAMPLES if f"{name}(" in each
        ]
        assert lengths
        assert set(lengths) == {3}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("FilePersister", "zoo.json"),
        ("SqlitePersister", "zoo.db"),
        ("Room(", "rooms.db"),
    ],
)
def test_what_an_example_saves_is_there(name: str, kept: str) -> None:
    (source,) = [each for each in EXAMPLES if name in each and kept in each]
    namespace: dict[str, Any] = {}
    last = run(source, namespace)
    if isinstance(last, Persister):
        last.destroy()
        again = type(last)(Store(), kept).load().destroy().get_store()  # type: ignore[arg-type]
    else:
        namespace["room"].close()
        room = Room("zoo", Store(), path=kept)
        again = room.store
        room.close()
    assert again.get_tables() == {"pets": {"fido": {"age": 3}}}
