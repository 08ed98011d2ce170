"""Business hours ("Mon-Fri 07:00-19:00, Sat 08:00-12:00") and the times of examples ("Tue 10:00")."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_SPANS: Final = 14
_DAY = "(" + "|".join(DAYS) + ")"
_CLOCK = r"([0-2][0-9]):([0-5][0-9])"
_SPAN = re.compile(rf"{_DAY}(?:-{_DAY})? {_CLOCK}-{_CLOCK}", re.ASCII)
_MOMENT = re.compile(rf"{_DAY} {_CLOCK}", re.ASCII)
_WHOLE_DAY = 24 * 60


class Span(msgspec.Struct, frozen=True):
    """Some days of the week (0 = Monday), from one minute of the day up to another (not included)."""

    days: tuple[int, ...]
    start: int
    end: int


def parse_hours(text: str) -> tuple[Span, ...]:
    """The spans of business hours. Raises ValueError with what is wrong."""
    parts = text.split(", ", MOST_SPANS)
    if len(parts) > MOST_SPANS:
        raise ValueError(f"more than {MOST_SPANS} spans")
    return tuple(_parse_span(part) for part in parts)


def find_moment(text: str, near: date, zone: ZoneInfo, *, after: bool) -> datetime:
    """The last such day and time ("Tue 10:00") up to a date, or the first one after it; a plain date (with a time or
    without) is itself. Raises ValueError.
    """
    if found := _MOMENT.fullmatch(text):
        minute = _minute(found[2], found[3], _WHOLE_DAY - 1)
        weekday = DAYS.index(found[1])
        step = 1 + (weekday - near.weekday() - 1) % 7 if after else -((near.weekday() - weekday) % 7)
        day = near + timedelta(days=step)
        return datetime.combine(day, time(minute // 60, minute % 60), zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def is_within(spans: tuple[Span, ...], moment: datetime) -> bool:
    """Whether this local time lies in one of the spans."""
    minute = moment.hour * 60 + moment.minute
    weekday = moment.weekday()
    return any(weekday in span.days and span.start <= minute < span.end for span in spans)


def _parse_span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("it is not like Mon-Fri 07:00-19:00")
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    start, end = _minute(found[3], found[4], _WHOLE_DAY), _minute(found[5], found[6], _WHOLE_DAY)
    if last < first:
        raise ValueError("its days run backwards")
    if end <= start:
        raise ValueError("it ends before it begins")
    return Span(tuple(range(first, last + 1)), start, end)


def _minute(hours: str, minutes: str, most: int) -> int:
    minute = int(hours) * 60 + int(minutes)
    if minute > most:
        raise ValueError("there is no such time of day")
    return minute
