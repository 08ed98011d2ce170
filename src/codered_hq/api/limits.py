"""How often one may ask: a bucket for each name that was proved, in bounded memory."""

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic

from codered_hq.api.errors import TooOften

MOST_NAMES = 10_000


class Limiter:
    """`rate` requests a second for each name, `burst` at once. The names not heard of for longest are forgotten."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self.rate, self.burst, self._clock = rate, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> None:
        """Count one request. Raises TooOften."""
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(name, (float(self.burst), now))
            left = min(self.burst, left + (now - since) * self.rate)
            self._left[name] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > MOST_NAMES:
                self._left.popitem(last=False)
        if left < 1:
            error = TooOften("asks too often", where=name, advice=f"at most {self.rate:g} requests a second")
            error.seconds = max(1, round((1 - left) / self.rate))
            raise error


class DayBytes:
    """Bytes that each name has posted today (UTC), since this process began: what is stored is bounded by it."""

    def __init__(self) -> None:
        self._day, self._taken = date.min, Counter[str]()
        self._lock = threading.Lock()

    def take(self, name: str, size: int, most: int, at: datetime) -> None:
        """Count these bytes. Raises TooOften if they are more than `most` with what was taken today."""
        now = at.astimezone(UTC)
        with self._lock:
            if self._day != now.date():
                self._day, self._taken = now.date(), Counter()
            if fits := self._taken[name] + size <= most:
                self._taken[name] += size
        if not fits:
            what = f"has posted its {most >> 20} MiB of today"
            error = TooOften(what, where=name, advice="go on tomorrow (UTC), or see ingest_megabytes in docs/api.md")
            midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            error.seconds = math.ceil((midnight - now).total_seconds())
            raise error


TOKENS = Limiter(rate=50, burst=500)
AGENTS = Limiter(rate=50, burst=500)
POSTED = DayBytes()
