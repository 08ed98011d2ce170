"""The whole of some traffic in one picture: who scanned, who sent what, how it passed from host to host, and when."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from codered.detect.scanning.tallies import ActorTally
from codered.detect.traffic_findings import make_payload_findings, make_scan_finding
from codered.detect.traffic_ground import TrafficGround
from codered.detect.traffic_scanners import make_scanners
from codered.detect.traffic_signs import SignVerdict, judge_signs
from codered.detect.traffic_story import Sender, TrafficStory, show_address
from codered.detect.traffic_times import name_minute, tell_time
from codered.model.finding import CONFIDENCES, Confidence, Finding
from codered.model.report import Attacker, Passing, ThreatSeen, TrafficSummary
from codered.model.traffic import ScanVerdict, Transport

MOST_PASSINGS = 10_000
MOST_MINUTES = 20_000  # of the curve: two weeks


Repeats = dict[tuple[bytes, int, Transport, int], int]
"""Attempts that a source only counted: (actor, port, protocol, minute since the epoch) -> how many."""


class Judged(NamedTuple):
    """What the detector came to: its verdicts, and its counts of actors; `repeats` come on top of these."""

    verdicts: tuple[ScanVerdict, ...] = ()
    tallies: tuple[ActorTally, ...] = ()
    repeats: Repeats = {}  # noqa: RUF012  nobody changes it

    def list_scanning(self) -> frozenset[tuple[bytes, Transport]]:
        """Who scans, and how."""
        return frozenset((one.actor, one.protocol) for one in self.verdicts if one.kind == "scan")


class Picture(NamedTuple):
    """What is to be reported: the summary, and the findings."""

    summary: TrafficSummary
    findings: tuple[Finding, ...]


def hold_back(judged: Judged, why: str) -> Judged:
    """The same, with no scan told as certain."""
    held = (
        msgspec.structs.replace(one, confidence="likely", held_back=(*one.held_back, why))
        if one.kind == "scan" and one.confidence == "confirmed"
        else one
        for one in judged.verdicts
    )
    return judged._replace(verdicts=tuple(held))


def draw_picture(judged: Judged, story: TrafficStory, ground: TrafficGround) -> Picture:
    """All that the detector and the requests tell. What was read, and what could not be seen, is for the caller."""
    scanners = make_scanners(judged.verdicts, _add_repeats(judged), ground)
    attackers = tuple(_make_attacker(sender, ground) for sender in story.senders())
    summary = TrafficSummary(
        scanners=scanners,
        attackers=tuple(sorted(attackers, key=lambda one: (not one.internal, -one.count, one.address))),
        passings=tuple(_list_passings(judged, story, ground)),
        minutes=_count_minutes(judged, story),
        forgotten=_tell_forgotten(story),
    )
    findings = {finding.id: finding for scanner in scanners for finding in (make_scan_finding(scanner, ground),)}
    for sender in story.senders():
        sure = _gather_confidence(judged.verdicts, sender)
        findings |= {finding.id: finding for finding in make_payload_findings(sender, sure, ground)}
    return Picture(summary, tuple(findings.values()))


def _add_repeats(judged: Judged) -> list[ActorTally]:
    """The tallies with what the source only counted."""
    more: Counter[tuple[bytes, int, Transport]] = Counter()
    for (actor, port, protocol, _), count in judged.repeats.items():
        more[actor, port, protocol] += count
    return [
        msgspec.structs.replace(one, attempts=one.attempts + more[one.actor, one.port, one.protocol])
        for one in judged.tallies
    ]


def _gather_confidence(verdicts: Iterable[ScanVerdict], sender: Sender) -> dict[str, Confidence]:
    """The best that the detector said of each sign of this sender."""
    sure: dict[str, Confidence] = {}
    for verdict in verdicts:
        if verdict.kind == "request" and verdict.actor == sender.actor:
            for sign in verdict.signs:
                sure[sign] = min(sure.get(sign, verdict.confidence), verdict.confidence, key=CONFIDENCES.index)
    return sure


def _make_attacker(sender: Sender, ground: TrafficGround) -> Attacker:
    actor = ground.describe(sender.actor)
    threats = [
        ThreatSeen(
            pack=verdict.pack,
            indicator=verdict.sign.indicator.id,
            count=_count_sign(sender, verdict),
            shared_by=verdict.shared_by,
        )
        for verdict in judge_signs(sender.deeds, ground.signs)
    ]
    hours = {name_minute(hour * 60)[:13]: count for hour, count in sorted(sender.hours.items())}
    return Attacker(
        address=actor.address or show_address(sender.source) or "unknown",
        internal=ground.is_own(actor),
        threats=tuple(sorted(threats, key=lambda threat: (-threat.count, threat.pack, threat.indicator))),
        count=sender.count,
        first_seen=tell_time(sender.first),
        last_seen=tell_time(sender.last),
        hours={hour: count for hour, count in hours.items() if hour},
    )


def _count_sign(sender: Sender, verdict: SignVerdict) -> int:
    deed = sender.deeds.get(verdict.sign.name)
    return deed.count if deed is not None else sender.count


def _list_passings(judged: Judged, story: TrafficStory, ground: TrafficGround) -> list[Passing]:
    """Who handed what to whom, by time; those of whom it is seen that they went on come first when there are many."""
    began = _find_beginnings(judged, story)
    found: list[tuple[bool, float, Passing]] = []
    threats: dict[tuple[bytes, tuple[str, ...]], str] = {}
    for one in story.handed():
        at, sent_on = tell_time(one.first), began.get(one.target)
        key = (one.source, one.signs)
        if key not in threats:
            verdicts = judge_signs(one.signs, ground.signs)
            threats[key] = verdicts[0].pack if verdicts else ""
        if at is None or not threats[key]:
            continue
        passing = Passing(
            at=at,
            source=show_address(one.source) or "unknown",
            target=show_address(one.target) or "unknown",
            pack=threats[key],
            sent_on=tell_time(sent_on) if sent_on is not None else None,
        )
        found.append((sent_on is None or sent_on < one.first, one.first, passing))
    found.sort(key=lambda item: item[:2])
    return sorted((item[2] for item in found[:MOST_PASSINGS]), key=lambda passing: (passing.at, passing.target))


def _find_beginnings(judged: Judged, story: TrafficStory) -> dict[bytes, float]:
    """When each address began to scan or to send what shows a threat."""
    began: dict[bytes, float] = {}
    scanning = {(verdict.actor, verdict.port): verdict.source for verdict in judged.verdicts if verdict.kind == "scan"}
    for tally in judged.tallies:
        if (tally.actor, tally.port) in scanning:
            source = scanning[tally.actor, tally.port] or tally.actor
            began[source] = min(began.get(source, tally.first), tally.first)
    for sender in story.senders():
        began[sender.source] = min(began.get(sender.source, sender.first), sender.first)
    return began


def _count_minutes(judged: Judged, story: TrafficStory) -> dict[str, int]:
    """Attempts by scanners, and requests that show a threat, by minute; the busiest where there are too many."""
    scanning = judged.list_scanning()
    minutes = Counter(story.minutes)
    for sender in story.senders():
        if (sender.actor, "tcp") not in scanning:  # the attempt that a request belongs to is counted
            minutes.update(sender.minutes)
    # An actor's minutes are those of all its ports: they are the same in each of its tallies.
    for tally in {one.actor: one for one in judged.tallies if (one.actor, one.protocol) in scanning}.values():
        minutes.update(tally.minutes)
    for (actor, _, protocol, minute), count in judged.repeats.items():
        if (actor, protocol) in scanning:
            minutes[minute] += count
    chosen = sorted(dict(minutes.most_common(MOST_MINUTES)).items())
    named = ((name_minute(minute), count) for minute, count in chosen)
    return {name: count for name, count in named if name}


def _tell_forgotten(story: TrafficStory) -> tuple[str, ...]:
    told = []
    if story.left_out:
        told.append(f"{story.left_out:,} requests of senders for whom there was no room")
    if story.pairs_left_out:
        told.append(f"{story.pairs_left_out:,} requests that infect, by pairs of addresses for which there was no room")
    return tuple(told)
