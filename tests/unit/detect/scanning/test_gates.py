"""Gates: each with the honest case that it frees, and what a worm does not gain by it."""

import random
from collections.abc import Iterable

import pytest

from codered.detect.scanning.contacts import GOOD, KEYS, ActorContacts, Failure, PortContacts, Waiting
from codered.detect.scanning.gates import (
    GATES,
    count_answered,
    count_clumped,
    count_failed_networks,
    hold_back,
    is_walk,
    load_gate_numbers,
)
from codered.detect.scanning.scores import add_failure
from codered.detect.scanning.thresholds import load_thresholds

NUMBERS = load_gate_numbers()
OWN = bytes((10, 20, 30, 40))


def spread(count: int, begin: int = 0) -> list[bytes]:
    """Addresses in a network each, in as many /16."""
    return [bytes((20 + (begin + one) % 64, 3 * (begin + one) % 251, one % 256, 1)) for one in range(count)]


def list_hosts(networks: int, hosts: int) -> list[bytes]:
    """So many hosts of each network, one network after the other."""
    return [bytes((10, 60 + net, 1, 10 + one)) for net in range(networks) for one in range(hosts)]


def make(
    failed: Iterable[bytes] = (), answered: Iterable[bytes] = (), number: int = 80, named: bool = False
) -> tuple[ActorContacts, PortContacts]:
    """An actor of whom these failed, all at the 10th second, after those were answered."""
    actor = ActorContacts(b"a", OWN)
    port = actor.ports[number] = PortContacts(number, number, "tcp", 5.0)
    for one in answered:
        port.contacts[one] = GOOD
        actor.round_trip = 0.05
    for one in failed:
        port.contacts[one] = 10.0
        failure = Failure(10.0, 10.0)
        failure.weight, failure.named = 1.0, named
        add_failure(port, one, failure, load_thresholds())
    return actor, port


def held(pair: tuple[ActorContacts, PortContacts], now: float = 20.0) -> list[str]:
    return hold_back(*pair, now, NUMBERS)


def test_random_addresses_that_fail_pass_every_gate() -> None:
    assert held(make(spread(13))) == []
    assert len(GATES) == 7


def test_a_crawler_whose_latest_contacts_were_answered_is_held_back() -> None:
    assert held(make(spread(13), spread(20, 30))) == ["20 of its last 33 first contacts to this port were answered"]


def test_answers_of_long_ago_and_of_a_few_do_not_help_a_worm() -> None:
    assert held(make(spread(80), spread(50, 80))) != []
    assert held(make(spread(128), spread(50, 128))) == []
    assert held(make(spread(30), spread(10, 30))) == []  # a quarter, not more


def test_a_network_that_colludes_is_no_alibi() -> None:
    colluding = [bytes((192, 0, 2, one)) for one in range(60)]
    actor, port = make(spread(60), colluding)
    assert count_answered(actor, port, NUMBERS) == (NUMBERS.answered_of_network, 120)
    assert not any("answered" in one for one in held((actor, port)))


def test_what_is_open_is_not_settled() -> None:
    actor, port = make(spread(4), spread(2, 4))
    actor.quick = Waiting()
    for one in spread(4):
        actor.quick.add(one, port.key, 10.0)
    assert count_answered(actor, port, NUMBERS) == (2, 2)


def test_the_answers_of_a_dense_lan_do_not_excuse_who_chooses_near() -> None:
    dice = random.Random(3)
    near = [OWN[: dice.choices((0, 1, 2), (1, 4, 3))[0]] for _ in range(90)]
    chosen = [kept + bytes((dice.randrange(1, 224),)) * (not kept) + dice.randbytes(4) for kept in near]
    chosen = [one[:4] for one in chosen]
    lan = [one for one in chosen if one[:2] == OWN[:2]]
    actor, port = make((), chosen)
    for one in chosen:
        port.contacts[one] = GOOD if one in lan else 10.0
    assert len(lan) > 0.25 * len(chosen)
    assert held((actor, port)) == []
    fleet = make(list_hosts(40, 1), list_hosts(40, 2))
    assert any("answered" in one for one in held(fleet))


