"""What is kept of actors and ports."""

from math import inf

from codered.detect.scanning.contacts import (
    COST,
    GOOD,
    KEYS,
    SLOW,
    ActorContacts,
    Failure,
    PortContacts,
    SignSeen,
    Waiting,
    network_of,
)


def number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def test_networks_are_24_bits_and_48_of_ipv6() -> None:
    assert network_of(bytes((10, 1, 2, 3))) == bytes((10, 1, 2))
    assert network_of(bytes(range(16))) == bytes(range(6))


def test_only_udp_and_arp_are_waited_for_longer() -> None:
    assert [bool((65535 + key) & SLOW) for key in KEYS.values()] == [False, True, False, True]
    assert len({80 + key for key in KEYS.values()}) == 4


def test_open_contacts_come_out_oldest_first_and_once() -> None:
    waiting = Waiting()
    for one in range(200):
        waiting.add(number(one), 80, float(one))
    assert waiting.opened.pop((number(3), 80)) == 3.0
    assert [tried for _, tried in waiting.take_until(5.0)] == [0, 1, 2, 4, 5]
    assert waiting.oldest() == 6.0
    assert len(waiting.take_until(150.0)) == 145
    assert len(waiting.queue) < 60  # the emptied front is given back
    assert len(waiting.take_until(inf)) == 49
    assert waiting.oldest() == inf


def test_the_oldest_is_found_behind_those_that_were_answered() -> None:
    waiting = Waiting()
    for one in range(3):
        waiting.add(number(one), 80, float(one))
    del waiting.opened[number(0), 80]
    assert waiting.oldest() == 1.0


def test_shrinking_forgets_who_never_answered_first() -> None:
    port = PortContacts(80, 80, "tcp", 0.0)
    port.contacts = {number(one): GOOD if one % 2 else float(one) for one in range(20)}
    assert port.shrink() == 10
    assert set(port.contacts.values()) == {GOOD}
    assert port.shrink() == 5
    assert min(port.contacts) == number(11)


def test_networks_of_failures_since_a_time() -> None:
    port = PortContacts(80, 80, "tcp", 0.0)
    port.failures = {number(one << 8): Failure(float(one), float(one)) for one in range(10)}
    assert port.count_networks(4.0) == 6
    port.begin_anew()
    assert port.count_networks(0.0) == 0


def test_the_ring_of_ports_holds_the_last_ones() -> None:
    actor = ActorContacts(b"a", b"")
    for one in range(10):
        actor.remember_port(one, number(one), 4)
    assert sorted(actor.recent) == [6, 7, 8, 9]


def test_settling_gives_when_it_was_tried() -> None:
    actor = ActorContacts(b"a", b"")
    assert actor.settle(b"b", 80) is None
    actor.quick, actor.slow = Waiting(), Waiting()
    actor.quick.add(b"b", 80, 1.0)
    actor.slow.add(b"b", 80 + SLOW, 2.0)
    assert actor.settle(b"b", 80 + SLOW) == 2.0
    assert actor.settle(b"b", 80) == 1.0
    assert actor.settle(b"b", 80) is None


def test_what_it_holds_and_whether_anything_was_told() -> None:
    actor = ActorContacts(b"a", b"")
    port = actor.ports[80] = PortContacts(80, 80, "tcp", 0.0)
    port.contacts = {b"1": 1.0, b"2": GOOD}
    actor.minutes = {1: 1}
    actor.measure()
    assert actor.held == 3 + 2 * COST
    assert not actor.is_told()
    port.told = "likely"
    assert actor.is_told()
    port.told, actor.signs = "", {"pack/sign": SignSeen()}
    assert actor.is_told()


def test_one_host_with_a_thousand_ports_does_not_hide_a_scan() -> None:
    actor = ActorContacts(b"a", b"")
    for one in range(10):
        actor.remember_port(80, bytes((20, one, 1, 1)), 60)
        for decoy in range(5):
            actor.remember_port(1000 + 5 * one + decoy, bytes((9, 9, 9, 9)), 60)
    assert actor.count_recent(80) == (10, 14)
