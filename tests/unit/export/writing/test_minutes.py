from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.export.writing.curve import describe_curve, draw_curve
from codered.export.writing.minutes import MOST_BINS, bin_minutes
from codered.model.report import Report, TrafficSummary
from tests.fixtures.outbreak_reports import make_outbreak_report


def with_minutes(minutes: dict[str, int]) -> Report:
    return replace(make_outbreak_report(), traffic=TrafficSummary(minutes=minutes))


def test_minutes_become_bins() -> None:
    bins = bin_minutes(make_outbreak_report())
    assert bins is not None
    assert (bins.start, bins.minutes_per_bin, bins.requests) == (datetime(2026, 3, 4, 5, 6), 1, 2500)  # noqa: DTZ001
    assert bins.heights() == [800, 0, 0, 1700]  # and ends where the story does
    assert bins.time_of(3) == datetime(2026, 3, 4, 5, 9)  # noqa: DTZ001
    assert (bins.width(), bins.noun(), bins.is_daily()) == ("1 minute", "attempt", False)


def test_a_long_story_has_wider_bars() -> None:
    bins = bin_minutes(with_minutes({"2026-03-01T00:00": 5, "2026-03-21T00:00": 7}))
    assert bins is not None
    assert (bins.width(), len(bins.heights()), sum(bins.heights())) == ("6 hours", 81, 12)
    bins = bin_minutes(with_minutes({"2001-07-19T00:00": 5, "2026-03-21T00:00": 7}))
    assert bins is not None
    assert bins.is_daily()
    assert bins.width().endswith("days")


def test_nothing_and_nonsense() -> None:
    assert bin_minutes(with_minutes({})) is None
    assert bin_minutes(with_minutes({"x": 1, "2026-03-01T00:00": 0, "9999-12-31T23:59": 1})) is None
    assert bin_minutes(replace(make_outbreak_report(), traffic=None)) is None


@given(
    st.dictionaries(st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M")), st.integers(1, 10**6), max_size=20)
)
def test_any_story_can_be_drawn(minutes: dict[str, int]) -> None:
    bins = bin_minutes(with_minutes(minutes))
    if bins is not None:
        assert len(bins.heights()) <= MOST_BINS
        assert "<svg" in draw_curve(bins, "t", "minutes")
        assert "attempt" in describe_curve(bins)
