"""The places where middleware may step in before a Store is written to.

A hook that is told what will be set gets a copy of it, gives back what to set instead, or MISSING
to prevent it. A hook that is told what will be deleted prevents it by giving back something falsy
other than None. Cells are in the encoded form in which the Store keeps them, but for
`will_set_content` and `will_apply_changes`, whose last argument tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

Hook: TypeAlias = "Callable[..., Any] | None"


@dataclass(frozen=True)
class Hooks:
    """What a Store calls before it is written to (TinyBase: `setMiddleware`)."""

    will_set_content: Hook = None
    will_set_tables: Hook = None
    will_set_table: Hook = None
    will_set_row: Hook = None
    will_set_cell: Hook = None
    will_set_values: Hook = None
    will_set_value: Hook = None
    will_del_tables: Hook = None
    will_del_table: Hook = None
    will_del_row: Hook = None
    will_del_cell: Hook = None
    will_del_values: Hook = None
    will_del_value: Hook = None
    will_apply_changes: Hook = None
    # Whether set_cell must offer the whole row that it would lead to.
    has_will_set_row_callbacks: Hook = None
