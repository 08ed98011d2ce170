"""Times as sources write them -> UTC. A time without a zone is read in the zone that was named, else as UTC; a date
that could be of two days is not guessed.
"""

import re
from datetime import UTC, datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from codered.model.errors import WrongUse
from codered_hq.importing.values import Unfit, show

FIRST_YEAR, LAST_YEAR = 1990, 2120
Order = Literal["", "day", "month"]
_DIGITAL = re.compile(
    r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})"
    r"(?:[ T,]{1,3}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?(AM|PM)?)?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"(.{10,40}?)\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})", re.ASCII | re.IGNORECASE)
NEVER = frozenset({"never", "never expires", "infinite", "forever", "permanent"})


def find_zone(name: str) -> tzinfo:
    """The zone of that name ("" = UTC). Raises WrongUse."""
    if not name or name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        advice = "write it as Europe/Vienna or UTC"
        raise WrongUse(f"no such time zone: {show(name)}", advice=advice) from None


def read_epoch(text: str) -> datetime:
    """Seconds since 1970. Raises Unfit."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Unfit(f"not a time: {show(text)}")
    return check_time(int(text))


def check_time(seconds: float) -> datetime:
    """The moment, if it is one that a machine of ours can mean. Raises Unfit."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise Unfit(f"not a time of ours: {seconds}") from None
    return _check_year(moment)


class LocalTimes:
    """Reads times; `guessed` says whether one came without a zone and none was named."""

    def __init__(self, zone: tzinfo | None = None, order: Order = "") -> None:
        self._zone = zone or UTC
        self._named = zone is not None
        self._order = order
        self.guessed = False

    def read(self, text: str) -> datetime | None:
        """The moment, None for a lease that never ends. Raises Unfit."""
        text = text.strip()
        if not text or text.lower() in NEVER:
            return None
        if text.isdigit() and len(text) >= 9:
            return read_epoch(text)
        zone: tzinfo | None = None
        if match := _OFFSET.fullmatch(text[:64]):
            zone = datetime.fromisoformat(f"2000-01-01T00:00:00{_write_offset(match[2])}").tzinfo
            text = match[1]
        local = self._read_local(text)
        if zone is None and not self._named:
            self.guessed = True
        try:
            return _check_year(local.replace(tzinfo=zone or self._zone).astimezone(UTC))
        except OverflowError:
            raise Unfit(f"not a time of ours: {show(text)}") from None

    def read_utc(self, date: str, clock: str) -> datetime:
        """`2026/11/22` and `20:45:00` in UTC, as dhcpd writes them by the hundred thousand. Raises Unfit."""
        try:
            return _check_year(datetime.fromisoformat(f"{date.replace('/', '-')}T{clock}+00:00"))
        except ValueError:
            raise Unfit(f"not a time: {show(f'{date} {clock}')}") from None

    def _read_local(self, text: str) -> datetime:
        match = _DIGITAL.fullmatch(text) if len(text) <= 64 else None
        if match is None:
            raise Unfit(f"not a time: {show(text)}")
        year, month, day = self._read_date(text, match)
        hour, minute, second = (int(part or 0) for part in match.group(5, 6, 7))
        if half := match[8]:
            if not 1 <= hour <= 12:
                raise Unfit(f"not a time: {show(text)}")
            hour = hour % 12 + (12 if half.upper() == "PM" else 0)
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone comes next
        except ValueError:
            raise Unfit(f"not a time: {show(text)}") from None

    def _read_date(self, text: str, match: re.Match[str]) -> tuple[int, int, int]:
        first, mark, middle, last = match.group(1, 2, 3, 4)
        if len(first) == 4:
            return int(first), int(middle), int(last)
        if len(first) > 2 or len(last) not in (2, 4):
            raise Unfit(f"not a date: {show(text)}")
        year = int(last) if len(last) == 4 else int(last) + (2000 if int(last) < 70 else 1900)
        one, two = int(first), int(middle)
        order = self._order or ("day" if mark == "." or one > 12 else "")
        if not order and (two > 12 or match[8] or one == two):  # a clock of twelve hours stands beside the month first
            order = "month"
        if not order:
            raise Unfit(f"{show(text)} is one of two days: say which comes first, the day or the month")
        return (year, two, one) if order == "day" else (year, one, two)


def _write_offset(text: str) -> str:
    if text.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    if int(text[1:3]) > 14 or int(text[-2:]) > 59:
        raise Unfit(f"not an offset from UTC: {text}")
    return f"{text[:3]}:{text[-2:]}"


def _check_year(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Unfit(f"the year {moment.year} is not one of ours")
    return moment
