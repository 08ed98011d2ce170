"""When the next connection may be made: a rate in all, one for each subnet, halved where the network suffers."""

import heapq
from collections import deque
from itertools import count
from typing import Generic, TypeVar

_Item = TypeVar("_Item")

WINDOW = 32
"""First contacts of a subnet that are looked at together, in the order they were begun: silence comes late."""
WINDOW_LATER = 8
"""The same for further connections to hosts that have answered."""
JUMP = 0.5
"""A share of bad outcomes so much above the subnet's best window is taken for our doing."""
_WELL = 0.2
_LATE = 0.02  # seconds that may be caught up after the loop was busy elsewhere
_SLOWEST = 1.0  # seconds between two connections to a subnet, at the least rate


class Window:
    """Some connections to one subnet, begun one after the other, and how many of them failed."""

    __slots__ = ("bad", "begun", "later", "seen", "since", "size", "subnet")

    def __init__(self, subnet: "_Subnet", later: bool, now: float) -> None:
        self.subnet = subnet
        self.later = later
        self.size = WINDOW_LATER if later else WINDOW
        self.begun = self.seen = self.bad = 0
        self.since = now


class _Subnet:
    __slots__ = ("base", "best", "first", "gap", "later", "next", "waiting")

    def __init__(self, gap: float) -> None:
        self.gap = self.base = gap
        self.next = 0.0
        self.best = 2.0
        self.first: Window | None = None
        self.later: Window | None = None
        self.waiting: deque[object] | None = None


class Pacer(Generic[_Item]):
    """Items (connections to be made) go in by `offer` and come out by `take`, when their turn has come."""

    def __init__(self, per_second: float, per_subnet: float, now: float) -> None:
        self._gap = 1 / per_second if per_second > 0 else 0.0
        self._subnet_gap = 1 / per_subnet if per_subnet > 0 else 0.0
        self._next = now
        self._ready: deque[_Item] = deque()
        self._subnets: dict[int, _Subnet] = {}
        self._heap: list[tuple[float, int, int, _Item | None]] = []  # when, order, subnet, item (None = its next one)
        self._order = count()
        self.waiting = 0
        """Items that are in here."""

    def offer(self, item: _Item, subnet: int, now: float, at: float = 0.0) -> None:
        """An item for this subnet, not before `at`."""
        self.waiting += 1
        if at > now:
            heapq.heappush(self._heap, (at, next(self._order), subnet, item))
        else:
            self._queue(item, subnet, now)

    def take_back(self, item: _Item) -> None:
        """An item that could not be used after all: it is the next one again."""
        self.waiting += 1
        self._ready.appendleft(item)

    def take(self, now: float) -> _Item | None:
        """The next item whose turn it is; None if there is none now."""
        while self._heap and self._heap[0][0] <= now:
            _, _, subnet, item = heapq.heappop(self._heap)
            if item is None:
                self._release(subnet, now)
            else:
                self._queue(item, subnet, now)
        if not self._ready or self._next > now:
            return None
        if self._gap:
            self._next = max(self._next, now - _LATE) + self._gap
        self.waiting -= 1
        return self._ready.popleft()

    def next_time(self, now: float) -> float:
        """When something may be ready, in seconds of the same clock; infinity if nothing waits."""
        if self._ready:
            return max(now, self._next)
        return max(self._heap[0][0], self._next) if self._heap else float("inf")

    def begin(self, subnet: int, later: bool, now: float) -> Window:
        """A connection is begun; its outcome is to be noted in this window."""
        known = self._subnets.get(subnet)
        if known is None:
            known = self._subnets[subnet] = _Subnet(self._subnet_gap)
        window = known.later if later else known.first
        if window is None:
            window = Window(known, later, now)
            if later:
                known.later = window
            else:
                known.first = window
        window.begun += 1
        if window.begun == window.size:
            if later:
                known.later = None
            else:
                known.first = None
        return window

    def note(self, window: Window, bad: bool, now: float) -> str:
        """The outcome of a connection: bad ones (silence, resets, refusals on the way) that suddenly become many halve
        the subnet's rate. What to tell about it, "" if nothing.
        """
        window.seen += 1
        window.bad += bad
        return self._weigh(window, now) if window.seen == window.size else ""

    def _weigh(self, window: Window, now: float) -> str:
        known, share, spent = window.subnet, window.bad / window.size, (now - window.since) / window.size
        best = 0.0 if window.later else known.best
        told = ""
        if share >= best + JUMP and known.gap < _SLOWEST:
            known.gap = min(2 * max(known.gap, spent, 1e-3), _SLOWEST)
            told = f"{share:.0%} of {window.size} connections failed: now at most {1 / known.gap:.3g} a second"
        elif share <= best + _WELL and known.gap > known.base:
            known.gap = max(known.base, known.gap / 2)
        if not window.later:
            known.best = min(known.best, share)
        return told

    def _queue(self, item: _Item, subnet: int, now: float) -> None:
        known = self._subnets.get(subnet)
        if known is None and self._subnet_gap:
            known = self._subnets[subnet] = _Subnet(self._subnet_gap)
        if known is None or not known.gap:
            self._ready.append(item)
        elif known.waiting or known.next > now:
            if known.waiting is None:
                known.waiting = deque()
            if not known.waiting:
                heapq.heappush(self._heap, (known.next, next(self._order), subnet, None))
            known.waiting.append(item)
        else:
            known.next = max(known.next, now - _LATE) + known.gap
            self._ready.append(item)

    def _release(self, subnet: int, now: float) -> None:
        known = self._subnets[subnet]
        assert known.waiting
        item: _Item = known.waiting.popleft()  # type: ignore[assignment]
        known.next = max(known.next, now - _LATE) + known.gap
        self._ready.append(item)
        if known.waiting:
            heapq.heappush(self._heap, (known.next, next(self._order), subnet, None))
