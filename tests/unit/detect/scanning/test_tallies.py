"""What is added up for reports."""

from codered.detect.scanning.contacts import ActorContacts, PortContacts, SignSeen
from codered.detect.scanning.tallies import MOST_LOOKED_AT, MOST_MINUTES, count_minute, latest_destinations, tally


def make_actor(contacts: int) -> ActorContacts:
    actor = ActorContacts(b"a", b"\x0a\x00\x00\x01")
    port = actor.ports[80] = PortContacts(80, 80, "tcp", 5.0)
    port.contacts = {(one << 8).to_bytes(4, "big"): 1.0 for one in range(contacts)}
    port.first_contacts = port.attempts = contacts
    return actor


def test_a_port_is_worth_telling_from_eight_contacts_or_with_a_verdict() -> None:
    assert list(tally(make_actor(7))) == []
    (one,) = tally(make_actor(8))
    assert (one.first_contacts, one.networks, one.ports, len(one.examples), one.first) == (8, 8, 1, 8, 5.0)
    told = make_actor(1)
    told.ports[80].told = "likely"
    assert len(list(tally(told))) == 1
    sent = make_actor(1)
    sent.signs = {"pack/sign": SignSeen()}
    assert len(list(tally(sent))) == 1


def test_minutes_are_counted_and_bounded() -> None:
    actor = make_actor(8)
    for minute in range(MOST_MINUTES + 10):
        count_minute(actor, minute)
        actor.minute_attempts = 2
    (one,) = tally(actor)
    assert len(one.minutes) <= MOST_MINUTES + 1
    assert one.minutes[MOST_MINUTES + 9] == 2
    assert 0 not in one.minutes


def test_a_minute_that_comes_again_is_added() -> None:
    actor = make_actor(8)
    grown = []
    for minute in (7, 8, 7, 9):
        grown.append(count_minute(actor, minute))
        actor.minute_attempts = 3
    (one,) = tally(actor)
    assert one.minutes == {7: 6, 8: 3, 9: 3}
    assert grown == [0, 1, 1, 0]


def test_the_latest_destinations_keep_their_order() -> None:
    latest = latest_destinations(make_actor(1000).ports[80])
    assert len(latest) == MOST_LOOKED_AT
    assert latest == sorted(latest)
    assert latest[-1] == (999 << 8).to_bytes(4, "big")
