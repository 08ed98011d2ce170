"""From infected to closed, and back."""

import pytest

from codered_hq.fleet.cases import MOST_HISTORY, WATCH, Event, advance, end_watches
from codered_hq.fleet.models import HostCase
from tests.fixtures.inventories import HOUR, NOW, make_host

pytestmark = pytest.mark.django_db


def test_the_whole_way_and_what_comes_back_reopens_it() -> None:
    host = make_host("web-1", "10.1.0.1")
    way: tuple[tuple[Event, str], ...] = (
        ("clean", "unknown"), ("cleaned", "unknown"), ("suspect", "suspect"), ("infected", "infected"),
        ("clean", "infected"), ("verified", "infected"), ("contained", "contained"), ("released", "infected"),
        ("contained", "contained"), ("cleaned", "cleaned"), ("verified", "verified"), ("infected", "infected"),
        ("cleaned", "cleaned"), ("clean", "cleaned"), ("verified", "verified"), ("clean", "watch"),
        ("verified", "watch"),
    )  # fmt: skip
    for hours, (event, state) in enumerate(way):
        assert advance(host, event, NOW + hours * HOUR, f"because of {event}") == state, (hours, event)
    case = HostCase.objects.get()
    assert (case.opened_at, case.reopened, case.because) == (NOW + 3 * HOUR, 2, "because of infected")
    verified = NOW + 14 * HOUR
    assert case.watch_until == verified + WATCH
    assert [entry[1:] for entry in case.history[-2:]] == [
        ["cleaned", "verified", "because of verified"], ["verified", "watch", "because of clean"],
    ]  # fmt: skip
    assert end_watches(verified + WATCH - HOUR) == 0
    assert end_watches(verified + WATCH) == 1
    host.refresh_from_db()
    case.refresh_from_db()
    assert (host.state, case.closed_at) == ("closed", verified + WATCH)

    assert advance(host, "infected", NOW + 1000 * HOUR, "again") == "infected"
    assert [(each.reopened, each.closed_at is None) for each in HostCase.objects.order_by("pk")] == [
        (2, False),
        (3, True),
    ]


def test_a_history_has_its_bound() -> None:
    host = make_host("web-1", "10.1.0.1")
    HostCase.objects.create(host=host, opened_at=NOW, history=[["", "", "", ""]] * (MOST_HISTORY + 9))
    advance(host, "infected", NOW, "x")
    case = HostCase.objects.get()
    assert (len(case.history), case.history[-1][2]) == (MOST_HISTORY, "infected")
