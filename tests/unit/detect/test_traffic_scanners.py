from typing import Any

from msgspec.structs import replace

from codered.detect.scanning.tallies import ActorTally
from codered.detect.traffic_scanners import make_scanners
from codered.model.traffic import ScanVerdict
from tests.unit.detect.test_traffic_ground import make_ground

OWN, STRANGE = bytes([10, 0, 0, 1]), bytes([203, 0, 113, 9])


def verdict(actor: bytes = OWN, **more: Any) -> ScanVerdict:
    plain = ScanVerdict(
        at=1002.0, actor=actor, source=actor, kind="scan", protocol="tcp", port=80, confidence="likely",
        because="13 of 13 first contacts to port 80 failed", attempts=13, failed=13, attempts_seen=15, networks=11,
        seconds=2.0, held_back=("too few networks",),
    )  # fmt: skip
    return replace(plain, **more)


def tally(actor: bytes = OWN, port: int = 80, **more: Any) -> ActorTally:
    plain = ActorTally(
        actor=actor, source=actor, protocol="tcp", port=port, attempts=101, first_contacts=100, failed=90, answered=5,
        first=1000.0, last=1010.0, networks=70, ports=1, preference="near", examples=(STRANGE, OWN, STRANGE),
        minutes={16: 101},
    )  # fmt: skip
    return replace(plain, **more)


def test_the_surest_verdict_is_told_with_the_counts_of_all_its_ports() -> None:
    said = (verdict(), verdict(at=1003.0, confidence="confirmed", held_back=(), packs=("worm",)), verdict(port=8080))
    (one,) = make_scanners(
        said, (tally(port=8080, attempts=500), tally(), tally(port=22, attempts=9999)), make_ground()
    )
    assert (one.confidence, one.held_back, one.packs, one.ports) == ("confirmed", (), ("worm",), (8080, 80))
    assert (one.attempts, one.failed, one.answered, one.networks) == (601, 180, 10, 70)
    assert (one.rate, one.preference, one.internal) == (60.0, "near", True)
    assert one.examples == ("203.0.113.9", "10.0.0.1")
    assert one.first_seen
    assert one.last_seen
    assert one.decided
    assert [moment.timestamp() for moment in (one.first_seen, one.last_seen, one.decided)] == [1000.0, 1010.0, 1003.0]


def test_without_counts_the_verdict_tells_its_own() -> None:
    (one,) = make_scanners((verdict(),), (), make_ground(allowed="scanner abc"))
    assert (one.attempts, one.failed, one.rate, one.allowed) == (15, 13, 7.0, "scanner abc")
    assert one.first_seen
    assert one.first_seen.timestamp() == 1000.0


def test_one_a_protocol_ones_own_first_and_requests_are_no_scans() -> None:
    said = (
        verdict(STRANGE, confidence="confirmed"),
        verdict(protocol="arp", port=0),
        verdict(),
        verdict(kind="request"),
    )
    made = make_scanners(said, (tally(STRANGE),), make_ground())
    assert [(one.actor.address, one.protocol) for one in made] == [
        ("10.0.0.1", "arp"), ("10.0.0.1", "tcp"), ("203.0.113.9", "tcp"),
    ]  # fmt: skip


def test_times_that_are_none() -> None:
    (one,) = make_scanners((verdict(at=float("nan"), seconds=float("inf")),), (), make_ground())
    assert (one.first_seen, one.decided, one.rate) == (None, None, 0.0)
