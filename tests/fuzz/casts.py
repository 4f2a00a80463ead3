"""Who takes part in the worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.model import Wrong
from tests.fuzz.programs import Cast
from tests.fuzz.steps import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random


def _alike(kind: Kind) -> Callable[[Random], Sequence[Kind]]:
    return lambda random: [kind] * random.randint(3, 6)


def _mixed(random: Random) -> Sequence[Kind]:
    kinds = [Kind.PYTHON, Kind.JS]
    kinds += random.choices(kinds, k=random.randint(1, 4))
    random.shuffle(kinds)
    return kinds


def _beside_npm(random: Random) -> Sequence[Kind]:
    own = random.choices([Kind.PYTHON, Kind.JS], k=random.randint(2, 3))
    kinds = own + [Kind.NPM] * random.randint(1, 2)
    random.shuffle(kinds)
    return kinds


def _one_beside_npm(kind: Kind) -> Callable[[Random], Sequence[Kind]]:
    return lambda random: random.sample([kind, kind, Kind.NPM], 3)


# Where rows are made by hundreds, in two compositions, a conflict may be told of once too often.
_OF_MANY_ROWS = frozenset({Wrong.CONFLICT})
# What npm's persister does to its own content, also beside us.
_OF_NPM = frozenset({Wrong.LOST, Wrong.BACK, Wrong.STALE, Wrong.NPM_STORE, Wrong.CONFLICT})


def _keeping(name: str, draw: Callable[[Random], Sequence[Kind]]) -> Cast:
    return Cast(name, draw, has_deletions=False, excused=_OF_NPM)


# Our own peers alone: nothing may be lost, come back, or be stale.
PYTHON = Cast("python", _alike(Kind.PYTHON))
JS = Cast("js", _alike(Kind.JS))
MIXED = Cast("mixed", _mixed)
OWN = (PYTHON, JS, MIXED)
MANY_ROWS = Cast("many-rows", _mixed, is_large=True, excused=_OF_MANY_ROWS)
PYTHON_MANY_ROWS = Cast(
    "python-many-rows", _alike(Kind.PYTHON), is_large=True, excused=_OF_MANY_ROWS
)
JS_MANY_ROWS = Cast("js-many-rows", _alike(Kind.JS), is_large=True, excused=_OF_MANY_ROWS)
OF_MANY_ROWS = (MANY_ROWS, PYTHON_MANY_ROWS, JS_MANY_ROWS)

# Ours beside one or two npm peers: while nothing is deleted, nothing that ours hold may be lost.
KEEPING = _keeping("keeping", _beside_npm)
PYTHON_KEEPING = _keeping("python-keeping", _one_beside_npm(Kind.PYTHON))
JS_KEEPING = _keeping("js-keeping", _one_beside_npm(Kind.JS))

# The same programs, with npm peers alone and with two of ours in the place of two of them.
THREE_NPM = Cast("npm", lambda _: [Kind.NPM] * 3, excused=_OF_NPM)
TWO_OWN = Cast("two-own", lambda _: [Kind.PYTHON, Kind.JS, Kind.NPM], excused=_OF_NPM)

_BESIDE_NPM = (KEEPING, PYTHON_KEEPING, JS_KEEPING, THREE_NPM, TWO_OWN)
CASTS = {cast.name: cast for cast in (*OWN, *OF_MANY_ROWS, *_BESIDE_NPM)}
