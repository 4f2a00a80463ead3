"""From columns of cells to rows.

A function of as many arguments as there are columns, whose body is one dictionary with their names
as constants, makes a row in about half the time of `dict(zip(names, cells))`, which was most of
what loading a frame took. It is built of syntax nodes, so that no name is ever read as code.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST_ARGUMENTS = 100  # compiling takes its time too


def make_rows(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Return rows of cells by name.

    Args:
        names: The columns' names, each another one.
        columns: As many columns of as many cells each.

    Example:
        >>> make_rows(["a", "b"], [[1, 2], ["x", "y"]])
        [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]
    """
    if 0 < len(names) <= _MOST_ARGUMENTS:
        return list(map(_row_maker(names), *columns))
    return [dict(zip(names, cells, strict=False)) for cells in zip(*columns, strict=False)]


def _row_maker(names: Sequence[str]) -> Callable[..., dict[str, Any]]:
    arguments = [f"c{i}" for i in range(len(names))]
    function = ast.Lambda(
        ast.arguments(
            posonlyargs=[],
            args=[ast.arg(argument) for argument in arguments],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        ast.Dict(
            [ast.Constant(name) for name in names],
            [ast.Name(argument, ast.Load()) for argument in arguments],
        ),
    )
    code = compile(ast.fix_missing_locations(ast.Expression(function)), "<row>", "eval")
    return eval(code, {"__builtins__": {}})  # type: ignore[no-any-return] # noqa: S307 - see above