def test_a_list_of_names_is_held_back_and_a_few_names_are_not() -> None:
    assert held(make(spread(12), named=True)) == ["12 of 12 addresses that failed had been given by a name server"]
    actor, port = make(spread(12))
    for failure in list((port.failures or {}).values())[:6]:
        failure.named = True
    assert held((actor, port)) == []


def test_racks_of_a_monitor_are_a_list() -> None:
    told = held(make(list_hosts(16, 25)[:100]))
    assert told == ["its last 100 addresses lie in 4 networks, as a list of hosts does"]
    dice = random.Random(1)
    racks = [bytes((10, 60 + dice.randrange(50) % 40, dice.randrange(2), dice.randrange(10, 50))) for _ in range(40)]
    assert len(held(make(racks))) == 1


def test_chance_and_the_own_network_are_no_clumps() -> None:
    dice = random.Random(2)
    assert count_clumped([OWN[:2] + dice.randbytes(2) for _ in range(128)], OWN)[0] < 10
    assert count_clumped([OWN[:3] + bytes((one,)) for one in range(100)], OWN) == (0.0, 0)
    assert count_clumped([OWN[:3] + bytes((one,)) for one in range(100)], b"")[0] > 50
    own = [OWN[:3] + bytes((one,)) for one in range(100)]
    assert held(make([*own, *spread(28)])) == []  # the Internet at random beside a sweep of the own network


@pytest.mark.parametrize("hosts", [list_hosts(128, 2), list_hosts(17, 241)])
def test_a_worm_that_takes_all_of_some_networks_is_held_back_for_a_while_only(hosts: list[bytes]) -> None:
    assert len(held(make(hosts[:-2]))) == 1
    assert held(make(hosts)) == []


def test_a_walk_is_told_by_its_length() -> None:
    begin = int.from_bytes(bytes((31, 7, 8, 1)), "big")
    walk = [(begin + one).to_bytes(4, "big") for one in range(NUMBERS.walk_addresses)]
    actor, port = make(walk)
    assert is_walk(port, NUMBERS)
    assert count_failed_networks(port) == 3
    assert held((actor, port)) == []
    assert not is_walk(make(walk[:-1])[1], NUMBERS)
    holes = [(begin + 5 * one).to_bytes(4, "big") for one in range(NUMBERS.walk_addresses)]
    assert not is_walk(make(holes)[1], NUMBERS)
    assert not is_walk(make(list_hosts(40, 25))[1], NUMBERS)


def test_broken_ipv6_is_held_back_until_it_is_seen_to_work() -> None:
    six = [bytes((0x20, 1, one)) + bytes(13) for one in range(12)]
    assert held(make(six)) == ["nothing was ever answered by IPv6, which may be broken"]
    actor, port = make(six)
    actor.ports[443] = PortContacts(443, 443, "tcp", 0.0)
    actor.ports[443].contacts[bytes((0x2A, 1)) + bytes(14)] = GOOD
    assert held((actor, port)) == []


@pytest.mark.parametrize("number", [6881, 6999, 8333, 30303, 4001, 51413, 7680])
def test_dead_peers_are_held_back_unless_nobody_at_all_answers(number: int) -> None:
    assert len(held(make(spread(30), spread(3, 30), number))) == 1
    assert held(make(spread(128), number=number)) == []
    assert held(make(spread(30), number=number - 2000)) == []


def test_who_answered_by_udp_was_not_guessed() -> None:
    actor, port = make(spread(12), number=4242)
    by_udp = actor.ports[4242 + KEYS["udp"]] = PortContacts(4242 + KEYS["udp"], 4242, "udp", 0.0)
    for one in spread(6):
        by_udp.contacts[one] = GOOD
    assert held((actor, port)) == []
    by_udp.contacts[spread(12)[-1]] = GOOD
    assert held((actor, port)) == ["7 of 12 addresses that failed had answered by UDP on this port"]


def test_a_browser_that_just_began_may_have_a_slow_line() -> None:
    assert held(make(spread(12), number=443), 6.0) == [
        "it began 1.0 s ago and nothing was answered yet: the line may be slow"
    ]
    assert held(make(spread(12), number=443), 5.0 + NUMBERS.cold_seconds) == []
    assert held(make(spread(12)), 6.0) == []
    assert held(make(spread(12), spread(1, 12), number=443), 6.0) == []
