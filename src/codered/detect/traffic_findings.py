"""Findings about traffic: who scans (layer "network"), and who sent what shows a threat (layer "traffic")."""

import hashlib

from codered.detect.traffic_ground import TrafficGround, make_subject, name_actor
from codered.detect.traffic_signs import SignVerdict, judge_signs
from codered.detect.traffic_story import Deed, Sender, show_address
from codered.detect.traffic_times import tell_time
from codered.model.finding import CONFIDENCES, UNATTRIBUTED, Confidence, Evidence, Finding, Severity
from codered.model.heuristics import HEURISTICS
from codered.model.report import Scanner
from codered.model.traffic import Actor

SCAN = "horizontal-scan"
MOST_DATA = 256
MOST_EXAMPLES = 5
_OWN_SEVERITY: dict[Confidence, Severity] = {"confirmed": "critical", "likely": "high", "suspicious": "medium"}
_STRANGE_SEVERITY: dict[Confidence, Severity] = {"confirmed": "medium", "likely": "low", "suspicious": "low"}
_OWN_ATTACK = ("T1046",)
_STRANGE_ATTACK = ("T1595.001",)


def make_scan_finding(scanner: Scanner, ground: TrafficGround) -> Finding:
    """The finding about a scanner. One that the allow-list lets is told as suspicious, and nothing is done about it."""
    actor, own = scanner.actor, ground.is_own(scanner.actor)
    confidence: Confidence = "suspicious" if scanner.allowed else scanner.confidence
    severity = (_OWN_SEVERITY if own else _STRANGE_SEVERITY)[confidence]
    acts = confidence == "confirmed" and actor.process is not None
    return Finding(
        id=_identify(HEURISTICS, SCAN, actor, scanner.protocol),
        pack=HEURISTICS,
        indicator=SCAN,
        layer="network",
        subject=make_subject(actor),
        confidence=confidence,
        severity="low" if scanner.allowed else severity,
        because=explain_scanner(scanner, ground),
        evidence=(*_prove_scan(scanner), *describe_actor(actor)),
        attack=_OWN_ATTACK if own else _STRANGE_ATTACK,
        count=max(scanner.attempts, 1),
        first_seen=scanner.first_seen,
        last_seen=scanner.last_seen,
        internal=own if actor.process is None else None,
        remedy="stop_process" if acts else "",
        near=False,
    )


def explain_scanner(scanner: Scanner, ground: TrafficGround) -> str:
    """Why it is told, in plain sentences."""
    actor = scanner.actor
    sentences = [f"{name_actor(actor)} reaches for hosts it knows nothing of: {scanner.because.rstrip('.')}."]
    if actor.process is None and ground.is_own(actor) and not scanner.allowed:
        sentences.insert(0, f"Suspected infected host: {actor.address} is one of your own.")
    if scanner.packs:
        names = " or ".join(ground.name_threat(pack) for pack in scanner.packs)
        sentences.append(f"Its ports and addresses are chosen as {names} does: a hint, no proof.")
    if scanner.held_back:
        sentences.append(f"Not certain: {'; '.join(scanner.held_back)}.")
    if actor.why_no_process and actor.process is None and ground.is_own(actor):
        sentences.append(f"Which process it is, is not known: {actor.why_no_process}.")
    if scanner.allowed:
        sentences.append(f"allowed: {scanner.allowed}.")
    return " ".join(sentences)


def make_payload_findings(sender: Sender, sure: dict[str, Confidence], ground: TrafficGround) -> tuple[Finding, ...]:
    """The findings about what one sender sent, one for each threat it speaks of; `sure`: what the detector said of its
    signs ("pack/indicator").
    """
    actor = ground.describe(sender.actor)
    found = ((verdict, _join_deeds(sender, verdict)) for verdict in judge_signs(sender.deeds, ground.signs))
    return tuple(
        _make_payload_finding((actor, verdict, deed), sure.get(verdict.sign.name), ground) for verdict, deed in found
    )


