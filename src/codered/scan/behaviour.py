"""Behaviour of this host, live: what its processes reach for, judged as it happens."""

import os
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec

from codered.collect.process_identity import read_stat
from codered.collect.traffic.guests import has_guests
from codered.collect.traffic.live import LiveTraffic
from codered.collect.traffic.own_addresses import OwnAddresses
from codered.detect.log_addresses import OwnNetworks, pack_address
from codered.detect.payloads import ports_of
from codered.detect.process_words import ProcessWords
from codered.detect.traffic_findings import make_payload_findings, make_scan_finding
from codered.detect.traffic_ground import TrafficGround
from codered.detect.traffic_scanners import make_scanners
from codered.detect.traffic_summary import Picture, draw_picture
from codered.model.allow_list import AllowedScanner, AllowList
from codered.model.finding import CONFIDENCES, Finding
from codered.model.report import TrafficSummary
from codered.model.ruleset import RuleSet
from codered.model.traffic import Actor, Attempt, Missed, Reply, Resolved, ScanVerdict, SeenTraffic
from codered.scan.process_families import ProcessFamilies
from codered.scan.request import Network
from codered.scan.scanner_allowing import ScannerAllowing
from codered.scan.traffic_judging import TrafficJudge

MOST_REMEMBERED = 50_000
MOST_ANCESTORS = 64
OWN_AGAIN = 5.0  # seconds between two questions for our own addresses
MOST_ROUNDS = 50  # of reading, before what came is judged


class Seen(NamedTuple):
    """A verdict of the detector, whom it is about, and the finding that it makes. `allowed`: the allow-list lets it."""

    verdict: ScanVerdict
    actor: Actor
    finding: Finding
    allowed: bool = False


