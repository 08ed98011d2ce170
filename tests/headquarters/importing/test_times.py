from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.times import LocalTimes, check_time, find_zone, read_epoch
from codered_hq.importing.values import Unfit

JUNE = datetime(2026, 6, 13, 7, 29, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-13T07:29:13Z",
        "2026-06-13 09:29:13 +0200",
        "2026/06/13 07:29:13",
        "6/13/2026 7:29:13 AM",
        "13.06.2026 07:29:13",
        "13/06/26 07:29:13",
        "1781335753",
        "2026-06-13 07:29:13.123456+00:00",
    ],
)
def test_times(text: str) -> None:
    assert LocalTimes().read(text) == JUNE


def test_local_times_need_a_zone_and_days_an_order() -> None:
    times = LocalTimes()
    assert times.read("2026-06-13T07:29:13Z") == JUNE
    assert not times.guessed
    times.read("2026-06-13 07:29")
    assert times.guessed
    vienna = LocalTimes(find_zone("Europe/Vienna"))
    assert vienna.read("13.06.2026 09:29:13") == JUNE
    assert vienna.read("6/13/2026 12:05:00 AM") == datetime(2026, 6, 12, 22, 5, tzinfo=UTC)
    assert not vienna.guessed
    with pytest.raises(Unfit, match="one of two days"):
        times.read("06/07/2026 07:29:13")
    orders: tuple[tuple[Literal["day", "month"], int], ...] = (("day", 7), ("month", 6))
    for order, month in orders:
        found = LocalTimes(UTC, order).read("06/07/2026 07:29:13")
        assert found is not None
        assert found.month == month
    assert times.read("NEVER EXPIRES") is None
    assert times.read("") is None


@pytest.mark.parametrize(
    "text",
    ["soon", "2026-02-30", "6/13/2026 13:00:00 PM", "1/1/1601 1:00:00 AM", "9999-12-31", "13/13/2026",
     "2026-06-13 07:29+9900",
     "0001-01-01", "99999999999999", "1/2/123", "2026-06-13 25:00", "200000000000"],
)  # fmt: skip
def test_no_times(text: str) -> None:
    with pytest.raises(Unfit):
        LocalTimes().read(text)


def test_epochs_and_zones() -> None:
    assert read_epoch("1781335753") == check_time(1781335753) == JUNE
    for text in ("", "-1", "1e9", "9" * 13, "1"):
        with pytest.raises(Unfit):
            read_epoch(text)
    assert LocalTimes().read_utc("2026/06/13", "07:29:13") == JUNE
    with pytest.raises(Unfit):
        LocalTimes().read_utc("2026/13/13", "07:29:13")
    with pytest.raises(Unfit):
        check_time(10**30)
    assert find_zone("") is UTC
    assert find_zone("Europe/Vienna") == ZoneInfo("Europe/Vienna")
    for name in ("Mars/Olympus", "../../etc/passwd", "\0"):
        with pytest.raises(WrongUse, match="no such time zone"):
            find_zone(name)


@given(
    st.text(max_size=70)
    | st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[ T]?[0-9:]{0,9}( AM| PM|Z|[+-]\d{4})?")
)
def test_hostile_times(text: str) -> None:
    try:
        found = LocalTimes(ZoneInfo("America/New_York")).read(text)
    except Unfit:
        return
    assert found is None or found.tzinfo is UTC
