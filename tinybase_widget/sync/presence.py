"""Who somebody is, and what is known of those who are in a room.

What a peer says of itself is JSON, in Yjs' awareness protocol::

    {"user": {"name", "color"}, "kernel"?: true, "typing"?: true,
     "at"?: {"table", "row"?, "cell"?}}

`user` is what all editors on that protocol say, the rest is ours. Peers may lie: a name is text of
bounded length without characters that turn or hide what stands around it, a colour is one, and an
id is only ever compared with those that are there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_NAME = 40
_MAX_ID = 1000
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Cs", "Co")
# The same as in presence_states.ts, so that a name has one colour.
_COLORS = (
    "#1c7ed6",
    "#e8590c",
    "#2f9e44",
    "#9c36b5",
    "#c2255c",
    "#0c8599",
    "#e67700",
    "#6741d9",
    "#66a80f",
    "#d6336c",
)
_KERNEL_COLOR = "#868e96"  # of a program that has not been given one


@dataclass(frozen=True)
class User:
    """Somebody's name and colour, as others see them.

    Args:
        name: The name; 40 characters of it are shown.
        color: As `#rrggbb`. Without it, one that follows from the name.

    Raises:
        TypeError: The name is not a string.
        ValueError: Nothing of the name can be shown, or the colour is not `#` and six digits.

    Example:
        >>> from tinybase_widget import User
        >>> User("Ada", "#9c36b5")
        User(name='Ada', color='#9c36b5')
    """

    name: str
    color: str | None = None

    def __post_init__(self) -> None:
        """Check what was given."""
        if not isinstance(self.name, str):
            raise TypeError(f'a user\'s name is a string such as "Ada", not {self.name!r}')
        if not name_from(self.name):
            raise ValueError(f"nothing of the name {self.name!r} can be shown; give a visible one")
        color: object = self.color
        if color is not None and not (isinstance(color, str) and _COLOR.match(color)):
            raise ValueError(
                f'a colour is "#" and six hexadecimal digits such as "#9c36b5", not {self.color!r}'
            )

    @classmethod
    def of(cls, user: User | str) -> User:
        """Return a user; of a name, the one with that name."""
        return user if isinstance(user, User) else cls(user)

    def shown(self) -> dict[str, str]:
        """Return what others are told."""
        name = name_from(self.name)
        return {"name": name, "color": color_from(self.color, name)}


@dataclass(frozen=True)
class Peer:
    """Somebody who is in a room, and where.

    Args:
        id: What tells peers apart, also those of one name.
        name: The name, fit to be shown.
        color: As `#rrggbb`.
        is_kernel: Whether it is a program, not somebody on a page.
        table_id: The table that they look at; None if nothing is known of it.
        row_id: The row of their active cell; None if there is none, or no such row here.
        cell_id: The id of their active cell, in that row; without a row, of a value.
        is_typing: Whether they are typing into that cell.

    Example:
        >>> from tinybase_widget import Peer
        >>> Peer(7, "Ada", "#9c36b5", table_id="pets", row_id="fido", cell_id="price").cell_id
        'price'
    """

    id: int
    name: str
    color: str
    is_kernel: bool = False
    table_id: str | None = None
    row_id: str | None = None
    cell_id: str | None = None
    is_typing: bool = False


def name_from(said: object) -> str:
    """Return a name that can be shown; without anything to show, an empty one."""
    if not isinstance(said, str):
        return ""
    seen = (
        " " if unicodedata.category(each) in _UNSEEN else each for each in said[: 4 * _MAX_NAME]
    )
    name = " ".join("".join(seen).split())
    return name[:_MAX_NAME].rstrip() + "…" if len(name) > _MAX_NAME else name


def color_from(said: object, name: str) -> str:
    """Return a colour; where none was said, one that follows from the name."""
    if isinstance(said, str) and _COLOR.match(said):
        return said.lower()
    number = 0
    for character in name:
        number = (number * 31 + ord(character)) & 0xFFFFFFFF
    return _COLORS[number % len(_COLORS)]


def peer_from(id_: int, said: Mapping[str, Any]) -> Peer | None:
    """Return what is believed of a state; None where nobody is to be shown."""
    user = said.get("user")
    if user is None:
        return None
    fields = user if isinstance(user, dict) else {}
    is_kernel = said.get("kernel") is True
    name, color = name_from(fields.get("name")), fields.get("color")
    is_plain = is_kernel and color is None
    at = said.get("at")
    place = at if isinstance(at, dict) else {}
    table, row, cell = (_id_from(place.get(key)) for key in ("table", "row", "cell"))
    row = None if table is None else row
    return Peer(
        id_,
        name or ("Kernel" if is_kernel else "Somebody"),
        _KERNEL_COLOR if is_plain else color_from(color, name or str(id_)),
        is_kernel,
        table,
        row,
        None if row is None else cell,
        said.get("typing") is True,
    )


def _id_from(said: object) -> str | None:
    return said if isinstance(said, str) and len(said) <= _MAX_ID else None
