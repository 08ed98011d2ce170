"""The clocks of web logs, as UTC. Minutes are remembered: the same one comes back line after line."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_SAME = 256  # seconds; a log goes on in time, and a storm has many lines of each
_REMEMBERED = 1 << 14
_LONGEST = 64  # bytes of a time; what is longer is none, and a cache must not keep the megabytes of a hostile line
_SECONDS = {b":%02d" % second: timedelta(seconds=min(second, 59)) for second in range(61)}  # a leap second counts as 59
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)}


def read_clf_time(text: bytes) -> datetime | None:
    """`19/Jul/2001:15:38:38 +0200` of the NCSA formats; None if it is none."""
    return _recall_clf_time(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=_SAME)
def _recall_clf_time(text: bytes) -> datetime | None:
    minute, second = _read_clf_minute(text[:17] + text[20:]), _SECONDS.get(text[17:20])
    return None if minute is None or second is None else minute + second


def read_iso_time(date: bytes, clock: bytes) -> datetime | None:
    """`2001-07-19` and `15:38:38` of W3C logs, or `2023/01/02` of nginx; fractions of a second are dropped."""
    return _recall_iso_time(date, clock) if len(date) + len(clock) <= _LONGEST else None


@lru_cache(maxsize=_SAME)
def _recall_iso_time(date: bytes, clock: bytes) -> datetime | None:
    minute, second = _read_iso_minute(date, clock[:5]), _SECONDS.get(clock[5:8])
    if minute is None or second is None or clock[8:9] not in (b"", b"."):
        return None
    return minute + second


@lru_cache(maxsize=_REMEMBERED)
def _read_clf_minute(text: bytes) -> datetime | None:
    """`19/Jul/2001:15:38 +0200`."""
    if len(text) != 23 or not text.isascii() or text[17:18] != b" ":
        return None
    month, plain = _MONTH_NUMBERS.get(text[3:6].lower(), 0), text.decode()
    return _read_iso(f"{plain[7:11]}-{month:02}-{plain[:2]}", plain[12:17], f"{plain[18:21]}:{plain[21:]}")


@lru_cache(maxsize=_REMEMBERED)
def _read_iso_minute(date: bytes, clock: bytes) -> datetime | None:
    if not (date.isascii() and clock.isascii()):
        return None
    return _read_iso(date.decode().replace("/", "-"), clock.decode(), "+00:00")


def read_us_time(date: bytes, clock: bytes) -> datetime | None:
    """`3/20/01` (month first) or `07-19-2001`, and `7:55:20`: the native format of IIS, and URLScan. A first number
    above 12 is a day.
    """
    return _recall_us_time(date, clock) if len(date) + len(clock) <= _LONGEST else None


@lru_cache(maxsize=_REMEMBERED)
def _recall_us_time(date: bytes, clock: bytes) -> datetime | None:
    parts = date.replace(b"-", b"/").replace(b".", b"/").split(b"/")
    if len(parts) != 3 or not all(part.isdigit() and len(part) <= 4 for part in parts):
        return None
    month, day, year = (int(part) for part in parts)
    if month > 12:
        month, day = day, month
    if year < 100:
        year += 2000 if year < 70 else 1900
    return _make(b"%d" % year, month, b"%d" % day, clock.split(b":"))


def read_ctime(text: bytes) -> datetime | None:
    """`Sun Jul 29 10:00:00.123456 2001` of Apache's error log."""
    return _recall_ctime(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=_REMEMBERED)
def _recall_ctime(text: bytes) -> datetime | None:
    parts = text.split()
    if len(parts) != 5:
        return None
    _, month, day, clock, year = parts
    return _make(year, _MONTH_NUMBERS.get(month.lower(), 0), day, clock.partition(b".")[0].split(b":"))


def _make(year: bytes, month: bytes | int, day: bytes, clock: list[bytes]) -> datetime | None:
    texts = [year, day, *clock] if isinstance(month, int) else [year, day, *clock, month]
    if len(clock) != 3 or not all(text.isdigit() and len(text) <= 4 for text in texts):
        return None
    try:
        hour, minute, second = (int(part) for part in clock)
        second = 59 if second == 60 else second
        return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _read_iso(date: str, clock: str, zone: str) -> datetime | None:
    """The time in UTC. The lengths keep out the other spellings that ISO 8601 allows."""
    if len(date) != 10 or len(clock) != 5 or zone[:1] not in ("+", "-"):
        return None
    try:
        found = datetime.fromisoformat(f"{date}T{clock}{zone}")
        return found if found.tzinfo is UTC else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
