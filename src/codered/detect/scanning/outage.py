"""Whether the own line is cut: peers that always answered fail too."""

from itertools import islice
from math import inf

LATEST = 10
REMEMBERED = 512
MOST_WITHHELD = 256
MOST_PORTS = 16


class Peers:
    """Contacts of one actor to peers that answered before: open ones, and the latest outcomes, each with its time."""

    __slots__ = ("answered", "checked", "doubted", "failed", "opened", "outage", "since", "withheld", "withheld_last")

    def __init__(self) -> None:
        self.opened: dict[bytes, float] = {}
        self.answered: dict[bytes, float] = {}
        self.failed: dict[bytes, float] = {}
        self.checked = -1.0
        self.outage = False
        self.since = self.withheld_last = -inf  # when the first, and the last, of what was withheld was tried
        self.doubted = inf  # when something was tried that was answered since then
        self.withheld: dict[int, dict[bytes, float]] = {}

    def begin_withholding(self, tried: float, reached: float, seconds: float) -> None:
        """A failure that was tried then does not count. `reached`: when the last was tried that was answered; after
        so many `seconds` without any it is another outage.
        """
        if tried > self.withheld_last + seconds:
            self.since, self.doubted = tried, inf
            self.withheld.clear()
        self.withheld_last = max(self.withheld_last, tried)
        if self.doubted == inf and reached > self.since:
            self.doubted = reached

    def withhold(self, key: int, address: bytes, tried: float, longest: float) -> None:
        """Remember a failure that does not count, if it is odd for an outage: it was tried when others answered in the
        middle of it, or it has gone on for `longest` seconds.
        """
        if tried <= min(self.doubted, self.since + longest):
            return
        found = self.withheld.setdefault(key, {})
        found[address] = tried
        if len(found) > MOST_WITHHELD:
            del found[next(iter(found))]
        if len(self.withheld) > MOST_PORTS:
            del self.withheld[next(iter(self.withheld))]

    def settle(self, address: bytes, now: float, answered: bool) -> float:
        """What became of a contact to a known peer; gives when it was tried (minus infinity = not known)."""
        tried = self.opened.pop(address, -inf)
        mine, other = (self.answered, self.failed) if answered else (self.failed, self.answered)
        other.pop(address, None)
        mine.pop(address, None)
        mine[address] = now
        if len(mine) > REMEMBERED:
            _halve(mine)
        return tried

    def open(self, address: bytes, now: float, seconds: float) -> None:
        """A known peer is tried; one that is open already keeps its time for `seconds`."""
        when = self.opened.get(address)
        if when is None or when < now - seconds:
            self.opened.pop(address, None)
            self.opened[address] = now
            if len(self.opened) > REMEMBERED:
                _halve(self.opened)

    def count(self, now: float, patience: float, seconds: float) -> tuple[int, int]:
        """The latest contacts to known peers within the last `seconds`, and how many of them failed or were not
        answered in `patience` seconds. Those that are still open in time count for neither. Only the latest few count:
        a busy host had hundreds of answers in the minute before the line was cut.
        """
        latest = [(when, False) for when in islice(reversed(self.answered.values()), LATEST)]
        latest += [(when, True) for when in islice(reversed(self.failed.values()), LATEST)]
        open_too_long = (when for when in reversed(self.opened.values()) if when <= now - patience)
        latest += [(when, True) for when in islice(open_too_long, LATEST)]
        latest.sort(reverse=True)
        counted = [failed for when, failed in latest[:LATEST] if when >= now - seconds]
        return len(counted), sum(counted)


def _halve(times: dict[bytes, float]) -> None:
    for old in list(islice(times, REMEMBERED // 2)):
        del times[old]
