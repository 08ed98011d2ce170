"""What one actor did on one port, added up: for reports, whether there is a verdict or not."""

from collections.abc import Iterator
from itertools import islice

import msgspec

from codered.detect.scanning.contacts import ActorContacts, PortContacts, network_of
from codered.detect.scanning.preference import prefer
from codered.model.traffic import Preference, Transport

FEWEST_CONTACTS = 8
EXAMPLES = 8
MOST_LOOKED_AT = 256
MOST_MINUTES = 1440


class ActorTally(msgspec.Struct, frozen=True, kw_only=True):
    """`attempts` counts every one, `first_contacts` different destinations reached for, `failed` and `answered` those
    of them whose outcome is known. `first` and `last` are seconds since the epoch; `networks` /24 (IPv6: /48) among the
    destinations that are remembered; `ports` how many ports the actor tried. `minutes` = epoch minute -> attempts of
    the actor on all its ports, the latest 1440 at most.
    """

    actor: bytes
    source: bytes
    protocol: Transport
    port: int
    attempts: int
    first_contacts: int
    failed: int
    answered: int
    first: float
    last: float
    networks: int
    ports: int
    preference: Preference
    examples: tuple[bytes, ...]
    minutes: dict[int, int]


def count_minute(actor: ActorContacts, minute: int) -> int:
    """Turn to another minute; gives how many entries the actor holds more."""
    if actor.minute_attempts:
        if actor.minutes is None:
            actor.minutes = {}
        before = len(actor.minutes)
        actor.minutes[actor.minute] = actor.minutes.get(actor.minute, 0) + actor.minute_attempts
        if len(actor.minutes) > MOST_MINUTES:
            del actor.minutes[next(iter(actor.minutes))]
        grown = len(actor.minutes) - before
    else:
        grown = 0
    actor.minute, actor.minute_attempts = minute, 0
    return grown


def tally(actor: ActorContacts) -> Iterator[ActorTally]:
    """A tally of each port that something was said of, or that was tried often enough to be worth one."""
    signs = bool(actor.signs)
    for port in actor.ports.values():
        if signs or port.told or port.first_contacts >= FEWEST_CONTACTS:
            yield _tally_port(actor, port)


def latest_destinations(port: PortContacts) -> list[bytes]:
    """The destinations reached for last, in the order of their first contact."""
    latest = list(islice(reversed(port.contacts), MOST_LOOKED_AT))
    latest.reverse()
    return latest


def _tally_port(actor: ActorContacts, port: PortContacts) -> ActorTally:
    minutes = dict(actor.minutes or {})
    if actor.minute_attempts:
        minutes[actor.minute] = minutes.get(actor.minute, 0) + actor.minute_attempts
    return ActorTally(
        actor=actor.key,
        source=actor.source,
        protocol=port.protocol,
        port=port.port,
        attempts=port.attempts,
        first_contacts=port.first_contacts,
        failed=port.all_failed,
        answered=port.all_answered,
        first=port.first,
        last=port.last,
        networks=len({network_of(address) for address in port.contacts}),
        ports=len(actor.ports),
        preference=prefer(latest_destinations(port), actor.source),
        examples=tuple(islice(port.contacts, EXAMPLES)),
        minutes=minutes,
    )
