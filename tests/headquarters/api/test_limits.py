"""Who asks too often waits; others do not."""

from datetime import UTC, datetime, timedelta

import pytest

from codered_hq.api import limits
from codered_hq.api.errors import TooOften, show_error
from codered_hq.api.limits import DayBytes, Limiter


def test_a_bucket_for_each_name() -> None:
    now = [0.0]
    limiter = Limiter(rate=2, burst=3, clock=lambda: now[0])
    for _ in range(3):
        limiter.take("a")
    with pytest.raises(TooOften, match="at most 2 requests a second") as raised:
        limiter.take("a")
    answer = show_error(raised.value)
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    limiter.take("b")
    now[0] = 0.5
    limiter.take("a")
    with pytest.raises(TooOften):
        limiter.take("a")


def test_so_many_bytes_a_day_for_each_name() -> None:
    posted, noon = DayBytes(), datetime(2026, 11, 24, 12, tzinfo=UTC)
    posted.take("a", 2 << 20, 3 << 20, noon)
    posted.take("b", 2 << 20, 3 << 20, noon)
    with pytest.raises(TooOften, match="has posted its 3 MiB of today") as raised:
        posted.take("a", 2 << 20, 3 << 20, noon)
    assert show_error(raised.value)["Retry-After"] == str(12 * 3600)
    posted.take("a", 1 << 20, 3 << 20, noon)  # what was refused is not counted
    posted.take("a", 2 << 20, 3 << 20, noon + timedelta(hours=12))


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_NAMES", 2)
    limiter = Limiter(rate=1, burst=1, clock=lambda: 0.0)
    for name in ("a", "b", "c", "a"):  # a was forgotten
        limiter.take(name)
    with pytest.raises(TooOften):
        limiter.take("a")
