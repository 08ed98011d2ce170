"""The detector over whole streams: worms and benign hosts, clocks, bounds, and any events at all."""

import random
import statistics

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.traffic_models import WORMS, make_events
from benchmarks.traffic_tuning import TUNED_ON
from codered.detect.scanning.detector import ScanDetector
from codered.detect.scanning.preference import Behaviour
from codered.detect.scanning.thresholds import load_thresholds
from codered.model.countermeasures import AddressShare
from codered.model.traffic import Attempt, JudgedTraffic, Reply, Request, Resolved, ScanVerdict

NUMBERS = load_thresholds()
ACTOR = bytes((10, 20, 30, 40))


def address(number: int) -> bytes:
    return bytes((20, number >> 8 & 255, number & 255, 1))


def feed(events: list[JudgedTraffic], detector: ScanDetector | None = None) -> list[ScanVerdict]:
    detector = detector or ScanDetector(NUMBERS)
    for event in events:
        detector.take(event)
    detector.advance(max((event.at for event in events), default=0.0) + 10)
    return detector.verdicts()


def find_attempts(name: str, seed: int) -> int:
    """Attempts until the verdict; 10 000 when there is none."""
    worm = WORMS[name]
    detector = ScanDetector(NUMBERS)
    attempts = 0
    for event in make_events(worm.run(random.Random(seed), max(5.0, 60 / worm.rate))):
        attempts += isinstance(event, Attempt)
        detector.take(event)
        if any(verdict.confidence == "confirmed" for verdict in detector.verdicts()):
            return attempts
    return 10_000


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("CRv1 14/s", 15),
        ("CRv1 14/s, 300 ms", 15),
        ("CRII 100/s", 35),
        ("CRII 100/s, 300 ms", 35),
        ("CRII 300/s", 100),
        ("CRII 100/s, LAN answers 40 %", 60),
        ("slow 1/s", 12),
        ("slow 0.1/s", 12),
        ("hit list 90 %, 5/s, payload", 2),
    ],
)
def test_worms_are_told_within_so_many_attempts(name: str, most: int) -> None:
    assert statistics.median(find_attempts(name, seed) for seed in range(9)) <= most


@pytest.mark.parametrize("name", TUNED_ON)
def test_benign_hosts_are_never_confirmed(name: str) -> None:
    events = list(make_events(TUNED_ON[name](random.Random(5), 400.0)))
    assert "confirmed" not in [verdict.confidence for verdict in feed(events)]


def test_the_verdict_explains_itself_and_hints_at_the_family() -> None:
    near = tuple(
        AddressShare(share=share, within=within)  # type: ignore[arg-type]
        for share, within in ((0.125, "any"), (0.5, "same_8"), (0.375, "same_16"))
    )
    behaviour = Behaviour(name="codered2", protocol="tcp", ports=(80,), addresses=near)
    detector = ScanDetector(NUMBERS, (behaviour,))
    verdict = feed(list(make_events(WORMS["CRII 100/s"].run(random.Random(1), 2.0))), detector)[0]
    assert (verdict.kind, verdict.confidence, verdict.preference) == ("scan", "confirmed", "near")
    assert verdict.packs == ("codered2",)
    assert verdict.source == verdict.actor == ACTOR
    assert verdict.because.startswith(f"{verdict.failed} of {verdict.attempts} first contacts to port 80 in ")
    assert "name" not in verdict.because


def test_same_events_same_verdicts_in_one_go_or_in_pieces() -> None:
    profiles = (WORMS["CRII 100/s"].run, TUNED_ON["BitTorrent"], TUNED_ON["monitor, half dead"])
    for seed, profile in enumerate(profiles):
        events = list(make_events(profile(random.Random(seed), 240.0)))
        whole = feed(events)
        assert whole
        assert feed(events) == whole
        detector, found = ScanDetector(NUMBERS), []
        for event in events:
            detector.take(event)
            detector.advance(event.at)
            found += detector.verdicts()
        assert found + feed(events[:0], detector) == whole


def burst(at: float, count: int, first: int = 0) -> list[JudgedTraffic]:
    return [Attempt(at + one / 1000, ACTOR, ACTOR, address(first + one), 80) for one in range(count)]


