"""Times of traffic: captures and logs may claim any number."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_799.0  # the end of the year 9999


def tell_time(at: float) -> datetime | None:
    """Seconds since the epoch as a time (UTC); None for what is no time that people know."""
    return _EPOCH + timedelta(seconds=round(at, 6)) if 0.0 <= at <= _LAST else None


def name_minute(minute: int) -> str:
    """A minute since the epoch as "YYYY-MM-DDTHH:MM", "" for none that people know."""
    moment = tell_time(minute * 60.0)
    return moment.strftime("%Y-%m-%dT%H:%M") if moment is not None else ""
