"""The clocks of web logs, as UTC. All functions are remembered: the same second comes back line after line."""

from datetime import UTC, datetime
from functools import lru_cache

_REMEMBERED = 1 << 16
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)}


@lru_cache(maxsize=_REMEMBERED)
def read_clf_time(text: bytes) -> datetime | None:
    """`19/Jul/2001:15:38:38 +0200` of the NCSA formats; None if it is none."""
    month = _MONTH_NUMBERS.get(text[3:6].lower(), 0)
    if len(text) != 26 or not text.isascii():
        return None
    plain = text.decode()
    return _read_iso(f"{plain[7:11]}-{month:02}-{plain[:2]}", plain[12:20], f"{plain[21:24]}:{plain[24:]}")


@lru_cache(maxsize=_REMEMBERED)
def read_iso_time(date: bytes, clock: bytes) -> datetime | None:
    """`2001-07-19` and `15:38:38` of W3C logs, or `2023/01/02` of nginx; fractions of a second are dropped."""
    if not (date.isascii() and clock.isascii()):
        return None
    return _read_iso(date.decode().replace("/", "-"), clock.decode().partition(".")[0], "+00:00")


@lru_cache(maxsize=_REMEMBERED)
def read_us_time(date: bytes, clock: bytes) -> datetime | None:
    """`3/20/01` (month first) or `07-19-2001`, and `7:55:20`: the native format of IIS, and URLScan. A first number
    above 12 is a day.
    """
    parts = date.replace(b"-", b"/").replace(b".", b"/").split(b"/")
    if len(parts) != 3 or not all(part.isdigit() and len(part) <= 4 for part in parts):
        return None
    month, day, year = (int(part) for part in parts)
    if month > 12:
        month, day = day, month
    if year < 100:
        year += 2000 if year < 70 else 1900
    return _make(b"%d" % year, month, b"%d" % day, clock.split(b":"))


@lru_cache(maxsize=_REMEMBERED)
def read_ctime(text: bytes) -> datetime | None:
    """`Sun Jul 29 10:00:00.123456 2001` of Apache's error log."""
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
        return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _read_iso(date: str, clock: str, zone: str) -> datetime | None:
    """The time in UTC. The lengths keep out the other spellings that ISO 8601 allows."""
    if len(date) != 10 or len(clock) != 8 or zone[:1] not in ("+", "-"):
        return None
    try:
        found = datetime.fromisoformat(f"{date}T{clock}{zone}")
        return found if found.tzinfo is UTC else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
