"""The scenarios, which TypeScript plays too: the same Stores and the same bytes come out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.player import Player

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_comes_out_as_it_should(name: str) -> None:
    scenario = read(FOLDER / f"{name}.json")
    player = Player(scenario)
    outcome = player.play()
    for peer, content in scenario.get("stores", {}).items():
        assert list(player.peers[peer].store.get_content()) == content
    for peer, counts in scenario.get("counts", {}).items():
        store = player.peers[peer].store
        assert {table: store.get_row_count(table) for table in store.get_table_ids()} == counts
    for peer in player.peers.values():
        assert peer.errors == []
        assert peer.document() == peer.store.get_content(encoded=True)
    assert outcome == read(FOLDER / "expected" / f"{name}.json")
