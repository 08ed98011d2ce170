"""Report: findings + looks (what was looked at, skipped and why, failed and why) + a verdict.

"Not looked" never reads as "clean".
"""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.finding import Confidence, Finding, Layer
from codered.model.patches import PatchAnswer
from codered.model.target import TargetInfo
from codered.model.traffic import Actor, Preference, Transport

REPORT_FORMAT = "codered/report/1"

Verdict = Literal["infected", "suspicious", "attacked", "vulnerable", "clean", "incomplete"]
LookState = Literal["looked", "skipped", "failed", "unsupported"]


class Look(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was looked at, or why it was not. `skipped` = left out by rule, no gap; `failed` and
    `unsupported` are gaps in coverage. `count` is complete, `examples` are the first few.
    """

    layer: Layer
    where: str
    state: LookState
    why: str = ""
    count: int = 0
    bytes: int = 0
    lines: int = 0
    seconds: float = 0.0
    examples: tuple[str, ...] = ()

    def is_gap(self) -> bool:
        """True when this look leaves a hole in what was asked for."""
        return self.state in ("failed", "unsupported")


class PackUsed(msgspec.Struct, frozen=True):
    """A pack that took part, by name, version and SHA-256 over its files. `title` is what people call the threat: a
    report is read where the packs are not, so it carries the names it needs ("" = show `name`).
    """

    name: str
    version: str
    digest: str
    title: str = ""


class ThreatSeen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often an address showed one threat; `pack` may be "unattributed" with `shared_by`."""

    pack: str
    indicator: str
    count: int
    shared_by: tuple[str, ...] = ()


class Attacker(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One address seen attacking in web logs. Times are UTC. `hours` maps "YYYY-MM-DDTHH" to requests. `like_sweep`:
    all it sent is what a sweep by this tool asks, under its name: a likeness, no proof.
    """

    address: str
    internal: bool
    threats: tuple[ThreatSeen, ...]
    count: int
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    answers: dict[str, int] = {}
    hours: dict[str, int] = {}
    sources: tuple[str, ...] = ()
    like_sweep: bool = False


class AnswerMeaning(msgspec.Struct, frozen=True, kw_only=True):
    """What an HTTP status says about the server that logged it, for one threat's requests."""

    pack: str
    status: str
    count: int
    means: str


class LogSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All web logs of the report taken together. `lines` counts every line, `hits` those that hold an attack,
    `left_out` those of them whose address found no room in the table.
    """

    lines: int = 0
    hits: int = 0
    unparsed_hits: int = 0
    left_out: int = 0
    attackers: tuple[Attacker, ...] = ()
    meanings: tuple[AnswerMeaning, ...] = ()


class Scanner(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who scanned, for the report. Times are UTC, `rate` is attempts a second from first to last, `ports` the busiest
    first; `allowed` says which entry of the allow-list lets it ("" = none); `examples` are destinations as text.
    """

    actor: Actor
    internal: bool
    protocol: Transport
    ports: tuple[int, ...]
    confidence: Confidence
    because: str
    attempts: int
    failed: int = 0
    answered: int = 0
    networks: int = 0
    rate: float = 0.0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    decided: datetime | None = None
    preference: Preference = ""
    packs: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()
    allowed: str = ""
    examples: tuple[str, ...] = ()


class Passing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A threat that passed from one address to another: `source` sent `target` what infects, and `target` sent or
    scanned itself from `sent_on` on (None = it was not seen to). Times are UTC.
    """

    at: datetime
    source: str
    target: str
    pack: str
    sent_on: datetime | None = None


class TrafficSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was seen of the network. `seconds` is the time that the traffic spans, `packets` and `records` what was
    read, `attempts` of connections; `minutes` maps "YYYY-MM-DDTHH:MM" to attempts by scanners and to requests that show
    a threat, `forgotten` says in words what memory had no room for, `blind` what could not be seen.
    """

    seconds: float = 0.0
    packets: int = 0
    records: int = 0
    attempts: int = 0
    scanners: tuple[Scanner, ...] = ()
    attackers: tuple[Attacker, ...] = ()
    passings: tuple[Passing, ...] = ()
    minutes: dict[str, int] = {}
    forgotten: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()


class Stage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of the scan, in the order they were taken: `what` was looked at, in how many seconds of wall time, the
    findings it brought; `left_out` says why a step was not taken ("" = it was).
    """

    what: str
    seconds: float = 0.0
    findings: int = 0
    left_out: str = ""


class RebuildAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """Clean-up is not cure: why a compromised host should be rebuilt."""

    pack: str
    because: str


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=REPORT_FORMAT):
    """One scan of one target. Times are UTC, `seconds` is wall time; `patches` holds every answer, not only the bad."""

    id: str
    tool: str
    command: tuple[str, ...]
    started: datetime
    seconds: float
    target: TargetInfo
    scope: tuple[str, ...]
    verdict: Verdict
    interrupted: bool = False
    findings: tuple[Finding, ...] = ()
    looks: tuple[Look, ...] = ()
    packs: tuple[PackUsed, ...] = ()
    logs: LogSummary | None = None
    rebuild: tuple[RebuildAdvice, ...] = ()
    order: tuple[Stage, ...] = ()
    patches: tuple[PatchAnswer, ...] = ()
    traffic: TrafficSummary | None = None

    def gaps(self) -> tuple[Look, ...]:
        """The looks that leave coverage incomplete."""
        return tuple(look for look in self.looks if look.is_gap())


_INFECTING: tuple[Confidence, ...] = ("confirmed", "likely")


def _is_strange(finding: Finding) -> bool:
    return finding.layer in ("network", "traffic") and finding.subject.kind == "address" and not finding.internal


def judge_verdict(findings: tuple[Finding, ...], has_gaps: bool) -> Verdict:
    """The verdict that findings and gaps allow. Log lines speak of the sender, so they never make a host "infected".
    Nor does what differs from known good: it says that somebody changed it, and not who. Traffic of an address speaks
    of whoever has it: one of one's own is an infected host, a stranger is an attacker.
    """
    own = [f for f in findings if f.layer not in ("logs", "patches") and not _is_strange(f)]
    if any(f.confidence in _INFECTING for f in own if f.layer != "integrity"):
        return "infected"
    if own or any(f.internal for f in findings):
        return "suspicious"
    if any(f.layer == "patches" for f in findings):
        return "vulnerable"
    if findings:
        return "attacked"
    return "incomplete" if has_gaps else "clean"
