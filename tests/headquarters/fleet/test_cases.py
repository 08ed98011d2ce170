"""From infected to closed, and back."""

from datetime import datetime, timedelta

import pytest

from codered_hq.fleet.cases import MOST_HISTORY, Event, advance, end_watches, find_open_case, find_unlooked
from codered_hq.fleet.models import HostCase, StoredFinding, StoredReport
from codered_hq.hosts.models import Host
from codered_hq.hosts.suspicion import settle_suspicion
from codered_hq.sweeps.recording import record_results
from tests.fixtures.inventories import HOUR, NOW, make_host
from tests.fixtures.sweeps import make_sweep, tell

pytestmark = pytest.mark.django_db
WATCH = timedelta(hours=72)


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
    assert (case.opened_at, case.reopened, case.because) == (NOW + 3 * HOUR, 1, "because of infected")
    verified = NOW + 14 * HOUR
    assert case.watch_until == verified + WATCH
    assert [entry[1:] for entry in case.history[-2:]] == [
        ["cleaned", "verified", "because of verified"], ["verified", "watch", "because of clean"],
    ]  # fmt: skip
    assert end_watches(verified + WATCH - HOUR) == 0
    assert end_watches(verified + WATCH) == 0  # the clock alone proves nothing
    looks: tuple[tuple[datetime, dict[str, object]], ...] = (
        (verified + HOUR, {}), (verified + WATCH, {"gaps": 1}), (verified + WATCH, {"partial": True}),
        (verified + WATCH, {"word": "verify"}), (verified + WATCH, {"verdict": "suspicious"}),
    )  # fmt: skip
    for number, (received, told) in enumerate(looks):
        look(host, received, str(number), **told)
        assert (end_watches(verified + WATCH), find_unlooked(verified + WATCH)) == (0, [host]), told
    report = look(host, verified + WATCH, "whole")
    finding = StoredFinding.objects.create(
        uid="f", host=host, report=report, pack="webshell", indicator="x", layer="files", confidence="suspicious",
        severity="high", subject_kind="file", subject="/z.php", first_seen=NOW, last_seen=NOW,
    )  # fmt: skip
    assert end_watches(verified + WATCH) == 0
    finding.delete()
    assert (end_watches(verified + WATCH), find_unlooked(verified + WATCH)) == (1, [])
    host.refresh_from_db()
    case.refresh_from_db()
    assert (host.state, case.closed_at) == ("closed", verified + WATCH)

    assert advance(host, "infected", NOW + 1000 * HOUR, "again") == "infected"
    assert [(each.reopened, each.closed_at is None) for each in HostCase.objects.order_by("pk")] == [
        (1, False),
        (2, True),
    ]


def look(host: Host, at: datetime, uid: str, **more: object) -> StoredReport:
    given = {"word": "scan", "verdict": "clean", "key": "k", "taken_at": at, "received_at": at, "document": b""}
    return StoredReport.objects.create(uid=uid, host=host, **{**given, **more})


def move(host: Host, *events: Event) -> str:
    return [advance(host, event, NOW + hours * HOUR, event) for hours, event in enumerate(events)][-1]


def test_to_be_cut_off_and_let_go_is_no_infection() -> None:
    host = make_host("web-1", "10.1.0.1")
    move(host, "infected", "contained", "released", "contained", "released")
    assert (find_open_case(host).reopened, host.cases.count()) == (0, 1)  # type: ignore[union-attr]
    assert move(host, "cleaned", "infected") == "infected"  # it was never proved clean
    assert host.cases.get().reopened == 0
    assert move(host, "cleaned", "verified", "infected", "contained", "released") == "infected"
    assert host.cases.get().reopened == 1
    assert move(host, "cleaned", "verified", "suspect", "infected") == "infected"
    assert host.cases.get().reopened == 2


@pytest.mark.parametrize("cure", [("cleaned",), ("cleaned", "verified"), ("cleaned", "verified", "clean")])
def test_a_cured_host_that_was_cut_off_is_what_it_was_unless_something_is_found(cure: tuple[Event, ...]) -> None:
    host = make_host("web-1", "10.1.0.1")
    before = move(host, "infected", *cure)
    assert move(host, "contained", "released") == before
    case = host.cases.get()
    assert (case.reopened, case.closed_at) == (0, None)
    move(host, "contained")
    report = look(host, NOW, "again")
    StoredFinding.objects.create(
        uid="f", host=host, report=report, pack="webshell", indicator="x", layer="files", confidence="likely",
        severity="high", subject_kind="file", subject="/z.php", first_seen=NOW, last_seen=NOW,
    )  # fmt: skip
    assert move(host, "released") == "infected"
    assert host.cases.get().reopened == (before != "cleaned")


