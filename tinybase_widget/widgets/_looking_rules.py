"""Which rows a table shows, and in which order: sorting, filters and search.

The page has the same rules in `js/src/table/looking`; the cases in `tests/looking` hold the two
together. Rows are sorted by some columns, and where those are equal by their ids in natural order.
In a column come false, true, numbers by value, texts by code point without case and accents, then
objects and arrays by their JSON. Missing cells, null or absent, come last in either direction. A
row is shown if it meets all conditions and has every word of the search, in its id or in a column
that is shown.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from tinybase_widget._order import natural_sorted
from tinybase_widget.store._cells import encode, to_raw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tinybase_widget.store import Cell, Row, Store

_ACCENTS = re.compile("[\u0300-\u036f]")
_WHITE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # JavaScript's
_WORDS = re.compile(f'"([^"]*)"|[^{_WHITE}]+')
_BETWEEN = "\0"  # stands between cells, so that nothing is found across two


def fold(text: str) -> str:
    """Return a text without case and accents."""
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return plain.lower().replace("ς", "σ")  # noqa: RUF001 - Greek is meant


def visible_row_ids(
    store: Store,
    table_id: str,
    *,
    sort: Sequence[tuple[str, str]],
    filters: Mapping[str, Mapping[str, Any]],
    search: str,
    columns: Sequence[str] | None,
) -> list[str]:
    """Return the ids of the rows that are shown, in their order.

    Args:
        store: The Store.
        table_id: The table.
        sort: Cell ids and "asc" or "desc", the most important first.
        filters: Conditions by cell id.
        search: Words that a row must have.
        columns: The cell ids that are searched; without them, all.
    """
    with store.lock:
        row_ids = natural_sorted(store.get_row_ids(table_id))
        words = _search_words(search)
        if not (sort or filters or words):
            return row_ids
        table = store.get_table(table_id)
        searched = store.get_table_cell_ids(table_id) if columns is None else columns
    tests = [(cell_id, _test_of(conditions)) for cell_id, conditions in filters.items()]
    shown = [
        row_id
        for row_id in row_ids
        if all(test(table[row_id].get(cell_id)) for cell_id, test in tests)
        and (not words or _has_words(row_id, table[row_id], searched, words))
    ]
    for cell_id, direction in reversed(sort):
        shown = _sorted_by(shown, table, cell_id, descending=direction == "desc")
    return shown


def _sorted_by(
    row_ids: list[str], table: Mapping[str, Row], cell_id: str, *, descending: bool
) -> list[str]:
    present = [row_id for row_id in row_ids if table[row_id].get(cell_id) is not None]
    missing = [row_id for row_id in row_ids if table[row_id].get(cell_id) is None]
    cells = [table[row_id][cell_id] for row_id in present]
    keys = dict(zip(present, _keys(cells), strict=True))
    # Also in reverse, Python leaves equal ones in the order in which they are.
    return sorted(present, key=keys.__getitem__, reverse=descending) + missing


def _keys(cells: list[Cell]) -> list[Any]:
    kinds = set(map(type, cells))
    if kinds <= {int, float}:
        return cells
    if kinds == {str}:
        return [fold(cell) for cell in cells]  # type: ignore[arg-type]
    return [_key(cell) for cell in cells]


def _key(cell: Any) -> tuple[int, Any]:
    if isinstance(cell, bool):
        return 0, cell
    if isinstance(cell, (int, float)):
        return 1, cell
    return (2, fold(cell)) if isinstance(cell, str) else (3, _json(cell))


def _json(cell: Any) -> str:
    """Return the JSON of an object or array as the page writes it."""
    return str(to_raw(cell))[1:]


def _text(cell: Any) -> str | None:
    """Return the text of a cell that is searched; None if there is none."""
    if cell is None or isinstance(cell, str):
        return cell
    return _json(cell) if isinstance(cell, (dict, list)) else str(encode([cell]))[2:-1]


def _search_words(search: str) -> list[str]:
    found = (fold(match[0] if match[1] is None else match[1]) for match in _WORDS.finditer(search))
    return [word for word in found if word]


def _has_words(row_id: str, row: Row, searched: Sequence[str], words: list[str]) -> bool:
    texts = (_text(row.get(cell_id)) for cell_id in searched)
    text = fold(_BETWEEN.join([row_id, *(text for text in texts if text is not None)]))
    return all(word in text for word in words)


def _test_of(conditions: Mapping[str, Any]) -> Callable[[Any], bool]:
    tests = [_TESTS[name](wanted) for name, wanted in conditions.items()]
    return lambda cell: all(test(cell) for test in tests)


def _contains(wanted: str) -> Callable[[Any], bool]:
    folded = fold(wanted)
    return lambda cell: cell is not None and folded in fold(_text(cell) or "")


def _equals(wanted: str) -> Callable[[Any], bool]:
    folded = fold(wanted)
    return lambda cell: cell is not None and folded == fold(_text(cell) or "")


def _min(wanted: float) -> Callable[[Any], bool]:
    return lambda cell: _is_number(cell) and cell >= wanted


def _max(wanted: float) -> Callable[[Any], bool]:
    return lambda cell: _is_number(cell) and cell <= wanted


def _in(wanted: Sequence[Any]) -> Callable[[Any], bool]:
    listed = {_identity(cell) for cell in wanted}
    return lambda cell: _identity(cell) in listed


def _identity(cell: Any) -> tuple[str, Any]:
    """Return what is equal for equal cells only: `True` is not `1`."""
    if isinstance(cell, (dict, list)):
        return "json", _json(cell)
    return "bool" if isinstance(cell, bool) else "", cell


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


_TESTS: dict[str, Callable[[Any], Callable[[Any], bool]]] = {
    "contains": _contains,
    "equals": _equals,
    "min": _min,
    "max": _max,
    "in": _in,
}
