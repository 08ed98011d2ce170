"""What sweeps say of the addresses of a range, all sweeps together: for each address the best word on it, counted.
What nobody swept costs nothing, however large the range.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from codered_hq.model.sweep import STATES
from codered_hq.sweeps.intervals import Interval
from codered_hq.sweeps.models import Sweep, SweptAddress, SweptBlock

NOT_ASKED, NO_ANSWER, FILTERED = (STATES.index(state) for state in ("not_asked", "no_answer", "filtered"))
_BLOCK = 256
_PIECE = 1 << 16  # addresses looked at together


class View(NamedTuple):
    """How sweeps are looked at: what is older than `fresh_from` is stale; the sweeps in `inside` were made from inside
    of the zone they were of.
    """

    fresh_from: datetime
    inside: frozenset[int]


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
    for piece in _find_pieces(interval):
        for word in _read_words(piece, view, closed).values():
            tally.add(Kind(word.state, word.fresh, word.sweep in view.inside), word.at)
    return tally


def list_swept(interval: Interval) -> set[int]:
    """The numbers of the addresses that some sweep says something of."""
    nothing = View(datetime.min.replace(tzinfo=UTC), frozenset())
    return {number for piece in _find_pieces(interval) for number in _read_words(piece, nothing, False, False)}


def _find_pieces(interval: Interval) -> Iterator[Interval]:
    """The parts of it in which there is something, each small enough to be looked at as a whole."""
    low, high = f"{max(0, interval.first - _BLOCK + 1):032x}", f"{interval.last:032x}"
    firsts = SweptBlock.objects.filter(first__gte=low, first__lte=high).values_list("first", flat=True).distinct()
    numbers = SweptAddress.objects.filter(sweep__in=_broken(), number__gte=f"{interval.first:032x}", number__lte=high)
    places = {max(int(first, 16), interval.first) // _PIECE for first in firsts.iterator()}
    places |= {int(number, 16) // _PIECE for number in numbers.values_list("number", flat=True).iterator()}
    for place in sorted(places):
        first, last = place * _PIECE, (place + 1) * _PIECE - 1
        yield Interval(max(first, interval.first), min(last, interval.last))


def _read_words(interval: Interval, view: View, closed: bool, dated: bool = True) -> dict[int, _Word]:
    words: dict[int, _Word] = {}
    for number, state, sweep, at in _read_states(interval):
        if state == NOT_ASKED:
            quality = 0
        elif closed and state in (NO_ANSWER, FILTERED) and sweep not in view.inside:
            quality = 1
        else:
            quality = 2
        word = _Word(dated and at >= view.fresh_from, quality, at, state, sweep)
        known = words.get(number)
        if known is None or word > known:
            words[number] = word
    return words


def _read_states(interval: Interval) -> Iterator[tuple[int, int, int, datetime]]:
    low, high = f"{max(0, interval.first - _BLOCK + 1):032x}", f"{interval.last:032x}"
    rows = SweptBlock.objects.filter(first__gte=low, first__lte=high)
    for text, states, sweep, at in rows.values_list("first", "states", "sweep_id", "at").iterator():
        first = int(text, 16)
        for number, state in enumerate(bytes(states), first):
            if interval.first <= number <= interval.last and state < len(STATES):
                yield number, state, sweep, at
    loose = SweptAddress.objects.filter(sweep__in=_broken(), number__gte=f"{interval.first:032x}", number__lte=high)
    for text, name, sweep, at in loose.values_list("number", "state", "sweep_id", "at").iterator():
        if name in STATES:
            yield int(text, 16), STATES.index(name), sweep, at


def _broken() -> "list[int]":
    """Sweeps that were broken off: what answered there may lie in a block that was never settled."""
    return list(Sweep.objects.exclude(state="done").values_list("pk", flat=True))
