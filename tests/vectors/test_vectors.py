"""The ids of derived structs, and generations: wire formats that both sides have to share."""

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
from tinybase_widget.persisters._yjs_races import image_client
from tinybase_widget.persisters._yjs_wire import ItemId
from tinybase_widget.persisters.yjs import create_doc
from tinybase_widget.sync._frames import FrameKind, write_frame, write_generation
from tinybase_widget.sync._generations import Former, Generation, Ids, Lineage
from tinybase_widget.sync._levels import carried_id, renamed_key


def read(name: str) -> Any:
    """Return the vectors of a file."""
    return json.loads((Path(__file__).parent / name).read_text(encoding="utf-8", errors="strict"))


VECTORS = read("containers.json")
GENERATIONS = read("generations.json")


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


@pytest.mark.parametrize("vector", VECTORS["images"], ids=str)
def test_a_client_has_its_image(vector: dict[str, Any]) -> None:
    assert image_client(vector["client"], vector["winner"]) == vector["image"]


@pytest.mark.parametrize("vector", GENERATIONS["carried"], ids=str)
def test_a_carried_edit_has_its_id(vector: dict[str, Any]) -> None:
    assert list(carried_id(ItemId(*vector["id"]))) == vector["carried"]


@pytest.mark.parametrize("vector", GENERATIONS["keys"], ids=str)
def test_a_carried_record_has_its_key(vector: dict[str, Any]) -> None:
    assert renamed_key(vector["key"]) == vector["renamed"]


@pytest.mark.parametrize("vector", GENERATIONS["frames"], ids=str)
def test_a_frame_names_its_generation(vector: dict[str, Any]) -> None:
    generation = (vector["generation"][0], vector["generation"][1])
    step_1 = write_frame(FrameKind.STEP_1, b"\x00")
    assert write_generation(generation).hex() == vector["alone"]
    assert write_generation(generation, step_1).hex() == vector["step1"]


@pytest.mark.parametrize("vector", GENERATIONS["formers"], ids=str)
def test_a_former_generation_has_its_bytes(vector: dict[str, Any]) -> None:
    former = Former(dict(vector["clocks"]), Ids(vector["deleted"]), Ids(vector["standing"]))
    doc = create_doc()
    lineage = Lineage(doc, "tinybase")
    number, id_ = map(int, vector["key"].split("."))
    with doc.transaction():
        lineage.add(Generation(number, id_), former)
    assert bytes(lineage.map[vector["key"]]).hex() == vector["bytes"]
    assert lineage.formers() == {Generation(number, id_): former}
