"""The Node.js process in which the fuzzer's TypeScript and npm peers live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """One process for all worlds, which come one after another."""
    node = Node()
    yield node
    node.close()
