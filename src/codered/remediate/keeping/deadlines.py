"""When a containment ends, told by a clock of the kernel that nobody sets: the one on the wall may be set meanwhile."""

import time
from datetime import UTC, datetime, timedelta

from codered.model.containment import ContainmentRecord
from codered.remediate.keeping.records import read_boot

_ROUNDING = 2.0  # seconds: the kernel's sets count whole ones
_DRIFT = 1_000  # the kernel's two clocks part by less than one second in so many


def read_since_boot() -> float:
    """Seconds since the start of the host, those in which it slept too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def has_own_clock(record: ContainmentRecord) -> bool:
    """Whether its beginning is known by the clock of this start of the host. Raises OSError."""
    return record.began > 0 and record.boot == read_boot()


def read_now(record: ContainmentRecord) -> datetime:
    """The time now in the record's own terms: what has passed since it began, whatever the clock on the wall was set to
    since; that one after another start of the host. Raises OSError.
    """
    if not has_own_clock(record):
        return datetime.now(UTC)
    return record.since + timedelta(seconds=read_since_boot() - record.began)


def count_left(until: datetime | None, now: datetime) -> float | None:
    """Seconds until then, None = never."""
    return None if until is None else (until - now).total_seconds()


def may_have_opened(record: ContainmentRecord, now: datetime) -> bool:
    """Whether the kernel may have opened it by itself: its time is over or nearly so. Else somebody else did. Raises
    OSError.
    """
    ends = record.ends()
    if ends is None or not has_own_clock(record):
        return ends is not None  # a clock that may have been set proves nothing
    return (ends - now).total_seconds() <= _ROUNDING + (ends - record.since).total_seconds() / _DRIFT
