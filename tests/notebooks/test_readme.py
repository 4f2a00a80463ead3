"""The examples of README.md do what they say."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from tinybase_widget import TableView

README = Path(__file__).parents[2] / "README.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)


def run(source: str) -> Any:
    """Run an example as a notebook cell; return the value of its last line, if it has one."""
    tree = ast.parse(source)
    namespace: dict[str, Any] = {}
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "README.md", "exec"), namespace)  # noqa: S102 - our own README
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "README.md", "eval"), namespace)  # noqa: S307


def test_there_is_an_example() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("source", EXAMPLES)
def test_an_example_prints_what_its_comments_say(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(source)
    assert capsys.readouterr().out.splitlines() == re.findall(r"# prints: (.*)", source)


def test_the_last_line_of_the_first_example_shows_the_table_as_it_is_then() -> None:
    view = run(EXAMPLES[0])
    assert isinstance(view, TableView)
    html = view._repr_mimebundle_()[0]["text/html"]
    assert '<th scope="row">fido</th><td>dog</td><td>6</td><td>false</td>' in html
