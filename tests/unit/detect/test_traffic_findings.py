from msgspec.structs import replace

from codered.detect.traffic_findings import describe_actor, explain_scanner, make_payload_findings, make_scan_finding
from codered.detect.traffic_scanners import make_scanners
from codered.detect.traffic_story import Sender, TrafficStory
from codered.model.report import Scanner, judge_verdict
from tests.unit.detect.test_traffic_ground import STRANGER, WORM, make_ground
from tests.unit.detect.test_traffic_scanners import OWN, STRANGE, verdict
from tests.unit.detect.test_traffic_story import B, C, request

PID = b"pid 12 345"


def scanner(actor: bytes, **more: object) -> Scanner:
    (made,) = make_scanners((verdict(actor, confidence="confirmed", held_back=()),), (), make_ground())
    return replace(made, **more)


def send(actor: bytes, *names: str, convicts: bool = True) -> Sender:
    story = TrafficStory(make_ground().signs)
    for to in (B, C):
        story.take(request(1000.0, actor, to, *names, convicts=convicts))
    return story.senders()[0]


def test_a_process_that_scans_is_a_reason_to_end_it() -> None:
    found = make_scan_finding(scanner(PID), make_ground())
    assert (found.layer, found.pack, found.indicator, found.remedy) == (
        "network", "heuristics", "horizontal-scan", "stop_process",
    )  # fmt: skip
    assert (found.confidence, found.severity, found.attack, found.internal) == (
        "confirmed", "critical", ("T1046",), None,
    )  # fmt: skip
    assert found.subject.pid == 12
    (program,) = [item for item in found.evidence if item.source == "program"]
    assert program.sha256 == WORM.sha256
    assert judge_verdict((found,), has_gaps=False) == "infected"


def test_nothing_is_done_about_what_is_only_likely() -> None:
    found = make_scan_finding(scanner(PID, confidence="likely", held_back=("few networks",)), make_ground())
    assert (found.confidence, found.severity, found.remedy) == ("likely", "high", "")
    assert "Not certain: few networks." in found.because


def test_an_address_of_ones_own_is_an_infected_host_a_stranger_is_none() -> None:
    own, strange = (make_scan_finding(scanner(actor), make_ground()) for actor in (OWN, STRANGE))
    assert "Suspected infected host: 10.0.0.1 is one of your own." in own.because
    assert (own.internal, own.severity, own.subject.kind, own.remedy) == (True, "critical", "address", "")
    assert (strange.internal, strange.severity, strange.attack) == (False, "medium", ("T1595.001",))
    assert judge_verdict((own,), has_gaps=False) == "infected"
    assert judge_verdict((strange,), has_gaps=False) == "attacked"


def test_an_allowed_scanner_is_told_and_never_contained() -> None:
    found = make_scan_finding(scanner(PID, allowed="scanner abc, until 2030-01-01 (me: nightly)"), make_ground())
    assert (found.confidence, found.severity, found.remedy, found.near) == ("suspicious", "low", "", False)
    assert "allowed: scanner abc, until 2030-01-01 (me: nightly)." in found.because
    assert judge_verdict((found,), has_gaps=False) == "suspicious"


def test_the_packs_that_choose_so_are_a_hint() -> None:
    said = explain_scanner(scanner(OWN, packs=("worm",)), make_ground())
    assert "chosen as The Worm does: a hint, no proof." in said
    assert "Which process it is, is not known: a capture names none." in said


def test_what_was_sent_is_named_by_its_pack_with_the_first_bytes() -> None:
    (found,) = make_payload_findings(send(OWN), {}, make_ground())
    assert (found.layer, found.pack, found.indicator, found.count) == ("traffic", "worm", "get", 2)
    assert (found.confidence, found.internal, found.severity) == ("confirmed", True, "critical")
    assert found.evidence[0].data == b"GET /inert"
    assert "sent 2 requests of The Worm to 2 hosts, the first of them 10.0.0.2 port 80" in found.because


def test_a_stranger_who_sends_it_attacks() -> None:
    (found,) = make_payload_findings(send(STRANGE), {}, make_ground())
    assert (found.internal, found.severity) == (False, "medium")
    assert "It names an attacker, not the state of the host that was asked." in found.because
    assert judge_verdict((found,), has_gaps=False) == "attacked"


def test_a_process_that_sends_it_is_the_subject() -> None:
    (found,) = make_payload_findings(send(PID), {}, make_ground())
    assert (found.subject.pid, found.internal) == (12, None)


def test_what_convicts_nobody_is_likely_at_most_unless_the_detector_knows_better() -> None:
    sender = send(OWN, convicts=False)
    (found,) = make_payload_findings(sender, {}, make_ground())
    assert found.confidence == "likely"
    (found,) = make_payload_findings(sender, {"worm/get": "suspicious"}, make_ground())
    assert found.confidence == "suspicious"


def test_findings_of_one_sender_have_ids_of_their_own() -> None:
    ids = [make_scan_finding(scanner(actor, protocol=how), make_ground()).id
           for actor in (OWN, STRANGE, PID) for how in ("tcp", "udp", "arp")]  # fmt: skip
    assert len(set(ids)) == 9


def test_an_address_has_nothing_to_describe() -> None:
    assert describe_actor(STRANGER) == ()
    assert [item.source for item in describe_actor(WORM)] == ["command", "program", "process"]
