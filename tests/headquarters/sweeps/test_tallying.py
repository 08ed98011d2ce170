"""Of all that sweeps say of an address the best word counts."""

from datetime import timedelta

import pytest

from codered_hq.model.sweep import STATES
from codered_hq.sweeps.intervals import address_of, read_intervals
from codered_hq.sweeps.recording import record_results
from codered_hq.sweeps.tallying import Heard, Kind, View, list_swept, tally_interval
from tests.fixtures.inventories import HOUR, NOW
from tests.fixtures.sweeps import make_sweep, swept, tell

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
SPAN = read_intervals(("10.0.0.0/24",))[0]


def tally(closed: bool = False, inside: frozenset[int] = frozenset()) -> dict[tuple[str, bool], int]:
    found = tally_interval(SPAN, View(NOW - DAY, inside, Heard()), closed).counts
    return {(STATES[kind.state], kind.fresh): number for kind, number in found.items()}


def test_the_newer_word_counts_and_old_ones_are_stale() -> None:
    swept("10.0.0.0/24", at=NOW - 3 * DAY, clean=["10.0.0.1", "10.0.0.2"])
    assert tally() == {("clean", False): 2, ("no_answer", False): 254}
    swept("10.0.0.0/30", at=NOW - 2 * HOUR, infected=["10.0.0.1"])
    swept("10.0.0.1/32", at=NOW - 3 * HOUR, clean=["10.0.0.1"])
    assert tally() == {("infected", True): 1, ("no_answer", True): 3, ("no_answer", False): 252}
    swept("10.0.0.0/30", at=NOW, not_asked=["10.0.0.1", "10.0.0.2"])
    assert tally()["infected", True] == 1
    whole = tally_interval(SPAN, View(NOW - DAY, frozenset(), Heard()), False)
    assert (whole.newest, whole.stale) == (NOW, NOW - 3 * DAY)


def test_silence_from_outside_gives_way_to_what_is_heard_inside() -> None:
    inner = swept("10.0.0.0/24", at=NOW - 2 * HOUR, infected=["10.0.0.1"])
    swept("10.0.0.0/24", at=NOW, filtered=["10.0.0.2"])
    assert tally() == {("no_answer", True): 255, ("filtered", True): 1}
    assert tally(True, frozenset([inner.pk])) == {("no_answer", True): 255, ("infected", True): 1}
    kinds = tally_interval(SPAN, View(NOW - DAY, frozenset([inner.pk]), Heard()), True).counts
    assert kinds[Kind(STATES.index("infected"), True, True)] == 1


def test_loose_answers_count_and_nothing_beside_the_interval() -> None:
    sweep = make_sweep("10.0.0.0/23")
    record_results(sweep, [tell("10.0.0.7", "web", NOW), tell("10.0.1.7", "web", NOW)], [], NOW)
    assert tally() == {("web", True): 1}
    assert [address_of(number) for number in list_swept(SPAN, Heard())] == ["10.0.0.7"]
    half = read_intervals(("10.0.0.128/25",))[0]
    swept("10.0.0.0/24", at=NOW)
    assert tally_interval(half, View(NOW - DAY, frozenset(), Heard()), False).counts.total() == 128