class BehaviourWatch:
    """Watches from its making on. Processes in `own`, and what they started, are passed over: the tool itself. Raises
    CoverageIncomplete when nothing of the network can be seen here.
    """

    def __init__(
        self,
        rules: RuleSet,
        allowed: AllowList,
        internal: tuple[Network, ...] = (),
        namespaces: Literal["own", "all"] = "own",
        own: frozenset[int] = frozenset(),
    ) -> None:
        self._live = LiveTraffic(ports_of(rules), namespaces=namespaces)
        self._families = ProcessFamilies(self._live.find_heads, self._live.describe)
        self._judge = TrafficJudge(rules, self._families)
        self._allowing = ScannerAllowing(allowed, ProcessWords(rules.heuristics.lists), self._live.hash_program)
        self._own = own | {os.getpid()}
        self._is_own: dict[bytes, bool] = {}
        self._told: dict[str, Finding] = {}
        self._began = datetime.now(UTC)
        titles = {loaded.pack.name: loaded.pack.title for loaded in rules.packs}
        self._networks, self._addresses = OwnNetworks(internal), OwnAddresses(again=OWN_AGAIN)
        self._ground = TrafficGround(
            self._judge.signs, titles, self._holds, self._live.describe, self._allowing.explain
        )

    def fileno(self) -> int:
        """One descriptor that can be read when something was seen."""
        return self._live.fileno()

    def read(self, now: float | None = None) -> list[Finding]:
        """What is new, or surer than it was told before, up to `now` (seconds since the epoch). Never waits."""
        return [seen.finding for seen in self.take(now)]

    def take(self, now: float | None = None) -> list[Seen]:
        """The same with the detector's verdicts. Never waits."""
        for _ in range(MOST_ROUNDS):
            events = self._live.read()
            for event in events:
                if not self._passes_over(event):
                    self._judge.take(event)
            if not events:
                break
        # Answers may still wait to be read when there is more: nobody's patience ends before they are.
        until = (now if now is not None else datetime.now(UTC).timestamp()) if not events else None
        return [seen for verdict in self._judge.advance(until) for seen in self._tell(verdict)]

    def notes(self) -> tuple[str, ...]:
        """What can't be seen here, in words."""
        return (*self._live.notes(), *self._judge.troubles(), *self._judge.forgotten())

    def gaps(self) -> tuple[str, ...]:
        """What should be seen and is not, in words: less than a host with all rights gives, or lost."""
        return (*self._live.lacking(), *self._judge.troubles())

    def expired(self) -> tuple[AllowedScanner, ...]:
        """The scanners that the allow-list vouches for no more."""
        return self._allowing.expired()

    def picture(self) -> Picture:
        """The summary and the findings of all that was seen, with the counts up to now."""
        ground = self._ground._replace(describe=self._describe_fully)
        drawn = draw_picture(self._judge.judged(), self._judge.story, ground)
        counts = self._judge.counts()
        summary = msgspec.structs.replace(
            drawn.summary,
            seconds=round((datetime.now(UTC) - self._began).total_seconds(), 3),
            attempts=counts.attempts,
            forgotten=(*drawn.summary.forgotten, *self._judge.forgotten()),
            blind=self._live.notes(),
        )
        return Picture(summary, tuple(self._weigh(finding) for finding in drawn.findings))

    def summary(self) -> TrafficSummary:
        """All that was seen up to now."""
        return self.picture().summary

    def close(self) -> None:
        """See no more, and leave nothing behind."""
        self._live.close()
        self._addresses.close()

    def _tell(self, verdict: ScanVerdict) -> list[Seen]:
        """The findings of a verdict that are news. The counts are the verdict's: adding up those of all actors takes
        longer than a worm may be given.
        """
        actor = self._ground.describe(verdict.actor)
        if verdict.kind == "scan":
            (scanner,) = make_scanners((verdict,), (), self._ground)
            found = [(make_scan_finding(scanner, self._ground), bool(scanner.allowed))]
        else:
            sender = self._judge.story.find(verdict.actor)
            sure = dict.fromkeys(verdict.signs, verdict.confidence)
            made = make_payload_findings(sender, sure, self._ground) if sender is not None else ()
            found = [(finding, False) for finding in made]
        weighed = ((self._weigh(finding), allowed) for finding, allowed in found)
        return [Seen(verdict, actor, finding, allowed) for finding, allowed in weighed if self._is_news(finding)]

    def _weigh(self, finding: Finding) -> Finding:
        """What another host of the segment does, says nothing of this one; nor what a guest sends in our name."""
        if finding.subject.kind != "address":
            return finding
        if self._is_mine(finding.subject.address or ""):
            if finding.confidence != "confirmed" or not has_guests():
                return finding
            because = f"{finding.because} No process of this host did it: it may be a guest at a bridge of this host."
            return msgspec.structs.replace(finding, confidence="likely", because=because)
        because = f"{finding.because} It is another host of this segment: look at that one."
        return msgspec.structs.replace(finding, confidence="suspicious", because=because, remedy="")

    def _is_mine(self, address: str) -> bool:
        packed = pack_address(address)
        return packed is not None and packed in self._addresses

    def _holds(self, address: str) -> bool:
        return self._networks.hold(address) or self._is_mine(address)

    def _is_news(self, finding: Finding) -> bool:
        before = self._told.get(finding.id)
        if before is not None and CONFIDENCES.index(before.confidence) <= CONFIDENCES.index(finding.confidence):
            return False
        if len(self._told) >= MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
        self._told[finding.id] = finding
        return True

    def _describe_fully(self, key: bytes) -> Actor:
        actor = self._live.describe(key)
        if actor.process is None or actor.sha256:
            return actor
        return msgspec.structs.replace(actor, sha256=self._live.hash_program(key))

    def _passes_over(self, event: SeenTraffic) -> bool:
        if isinstance(event, Resolved | Missed):
            return False
        return self._stays_here(event) or self._is_tool(event.actor)

    def _stays_here(self, event: SeenTraffic) -> bool:
        """Whether somebody reaches for this host itself: his own listeners would buy him free, or feign an outage."""
        if not isinstance(event, Attempt | Reply) or event.protocol == "arp":
            return False
        return event.destination in self._addresses or (
            isinstance(event, Attempt) and event.source == event.destination
        )

    def _is_tool(self, key: bytes) -> bool:
        known = self._is_own.get(key)
        if known is None:
            if len(self._is_own) >= MOST_REMEMBERED:
                self._is_own.clear()
            known = self._is_own[key] = descends_from(key, self._own)
        return known


def descends_from(key: bytes, own: frozenset[int]) -> bool:
    """Whether a process's key ("pid PID START") is of one of these processes or of what they started. What has ended
    already is nobody's.
    """
    words = key.split()
    if len(words) != 3 or words[0] != b"pid" or not words[1].isdigit():
        return False
    pid = int(words[1])
    for _ in range(MOST_ANCESTORS):
        if pid in own:
            return True
        try:
            pid = read_stat(f"/proc/{pid}").parent
        except ProcessLookupError:
            return False
        if pid <= 1:
            return False
    return False
