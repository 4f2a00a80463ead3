"""One place of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.persisters.contract.places import PLACES, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=list(PLACES.values()), ids=list(PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty place."""
    made: Place = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture(
    params=[kind for kind in PLACES.values() if not kind.is_document],
    ids=[name for name, kind in PLACES.items() if not kind.is_document],
)
def plain_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty place that is no document: what is saved there replaces what was."""
    made: Place = request.param(tmp_path)
    yield made
    made.close()
