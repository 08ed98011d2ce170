"""Attackers, not victims: what the logs say of each address, and what the answers say of the server that wrote them."""

import hashlib
from collections import Counter
from collections.abc import Iterable

import msgspec

from codered.detect.log_addresses import Network, OwnNetworks
from codered.detect.log_attribution import Sign, Verdict, attribute_sights, index_signs
from codered.detect.log_sights import MOST_FORWARDED, MOST_SOURCES, LogTally, Sight, count_answer, join_some, widen
from codered.detect.log_words import explain_finding, is_backdoor_open
from codered.model.finding import Confidence, Evidence, Finding, Subject
from codered.model.pack import LoadedPack
from codered.model.report import AnswerMeaning, Attacker, LogSummary, ThreatSeen

MOST_EVIDENCE = 4
_FORWARDED = "X-Forwarded-For of such a request: set by a proxy, or by the client itself"

_Key = tuple[str, str, tuple[str, ...]]  # pack, indicator, shared_by


class Deed(msgspec.Struct):
    """What one address did of one threat: the verdict, and all sights of it taken together."""

    verdict: Verdict
    seen: Sight


def summarise(
    tally: LogTally, packs: tuple[LoadedPack, ...], internal: tuple[Network, ...] = ()
) -> tuple[LogSummary, tuple[Finding, ...]]:
    """The table of attackers, busiest first, and a finding for each address, threat and sign. `internal` are one's own
    networks (none given: private, loopback and link-local ones).
    """
    signs, own_networks = index_signs(packs), OwnNetworks(internal)
    titles = {loaded.pack.name: loaded.pack.title for loaded in packs}
    attackers: list[Attacker] = []
    findings: list[Finding] = []
    answers: Counter[tuple[str, str, str]] = Counter()
    for address, sights in _by_address(tally.sights).items():
        own = own_networks.hold(address)
        deeds = _gather(attribute_sights(sights, signs))
        for deed in deeds:
            findings.append(_make_finding(deed, own, titles))
            _count_answers(deed, answers)
        if deeds:
            attackers.append(_make_attacker(address, own, sights, deeds))
    attackers.sort(key=lambda attacker: (not attacker.internal, -attacker.count, attacker.address))
    summary = LogSummary(
        lines=tally.lines,
        hits=tally.hits,
        unparsed_hits=tally.unparsed,
        left_out=tally.left_out,
        attackers=tuple(attackers),
        meanings=tuple(_meanings(answers)),
    )
    return summary, tuple(findings)


def _by_address(sights: list[Sight]) -> dict[str, list[Sight]]:
    found: dict[str, list[Sight]] = {}
    for sight in sights:
        found.setdefault(sight.address, []).append(sight)
    return found


def _gather(judged: Iterable[tuple[Sight, list[Verdict]]]) -> list[Deed]:
    """One deed for each threat and sign; a request that shows two threats counts for both."""
    deeds: dict[_Key, Deed] = {}
    for sight, verdicts in judged:
        for verdict in verdicts:
            key = (verdict.pack, verdict.sign.indicator.id, verdict.shared_by)
            deed = deeds.setdefault(key, Deed(verdict, Sight(sight.address, sight.signs)))
            _add(deed.seen, sight)
    return list(deeds.values())


def _add(whole: Sight, sight: Sight) -> None:
    whole.count += sight.count
    whole.swept += sight.swept
    widen(whole, sight.first)
    widen(whole, sight.last)
    for status, count in sight.answers.items():
        count_answer(whole, status, count)
    for hour, count in sight.hours.items():
        whole.hours[hour] = whole.hours.get(hour, 0) + count
    whole.examples = join_some(whole.examples, sight.examples, MOST_EVIDENCE)
    whole.sources = join_some(whole.sources, sight.sources, MOST_SOURCES)
    whole.forwarded = join_some(whole.forwarded, sight.forwarded, MOST_FORWARDED)


def _make_finding(deed: Deed, own: bool, titles: dict[str, str]) -> Finding:
    verdict, seen = deed.verdict, deed.seen
    item = verdict.sign.indicator
    suspect = own and item.vector != "probe" and not seen.is_like_sweep()
    text = "\0".join((verdict.pack, item.id, seen.address, *verdict.shared_by))
    return Finding(
        id=hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12],
        pack=verdict.pack,
        indicator=item.id,
        layer="logs",
        subject=Subject(kind="address", address=seen.address),
        confidence=_how_sure(verdict, seen, suspect),
        severity="critical" if is_backdoor_open(verdict, seen) else item.severity,
        because=explain_finding(verdict, seen, suspect, titles),
        evidence=_prove(seen),
        attack=item.attack,
        shared_by=verdict.shared_by,
        count=seen.count,
        first_seen=seen.first,
        last_seen=seen.last,
        answers=_named(seen.answers),
        internal=own,
    )


def _how_sure(verdict: Verdict, seen: Sight, suspect: bool) -> Confidence:
    """Whoever asked, a back door that answered is no matter of a sweep."""
    asked_only = seen.is_like_sweep() and not is_backdoor_open(verdict, seen)
    if asked_only or (suspect and seen.forwarded):
        return "suspicious"
    return "likely" if suspect else verdict.sign.indicator.confidence


def _prove(seen: Sight) -> tuple[Evidence, ...]:
    lines = [
        Evidence(
            what=f"request answered {example.status}" if example.status else "line of an error log",
            data=example.text,
            line=example.line,
            source=example.source,
        )
        for example in seen.examples
    ]
    behind = [Evidence(what=_FORWARDED, data=text.encode("latin-1", "replace")) for text in seen.forwarded]
    return (*lines, *behind)


def _make_attacker(address: str, own: bool, sights: list[Sight], deeds: list[Deed]) -> Attacker:
    whole = Sight(address, ())
    for sight in sights:
        _add(whole, sight)
    threats = [
        ThreatSeen(
            pack=deed.verdict.pack,
            indicator=deed.verdict.sign.indicator.id,
            count=deed.seen.count,
            shared_by=deed.verdict.shared_by,
        )
        for deed in deeds
    ]
    return Attacker(
        address=address,
        internal=own,
        threats=tuple(sorted(threats, key=lambda threat: (-threat.count, threat.pack, threat.indicator))),
        count=whole.count,
        first_seen=whole.first,
        last_seen=whole.last,
        answers=_named(whole.answers),
        hours=dict(sorted(whole.hours.items())),
        sources=whole.sources,
        like_sweep=whole.is_like_sweep(),
    )


def _named(answers: dict[str, int]) -> dict[str, int]:
    """The answers by status; an error log tells none."""
    return {status: count for status, count in sorted(answers.items()) if status}


def _count_answers(deed: Deed, answers: "Counter[tuple[str, str, str]]") -> None:
    for status, count in _named(deed.seen.answers).items():
        answers[deed.verdict.pack, status, _mean(deed.verdict.sign, status)] += count


def _mean(sign: Sign, status: str) -> str:
    """What the pack says of this answer; `4xx` in a pack stands for all that begin with 4."""
    for answer in sign.indicator.answers:
        if status in answer.status or f"{status[:1]}xx" in answer.status:
            return answer.means
    return ""


def _meanings(answers: "Counter[tuple[str, str, str]]") -> Iterable[AnswerMeaning]:
    for (pack, status, means), count in sorted(answers.items()):
        yield AnswerMeaning(
            pack=pack, status=status, count=count, means=means or "the pack knows no meaning of this answer"
        )
