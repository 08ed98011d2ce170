"""What becomes of contacts, as the detector's events tell."""

import pytest

from codered.detect.scanning.detector import ScanDetector
from codered.detect.scanning.thresholds import load_thresholds
from codered.model.traffic import Attempt, Outcome, Reply, Resolved, ScanVerdict, Transport

NUMBERS = load_thresholds()
ACTOR = bytes((10, 0, 0, 1))


def address(number: int) -> bytes:
    """Each in a network of its own."""
    return bytes((20, number >> 8, number & 255, 1))


def make_detector() -> ScanDetector:
    return ScanDetector(NUMBERS)


def try_one(detector: ScanDetector, at: float, number: int, protocol: Transport = "tcp") -> None:
    detector.take(Attempt(at, ACTOR, ACTOR, address(number), 80, protocol))


def answer(
    detector: ScanDetector, at: float, number: int, outcome: Outcome = "answered", protocol: Transport = "tcp"
) -> None:
    detector.take(Reply(at, ACTOR, address(number), 80, outcome, protocol))


def confidences(detector: ScanDetector, now: float) -> list[str]:
    detector.advance(now)
    return [verdict.confidence for verdict in detector.verdicts()]


@pytest.mark.parametrize("outcome", ["refused", "unreachable", "silent"])
def test_ten_hard_failures_confirm_and_nine_do_not(outcome: Outcome) -> None:
    detector = make_detector()
    for one in range(10):
        assert confidences(detector, 1.0) == []
        try_one(detector, 1.0, one)
        answer(detector, 1.01, one, outcome)
    assert confidences(detector, 1.0) == ["confirmed"]


def test_an_open_contact_counts_when_patience_ends_and_not_before() -> None:
    detector = make_detector()
    for one in range(10):
        try_one(detector, 1.0, one)
    assert confidences(detector, 1.0 + NUMBERS.patience_cold - 0.01) == []
    detector.advance(5.0)
    (verdict,) = detector.verdicts()
    assert verdict.at == pytest.approx(1.0 + NUMBERS.patience_cold)
    assert verdict.seconds == pytest.approx(NUMBERS.patience_cold)


@pytest.mark.parametrize(("round_trip", "patience"), [(0.01, 0.15), (0.05, 0.2), (0.3, 1.2)])
def test_patience_follows_the_round_trip_of_the_actor(round_trip: float, patience: float) -> None:
    detector = make_detector()
    try_one(detector, 1.0, 1000)
    answer(detector, 1.0 + round_trip, 1000)
    for one in range(10):
        try_one(detector, 2.0, one)
    assert confidences(detector, 2.0 + patience - 0.02) == []
    assert confidences(detector, 2.0 + patience + 0.02) == ["confirmed"]


def test_a_new_actor_is_given_the_patience_that_others_needed() -> None:
    detector = make_detector()
    other = b"another"
    detector.take(Attempt(1.0, other, b"", address(1), 80))
    detector.take(Reply(1.3, other, address(1), 80, "answered"))
    for one in range(10):
        try_one(detector, 2.0, one)
    assert confidences(detector, 3.1) == []
    assert confidences(detector, 3.3) == ["confirmed"]


def test_a_late_answer_takes_the_failure_back() -> None:
    detector = make_detector()
    for one in range(9):
        try_one(detector, 1.0, one)
    assert confidences(detector, 1.5) == []
    for one in range(9):
        answer(detector, 1.6, one)
    for one in range(20, 29):
        try_one(detector, 10.0, one)
        answer(detector, 10.1, one, "refused")
    assert confidences(detector, 30.0) == []
    (told,) = detector.tallies()
    assert (told.failed, told.answered) == (9, 9)


def test_a_failure_counts_once_though_it_is_told_twice() -> None:
    detector = make_detector()
    for one in range(9):
        try_one(detector, 1.0, one)
    detector.advance(2.0)
    for one in range(9):
        answer(detector, 2.02, one, "silent")
        answer(detector, 2.03, one, "refused")
        try_one(detector, 2.5, one)  # tried again: no first contact
        answer(detector, 2.6, one, "refused")
    assert confidences(detector, 10.0) == []
    assert detector.tallies()[0].failed == 9


