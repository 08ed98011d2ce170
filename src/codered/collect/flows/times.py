"""Times as logs write them: seconds, milliseconds, microseconds since the epoch, or ISO 8601."""

import math
from datetime import UTC, datetime

_MOST_KNOWN = 1 << 12
_minutes: dict[str, float] = {}  # "2024-01-01T00:00+0000" -> epoch
_MILLI, _MICRO, _NANO = 1e11, 1e14, 1e17  # what is larger can't be seconds, milliseconds, microseconds


def read_time(value: float | str) -> float:
    """Seconds since the epoch; 0.0 for what is no time. Without a zone it is taken as UTC."""
    if isinstance(value, str):
        return _read_text(value)
    if not math.isfinite(value) or value <= 0:
        return 0.0
    if value < _MILLI:
        return float(value)
    return value / (1e3 if value < _MICRO else 1e6 if value < _NANO else 1e9)


def _read_text(text: str) -> float:
    """Most times of a log share their minute: only the seconds are worked out anew."""
    minute = _minutes.get(text[:16] + text[26:])
    if (
        minute is not None
        and text[16:17] == ":"
        and text[19:20] == "."
        and text[17:19].isdigit()
        and text[20:26].isdigit()
    ):
        return minute + float(text[17:26])
    if len(text) > 64:
        return 0.0
    try:
        if text[4:5] != "-" or text[16:17] != ":" or not text.isascii():
            return read_time(float(text))
        end = 19
        if text[19:20] in (".", ","):
            end = 20 + len(text[20:]) - len(text[20:].lstrip("0123456789"))
        start, zone, seconds = text[:16], text[end:], float(text[17:end].replace(",", "."))
        if not 0 <= seconds < 61:
            return 0.0
        return _read_minute(start, zone) + seconds
    except (ValueError, OverflowError):
        return 0.0


def _read_minute(start: str, zone: str) -> float:
    known = _minutes.get(start + zone)
    if known is None:
        if len(_minutes) >= _MOST_KNOWN:
            _minutes.clear()
        when = datetime.fromisoformat(start + zone)
        known = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
        _minutes[start + zone] = known
    return known
