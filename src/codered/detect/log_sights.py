"""What has been seen of attackers in logs, in bounded memory, and putting several tallies together."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from codered.detect.log_addresses import Network, OwnNetworks, normalise_address

MOST_SIGHTS = 100_000  # address and signs together
MOST_OWN_SIGHTS = 10_000  # more, for internal addresses: a suspected infected host must not drown in a storm
_OWN_BEGIN = "1fl:"  # how every address begins that is one's own by default: spares parsing those of a storm
MOST_HOURS = 400_000  # hour entries of all sights together
MOST_EXAMPLES = 3
MOST_EXAMPLE_BYTES = 256
MOST_SOURCES = 16
MOST_FORWARDED = 4
MOST_ANSWERS = 32  # different ones of a sight; a server gives some ten, a forged log a thousand
OTHER_ANSWER = "other"


Item = TypeVar("Item")


class Example(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line that showed it: the log, the line (from 1), the status, and the first 256 bytes of the request."""

    source: str
    line: int
    status: str
    text: bytes


class Sight(msgspec.Struct, array_like=True, gc=False):
    """One address and the signs its requests showed, with how often and when. `hours` maps "YYYY-MM-DDTHH".
    `swept` of the `count` requests are what a sweep by this tool asks, under its name.
    """

    address: str
    signs: tuple[str, ...]
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    answers: dict[str, int] = {}
    hours: dict[str, int] = {}
    examples: tuple[Example, ...] = ()
    sources: tuple[str, ...] = ()
    forwarded: tuple[str, ...] = ()
    swept: int = 0

    def is_like_sweep(self) -> bool:
        """Whether all requests look like those of a sweep by this tool."""
        return 0 < self.count == self.swept


class Unread(msgspec.Struct, frozen=True, array_like=True):
    """A line that holds a sign and could not be parsed: the log, the line, its first 256 bytes."""

    source: str
    line: int
    text: bytes


class LogTally(msgspec.Struct, array_like=True):
    """What one log, or many, came to. `lines` counts all lines, `hits` those that show a sign, `unparsed` those that
    may and are not in the log's format; `left_out` hits beyond MOST_SIGHTS, `hours_left_out` hits missing in
    the hours; `trouble` says what was not looked at.
    """

    lines: int = 0
    bytes: int = 0
    hits: int = 0
    unparsed: int = 0
    unread: tuple[Unread, ...] = ()
    sights: list[Sight] = []
    left_out: int = 0
    hours_left_out: int = 0
    trouble: list[str] = []


class SightBook:
    """Sights by address and signs, bounded. There is more room for addresses in the `own` networks (none given:
    private, loopback and link-local ones).
    """

    def __init__(self, own: Iterable[Network] = ()) -> None:
        own = tuple(own)
        self._sights: dict[tuple[str, tuple[str, ...]], Sight] = {}
        self._own = 0
        self._own_begin = "" if own else _OWN_BEGIN
        self._own_networks = OwnNetworks(own)
        self._hours = 0
        self.left_out = 0
        self.hours_left_out = 0

    def find(self, address: str, signs: tuple[str, ...]) -> Sight | None:
        """The sight of these, a new one where there is room, else None."""
        sight = self._sights.get((address, signs))
        if sight is not None:
            return sight
        usual = normalise_address(address)
        if usual != address and (sight := self._sights.get((usual, signs))) is not None:
            return sight
        if self._has_room(usual):
            sight = self._sights[usual, signs] = Sight(usual, signs)
        return sight

    def _has_room(self, address: str) -> bool:
        if len(self._sights) - self._own < MOST_SIGHTS:
            return True
        if self._own >= MOST_OWN_SIGHTS or (self._own_begin and address[:1] not in self._own_begin):
            return False
        if self._own_networks.hold(address):
            self._own += 1
            return True
        return False

    def add_hour(self, sight: Sight, hour: str, count: int) -> None:
        """Count requests in an hour, while there is room for hours."""
        known = sight.hours.get(hour)
        if known is None:
            if self._hours >= MOST_HOURS:
                self.hours_left_out += count
                return
            self._hours += 1
            known = 0
        sight.hours[hour] = known + count

    def sights(self) -> list[Sight]:
        """All of them, in the order they were first seen."""
        return list(self._sights.values())

    def absorb(self, other: Sight) -> None:
        """Add what another tally saw."""
        sight = self.find(other.address, other.signs)
        if sight is None:
            self.left_out += other.count
            return
        sight.count += other.count
        sight.swept += other.swept
        widen(sight, other.first)
        widen(sight, other.last)
        for status, count in other.answers.items():
            count_answer(sight, status, count)
        for hour, count in other.hours.items():
            self.add_hour(sight, hour, count)
        sight.examples = join_some(sight.examples, other.examples, MOST_EXAMPLES)
        sight.sources = join_some(sight.sources, other.sources, MOST_SOURCES)
        sight.forwarded = join_some(sight.forwarded, other.forwarded, MOST_FORWARDED)


