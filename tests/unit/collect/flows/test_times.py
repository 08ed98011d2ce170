import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.times import read_time


@pytest.mark.parametrize(
    "value",
    [
        995500800.5,
        "995500800.5",
        995500800500.0,
        995500800500000.0,
        "2001-07-19T00:00:00.500000+0000",
        "2001-07-19T00:00:00.5Z",
        "2001-07-19 00:00:00.500",
        "2001-07-19T02:00:00.500+02:00",
    ],
)
def test_a_time_is_read_however_it_is_written(value: float | str) -> None:
    assert read_time(value) == pytest.approx(995500800.5)


@pytest.mark.parametrize(
    "value", ["", "-", "yesterday", math.nan, math.inf, -1.0, 0.0, "2001-13-41T99:99:99", "9" * 99]
)
def test_what_is_no_time_is_zero(value: float | str) -> None:
    assert read_time(value) == 0.0


@given(
    st.text(max_size=40) | st.floats() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?.{0,6}", fullmatch=True)
)
def test_anything_is_answered(value: float | str) -> None:
    assert math.isfinite(read_time(value))
