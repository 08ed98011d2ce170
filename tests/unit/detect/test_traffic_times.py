from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect.traffic_times import name_minute, tell_time


def test_times() -> None:
    assert tell_time(995551391.5) == datetime(2001, 7, 19, 14, 3, 11, 500000, tzinfo=UTC)
    assert tell_time(0.0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert name_minute(995551391 // 60) == "2001-07-19T14:03"


@pytest.mark.parametrize("at", [float("nan"), float("inf"), -1.0, 1e18])
def test_what_is_no_time(at: float) -> None:
    assert tell_time(at) is None


@given(st.floats())
def test_any_number_is_a_time_or_none(at: float) -> None:
    moment = tell_time(at)
    assert moment is None or moment.tzinfo is UTC


@given(st.integers(-(10**30), 10**30))
def test_any_minute(minute: int) -> None:
    assert len(name_minute(minute)) in (0, 16)