@pytest.mark.parametrize(
    ("before", "state"),
    [
        (("infected", "cleaned", "verified", "suspect"), "suspect"),
        (("infected", "cleaned", "verified", "clean", "watched"), "closed"),
    ],
)
def test_who_was_cut_off_for_nothing_is_what_it_was(before: tuple[Event, ...], state: str) -> None:
    host = make_host("web-1", "10.1.0.1")
    assert move(host, *before) == state
    assert advance(host, "contained", NOW + 50 * HOUR, "x") == "contained"
    assert advance(host, "released", NOW + 60 * HOUR, "x") == state
    assert [case.reopened for case in host.cases.all()] == [0]
    host.refresh_from_db()
    if state == "closed":
        assert host.state_since == NOW + 4 * HOUR  # it was not proved clean again by being let go
    assert move(host, "contained", "infected", "released") == "infected"
    assert sum(case.reopened for case in host.cases.all()) == 1


@pytest.mark.parametrize("cure", [("cleaned", "verified"), ("cleaned", "verified", "clean")])
def test_a_sweep_that_sees_an_infection_of_a_cut_off_host_is_not_forgotten(cure: tuple[Event, ...]) -> None:
    host = make_host("web-1", "10.0.0.5")
    move(host, "infected", *cure, "contained")
    record_results(make_sweep("10.0.0.0/24"), [tell("10.0.0.5", "infected", NOW + HOUR)], [], NOW + HOUR)
    host.refresh_from_db()
    assert (host.state, host.suspected_at, host.cases.get().watch_until) == ("contained", ["10.0.0.5"], None)
    assert advance(host, "released", NOW + 2 * HOUR, "x") == "suspect"
    assert host.cases.get().reopened == 0  # nothing was found
    look(host, NOW + 2 * WATCH, "whole")
    assert end_watches(NOW + 2 * WATCH) == 0
    assert advance(host, "clean", NOW + 3 * HOUR, "x") == "verified"
    assert host.cases.get().watch_until == NOW + 3 * HOUR + WATCH


def test_a_watch_does_not_end_while_an_address_looks_infected() -> None:
    host = make_host("web-1", "10.0.0.5")
    move(host, "infected", "contained")
    record_results(make_sweep("10.0.0.0/24"), [tell("10.0.0.5", "infected", NOW + HOUR)], [], NOW + HOUR)
    assert move(host, "cleaned", "verified", "verified") == "watch"
    over = NOW + 2 * HOUR + WATCH
    look(host, over, "whole")
    assert (end_watches(over), find_unlooked(over)) == (0, [host])
    assert settle_suspicion(host, "10.0.0.5")
    assert (end_watches(over), find_unlooked(over)) == (1, [])


@pytest.mark.parametrize("cure", [("cleaned",), ("cleaned", "verified"), ("cleaned", "verified", "clean")])
def test_what_is_found_on_a_cut_off_host_after_its_cure_reopens_its_case(cure: tuple[Event, ...]) -> None:
    host = make_host("web-1", "10.1.0.1")
    before = move(host, "infected", *cure)
    counted = int(before != "cleaned")
    assert move(host, "contained", "infected", "infected", "suspect") == "contained"
    case = host.cases.get()
    assert (case.reopened, case.watch_until) == (counted, None)
    assert [line[1:3] for line in case.history[-3:]] == [
        [before, "contained"], [before, "infected"], ["infected", "contained"],
    ]  # fmt: skip
    assert move(host, "released", "contained") == "contained"
    assert advance(host, "cleaned", NOW + 9 * HOUR, "x") == "cleaned"
    assert advance(host, "verified", NOW + 10 * HOUR, "x") == "verified"
    assert (host.cases.get().reopened, host.cases.get().watch_until) == (counted, NOW + 10 * HOUR + WATCH)


def test_what_is_suspected_after_its_cure_is_watched_anew() -> None:
    for number, cure in enumerate((("cleaned",), ("cleaned", "verified"), ("cleaned", "verified", "verified")), 1):
        host = make_host(f"web-{number}", f"10.1.0.{number}")
        for event in ("infected", *cure):
            advance(host, event, NOW, "x")  # type: ignore[arg-type]
        assert advance(host, "suspect", NOW + HOUR, "x") == "suspect"
        assert host.cases.get().watch_until is None
        assert advance(host, "verified", NOW + HOUR, "x") == "suspect"  # that speaks for one plan only
        assert advance(host, "clean", NOW + 2 * HOUR, "x") == "verified"
        assert (host.cases.get().watch_until, host.cases.get().reopened) == (NOW + 2 * HOUR + WATCH, 0)


def test_a_sweep_that_sees_an_infection_moves_the_case_on() -> None:
    host = make_host("web-1", "10.0.0.5")
    for event in ("infected", "cleaned", "verified", "verified"):
        advance(host, event, NOW, "x")
    record_results(make_sweep("10.0.0.0/24"), [tell("10.0.0.5", "infected", NOW + HOUR)], [], NOW + HOUR)
    host.refresh_from_db()
    assert (host.state, host.cases.get().history[-1][1:3]) == ("suspect", ["watch", "suspect"])
    assert end_watches(NOW + 2 * WATCH) == 0


def test_a_history_has_its_bound() -> None:
    host = make_host("web-1", "10.1.0.1")
    HostCase.objects.create(host=host, opened_at=NOW, history=[["", "", "", ""]] * (MOST_HISTORY + 9))
    advance(host, "infected", NOW, "x")
    case = HostCase.objects.get()
    assert (len(case.history), case.history[-1][2]) == (MOST_HISTORY, "infected")
