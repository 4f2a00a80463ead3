"""The ids of derived structs: a wire format that Python and TypeScript have to share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tinybase_widget.persisters._yjs_containers import (
    Containers,
    container_client,
    row_block,
    start_client,
)
from tinybase_widget.persisters._yjs_wire import ItemId

VECTORS = json.loads(
    (Path(__file__).parent / "containers.json").read_text(encoding="utf-8", errors="strict")
)


@pytest.mark.parametrize("vector", VECTORS["clients"], ids=str)
def test_a_path_has_its_client_id(vector: dict[str, Any]) -> None:
    assert container_client(*vector["parts"]) == vector["client"]


@pytest.mark.parametrize("vector", VECTORS["starts"], ids=str)
def test_a_root_map_has_the_client_id_of_its_start(vector: dict[str, Any]) -> None:
    assert start_client(vector["map"]) == vector["client"]


@pytest.mark.parametrize("vector", VECTORS["blocks"], ids=str)
def test_a_row_has_its_block_and_place(vector: dict[str, Any]) -> None:
    block = row_block(vector["row"])
    assert (block and block._asdict()) == vector["block"]


@pytest.mark.parametrize("vector", VECTORS["cells"], ids=str)
def test_first_cells_have_the_client_id_that_hashes_them(vector: dict[str, Any]) -> None:
    rows = [(ItemId(client, clock), cells) for client, clock, cells in vector["rows"]]
    assert Containers.cells(rows).client == vector["client"]
