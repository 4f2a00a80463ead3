"""Which rows a table shows, held against cases that the page's tests read too.

Run as a script, it writes `random.json` anew.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tinybase_widget import Store, TableView

FOLDER = Path(__file__).parent
CELLS: tuple[Any, ...] = (None, True, False, 0, 1, -1, 2.5, 1e21, [1], {"a": "É"})
CELLS += ("", "a", "B", "é", "E", "é f", "😀", "\ue000", "1")
WORDS = ("", "a", "E", "é f", '"é f"', "1", "true", "r1", "😀 1", "[1]")


def cases() -> list[Any]:
    groups = [
        group
        for name in ("by_hand", "random")
        for group in json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    ]
    return [
        pytest.param(group["table"], case["look"], case["ids"], id=f"{group['about']}-{number}")
        for group in groups
        for number, case in enumerate(group["cases"])
    ]


def visible(table: dict[str, Any], look: dict[str, Any]) -> list[str]:
    view = TableView(Store().set_table("t", table), "t", **look)
    ids = view.visible_row_ids
    view.close()
    return ids


@pytest.mark.parametrize(("table", "look", "ids"), cases())
def test_rows_are_shown_as_on_a_page(
    table: dict[str, Any], look: dict[str, Any], ids: list[str]
) -> None:
    assert visible(table, look) == ids


def random_look(rng: random.Random) -> dict[str, Any]:
    look: dict[str, Any] = {}
    columns = rng.sample("abc", rng.randint(0, 3))
    if columns:
        look["sort"] = [[column, rng.choice(["asc", "desc"])] for column in columns]
    conditions = (
        {"min": rng.randint(-1, 2)},
        {"max": 1, "min": -0.5},
        {"contains": rng.choice(["e", "1", "É", ""])},
        {"equals": rng.choice(["A", "true", "e"])},
        {"in": rng.sample(CELLS, rng.randint(0, 8))},
    )
    if rng.random() < 0.5:
        look["filters"] = {rng.choice("abc"): rng.choice(conditions)}
    if rng.random() < 0.4:
        look["search"] = rng.choice(WORDS)
    if rng.random() < 0.2:
        look["columns"] = ["a", "b"]
    return look


def random_groups() -> list[dict[str, Any]]:
    rng = random.Random(1)  # noqa: S311 - the same every time
    groups = []
    for number in range(20):
        ids = [rng.choice([str(i), f"r{i}"]) for i in range(rng.randint(2, 12))]
        table = {i: {c: rng.choice(CELLS) for c in "abc" if rng.random() < 0.9} for i in ids}
        table = {row_id: row for row_id, row in table.items() if row}
        looks = [random_look(rng) for _ in range(10)]
        group = [{"look": look, "ids": visible(table, look)} for look in looks]
        groups.append({"about": f"random {number}", "table": table, "cases": group})
    return groups


if __name__ == "__main__":
    text = json.dumps(random_groups(), ensure_ascii=False, separators=(",", ":"))
    path = FOLDER / "random.json"
    path.write_text(text.replace('{"about', '\n{"about') + "\n", encoding="utf-8")
