from __future__ import annotations

import pytest

from tinybase_widget.sync._row_ids import RowIds


@pytest.mark.parametrize("place", ["", "3~", "fido~"])
def test_a_replica_knows_its_own_rows_also_those_put_at_a_place(place: str) -> None:
    row_id = place + RowIds(0xFFFFFFFF).next()
    assert RowIds(0xFFFFFFFF).is_own(row_id)
    assert not RowIds(0xFFFFFFFE).is_own(row_id)


def test_a_text_that_is_shorter_than_any_row_id_is_no_own_one() -> None:
    assert not RowIds(35).is_own("1-z")
