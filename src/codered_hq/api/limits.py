"""How often one may ask: a bucket for each name that was proved, in bounded memory."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from codered_hq.api.errors import TooOften

MOST_NAMES = 10_000


class Limiter:
    """`rate` requests a second for each name, `burst` at once. The names not heard of for longest are forgotten."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
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


TOKENS = Limiter(rate=50, burst=500)
AGENTS = Limiter(rate=50, burst=500)