def test_resolved_names_weigh_a_twentieth() -> None:
    detector = make_detector()
    for one in range(179):
        detector.take(Resolved(1.0, ACTOR, address(one)))
        try_one(detector, 1.0, one)
        answer(detector, 1.1, one, "refused")
    assert confidences(detector, 5.0) == []
    for one in range(179, 190):
        detector.take(Resolved(1.0, ACTOR, address(one)))
        try_one(detector, 1.0, one)
        answer(detector, 1.1, one, "refused")
    detector.advance(5.0)
    (verdict,) = detector.verdicts()
    assert verdict.named == verdict.attempts


def scan(detector: ScanDetector, begin: float, count: int = 30, first: int = 0) -> list[ScanVerdict]:
    for one in range(first, first + count):
        try_one(detector, begin + one / 100, one)
    detector.advance(begin + 10)
    return detector.verdicts()


def meet_peers(detector: ScanDetector, at: float, answered: bool) -> None:
    for one in range(5000, 5004):
        try_one(detector, at, one)
        if answered:
            answer(detector, at + 0.02, one)


def test_when_known_peers_fail_too_nothing_counts() -> None:
    detector = make_detector()
    meet_peers(detector, 0.0, answered=True)
    meet_peers(detector, 100.0, answered=False)
    assert scan(detector, 100.0) == []
    assert detector.tallies()[0].failed == 0
    meet_peers(detector, 200.0, answered=True)
    assert [one.confidence for one in scan(detector, 201.0, first=1000)] == ["confirmed"]


def test_what_failed_in_the_minute_before_an_outage_is_forgotten() -> None:
    detector = make_detector()
    meet_peers(detector, 0.0, answered=True)
    assert scan(detector, 100.0, count=8) == []
    meet_peers(detector, 120.0, answered=False)
    assert scan(detector, 121.0, count=8, first=100) == []
    meet_peers(detector, 200.0, answered=True)
    assert scan(detector, 201.0, count=8) == []  # the same eight as before: tried, though not counted
    assert detector.tallies()[0].failed == 0
    assert scan(detector, 202.0, count=9, first=200) == []
    assert detector.tallies()[0].failed == 9


def test_known_peers_that_answer_are_no_outage() -> None:
    detector = make_detector()
    meet_peers(detector, 0.0, answered=True)
    meet_peers(detector, 100.0, answered=True)
    assert [one.confidence for one in scan(detector, 100.1)] == ["likely", "confirmed"]


def test_one_failing_peer_is_no_outage() -> None:
    detector = make_detector()
    meet_peers(detector, 0.0, answered=True)
    try_one(detector, 100.0, 5000)
    assert [one.confidence for one in scan(detector, 100.0)] == ["likely", "confirmed"]


def test_udp_that_is_refused_counts_and_silence_only_from_many_networks() -> None:
    detector = make_detector()
    for one in range(10):
        try_one(detector, 1.0, one, "udp")
        answer(detector, 1.1, one, "unreachable", "udp")
    assert confidences(detector, 5.0) == ["confirmed"]
    detector = make_detector()
    for one in range(16):
        try_one(detector, 1.0, one, "udp")
    assert confidences(detector, 5.0) == []
    for one in range(16, 27):
        try_one(detector, 6.0, one, "udp")
    assert confidences(detector, 10.0) == ["confirmed"]


def test_a_thousand_silent_collectors_of_one_network_are_not_told() -> None:
    detector = make_detector()
    for one in range(1000):
        detector.take(Attempt(1.0, ACTOR, ACTOR, bytes((10, 1, one >> 8, one & 255)), 514, "udp"))
    assert confidences(detector, 5.0) == []


def test_quic_that_is_filtered_is_not_told_where_tcp_answers() -> None:
    detector = make_detector()
    for one in range(100):
        try_one(detector, 1.0, one)
        try_one(detector, 1.0, one, "udp")
        answer(detector, 1.05, one)
    assert confidences(detector, 5.0) == []


