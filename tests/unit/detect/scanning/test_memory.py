"""Bounds of memory."""

import msgspec

from codered.detect.scanning.contacts import ActorContacts, PortContacts
from codered.detect.scanning.memory import ActorMemory
from codered.detect.scanning.thresholds import load_thresholds
from codered.model.traffic import Attempt

NUMBERS = msgspec.structs.replace(
    load_thresholds(), most_actors=40, most_destinations=2000, most_destinations_of_one=10, most_ports_of_one=4
)


def fill(memory: ActorMemory, first: int, count: int) -> None:
    for one in range(first, first + count):
        memory.recall(b"%d" % one, b"")


def test_who_was_quiet_longest_is_forgotten_first() -> None:
    memory = ActorMemory(NUMBERS)
    for one in range(200):
        memory.recall(b"always", b"") if memory.young.get(b"always") is None else None
        fill(memory, one, 1)
        assert len(memory.young) + len(memory.old) <= NUMBERS.most_actors
    assert memory.find(b"always") is not None
    assert memory.find(b"199") is not None
    assert memory.find(b"0") is None
    gone = 201 - len(list(memory.walk()))
    assert memory.forgotten() == (f"{gone} who were quiet longest of more than 40 actors were forgotten",)


def test_the_same_actor_comes_back_from_the_old_generation() -> None:
    memory = ActorMemory(NUMBERS)
    actor = memory.recall(b"a", b"s")
    memory.turn()
    assert memory.recall(b"a", b"other") is actor
    assert b"a" not in memory.old


def test_whoever_was_seen_is_known_young_old_or_only_once() -> None:
    memory = ActorMemory(NUMBERS)
    memory.recall(b"old", b"")
    memory.turn()
    memory.recall(b"young", b"")
    memory.greet(Attempt(1.0, b"once", b"", b"d", 80))
    assert [memory.knows(key) for key in (b"old", b"young", b"once", b"never")] == [True, True, True, False]


def test_newcomers_are_bounded() -> None:
    memory = ActorMemory(msgspec.structs.replace(NUMBERS, most_actors=200))
    for one in range(2000):
        memory.greet(Attempt(1.0, b"%d" % one, b"", b"d", 80))
    assert len(memory.newcomers) <= 400
    assert memory.knows(b"1999")
    assert not memory.knows(b"0")


def test_who_is_told_of_or_halfway_to_it_survives_a_flood() -> None:
    memory = ActorMemory(NUMBERS)
    for key, score, told in ((b"told", 0.0, "likely"), (b"half", 5.0, ""), (b"less", 4.0, "")):
        actor = memory.recall(key, b"")
        port = actor.ports[80] = PortContacts(80, 80, "tcp", 0.0)
        port.score, port.told = score, told
    fill(memory, 0, 500)
    assert [memory.find(key) is not None for key in (b"told", b"half", b"less")] == [True, True, False]


def test_protected_actors_are_bounded_too() -> None:
    memory = ActorMemory(NUMBERS)
    for one in range(500):
        actor = memory.recall(b"%d" % one, b"")
        actor.ports[80] = PortContacts(80, 80, "tcp", 0.0)
        actor.ports[80].told = "confirmed"
    assert len(list(memory.walk())) <= NUMBERS.most_actors


def test_an_actor_that_is_forgotten_waits_for_nothing() -> None:
    memory = ActorMemory(NUMBERS)
    memory.waiting[b"0"] = memory.recall(b"0", b"")
    fill(memory, 1, 100)
    assert not memory.waiting


def test_destinations_and_ports_of_one_actor_shrink_by_half() -> None:
    memory = ActorMemory(NUMBERS)
    actor = memory.recall(b"a", b"")
    for key in range(4):
        actor.ports[key] = PortContacts(key, key, "tcp", float(key))
    actor.ports[0].told = "likely"
    actor.ports[3].contacts = {b"%d" % one: 0.0 for one in range(10)}
    actor.measure()
    memory.held = before = actor.held
    memory.shrink_destinations(actor, 3)
    assert len(actor.ports[3].contacts) == 5
    assert memory.held == actor.held == before - 5
    memory.shrink_ports(actor)
    assert sorted(actor.ports) == [0, 3]
    assert len(memory.forgotten()) == 2


def test_what_is_held_counts_the_young() -> None:
    memory = ActorMemory(NUMBERS)
    actor: ActorContacts = memory.recall(b"a", b"")
    memory.hold(actor, 7)
    assert memory.held == actor.held
    memory.turn()
    assert memory.held == 0


def test_newcomers_are_bounded_and_counted() -> None:
    memory = ActorMemory(NUMBERS)
    for one in range(1000):
        memory.greet(Attempt(1.0, b"%d" % one, b"", b"\x01\x02\x03\x04", 80))
    assert len(memory.newcomers) <= 2 * NUMBERS.most_actors
    assert memory.knows(b"999")
    assert not memory.knows(b"0")
    gone = 1000 - len(memory.newcomers)
    assert memory.forgotten() == (f"{gone} who were quiet longest of more than 40 actors were forgotten",)
