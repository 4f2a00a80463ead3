"""The texts of moments, spans of time, decimals and bytes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.frames.strategies import UNITS, moments
from tinybase_widget.frames import _texts

if TYPE_CHECKING:
    from decimal import Decimal

units = st.sampled_from(sorted(UNITS))
whole = st.integers(-(2**63), 2**63 - 1)


@given(st.data(), units, st.booleans())
def test_datetimes_are_read_back(data: st.DataObject, unit: str, utc: bool) -> None:
    instants = data.draw(st.lists(moments(unit), max_size=4))
    texts = _texts.datetime_texts(instants, unit, utc=utc)
    assert [_texts.read_datetime(text, unit, utc=utc) for text in texts] == instants


@given(st.data(), units, st.booleans())
def test_datetimes_of_a_column_sort_as_their_texts(
    data: st.DataObject, unit: str, utc: bool
) -> None:
    instants = sorted(data.draw(st.lists(moments(unit), max_size=6)))
    texts = _texts.datetime_texts(instants, unit, utc=utc)
    assert texts == sorted(texts)


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_datetimes_are_read_by_pythons_own_reader(moment: datetime) -> None:
    number = (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
    (text,) = _texts.datetime_texts([number], "us", utc=True)
    assert datetime.fromisoformat(text.replace("Z", "+00:00")) == moment


@given(st.lists(st.integers(0, 86_400 * 10**9 - 1), max_size=4))
def test_times_are_read_back_and_sort(times: list[int]) -> None:
    texts = _texts.time_texts(sorted(times))
    assert [_texts.read_time(text) for text in texts] == sorted(times)
    assert texts == sorted(texts)


@given(whole, units)
def test_durations_are_read_back(number: int, unit: str) -> None:
    assert _texts.read_duration(_texts.duration_text(number, unit), unit) == number


@given(st.decimals(allow_nan=False))
def test_decimals_are_read_back_digit_by_digit(number: Decimal) -> None:
    assert _texts.read_decimal(_texts.decimal_text(number)).as_tuple() == number.as_tuple()


@given(st.binary())
def test_bytes_are_read_back(data: bytes) -> None:
    assert _texts.read_bytes(_texts.bytes_text(data)) == data


@pytest.mark.parametrize("text", ["PT", "P", "-P", "P1H", "PT1D", "P1.5D", "PT1.S", "+PT1S", ""])
def test_durations_that_iso_8601_does_not_know_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="after ISO 8601"):
        _texts.read_duration(text, "us")
