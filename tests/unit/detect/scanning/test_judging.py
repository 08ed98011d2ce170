"""The gates in front of "confirmed"."""

import pytest

from codered.detect.scanning.contacts import ActorContacts, Failure, PortContacts
from codered.detect.scanning.judging import Judge
from codered.detect.scanning.preference import Behaviour
from codered.detect.scanning.scores import add_failure
from codered.detect.scanning.thresholds import load_thresholds
from codered.model.countermeasures import AddressShare
from codered.model.traffic import Transport

NUMBERS = load_thresholds()
CODE_RED = Behaviour(name="codered", protocol="tcp", ports=(80,), addresses=(AddressShare(share=1.0, within="any"),))


def make_scan(count: int, step: int = 0x0B00_0100, protocol: Transport = "tcp") -> tuple[ActorContacts, PortContacts]:
    """So many failed first contacts, all at the 10th second."""
    actor = ActorContacts(b"a", b"\x0a\x00\x00\x01")
    port = actor.ports[80] = PortContacts(80, 80, protocol, 10.0)
    for one in range(count):
        address = (0x0100_0001 + one * step).to_bytes(4, "big")
        port.contacts[address] = 10.0
        port.attempts += 1
        actor.remember_port(80, address, NUMBERS.port_share_of)
        failure = Failure(10.0, 10.0)
        failure.weight = NUMBERS.failure_weight
        add_failure(port, address, failure, NUMBERS)
    return actor, port


def test_enough_is_ten_failures() -> None:
    judge = Judge(NUMBERS, ())
    assert not judge.is_enough(make_scan(9)[1], 10.0)
    assert judge.is_enough(make_scan(10)[1], 10.0)


def test_all_gates_passed_is_confirmed_and_told_once() -> None:
    actor, port = make_scan(13)
    judge = Judge(NUMBERS, (CODE_RED,))
    verdict = judge.judge_scan(actor, port, 10.9, names_seen=True)
    assert verdict is not None
    assert (verdict.confidence, verdict.held_back, verdict.preference) == ("confirmed", (), "uniform")
    assert (verdict.attempts, verdict.failed, verdict.networks, verdict.named) == (13, 13, 13, 0)
    assert verdict.packs == ("codered",)
    assert verdict.because == (
        "13 of 13 first contacts to port 80 in 13 networks failed in 0.9 s, no name was resolved"
    )
    assert not judge.is_enough(port, 11.0)


def test_few_networks_hold_it_back_until_there_are_more() -> None:
    actor, port = make_scan(13, step=1)
    actor.source = b"\x01\x00\x00\xfe"  # the own network, of which many addresses are no list
    judge = Judge(NUMBERS, ())
    first = judge.judge_scan(actor, port, 10.0, names_seen=False)
    assert first is not None
    assert (first.confidence, first.networks, first.named) == ("likely", 1, None)
    assert "networks" in first.held_back[0]
    assert judge.judge_scan(actor, port, 10.0, names_seen=False) is None
    for one in range(10):
        failure = Failure(11.0, 11.0)
        failure.weight = NUMBERS.failure_weight
        add_failure(port, bytes((99, one, 0, 1)), failure, NUMBERS)
    assert judge.is_enough(port, 11.0)
    second = judge.judge_scan(actor, port, 11.0, names_seen=False)
    assert second is not None
    assert second.confidence == "confirmed"


def test_a_gate_is_not_asked_at_each_failure() -> None:
    actor, port = make_scan(64, step=1)
    judge = Judge(NUMBERS, ())
    assert judge.judge_scan(actor, port, 10.0, names_seen=False) is not None
    assert judge.judge_scan(actor, port, 10.0, names_seen=False) is None
    assert not judge.is_enough(port, 10.0)


def test_networks_of_long_ago_do_not_count() -> None:
    actor, port = make_scan(13)
    verdict = Judge(NUMBERS, ()).judge_scan(actor, port, 10.0 + NUMBERS.quiet + 1, names_seen=False)
    assert verdict is not None
    assert verdict.networks == 0


def test_many_ports_hold_it_back() -> None:
    actor, port = make_scan(20)
    for one in range(40):
        actor.remember_port(1000 + one, bytes((9, 9, one, 9)), NUMBERS.port_share_of)
    verdict = Judge(NUMBERS, ()).judge_scan(actor, port, 10.0, names_seen=False)
    assert verdict is not None
    assert (verdict.confidence, len(verdict.held_back)) == ("likely", 1)


@pytest.mark.parametrize(("later", "confidence"), [(1.0, "likely"), (61.0, "confirmed")])
def test_where_all_was_answered_just_before_it_waits_a_minute(later: float, confidence: str) -> None:
    actor, port = make_scan(13)
    port.cut_off = True
    verdict = Judge(NUMBERS, ()).judge_scan(actor, port, 10.0 + later, names_seen=False)
    assert verdict is not None
    assert verdict.confidence == confidence


def test_an_answer_to_anything_tried_since_shows_that_the_line_is_there() -> None:
    actor, port = make_scan(13)
    port.cut_off = True
    actor.reached = 10.1
    verdict = Judge(NUMBERS, ()).judge_scan(actor, port, 10.9, names_seen=False)
    assert verdict is not None
    assert verdict.confidence == "confirmed"


def test_arp_never_confirms() -> None:
    judge = Judge(NUMBERS, ())
    assert not judge.is_enough(make_scan(19, step=1, protocol="arp")[1], 10.0)
    actor, port = make_scan(20, step=1, protocol="arp")
    assert judge.is_enough(port, 10.0)
    assert not judge.is_enough(port, 71.0)
    verdict = judge.judge_scan(actor, port, 10.0, names_seen=False)
    assert verdict is not None
    assert verdict.confidence == "likely"
    assert not judge.is_enough(port, 10.0)


def test_what_an_outage_withheld_is_likely_when_it_would_be_enough() -> None:
    judge = Judge(NUMBERS, ())
    actor, port = make_scan(0)
    withheld = {bytes((20, one, 1, 1)): 5.0 for one in range(9)}
    assert judge.judge_withheld(actor, port, withheld, 10.0) is None
    withheld[bytes((20, 9, 1, 1))] = 6.0
    verdict = judge.judge_withheld(actor, port, withheld, 10.0)
    assert verdict is not None
    assert (verdict.confidence, verdict.failed, verdict.seconds, port.told) == ("likely", 10, 5.0, "likely")
    assert "made to fail" in verdict.held_back[0]
    near = {bytes((20, 1, 1, one)): 5.0 for one in range(50)}
    assert judge.judge_withheld(actor, make_scan(0)[1], near, 10.0) is None
