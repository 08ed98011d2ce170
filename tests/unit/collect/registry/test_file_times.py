from datetime import UTC, datetime

import pytest

from codered.collect.registry.file_times import read_filetime


@pytest.mark.parametrize(
    ("count", "time"),
    [
        (130_000_000_000_000_000, datetime(2012, 12, 14, 23, 6, 40, tzinfo=UTC)),
        (1, datetime(1601, 1, 1, tzinfo=UTC)),
        (2_650_467_743_999_999_990, datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        (2_650_467_744_000_000_000, None),
        (0xFFFFFFFFFFFFFFFF, None),
        (0, None),
    ],
)
def test_times_of_windows(count: int, time: datetime | None) -> None:
    assert read_filetime(count) == time
