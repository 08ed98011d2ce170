"""A sign that several threats share names none of them, until something else on the same target names just one."""

import msgspec

from codered.model.finding import CONFIDENCES, UNATTRIBUTED, Finding


def attribute(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, strongest first, with shared signs attributed where one sharing pack alone has an unshared, likely
    or confirmed sign of its own. One file found by several sharing packs becomes one finding. Log findings pass
    unchanged: they are attributed by address where they are made.
    """
    plain = [f for f in findings if not f.shared_by or f.layer == "logs"]
    own = {f.pack for f in plain if f.layer != "logs" and f.confidence != "suspicious"}
    groups: dict[tuple[str | None, frozenset[str]], list[Finding]] = {}
    for finding in findings:
        if finding.shared_by and finding.layer != "logs":
            key = (finding.subject.path, frozenset((finding.pack, *finding.shared_by)))
            groups.setdefault(key, []).append(finding)
    judged = [_judge(group, candidates, own) for (_, candidates), group in groups.items()]
    return tuple(sorted((*plain, *judged), key=_order))


def _judge(group: list[Finding], candidates: frozenset[str], own: set[str]) -> Finding:
    named = sorted(candidates & own)
    strongest = min(group, key=_order)
    mine = [finding for finding in group if finding.pack in named]
    if len(named) == 1 and mine:
        others = ", ".join(sorted(candidates - {named[0]}))
        because = f"{mine[0].because} (a sign shared with {others}; other findings here point to {named[0]})"
        best = min(strongest.confidence, mine[0].confidence, key=CONFIDENCES.index)
        return msgspec.structs.replace(mine[0], shared_by=(), because=because, confidence=best)
    return msgspec.structs.replace(strongest, pack=UNATTRIBUTED, shared_by=tuple(sorted(candidates)))


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return (CONFIDENCES.index(finding.confidence), finding.pack, finding.indicator, finding.subject.name())
