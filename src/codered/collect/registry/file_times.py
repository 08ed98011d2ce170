"""FILETIME: the times of Windows, in steps of 100 ns since 1601."""

from datetime import UTC, datetime, timedelta

_START = datetime(1601, 1, 1, tzinfo=UTC)
_LAST = 2_650_467_743_999_999_990  # the end of 9999


def read_filetime(count: int) -> datetime | None:
    """The time, UTC; None for 0 and for what no calendar has."""
    return _START + timedelta(microseconds=count // 10) if 0 < count <= _LAST else None
