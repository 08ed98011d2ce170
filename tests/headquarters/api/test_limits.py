"""Who asks too often waits; others do not."""

import pytest

from codered_hq.api import limits
from codered_hq.api.errors import TooOften, show_error
from codered_hq.api.limits import Limiter


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


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_NAMES", 2)
    limiter = Limiter(rate=1, burst=1, clock=lambda: 0.0)
    for name in ("a", "b", "c", "a"):  # a was forgotten
        limiter.take(name)
    with pytest.raises(TooOften):
        limiter.take("a")