def count_answer(sight: Sight, status: str, count: int) -> None:
    """Count requests answered so; beyond MOST_ANSWERS different ones they are "other"."""
    if status not in sight.answers and len(sight.answers) >= MOST_ANSWERS:
        status = OTHER_ANSWER
    sight.answers[status] = sight.answers.get(status, 0) + count


def widen(sight: Sight, time: datetime | None) -> None:
    """Let the sight's time span hold this time too."""
    if time is None:
        return
    if sight.first is None or time < sight.first:
        sight.first = time
    if sight.last is None or time > sight.last:
        sight.last = time


class HourNames:
    """Hours as `2001-07-19T15`. A log goes on from hour to hour, so the one before is mostly the right one."""

    def __init__(self) -> None:
        self._start = self._end = datetime.max.replace(tzinfo=UTC)
        self._name = ""

    def name(self, time: datetime) -> str:
        """The hour this UTC time lies in."""
        if not self._start <= time < self._end:
            self._start = time.replace(minute=0, second=0, microsecond=0)
            self._end = time.replace(minute=59, second=59, microsecond=999_999)
            self._name = sys.intern(time.isoformat()[:13])
        return self._name


def merge_tallies(tallies: Iterable[LogTally], own: Iterable[Network] = ()) -> LogTally:
    """One tally of many logs; `own` as for a SightBook."""
    book, whole = SightBook(own), LogTally()
    for tally in tallies:
        _add_counts(whole, tally)
        for sight in tally.sights:
            book.absorb(sight)
    return _close(whole, book)


def join_ranges(parts: Iterable[LogTally], own: Iterable[Network] = ()) -> LogTally:
    """One tally of the ranges of one log, given in order: the lines of a range count on from the one before."""
    return merge_tallies(_renumber(parts), own)


def _renumber(parts: Iterable[LogTally]) -> Iterator[LogTally]:
    before = 0
    for part in parts:
        for sight in part.sights:
            sight.examples = tuple(Example(e.source, e.line + before, e.status, e.text) for e in sight.examples)
        part.unread = tuple(Unread(u.source, u.line + before, u.text) for u in part.unread)
        before += part.lines
        yield part


def _add_counts(whole: LogTally, tally: LogTally) -> None:
    whole.lines += tally.lines
    whole.bytes += tally.bytes
    whole.hits += tally.hits
    whole.unparsed += tally.unparsed
    whole.left_out += tally.left_out
    whole.hours_left_out += tally.hours_left_out
    whole.unread = join_some(whole.unread, tally.unread, MOST_EXAMPLES)
    whole.trouble += [item for item in tally.trouble if item not in whole.trouble]


def _close(whole: LogTally, book: SightBook) -> LogTally:
    whole.sights = book.sights()
    whole.left_out += book.left_out
    whole.hours_left_out += book.hours_left_out
    return whole


def join_some(mine: tuple[Item, ...], others: tuple[Item, ...], most: int) -> tuple[Item, ...]:
    """Both, each once, the first few of them."""
    if not mine:
        return others[:most]
    return tuple(dict.fromkeys((*mine, *others)))[:most]
