"""Scanners: what the detector said of one actor, and what it counted of him, as one entry of a report."""

from collections.abc import Iterable

from codered.detect.scanning.tallies import ActorTally
from codered.detect.traffic_ground import TrafficGround
from codered.detect.traffic_story import show_address
from codered.detect.traffic_times import tell_time
from codered.model.finding import CONFIDENCES
from codered.model.report import Scanner
from codered.model.traffic import ScanVerdict, Transport

MOST_PORTS = 32
MOST_EXAMPLES = 8

_Key = tuple[bytes, Transport]


def make_scanners(
    verdicts: Iterable[ScanVerdict], tallies: Iterable[ActorTally], ground: TrafficGround
) -> tuple[Scanner, ...]:
    """One scanner for each actor and protocol of which a verdict of kind "scan" speaks: one's own first, then the
    surest and the busiest.
    """
    said: dict[_Key, list[ScanVerdict]] = {}
    for verdict in verdicts:
        if verdict.kind == "scan":
            said.setdefault((verdict.actor, verdict.protocol), []).append(verdict)
    counted: dict[_Key, list[ActorTally]] = {}
    for tally in tallies:
        key = (tally.actor, tally.protocol)
        if key in said:
            counted.setdefault(key, []).append(tally)
    made = [_make_scanner(group, counted.get(key, []), ground) for key, group in said.items()]
    return tuple(sorted(made, key=_rank))


def _make_scanner(said: list[ScanVerdict], counted: list[ActorTally], ground: TrafficGround) -> Scanner:
    best = min(said, key=lambda verdict: (CONFIDENCES.index(verdict.confidence), verdict.at))
    ports = {verdict.port: 0 for verdict in said}
    told = [tally for tally in counted if tally.port in ports]
    for tally in told:
        ports[tally.port] += tally.attempts
    actor = ground.describe(best.actor)
    busiest = tuple(sorted(ports, key=lambda port: (-ports[port], port)))[:MOST_PORTS]
    first = min([tally.first for tally in told], default=best.at - best.seconds)
    last = max([tally.last for tally in told], default=best.at)
    attempts = sum(tally.attempts for tally in told) or best.attempts_seen or best.attempts
    examples = [show_address(packed) for tally in told for packed in tally.examples]
    return Scanner(
        actor=actor,
        internal=ground.is_own(actor),
        protocol=best.protocol,
        ports=busiest,
        confidence=best.confidence,
        because=best.because,
        attempts=attempts,
        failed=sum(tally.failed for tally in told) or best.failed,
        answered=sum(tally.answered for tally in told),
        networks=max([tally.networks for tally in told], default=best.networks),
        rate=_rate(attempts, last - first),
        first_seen=tell_time(first),
        last_seen=tell_time(last),
        decided=tell_time(best.at),
        preference=best.preference or next((tally.preference for tally in told if tally.preference), ""),
        packs=best.packs or next((verdict.packs for verdict in said if verdict.packs), ()),
        held_back=best.held_back,
        allowed=ground.allow(actor, busiest),
        examples=tuple(dict.fromkeys(examples))[:MOST_EXAMPLES],
    )


def _rate(attempts: int, seconds: float) -> float:
    """Attempts a second; 0 where there is no time between them."""
    return round((attempts - 1) / seconds, 2) if attempts > 1 and seconds >= 0.001 else 0.0


def _rank(scanner: Scanner) -> tuple[bool, int, int, str]:
    return (not scanner.internal, CONFIDENCES.index(scanner.confidence), -scanner.attempts, scanner.actor.address)
