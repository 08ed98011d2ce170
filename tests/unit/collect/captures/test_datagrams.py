from codered.collect.captures.connections import Connections
from codered.collect.captures.counts import PacketCounts
from codered.collect.captures.datagrams import Datagrams, is_group
from codered.model.traffic import Attempt, Reply, Resolved, SeenTraffic, Sent
from tests.fixtures.capture_files import make_arp, make_dns_answer, make_tcp, make_udp, make_unreachable, pack_address

A, B = pack_address("192.0.2.1"), pack_address("192.0.2.2")
PORTS = frozenset((b"\x05\x9a",))


def make() -> tuple[Datagrams, list[SeenTraffic]]:
    events: list[SeenTraffic] = []
    return Datagrams(PORTS, events), events


def ports(own: int, other: int) -> bytes:
    return own.to_bytes(2, "big") + other.to_bytes(2, "big")


def test_asked_and_answered_once() -> None:
    datagrams, events = make()
    for _ in range(2):
        datagrams.take_udp((A, B), ports(40000, 123), b"x", 1.0)
        datagrams.take_udp((A, B), ports(40001, 123), b"x", 1.5)
        datagrams.take_udp((B, A), ports(123, 40000), b"x", 2.0)
    assert events == [Attempt(1.0, A, A, B, 123, "udp"), Reply(2.0, A, B, 123, "answered", "udp")]


def test_payload_to_a_port_that_was_asked_for() -> None:
    datagrams, events = make()
    datagrams.take_udp((A, B), ports(53, 1434), b"y" * 5000, 1.0)
    assert events == [Attempt(1.0, A, A, B, 1434, "udp"), Sent(1.0, A, A, B, 1434, b"y" * 2048, "udp")]


def test_answers_to_earlier_questions_and_groups_are_no_attempts() -> None:
    datagrams, events = make()
    datagrams.take_udp((B, A), ports(123, 50000), b"x", 1.0)
    datagrams.take_udp((B, A), ports(53, 1025), b"x", 1.0)
    datagrams.take_udp((B, A), ports(8080, 50001), b"x", 1.0)
    datagrams.take_udp((A, pack_address("224.0.0.251")), ports(5353, 5353), b"x", 1.0)
    datagrams.take_udp((A, pack_address("255.255.255.255")), ports(68, 67), b"x", 1.0)
    assert events == []
    assert is_group(pack_address("ff02::fb"))
    assert not is_group(pack_address("2001:db8::1"))
    assert not is_group(b"")


def test_names() -> None:
    datagrams, events = make()
    answer = make_dns_answer("192.0.2.2", ("192.0.2.1", 40000), "a.example", ["198.51.100.1"])[28:]
    question = answer[:2] + b"\x01\x00" + answer[4:]
    datagrams.take_udp((A, B), ports(40000, 53), question, 2.0)
    datagrams.take_udp((B, A), ports(53, 40000), answer, 3.0)
    assert [one for one in events if isinstance(one, Resolved)] == [Resolved(3.0, A, pack_address("198.51.100.1"))]


def test_names_that_nobody_asked_for_are_not_believed() -> None:
    datagrams, events = make()
    answer = make_dns_answer("192.0.2.2", ("192.0.2.1", 40000), "a.example", ["198.51.100.1"])[28:]
    question, other = answer[:2] + b"\x01\x00" + answer[4:], b"\x09\x09" + answer[2:]
    datagrams.take_udp((B, A), ports(53, 40000), answer, 1.0)  # before the question
    datagrams.take_udp((A, B), ports(40000, 53), question, 2.0)
    datagrams.take_udp((B, A), ports(53, 40000), other, 3.0)  # another number
    datagrams.take_udp((B, A), ports(53, 40001), answer, 3.0)  # another port
    datagrams.take_udp((A, B), ports(40000, 53), other, 3.0)  # an answer is no question
    datagrams.take_udp((B, A), ports(53, 40000), other, 3.0)
    assert not any(isinstance(one, Resolved) for one in events)
    for _ in range(3):
        datagrams.take_udp((B, A), ports(53, 40000), answer, 4.0)
    assert sum(isinstance(one, Resolved) for one in events) == 1


def test_unreachable_only_for_what_was_tried_by_whom_it_tells() -> None:
    datagrams, events = make()
    connections = Connections(frozenset(), events, PacketCounts())
    sent = make_udp(("192.0.2.1", 40000), ("192.0.2.2", 7))
    told = make_unreachable("192.0.2.254", sent, code=3)[20:]
    datagrams.take_unreachable(told, (4, A), connections, 1.0)
    datagrams.take_udp((A, B), ports(40000, 7), b"x", 2.0)
    datagrams.take_unreachable(told, (4, B), connections, 3.0)
    assert [type(event) for event in events] == [Attempt]
    for _ in range(2):
        datagrams.take_unreachable(told, (4, A), connections, 4.0)
    assert events[1:] == [Reply(4.0, A, B, 7, "unreachable", "udp")]


def test_other_icmp_is_passed_over() -> None:
    datagrams, events = make()
    connections = Connections(frozenset(), events, PacketCounts())
    datagrams.take_udp((A, B), ports(40000, 7), b"x", 2.0)
    sent = make_udp(("192.0.2.1", 40000), ("192.0.2.2", 7))
    for message in (
        make_unreachable("192.0.2.254", sent, code=4)[20:],  # too large for the way
        b"\x0b" + make_unreachable("192.0.2.254", sent)[21:],
        make_unreachable("192.0.2.254", make_tcp(("192.0.2.1", 40000), ("192.0.2.2", 7), 2))[20:],
        *(make_unreachable("192.0.2.254", sent)[20 : 20 + size] for size in range(32)),
    ):
        datagrams.take_unreachable(message, (4, A), connections, 3.0)
        datagrams.take_unreachable(message, (6, A), connections, 3.0)
    assert [type(event) for event in events] == [Attempt]


def test_arp() -> None:
    datagrams, events = make()
    question = make_arp("192.0.2.1", "192.0.2.2")
    for at, packet in enumerate((question, question[:27], make_arp("192.0.2.2", "192.0.2.1", reply=True))):
        datagrams.take_arp(packet, float(at))
    datagrams.take_arp(make_arp("0.0.0.0", "192.0.2.2"), 4.0)
    datagrams.take_arp(make_arp("192.0.2.3", "192.0.2.3"), 4.0)
    datagrams.take_arp(make_arp("192.0.2.7", "192.0.2.1", reply=True), 4.0)
    assert events == [Attempt(0.0, A, A, B, 0, "arp"), Reply(2.0, A, B, 0, "answered", "arp")]
    assert datagrams.forgotten == 0
