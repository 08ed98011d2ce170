from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from codered_hq.rules.hours import Span, find_moment, is_within, parse_hours

UTC = ZoneInfo("UTC")


def test_hours_of_the_week() -> None:
    spans = parse_hours("Mon-Fri 07:00-19:00, Sat 08:00-24:00")
    assert spans == (Span((0, 1, 2, 3, 4), 420, 1140), Span((5,), 480, 1440))
    inside = [
        datetime(2026, 11, 23, 7, 0, tzinfo=UTC),
        datetime(2026, 11, 27, 18, 59, tzinfo=UTC),
        datetime(2026, 11, 28, 23, 59, tzinfo=UTC),
    ]
    outside = [
        datetime(2026, 11, 23, 6, 59, tzinfo=UTC),
        datetime(2026, 11, 27, 19, 0, tzinfo=UTC),
        datetime(2026, 11, 29, 12, 0, tzinfo=UTC),
    ]
    assert [is_within(spans, moment) for moment in (*inside, *outside)] == [True] * 3 + [False] * 3
    assert not is_within((), inside[0])


WRONG = r"^(it is not like|there is no such time|more than)"


@pytest.mark.parametrize(
    "text",
    ["", "Mon", "mon 07:00-19:00", "Mon 7-19", "Mon 07:00-24:01", "Mon 07:60-08:00", "Mon 07:00-19:00,", ", " * 20],
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=WRONG):
        parse_hours(text)


def test_a_moment_lies_before_a_day_or_after_it() -> None:
    friday = date(2026, 11, 27)
    assert find_moment("Fri 09:30", friday, UTC, after=False) == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    assert find_moment("Sat 09:30", friday, UTC, after=False) == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    assert find_moment("Fri 09:30", friday, UTC, after=True) == datetime(2026, 12, 4, 9, 30, tzinfo=UTC)
    assert find_moment("Sat 09:30", friday, UTC, after=True) == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    assert find_moment("2026-01-02 03:04+01:00", friday, UTC, after=True).utcoffset() is not None
    with pytest.raises(ValueError, match="no such time"):
        find_moment("Sat 24:00", friday, UTC, after=True)
