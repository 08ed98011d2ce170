"""Requests by hour, by threat: the numbers under the curve. Hours are UTC."""

import datetime

import msgspec

from codered.export.writing.words import count_of, map_titles, name_threat
from codered.model.finding import UNATTRIBUTED
from codered.model.report import Attacker, Report

MOST_BINS = 200
FEWEST_BINS = 24
MOST_SERIES = 7
SEVERAL = "several threats"
OTHERS = "other threats"

_STEPS = (1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760, 87600, 876000)


class HourBins(msgspec.Struct, frozen=True):
    """Equal spans of `hours_per_bin` hours from `start` on. `series` maps a threat to its requests per bin, the biggest
    first; all are equally long. `requests` is the sum of everything.
    """

    start: datetime.datetime
    hours_per_bin: int
    series: dict[str, tuple[int, ...]]
    requests: int

    def time_of(self, at: int) -> datetime.datetime:
        """When the bin begins."""
        return self.start + datetime.timedelta(hours=at * self.hours_per_bin)

    def heights(self) -> list[int]:
        """The requests of all threats together, by bin."""
        return [sum(counts) for counts in zip(*self.series.values(), strict=True)]

    def width(self) -> str:
        """The time that a bin spans, in words."""
        return count_of(self.hours_per_bin, "hour")

    def noun(self) -> str:
        """What is counted."""
        return "request"

    def is_daily(self) -> bool:
        """Whether a day is enough to say when a bin begins."""
        return self.hours_per_bin >= 24


def bin_hours(report: Report) -> HourBins | None:
    """The attack requests of a report over time in at most 200 bins; None when no request has a time."""
    counted = _count_by_threat(report)
    hours = [hour for counts in counted.values() for hour in counts]
    if not hours:
        return None
    first, last = min(hours), max(hours)
    step = next(step for step in _STEPS if last // step - first // step < MOST_BINS)
    bins = max(last // step - first // step + 1, FEWEST_BINS)
    start = first // step
    ranked = sorted(counted, key=lambda name: (-sum(counted[name].values()), name))
    if len(ranked) > MOST_SERIES:
        counted[OTHERS] = _add_up([counted[name] for name in ranked[MOST_SERIES - 1 :]])
        ranked = [*ranked[: MOST_SERIES - 1], OTHERS]
    series = {}
    for name in ranked:
        heights = [0] * bins
        for hour, count in counted[name].items():
            heights[hour // step - start] += count
        series[name] = tuple(heights)
    total = sum(map(sum, series.values()))
    return HourBins(_time_of_hour(start * step), step, series, total)


def _count_by_threat(report: Report) -> dict[str, dict[int, int]]:
    """Threat -> hour since year 1 -> requests."""
    titles = map_titles(report)
    counted: dict[str, dict[int, int]] = {}
    for attacker in report.logs.attackers if report.logs else ():
        hours = counted.setdefault(_name_series(attacker, titles), {})
        for written, count in attacker.hours.items():
            hour = _parse_hour(written)
            if hour is not None and count > 0:
                hours[hour] = hours.get(hour, 0) + count
    return {name: hours for name, hours in counted.items() if hours}


def _name_series(attacker: Attacker, titles: dict[str, str]) -> str:
    """The hours of an address are not split by threat, so one that sent several is its own series: no false split."""
    names = dict.fromkeys(name_threat(titles, seen.pack, seen.shared_by) for seen in attacker.threats)
    attributed = [name_threat(titles, seen.pack) for seen in attacker.threats if seen.pack != UNATTRIBUTED]
    if len(set(attributed)) == 1:
        return attributed[0]
    return next(iter(names)) if len(names) == 1 else SEVERAL


def _parse_hour(written: str) -> int | None:
    try:
        moment = datetime.datetime.strptime(written, "%Y-%m-%dT%H")  # noqa: DTZ007 - it is UTC by the model
    except ValueError:
        return None
    return moment.toordinal() * 24 + moment.hour


def _time_of_hour(hour: int) -> datetime.datetime:
    return datetime.datetime.fromordinal(max(hour // 24, 1)) + datetime.timedelta(hours=hour % 24)


def _add_up(counts: list[dict[int, int]]) -> dict[int, int]:
    total: dict[int, int] = {}
    for each in counts:
        for hour, count in each.items():
            total[hour] = total.get(hour, 0) + count
    return total
