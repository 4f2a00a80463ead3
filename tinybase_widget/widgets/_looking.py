"""The traits that say how a table is looked at: sorted, filtered, searched, and what is selected.

They are set from both sides: by a person on the page, or in Python. Which rows they show is worked
out here too (`_looking_rules.py`), so that a kernel without a page gives the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import traitlets as t

from tinybase_widget.store._cells import to_raw
from tinybase_widget.store._types import MISSING
from tinybase_widget.widgets import _looking_rules

if TYPE_CHECKING:
    from traitlets.utils.bunch import Bunch

    from tinybase_widget.store import Store

_DIRECTIONS = ("asc", "desc")
_FORMAT = re.compile(r",?(\.\d{1,2})?[fe%]?")
_TEXT_CONDITIONS = ("contains", "equals")
_NUMBER_CONDITIONS = ("min", "max")


class LookingTraits(t.HasTraits):
    """The part of a table widget that says how its rows are looked at."""

    sort: t.List[Any] = t.List(
        help='Cell ids with "asc" or "desc", such as [("price", "desc")]; the first counts most.'
    ).tag(sync=True)
    filters = t.Dict(
        key_trait=t.Unicode(),
        help='Conditions by cell id, such as {"price": {"min": 3}, "species": {"in": ["cat"]}}.',
    ).tag(sync=True)
    search = t.Unicode("", help="Words that a row must have.").tag(sync=True)
    _selected_by = t.Unicode("").tag(sync=True)
    _selected_before = ""
    selection: t.Dict[str, Any] = t.Dict(
        default_value={"rows": [], "cell": None},
        help="The ids of the selected rows, and the active cell as (row id, cell id).",
    ).tag(sync=True)

    pinned = t.List(t.Unicode(), help="Cell ids of columns that stay in sight at the left.").tag(
        sync=True
    )
    formats = t.Dict(
        value_trait=t.Unicode(),
        key_trait=t.Unicode(),
        help='How numbers are written, by cell id, such as {"price": ",.2f"}.',
    ).tag(sync=True)
    row_numbers = t.Bool(False, help="Whether rows are numbered as shown, not named by id.").tag(
        sync=True
    )
    summary = t.Bool(False, help="Whether each column's header says what is in it.").tag(sync=True)

    if TYPE_CHECKING:  # of the widget
        columns: t.List[str]

        @property
        def store(self) -> Store: ...

        @property
        def table_id(self) -> str: ...

    @property
    def visible_row_ids(self) -> list[str]:
        """The ids of the rows that the filters and the search let through, in the order of `sort`.

        It is worked out from the Store, so it needs no page.

        Example:
            >>> from tinybase_widget import Store, TableView
            >>> prices = {"fido": {"price": 5}, "felix": {"price": 4}, "rex": {"price": 7}}
            >>> view = TableView(
            ...     Store().set_table("pets", prices), "pets", sort=[("price", "desc")]
            ... )
            >>> view.visible_row_ids
            ['rex', 'fido', 'felix']
            >>> view.filters = {"price": {"max": 5}}
            >>> view.visible_row_ids
            ['fido', 'felix']
        """
        return _looking_rules.visible_row_ids(
            self.store,
            self.table_id,
            sort=self.sort,
            filters=self.filters,
            search=self.search,
            columns=self.columns,
        )

    @t.validate("sort")
    def _validate_sort(self, proposal: Bunch) -> list[tuple[str, str]]:
        return [_checked_sort(each) for each in proposal.value]

    @t.validate("filters")
    def _validate_filters(self, proposal: Bunch) -> dict[str, dict[str, Any]]:
        checked = {column: _checked_filter(column, each) for column, each in proposal.value.items()}
        return {column: conditions for column, conditions in checked.items() if conditions}

    @t.validate("formats")
    def _validate_formats(self, proposal: Bunch) -> dict[str, str]:
        for column, spec in proposal.value.items():
            if _FORMAT.fullmatch(spec) is None:
                raise t.TraitError(
                    f'a number format is one of Python\'s such as ",.2f", ".1%" or ".2e"; that of '
                    f"{column!r} is {spec!r}"
                )
        return dict(proposal.value)

    @t.observe("selection")
    def _note_who_selected(self, _change: Bunch) -> None:
        # A page says with each selection that it is its own; without that it is one of Python's.
        if self._selected_by == self._selected_before:
            self._selected_by = ""
        self._selected_before = self._selected_by

    @t.validate("selection")
    def _validate_selection(self, proposal: Bunch) -> dict[str, Any]:
        return _checked_selection(proposal.value)


def _checked_sort(given: Any) -> tuple[str, str]:
    if isinstance(given, str):
        return given, "asc"
    if (
        isinstance(given, Sequence)
        and len(given) == len(("column", "direction"))
        and isinstance(given[0], str)
        and given[1] in _DIRECTIONS
    ):
        return given[0], given[1]
    raise t.TraitError(
        f'a sort is a list of cell ids with "asc" or "desc", such as [("price", "desc")]; '
        f"{given!r} is no such pair"
    )


def _checked_filter(column: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise t.TraitError(
            f'a filter is a dict of conditions such as {{"min": 3}} or {{"in": ["cat"]}}; '
            f"that of {column!r} is {given!r}"
        )
    return {name: _checked_condition(column, name, wanted) for name, wanted in given.items()}


def _checked_condition(column: str, name: Any, wanted: Any) -> Any:
    if name in _TEXT_CONDITIONS:
        if isinstance(wanted, str):
            return wanted
        raise t.TraitError(f"{name!r} in the filter of {column!r} takes a text, not {wanted!r}")
    if name in _NUMBER_CONDITIONS:
        number = to_raw(wanted)
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            return number
        raise t.TraitError(f"{name!r} in the filter of {column!r} takes a number, not {wanted!r}")
    if name == "in":
        if not isinstance(wanted, str) and isinstance(wanted, (Sequence, set, frozenset)):
            cells = list(wanted)
            if all(to_raw(cell) is not MISSING for cell in cells):
                return cells
        raise t.TraitError(
            f"'in' in the filter of {column!r} takes a list of cells such as [\"cat\", None], "
            f"not {wanted!r}"
        )
    raise t.TraitError(
        f"{name!r} in the filter of {column!r} is no condition: there are "
        '"contains", "equals", "min", "max" and "in"'
    )


def _checked_selection(given: Mapping[str, Any]) -> dict[str, Any]:
    rows, cell = given.get("rows", []), given.get("cell")
    unknown = sorted(set(given) - {"rows", "cell"})
    if (
        unknown
        or isinstance(rows, str)
        or not isinstance(rows, Sequence)
        or not all(isinstance(row, str) for row in rows)
    ):
        raise t.TraitError(
            'a selection is a dict such as {"rows": ["fido"], "cell": ("fido", "price")}, '
            f"not {given!r}"
        )
    if cell is not None and not (
        isinstance(cell, Sequence)
        and not isinstance(cell, str)
        and len(cell) == len(("row", "cell"))
        and all(isinstance(each, str) for each in cell)
    ):
        raise t.TraitError(f"the cell of a selection is (row id, cell id) or None, not {cell!r}")
    return {"rows": list(rows), "cell": None if cell is None else tuple(cell)}