@pytest.mark.parametrize("leap", [2 * 86400.0, -2 * 86400.0, -10.0])
def test_a_clock_that_jumps_makes_no_verdict(leap: float) -> None:
    peers: list[JudgedTraffic] = []
    for one in range(900, 940):
        peers += [
            Attempt(one / 10, ACTOR, ACTOR, address(one), 443),
            Reply(one / 10, ACTOR, address(one), 443, "answered"),
        ]
    after = [msgspec.structs.replace(event, at=event.at + 12 + leap) for event in peers]
    assert feed([*peers, *burst(100.0, 30), *after]) == []


def test_advance_over_a_leap_drops_what_is_open() -> None:
    detector = ScanDetector(NUMBERS)
    for event in burst(100.0, 30):
        detector.take(event)
    detector.advance(100.0 + NUMBERS.leap + 1)
    detector.advance(100.0 + NUMBERS.leap + 100)
    assert detector.verdicts() == []


def test_events_some_seconds_late_count_as_of_now() -> None:
    events: list[JudgedTraffic] = [Attempt(1000.0, b"other", b"", address(1), 80)]
    for one in range(30):
        at = 1000.0 - one % 4
        events += [Attempt(at, ACTOR, ACTOR, address(one), 80), Reply(at + 0.1, ACTOR, address(one), 80, "refused")]
    (verdict,) = feed(events)
    assert (verdict.actor, verdict.failed) == (ACTOR, 10)
    assert verdict.seconds < 0.2


def test_an_old_record_among_new_ones_fails_nobody() -> None:
    """A flow log tells of an hour long flow at its end: attempt and answer are both old."""
    events: list[JudgedTraffic] = []
    for one in range(200):
        events.append(Attempt(5000.0 + one, b"other", b"", b"\x01\x01\x01\x01", 80))
        at = 1400.0 + one
        events += [Attempt(at, ACTOR, ACTOR, address(one), 80), Reply(at + 9, ACTOR, address(one), 80, "answered")]
    assert feed(events) == []


def test_one_old_record_drops_nothing_that_is_open_and_a_clock_that_was_set_back_is_followed() -> None:
    old = Attempt(9e4, b"other", b"", address(1), 80)
    assert len(feed([*burst(1e6, 200), old])) == 1
    many = [msgspec.structs.replace(old, at=old.at + one) for one in range(NUMBERS.late_in_a_row)]
    detector = ScanDetector(NUMBERS)
    for event in (*burst(1e6, 200), *many, *burst(1e5, 200)):
        detector.take(event)
    detector.advance(1e5 + 10)
    assert [verdict.at < 2e5 for verdict in detector.verdicts()] == [True]


