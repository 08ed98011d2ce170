import pytest

from codered_hq.rules.durations import LONGEST, parse_duration, show_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("45m", 2700), ("4h", 14_400), ("2d", 172_800), ("90m", 5400)]
)
def test_durations_are_read_and_shown_alike(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds
    assert show_duration(seconds) == text


@pytest.mark.parametrize(
    "text", ["", "4", "h", "4 h", "4 hours", "-4h", "0s", "4H", "٤h", "367d", "999999999s", "1h30m", "4h\n"]
)
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


def test_a_day_is_shown_in_hours() -> None:
    assert show_duration(86_400) == "24h"
    assert parse_duration("366d") == LONGEST
