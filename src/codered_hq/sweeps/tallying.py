"""What sweeps say of the addresses of a range, all sweeps together: for each address the best word on it, counted.
What nobody swept costs nothing, however large the range.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from codered_hq.model.sweep import STATES
from codered_hq.probing.sockets import BROADCAST
from codered_hq.sweeps.intervals import Interval
from codered_hq.sweeps.models import Sweep, SweptAddress, SweptBlock

NOT_ASKED, NO_ANSWER, FILTERED = (STATES.index(state) for state in ("not_asked", "no_answer", "filtered"))
_BLOCK = 256
_PIECE = 1 << 16  # addresses looked at together


class _Row(NamedTuple):
    """States of neighbouring addresses, as one sweep tells them at one time."""

    first: int
    states: bytes
    sweep: int
    at: datetime


class Heard:
    """What all sweeps tell, as it was when it was first asked for: for many intervals, near each other, it is read from
    the database once.
    """

    def __init__(self) -> None:
        self._place = -1
        self._rows: list[_Row] = []
        self._firsts: list[int] = []

    def find_pieces(self, interval: Interval) -> Iterator[Interval]:
        """The parts of it in which there is something, each small enough to be looked at as a whole."""
        at = bisect_left(self._places, interval.first // _PIECE)
        while at < len(self._places) and (first := self._places[at] * _PIECE) <= interval.last:
            yield Interval(max(first, interval.first), min(first + _PIECE - 1, interval.last))
            at += 1

    def read_rows(self, piece: Interval) -> Iterator[_Row]:
        """What is told of addresses of a piece, and of some beside it."""
        if piece.first // _PIECE != self._place:
            self._place = piece.first // _PIECE
            first = self._place * _PIECE
            self._rows = sorted(self._fetch(Interval(first, first + _PIECE - 1)), key=lambda row: row.first)
            self._firsts = [row.first for row in self._rows]
        low, high = bisect_left(self._firsts, piece.first - _BLOCK + 1), bisect_right(self._firsts, piece.last)
        yield from self._rows[low:high]

    @cached_property
    def _places(self) -> list[int]:
        """Pieces of which anything is told."""
        firsts = SweptBlock.objects.values_list("first", flat=True).distinct()
        places: set[int] = set()
        for text in firsts.iterator():
            first = int(text, 16)
            places |= {first // _PIECE, (first + _BLOCK - 1) // _PIECE}
        loose = SweptAddress.objects.filter(sweep__in=self._broken).values_list("number", flat=True)
        return sorted(places | {int(number, 16) // _PIECE for number in loose.iterator()})

    @cached_property
    def _broken(self) -> list[int]:
        """Sweeps that were broken off: what answered there may lie in a block that was never settled."""
        return list(Sweep.objects.exclude(state="done").values_list("pk", flat=True))

    def _fetch(self, piece: Interval) -> Iterator[_Row]:
        low, high = f"{max(0, piece.first - _BLOCK + 1):032x}", f"{piece.last:032x}"
        nobody = _find_broadcasts(low, high)
        rows = SweptBlock.objects.filter(first__gte=low, first__lte=high)
        for text, states, sweep, at in rows.values_list("first", "states", "sweep_id", "at").iterator():
            first, known = int(text, 16), bytearray(states)
            for number in nobody.get(sweep, ()):
                if first <= number < first + len(known) and known[number - first] == NOT_ASKED:
                    known[number - first] = NO_ANSWER
            yield _Row(first, bytes(known), sweep, at)
        loose = SweptAddress.objects.filter(sweep__in=self._broken, number__gte=low, number__lte=high)
        for text, name, sweep, at in loose.values_list("number", "state", "sweep_id", "at").iterator():
            if name in STATES:
                state = NO_ANSWER if int(text, 16) in nobody.get(sweep, ()) else STATES.index(name)
                yield _Row(int(text, 16), bytes([state]), sweep, at)


def _find_broadcasts(low: str, high: str) -> dict[int, set[int]]:
    """By sweep: addresses that it did not ask because no host can have them. That is as good as their silence, and
    from inside of a zone better than what was not heard from outside.
    """
    rows = SweptAddress.objects.filter(state="not_asked", reason__startswith=BROADCAST, number__gte=low)
    found: dict[int, set[int]] = {}
    for sweep, text in rows.filter(number__lte=high).values_list("sweep_id", "number").iterator():
        found.setdefault(sweep, set()).add(int(text, 16))
    return found


class View(NamedTuple):
    """How sweeps are looked at: what is older than `fresh_from` is stale; the sweeps in `inside` were made from inside
    of the zone that is looked at.
    """

    fresh_from: datetime
    inside: frozenset[int]
    heard: Heard


class Kind(NamedTuple):
    """What addresses are counted by: their state (index in STATES), and whether that was heard lately and inside."""

    state: int
    fresh: bool
    inside: bool


class Tally:
    """Addresses by kind; `newest` is when one of them was last heard of, `stale` the same of those that are stale."""

    def __init__(self) -> None:
        self.counts: Counter[Kind] = Counter()
        self.newest: datetime | None = None
        self.stale: datetime | None = None

    def add(self, kind: Kind, at: datetime) -> None:
        """One address more."""
        self.counts[kind] += 1
        if self.newest is None or at > self.newest:
            self.newest = at
        if not kind.fresh and (self.stale is None or at > self.stale):
            self.stale = at


class _Word(NamedTuple):
    """What one sweep says of one address; of two the larger one counts: fresh before stale, asked before not asked,
    from inside before silence from outside, then the newer one.
    """

    fresh: bool
    quality: int
    at: datetime
    state: int
    sweep: int


def tally_interval(interval: Interval, view: View, closed: bool) -> Tally:
    """Count the addresses of an interval that some sweep says something of. In a `closed` zone silence that is heard
    from outside counts less than what a sweep from inside says.
    """
    tally = Tally()
    for piece in view.heard.find_pieces(interval):
        for word in _read_words(piece, view, closed).values():
            tally.add(Kind(word.state, word.fresh, word.sweep in view.inside), word.at)
    return tally


def list_swept(interval: Interval, heard: Heard) -> set[int]:
    """The numbers of the addresses that some sweep says something of."""
    return {number for piece in heard.find_pieces(interval) for number, *_ in _read_states(piece, heard)}


def _read_words(interval: Interval, view: View, closed: bool) -> dict[int, _Word]:
    words: dict[int, _Word] = {}
    for number, state, sweep, at in _read_states(interval, view.heard):
        if state == NOT_ASKED:
            quality = 0
        elif closed and state in (NO_ANSWER, FILTERED) and sweep not in view.inside:
            quality = 1
        else:
            quality = 2
        word = _Word(at >= view.fresh_from, quality, at, state, sweep)
        known = words.get(number)
        if known is None or word > known:
            words[number] = word
    return words


def _read_states(interval: Interval, heard: Heard) -> Iterator[tuple[int, int, int, datetime]]:
    for row in heard.read_rows(interval):
        for number, state in enumerate(row.states, row.first):
            if interval.first <= number <= interval.last and state < len(STATES):
                yield number, state, row.sweep, row.at
