from datetime import UTC, datetime, timedelta

import pytest

from codered.detect.recency import INSTALLING, find_since

NOW = datetime(2026, 3, 4, tzinfo=UTC)
MONTH = NOW - timedelta(days=30)


@pytest.mark.parametrize(
    ("installed", "since"),
    [
        (None, MONTH),
        (NOW - timedelta(days=400), MONTH),
        (NOW - timedelta(days=3), NOW - timedelta(days=3) + INSTALLING),
        (NOW + timedelta(hours=1), NOW + timedelta(hours=25)),
        (NOW + timedelta(hours=25), MONTH),
        (datetime.max.replace(tzinfo=UTC), MONTH),
    ],
)
def test_since_when_things_are_new(installed: datetime | None, since: datetime) -> None:
    assert find_since(installed, NOW, 30) == since
