"""Sentences."""

import pytest

from codered.detect.scanning.contacts import PortContacts
from codered.detect.scanning.explaining import explain_gates, explain_request, explain_scan, name_port, show_seconds
from codered.detect.scanning.thresholds import load_thresholds
from codered.model.traffic import Request, Transport


def make_port(protocol: Transport = "tcp", judged: int = 13) -> PortContacts:
    port = PortContacts(80, 80, protocol, 0.0)
    port.judged = port.failed = judged
    return port


def test_a_scan_is_told_in_one_sentence() -> None:
    told = "13 of 13 first contacts to port 80 in 11 networks failed in 0.9 s"
    assert explain_scan(make_port(), 11, 0.9, None) == told
    assert explain_scan(make_port(), 11, 0.9, 0) == f"{told}, no name was resolved"
    assert explain_scan(make_port(), 11, 0.9, 2) == f"{told}, 2 of 13 had a resolved name"
    assert " in 1 network failed" in explain_scan(make_port(), 1, 0.9, None)
    assert "to UDP port 80 " in explain_scan(make_port("udp"), 1, 0.9, None)


def test_arp_is_told_by_addresses() -> None:
    expected = "20 addresses of the segment were asked for by ARP in 4.0 s, none answered"
    assert explain_scan(make_port("arp", 20), 1, 4.0, 0) == expected


@pytest.mark.parametrize(("seconds", "shown"), [(0.94, "0.9 s"), (11.4, "11 s"), (119.0, "119 s"), (600.0, "10 min")])
def test_times(seconds: float, shown: str) -> None:
    assert show_seconds(seconds) == shown


def test_ports() -> None:
    assert [name_port("tcp", 80), name_port("udp", 53), name_port("icmp", 8)] == ["port 80", "UDP port 53", "ICMP"]


def test_requests() -> None:
    request = Request(0.0, b"a", b"", b"b", 80, ("codered/ida",), True)
    assert (
        explain_request(request, 1) == "sent what only an infected host sends (codered/ida) to port 80 of one address"
    )
    weak = Request(0.0, b"a", b"", b"b", 80, ("x/b", "x/a"), False)
    assert explain_request(weak, 3) == "sent what attackers send (x/a, x/b) to port 80 of 3 addresses"


def test_gates_are_named() -> None:
    numbers = load_thresholds()
    assert explain_gates(make_port(), 8, (24, 60), numbers) == []
    assert explain_gates(make_port(), 7, (60, 60), numbers) == [
        "only 7 of the 8 networks that a confirmed scan reaches for"
    ]
    assert explain_gates(make_port(), 8, (23, 60), numbers) == [
        "only 23 of its last 60 first contacts went to this port"
    ]
    assert len(explain_gates(make_port(), 0, (0, 60), numbers)) == 2
    assert "segment" in explain_gates(make_port("arp"), 8, (60, 60), numbers)[0]
