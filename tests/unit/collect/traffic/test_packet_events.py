import struct

import pytest

from codered.collect.traffic.frames import ARP, IPV4, Segment
from codered.collect.traffic.own_addresses import OwnAddresses
from codered.collect.traffic.packet_batches import Packet
from codered.collect.traffic.packet_events import BEHIND, MOST_QUESTIONS, PacketEvents
from codered.collect.traffic.tracked import TrackedAttempts
from codered.model.traffic import Attempt, Reply, Resolved, SeenTraffic, Sent
from tests.fixtures.sensing import make_syn, packed

OWN, OTHER = "127.0.0.1", "198.51.100.2"
SYN = make_syn(OWN, OTHER, 4000, 80)


def name(segment: Segment) -> bytes:
    return b"actor of %d" % segment.source_port


def events(tracked: TrackedAttempts | None = None, *, forwards: bool = False) -> PacketEvents:
    return PacketEvents(OwnAddresses(), name, tracked, forwards=forwards)


def take(one: PacketEvents, data: bytes, *, protocol: int = IPV4, outgoing: bool = True) -> list[SeenTraffic]:
    return list(one.take(Packet(10.0, protocol, outgoing, data), 10.0))


def test_a_syn_that_no_socket_made_is_an_attempt_and_what_answers_its_reply() -> None:
    one = events(TrackedAttempts())
    assert take(one, SYN) == [Attempt(10.0, b"actor of 4000", packed(OWN), packed(OTHER), 80)]
    answer = make_syn(OTHER, OWN, 80, 4000)
    answer = answer[:33] + b"\x14" + answer[34:]
    assert take(one, answer, outgoing=False) == [Reply(10.0, b"actor of 4000", packed(OTHER), 80, "refused")]


def test_a_syn_of_a_known_socket_is_not_told_twice() -> None:
    tracked = TrackedAttempts()
    tracked.begin(1, Attempt(9.999, b"pid 1 1", packed(OWN), packed(OTHER), 80), foreign=False, told=True)
    one = events(tracked)
    assert take(one, SYN) == []
    assert take(one, SYN) == []  # repeated
    assert len(take(one, make_syn(OWN, OTHER, 4001, 80))) == 1


def make_data(sequence: int, payload: bytes) -> bytes:
    whole = SYN[:24] + struct.pack(">I", sequence) + SYN[28:32] + b"\x50\x18" + SYN[34:40] + payload
    return whole[:2] + struct.pack(">H", len(whole)) + whole[4:]


@pytest.mark.parametrize("known", [True, False])  # to the trace; else a raw frame
def test_a_request_behind_much_else_is_judged(known: bool) -> None:
    tracked = TrackedAttempts()
    if known:
        tracked.begin(1, Attempt(9.999, b"actor of 4000", packed(OWN), packed(OTHER), 80), foreign=False, told=True)
    one = events(tracked)
    take(one, SYN)
    padding, found = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 10, b"GET /inert-marker"
    for number in range(100):
        take(one, make_data(5 + number * len(padding), padding))
    last = make_data(5 + 100 * len(padding), found)
    assert take(one, last) == [Sent(10.0, b"actor of 4000", packed(OWN), packed(OTHER), 80, found)]
    assert take(one, last) == []  # sent once more


def test_what_others_send_through_us_is_not_ours() -> None:
    passed = make_syn("192.0.2.9", OTHER, 4000, 80)
    assert take(events(TrackedAttempts(), forwards=True), passed) == []
    assert len(take(events(TrackedAttempts()), passed)) == 1  # a made-up source
    assert len(take(events(TrackedAttempts(), forwards=True), SYN)) == 1


def test_names_for_us_and_for_others() -> None:
    record = b"\x00" + struct.pack(">HHIH", 1, 1, 60, 4) + packed(OTHER)
    answer = struct.pack(">HHHHHH", 1, 0x8180, 0, 1, 0, 0) + record
    udp = struct.pack(">HHHH", 53, 4000, 8 + len(answer), 0) + answer
    for client, expected in ((OWN, b""), ("192.0.2.9", packed("192.0.2.9"))):
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + packed("192.0.2.1") + packed(client)
        question = struct.pack(">HHHHH", 4000, 53, 12, 0, 1) + bytes((1, 0))
        asked = head[:12] + packed(client) + packed("192.0.2.1") + question
        one = events()
        assert take(one, head + udp, outgoing=False) == []  # nobody asked
        take(one, asked, outgoing=False)  # a question to us is none of ours
        assert take(one, head + udp, outgoing=False) == []
        take(one, asked[:-3] + b"\x02" + asked[-2:])  # another number
        assert take(one, head + udp, outgoing=False) == []
        take(one, asked)
        assert take(one, head + udp, outgoing=False) == [Resolved(10.0, expected, packed(OTHER))]
        assert take(one, head + udp, outgoing=False) == []  # answered once


def test_questions_are_bounded() -> None:
    one = events()
    for number in range(MOST_QUESTIONS + 10):
        udp = struct.pack(">HHHHHH", 4000 + (number >> 16), 53, 12, 0, number & 0xFFFF, 0x100)
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + packed(OWN) + packed("192.0.2.1")
        take(one, head + udp)
    assert len(one._questions) == MOST_QUESTIONS


def test_the_segments_questions() -> None:
    def arp(what: int, sender: str, target: str) -> bytes:
        return struct.pack(">HHBBH", 1, IPV4, 6, 4, what) + bytes(6) + packed(sender) + bytes(6) + packed(target)

    a, b = packed("192.0.2.1"), packed("192.0.2.2")
    assert take(events(), arp(1, "192.0.2.1", "192.0.2.2"), protocol=ARP) == [Attempt(10.0, a, a, b, 0, "arp")]
    assert take(events(), arp(2, "192.0.2.2", "192.0.2.1"), protocol=ARP) == [Reply(10.0, a, b, 0, "answered", "arp")]


def test_names_come_at_once_and_tcp_behind_its_socket() -> None:
    one = events()
    udp = SYN[:9] + b"\x11" + SYN[10:]
    assert one.order(Packet(10.0, IPV4, True, SYN)) == 10.0 + BEHIND
    assert one.order(Packet(10.0, IPV4, False, SYN)) == 10.0 + BEHIND
    assert one.order(Packet(10.0, IPV4, False, udp)) == 10.0
    assert one.order(Packet(10.0, ARP, False, b"")) == 10.0
    assert one.order(Packet(10.0, IPV4, False, b"")) == 10.0 + BEHIND
