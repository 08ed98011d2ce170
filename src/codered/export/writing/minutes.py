"""Attempts and requests by minute: the numbers under the curve of an outbreak. Minutes are UTC."""

import datetime

import msgspec

from codered.export.writing.words import count_of
from codered.model.report import Report

MOST_BINS = 200
SERIES = "attempts of scanners, and requests that show a threat"
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880, 10080, 43200, 525600, 5256000, 52560000)
_DAY = 1440


class MinuteBins(msgspec.Struct, frozen=True):
    """Equal spans of `minutes_per_bin` minutes from `start` on; `requests` is the sum of everything."""

    start: datetime.datetime
    minutes_per_bin: int
    series: dict[str, tuple[int, ...]]
    requests: int

    def time_of(self, at: int) -> datetime.datetime:
        """When the bin begins."""
        return self.start + datetime.timedelta(minutes=at * self.minutes_per_bin)

    def heights(self) -> list[int]:
        """What was counted, by bin."""
        return [sum(counts) for counts in zip(*self.series.values(), strict=True)]

    def width(self) -> str:
        """The time that a bin spans, in words."""
        if self.minutes_per_bin % _DAY == 0:
            return count_of(self.minutes_per_bin // _DAY, "day")
        if self.minutes_per_bin % 60 == 0:
            return count_of(self.minutes_per_bin // 60, "hour")
        return count_of(self.minutes_per_bin, "minute")

    def noun(self) -> str:
        """What is counted."""
        return "attempt"

    def is_daily(self) -> bool:
        """Whether a day is enough to say when a bin begins."""
        return self.minutes_per_bin >= _DAY


def bin_minutes(report: Report) -> MinuteBins | None:
    """The outbreak of a report over time in at most 200 bins; None when nothing has a time."""
    counted: dict[int, int] = {}
    for written, count in (report.traffic.minutes if report.traffic else {}).items():
        minute = _parse_minute(written)
        if minute is not None and count > 0:
            counted[minute] = counted.get(minute, 0) + count
    if not counted:
        return None
    first, last = min(counted), max(counted)
    step = next(step for step in _STEPS if last // step - first // step < MOST_BINS)
    start = first // step
    heights = [0] * (last // step - start + 1)
    for minute, count in counted.items():
        heights[minute // step - start] += count
    return MinuteBins(_time_of_minute(start * step), step, {SERIES: tuple(heights)}, sum(heights))


def _parse_minute(written: str) -> int | None:
    try:
        moment = datetime.datetime.strptime(written, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - it is UTC by the model
    except ValueError:
        return None
    if moment.year > 9000:  # bins behind the last one must still have a date
        return None
    return moment.toordinal() * _DAY + moment.hour * 60 + moment.minute


def _time_of_minute(minute: int) -> datetime.datetime:
    return datetime.datetime.fromordinal(max(minute // _DAY, 1)) + datetime.timedelta(minutes=minute % _DAY)
