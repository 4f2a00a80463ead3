"""Peers whose pages take every document over in small pieces: nothing is lost, nothing comes back.

Only large documents are taken in pieces, which no program of the fuzzer makes. So here a page takes
for large what has a hundred bytes, and goes from one piece to the next without a pause.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.casts import JS, JS_MANY_ROWS, MIXED
from tests.fuzz.checking import check, goes_wrong
from tests.fuzz.model import Wrong
from tests.fuzz.test_js_protections import without

if TYPE_CHECKING:
    from tests.fuzz.programs import Cast

SEEDS = 2000 if os.environ.get("TINYBASE_FUZZ") else 25
REPLICA = "src/sync/replica.ts"
SMALL = (
    (REPLICA, "const LARGE = 256_000;", "const LARGE = 100;"),
    (REPLICA, "const FIRST_PIECE = 50_000;", "const FIRST_PIECE = 40;"),
    (REPLICA, "const MAX_PIECE = 200_000;", "const MAX_PIECE = 90;"),
    ("src/sync/intake.ts", "letThePageGoOn(this.#run);\n        return;", "continue;"),
)
FORGETTING = (
    "src/sync/binding.ts",
    "this.#held?.letGo(this.#touched);",
    "",
)


@pytest.mark.parametrize("cast", [JS, MIXED, JS_MANY_ROWS], ids=lambda cast: cast.name)
def test_documents_that_come_in_pieces_are_what_they_are_as_a_whole(cast: Cast) -> None:
    with without(*SMALL) as node:
        check(cast, range(SEEDS), node)


def test_the_fuzzer_sees_rows_that_a_piece_held_back_for_good() -> None:
    with without(*SMALL, FORGETTING) as node:
        assert goes_wrong(JS, set(Wrong), node)