@pytest.mark.parametrize("at", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_times_that_are_none(at: float) -> None:
    detector = ScanDetector(NUMBERS)
    detector.take(Attempt(at, ACTOR, ACTOR, address(1), 80))
    for event in burst(100.0, 30):
        detector.take(event)
    detector.take(Reply(at, ACTOR, address(1), 80, "refused"))
    detector.take(Attempt(101.0, ACTOR, ACTOR, address(40), 80))
    assert [verdict.confidence for verdict in detector.verdicts()] == ["confirmed"]


def test_one_verdict_until_it_was_quiet_for_an_hour() -> None:
    events = burst(100.0, 200) + burst(1000.0, 200, 1000)
    assert len(feed(events)) == 1
    assert len(feed([*events, *burst(1000 + NUMBERS.quiet + 100, 200, 3000)])) == 2


def test_each_actor_and_port_is_judged_for_itself() -> None:
    events: list[JudgedTraffic] = []
    for one in range(9):
        events += [Attempt(1.0, b"p1", ACTOR, address(one), 80), Attempt(1.0, b"p2", ACTOR, address(one), 80)]
        events.append(Attempt(1.0, b"p1", ACTOR, address(one), 81))
    assert feed(events) == []


def test_a_request_needs_no_attempt() -> None:
    request = Request(1.0, ACTOR, ACTOR, address(1), 80, ("codered/ida",), True)
    (verdict,) = feed([request, request])
    assert (verdict.kind, verdict.confidence) == ("request", "confirmed")


def test_replies_of_nobody_are_passed_over() -> None:
    assert feed([Reply(1.0, b"x", address(1), 80, "refused"), Resolved(1.0, b"", address(1))]) == []


def test_tallies_count_attempts_by_the_minute() -> None:
    detector = ScanDetector(NUMBERS)
    events: list[JudgedTraffic] = [Attempt(60.0 + one * 10, ACTOR, ACTOR, address(one), 80) for one in range(12)]
    feed(events, detector)
    (told,) = detector.tallies()
    assert (told.attempts, told.first_contacts, told.failed, told.answered) == (12, 12, 12, 0)
    assert (told.first, told.last, told.minutes) == (60.0, 170.0, {1: 6, 2: 6})


def test_who_comes_once_and_is_answered_costs_no_actor() -> None:
    detector, late = ScanDetector(NUMBERS), 60.0
    for actor, wait in ((b"soon", 0.1), (b"late", late)):
        detector.take(Attempt(100.0, actor, actor, address(1), 80))
        detector.take(Reply(100.0 + wait, actor, address(1), 80, "answered"))
    assert [actor.key for actor in detector._memory.walk()] == [b"late"]


def test_memory_is_bounded_and_says_what_was_forgotten() -> None:
    numbers = msgspec.structs.replace(
        NUMBERS, most_actors=100, most_destinations=4000, most_destinations_of_one=200, most_ports_of_one=8
    )
    detector = ScanDetector(numbers)
    dice = random.Random(1)
    for one in range(20_000):
        actor = dice.randbytes(4) if one % 2 else ACTOR
        detector.take(Attempt(one / 1000, actor, actor, dice.randbytes(4), dice.choice((80, 81, one % 60000))))
    held = list(detector._memory.walk())
    assert len(held) <= numbers.most_actors
    assert sum(len(port.contacts) for actor in held for port in actor.ports.values()) <= numbers.most_destinations
    assert max(len(actor.ports) for actor in held) <= numbers.most_ports_of_one
    assert len(detector.forgotten()) >= 2


ADDRESSES = st.sampled_from([bytes((1, 2, one, 4)) for one in range(12)] + [bytes(16), b"", b"\x01" * 16])
ACTORS = st.sampled_from([b"", b"a", ACTOR])
TIMES = st.one_of(st.floats(0, 100), st.floats(), st.sampled_from([1e9, 1e9 + 1, 1e9 + 90000, -5.0]))
PORTS = st.integers(0, 70000)
PROTOCOLS = st.sampled_from(["tcp", "udp", "icmp", "arp"])
OUTCOMES = st.sampled_from(["answered", "refused", "unreachable", "silent"])
EVENTS = st.one_of(
    st.builds(Attempt, TIMES, ACTORS, ADDRESSES, ADDRESSES, st.sampled_from([80, 443]), PROTOCOLS),
    st.builds(Attempt, TIMES, ACTORS, ADDRESSES, ADDRESSES, PORTS, PROTOCOLS),
    st.builds(Reply, TIMES, ACTORS, ADDRESSES, st.sampled_from([80, 443]), OUTCOMES, PROTOCOLS),
    st.builds(Resolved, TIMES, ADDRESSES, ADDRESSES),
    st.builds(Request, TIMES, ACTORS, ADDRESSES, ADDRESSES, PORTS, st.just(("pack/sign",)), st.booleans()),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=120), st.lists(TIMES, max_size=3))
def test_any_events_are_taken_and_the_same_ones_judged_the_same(events: list[JudgedTraffic], nows: list[float]) -> None:
    told = []
    for _ in range(2):
        detector = ScanDetector(NUMBERS)
        for event in events:
            detector.take(event)
        for now in nows:
            detector.advance(now)
        told.append((repr(detector.verdicts()), repr(detector.tallies()), detector.forgotten()))
        for actor in detector._memory.walk():
            for port in actor.ports.values():
                assert 0.0 <= port.score <= NUMBERS.cap
                assert 0 <= port.failed <= port.judged
    assert told[0] == told[1]


def test_a_scan_behind_peers_that_are_made_to_fail_is_likely_once_anybody_answers() -> None:
    detector = ScanDetector(load_thresholds())
    actor = bytes((10, 0, 0, 1))
    mine = [bytes((9, 9, 9, one)) for one in range(4)]
    for peer in mine:
        detector.take(Attempt(0.0, actor, actor, peer, 8099))
        detector.take(Reply(0.02, actor, peer, 8099, "answered"))
    found = []
    for one in range(200):
        at = 100.0 + one / 50
        if one % 20 == 0:
            for peer in mine:
                detector.take(Attempt(at, actor, actor, peer, 8099))
                detector.take(Reply(at, actor, peer, 8099, "silent"))
        victim = bytes((20 + one % 5, one, 1, 1))
        detector.take(Attempt(at, actor, actor, victim, 80))
        if one == 100:
            assert detector.verdicts() == []
            detector.take(Reply(at + 0.01, actor, victim, 80, "answered"))
        found += detector.verdicts()
    assert [(one.confidence, one.port) for one in found] == [("likely", 80)]