def test_arp_burst_is_likely_and_answers_count_against_it() -> None:
    detector = make_detector()
    for one in range(2, 42):
        detector.take(Attempt(1.0, ACTOR, ACTOR, bytes((10, 0, 0, one)), 0, "arp"))
        if one % 2 == 0:
            detector.take(Reply(1.01, ACTOR, bytes((10, 0, 0, one)), 0, "answered", "arp"))
    detector.advance(5.0)
    (verdict,) = detector.verdicts()
    assert (verdict.protocol, verdict.confidence, verdict.failed) == ("arp", "likely", 20)


def test_the_first_attempt_of_a_newcomer_counts_from_when_it_was_made() -> None:
    detector = make_detector()
    try_one(detector, 1.0, 0)
    assert detector.tallies() == ()
    for one in range(1, 10):
        try_one(detector, 2.0, one)
    detector.advance(5.0)
    (verdict,) = detector.verdicts()
    assert verdict.seconds == pytest.approx(1.0 + NUMBERS.patience_cold)
    (told,) = detector.tallies()
    assert (told.first, told.attempts, told.first_contacts, told.source) == (1.0, 10, 10, ACTOR)


def test_the_reply_to_a_newcomer_counts() -> None:
    detector = make_detector()
    for one in range(10):
        actor = b"actor %d" % one
        detector.take(Attempt(1.0, actor, ACTOR, address(one), 80))
        detector.take(Reply(1.3, actor, address(one), 80, "answered"))
    for one in range(10):  # 1.2 s of patience are known by now
        try_one(detector, 2.0, one)
    assert confidences(detector, 3.1) == []
    assert confidences(detector, 3.3) == ["confirmed"]


def test_after_the_verdict_failures_are_still_counted() -> None:
    detector = make_detector()
    for one in range(500):
        try_one(detector, 1.0 + one / 100, one)
    assert confidences(detector, 20.0) == ["confirmed"]
    assert detector.tallies()[0].failed == 500


def test_hosts_that_were_heard_themselves_are_not_missed_though_their_answers_are_not_seen() -> None:
    """A gateway asks for everybody; the answers go to it alone."""
    detector = make_detector()
    hosts = [bytes((10, 0, 0, one)) for one in range(2, 60)]
    for host in hosts:
        detector.take(Attempt(1.0, host, host, ACTOR, 0, "arp"))
    for again in range(3):
        for host in hosts:
            detector.take(Attempt(2.0 + 20 * again, ACTOR, ACTOR, host, 0, "arp"))
    assert confidences(detector, 60.0) == []
    assert [one.confidence for one in scan(detector, 70.0)] == ["confirmed"]


@pytest.mark.parametrize(("net", "expected"), [(2, "confirmed"), (6, "likely")])
def test_ipv6_networks_are_48_bits(net: int, expected: str) -> None:
    """The count goes through the third or the seventh pair of octets."""
    detector = make_detector()
    for one in range(12):
        destination = bytearray(16)
        destination[net] = one
        detector.take(Attempt(1.0, ACTOR, b"", bytes(destination), 22))
    reached = bytes((0x2A, *bytes(15)))  # by IPv6, which works
    detector.take(Attempt(1.0, ACTOR, b"", reached, 443))
    detector.take(Reply(1.1, ACTOR, reached, 443, "answered"))
    assert confidences(detector, 5.0) == [expected]


@pytest.mark.parametrize(("known_peers", "expected"), [(False, ["likely"]), (True, ["confirmed"])])
def test_where_all_was_answered_an_answer_since_the_failures_began_tells(
    known_peers: bool, expected: list[str]
) -> None:
    detector = make_detector()
    for one in range(110, 140):
        try_one(detector, one / 100, one)
        answer(detector, one / 100 + 0.01, one)
    for one in range(9):
        try_one(detector, 2.0, one)
    if known_peers:
        try_one(detector, 2.1, 110)
        answer(detector, 2.11, 110)
    for one in range(9, 100):
        try_one(detector, 2.2, one)
    assert confidences(detector, 5.0) == expected