def _make_payload_finding(
    what: tuple[Actor, SignVerdict, Deed], sure: Confidence | None, ground: TrafficGround
) -> Finding:
    actor, verdict, deed = what
    item, own = verdict.sign.indicator, ground.is_own(actor)
    return Finding(
        id=_identify(verdict.pack, item.id, actor, *verdict.shared_by),
        pack=verdict.pack,
        indicator=item.id,
        layer="traffic",
        subject=make_subject(actor),
        confidence=sure or _weigh(deed, item.confidence),
        severity=item.severity if own else "medium",
        because=_explain_payload((actor, verdict, deed), ground),
        evidence=(_prove_payload(deed), *describe_actor(actor)),
        attack=item.attack or ("T1210",),
        shared_by=verdict.shared_by,
        count=deed.count,
        first_seen=tell_time(deed.first),
        last_seen=tell_time(deed.last),
        internal=own if actor.process is None else None,
        near=False,
    )


def _weigh(deed: Deed, said: Confidence) -> Confidence:
    """What a request alone is worth: certain only where the pack says that only an infected host sends it."""
    return "confirmed" if deed.convicts else max("likely", said, key=CONFIDENCES.index)


def _explain_payload(what: tuple[Actor, SignVerdict, Deed], ground: TrafficGround) -> str:
    actor, verdict, deed = what
    targets = len(deed.targets)
    example, own = deed.example, ground.is_own(actor)
    times = "1 request" if deed.count == 1 else f"{deed.count:,} requests"
    threat = ground.name_threat(verdict.pack, verdict.shared_by)
    to = f"{show_address(example.destination) or 'another host'} port {example.port}"
    whom = f"to {to}" if targets < 2 else f"to {targets:,} hosts, the first of them {to}"
    sentences = [f"{name_actor(actor)} sent {times} of {threat} {whom}."]
    if own and actor.process is None:
        sentences.insert(0, f"Suspected infected host: {actor.address} is one of your own.")
    # What a pack says of a host that sends is said of the one that is looked at: a stranger is another story.
    sentences.append(
        verdict.sign.indicator.because if own else "It names an attacker, not the state of the host that was asked."
    )
    if verdict.because_of:
        sentences.append(f"Others show this sign too; {verdict.because_of} from the same sender decides for this one.")
    return " ".join(sentences)


def _join_deeds(sender: Sender, verdict: SignVerdict) -> Deed:
    """The deed of the verdict's sign, convicting if any sign of the same threat does."""
    name = verdict.sign.name
    deed = sender.deeds.get(name)
    if deed is None:  # a sign that stands for another pack's of the same kind
        deed = next(iter(sender.deeds.values()))
    alike = [one for key, one in sender.deeds.items() if key.partition("/")[0] == verdict.pack] or [deed]
    convicts = verdict.pack != UNATTRIBUTED and any(one.convicts for one in alike)
    return Deed(
        deed.example, deed.count, deed.first, deed.last, convicts=convicts or deed.convicts, targets=deed.targets
    )


def describe_actor(actor: Actor) -> tuple[Evidence, ...]:
    """A process by its command line, program and user; nothing of an address."""
    if actor.process is None:
        return ()
    command = actor.command.encode(errors="backslashreplace")
    found = []
    if command:
        found.append(Evidence(what="the command line", data=command[:MOST_DATA], size=len(command), source="command"))
    if actor.program:
        what = f"its program: {actor.program}"
        found.append(Evidence(what=what, sha256=actor.sha256 or None, source="program"))
    if actor.user:
        found.append(Evidence(what=f"runs as {actor.user}", source="process"))
    return tuple(found)


def _prove_scan(scanner: Scanner) -> tuple[Evidence, ...]:
    ports = ", ".join(map(str, scanner.ports[:MOST_EXAMPLES]))
    rate = f", {scanner.rate:,.1f} a second" if scanner.rate else ""
    said = f"{scanner.attempts:,} {scanner.protocol} attempts on port {ports}{rate}, {scanner.answered:,} answered"
    if scanner.protocol == "arp":
        said = f"{scanner.attempts:,} addresses of the segment asked for{rate}, {scanner.answered:,} answered"
    some = ", ".join(scanner.examples[:MOST_EXAMPLES])
    return (Evidence(what=said + (f"; for example {some}" if some else ""), source="traffic"),)


def _prove_payload(deed: Deed) -> Evidence:
    to = show_address(deed.example.destination)
    what = f"the first bytes sent to {to or 'another host'} port {deed.example.port}"
    return Evidence(what=what, data=deed.example.data[:MOST_DATA], source="traffic")


def _identify(pack: str, indicator: str, actor: Actor, *more: str) -> str:
    process = f"{actor.process.pid} {actor.process.start}" if actor.process else ""
    text = "\0".join((pack, indicator, process or actor.address, *more))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]
