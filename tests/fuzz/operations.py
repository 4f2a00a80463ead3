"""Operations of a Store, drawn at random.

Values are unique, so that a value says which write it was.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from tests.fuzz.steps import Operation, Transaction

T = TypeVar("T")

# The rows of each table; integers of more than one block, names, and a table that nobody loads.
_ROWS = {
    "numbered": ["0", "1", "2", "5", "33", "70"],
    "named": [f"row {row}" for row in range(5)],
    "third": ["0", "1", "row 0", "row 1"],
}
_MANY = [f"item {row}" for row in range(72)]  # more than are made one by one
_CELLS = "abc"
_VALUES = "xyz"


def swarm(random: Random, weights: Mapping[T, float], always: Sequence[T] = ()) -> dict[T, float]:
    """Change weights at random: some become nothing, some a multiple."""
    factors = [0.0, 0.3, 1.0, 1.0, 3.0]
    return {
        each: weight * random.choice(factors[1:] if each in always else factors)
        for each, weight in weights.items()
    }


class Operations:
    """Draws operations for one program.

    Args:
        random: The generator.
        has_deletions: Whether anything is deleted, or replaced as a whole.
        is_large: Whether there is a table of many rows, which are made at once.
    """

    def __init__(self, random: Random, *, has_deletions: bool, is_large: bool) -> None:
        self._random = random
        self._has_deletions = has_deletions
        self._numbers = count(1)
        self._rows = self._draw_rows()
        if is_large:
            self._rows["many"] = _MANY
        self._named: dict[str, list[str]] = {table_id: [] for table_id in self._rows}
        self._cells = _CELLS[: random.choice([1, 2, 3])]
        self._makers = self._draw_makers()

    def _draw_rows(self) -> dict[str, list[str]]:
        """Choose a few tables, and a few rows of each: in small worlds people meet more often."""
        random = self._random
        tables = random.sample(list(_ROWS), random.choice([1, 2, 3, 3]))
        most = random.choice([1, 2, 3, 6])
        return {
            table_id: random.sample(_ROWS[table_id], min(most, len(_ROWS[table_id])))
            for table_id in tables
        }

    def transaction(self) -> Transaction:
        random = self._random
        how_many = random.choice([1, 1, 1, 1, 2, 4])
        return tuple(self._operation() for _ in range(how_many))

    def _operation(self) -> Operation:
        return self._random.choices(list(self._makers), list(self._makers.values()))[0]()

    def _draw_makers(self) -> dict[Callable[[], Operation], float]:
        makers: dict[Callable[[], Operation], float] = {
            self._set_cell: 30,
            self._set_partial_row: 8,
            self._add_row: 5,
            self._set_value: 4,
        }
        if self._has_deletions:
            makers |= {
                self._set_row: 10,
                self._set_table: 4,
                self._set_tables: 1,
                self._del_cell: 10,
                self._del_row: 8,
                self._del_table: 3,
                self._del_tables: 0.5,
                self._set_values: 1,
                self._del_value: 2,
                self._del_values: 0.3,
            }
        return swarm(self._random, makers, always=[self._set_cell])

    def delete_and_recreate(self) -> tuple[Operation, Operation]:
        """Return the deletion of a row, a table or all, and what makes it again."""
        table_id = self._table()
        row_id = self._random.choice(self._rows[table_id])
        make = ("set_row", table_id, row_id, self._row())
        return self._random.choice(
            [
                (("del_row", table_id, row_id), make),
                (("del_table", table_id), make),
                (("del_tables",), ("set_tables", self._tables())),
            ]
        )

    def _set_cell(self) -> Operation:
        return ("set_cell", *self._place(), self._value())

    def _set_partial_row(self) -> Operation:
        return ("set_partial_row", *self._place()[:2], self._row())

    def _set_row(self) -> Operation:
        return ("set_row", *self._place()[:2], self._row())

    def _add_row(self) -> Operation:
        table_id = self._table()
        name = f"new {next(self._numbers)}"
        self._named[table_id] = [*self._named[table_id][-2:], name]
        return ("add_row", table_id, self._row(), name)

    def _set_table(self) -> Operation:
        table_id = self._table()
        return ("set_table", table_id, self._some_rows(table_id))

    def _set_tables(self) -> Operation:
        return ("set_tables", self._tables())

    def _del_cell(self) -> Operation:
        return ("del_cell", *self._place())

    def _del_row(self) -> Operation:
        return ("del_row", *self._place()[:2])

    def _del_table(self) -> Operation:
        return ("del_table", self._table())

    def _del_tables(self) -> Operation:
        return ("del_tables",)

    def _set_value(self) -> Operation:
        return ("set_value", self._random.choice(_VALUES), self._value())

    def _set_values(self) -> Operation:
        return ("set_values", {each: self._value() for each in self._random.sample(_VALUES, 2)})

    def _del_value(self) -> Operation:
        return ("del_value", self._random.choice(_VALUES))

    def _del_values(self) -> Operation:
        return ("del_values",)

    # What they name

    def _table(self) -> str:
        return self._random.choice(list(self._rows))

    def _place(self) -> tuple[str, str, str]:
        table_id = self._table()
        named = self._named[table_id]
        rows = named if named and self._random.random() < 0.15 else self._rows[table_id]
        return table_id, self._random.choice(rows), self._random.choice(self._cells)

    def _row(self) -> dict[str, Any]:
        how_many = self._random.randint(1, len(self._cells))
        return {
            cell_id: self._value() for cell_id in sorted(self._random.sample(self._cells, how_many))
        }

    def _some_rows(self, table_id: str) -> dict[str, Any]:
        rows = self._rows[table_id]
        fewest = 60 if table_id == "many" else 1
        chosen = self._random.sample(rows, self._random.randint(fewest, len(rows)))
        return {row_id: self._row() for row_id in chosen}

    def _tables(self) -> dict[str, Any]:
        chosen = self._random.sample(list(self._rows), self._random.randint(1, len(self._rows)))
        return {table_id: self._some_rows(table_id) for table_id in chosen}

    def _value(self) -> Any:
        number = next(self._numbers)
        match self._random.randrange(12):
            case 0:
                return number
            case 1:
                return number + 0.5
            case 2:
                return {"n": number}
            case _:
                return f"v{number}"
