"""A sign that several threats share names none of them, until something else on the same target names just one."""

import msgspec

from codered.model.finding import CONFIDENCES, SEVERITIES, UNATTRIBUTED, Finding, Subject

NOT_OF_THE_HOST = ("logs", "patches")  # a log line speaks of its sender, a missing patch of what could have happened


def attribute(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, strongest first, with shared signs attributed where one sharing pack alone has an unshared, likely
    or confirmed sign of its own. One thing found by several sharing packs becomes one finding, with the evidence of
    all. Log findings pass unchanged: they are attributed by address where they are made.
    """
    plain = [f for f in findings if not f.shared_by or f.layer == "logs"]
    own = {f.pack for f in plain if f.layer not in NOT_OF_THE_HOST and f.confidence != "suspicious"}
    groups: dict[tuple[Subject, frozenset[str]], list[Finding]] = {}
    for finding in findings:
        if finding.shared_by and finding.layer != "logs":
            named = frozenset((finding.pack, *finding.shared_by)) - {UNATTRIBUTED}  # it may be judged a second time
            key = (finding.subject, named)
            groups.setdefault(key, []).append(finding)
    judged = [_judge(group, candidates, own) for (_, candidates), group in groups.items()]
    return tuple(sorted((*plain, *judged), key=_order))


def _judge(group: list[Finding], candidates: frozenset[str], own: set[str]) -> Finding:
    named = sorted(candidates & own)
    strongest = _merge(group)
    mine = sorted((finding for finding in group if finding.pack in named), key=_order)
    if len(named) == 1 and mine:
        others = ", ".join(sorted(candidates - {named[0]}))
        because = f"{mine[0].because} (a sign shared with {others}; other findings here point to {named[0]})"
        return msgspec.structs.replace(
            strongest, id=mine[0].id, pack=named[0], indicator=mine[0].indicator, shared_by=(), because=because
        )
    return msgspec.structs.replace(strongest, pack=UNATTRIBUTED, shared_by=tuple(sorted(candidates)))


def _merge(group: list[Finding]) -> Finding:
    """The strongest of the group with the highest severity and all the evidence of the group."""
    ordered = sorted(group, key=_order)
    return msgspec.structs.replace(
        ordered[0],
        severity=min((finding.severity for finding in group), key=SEVERITIES.index),
        evidence=tuple(dict.fromkeys(item for finding in ordered for item in finding.evidence)),
        attack=tuple(dict.fromkeys(technique for finding in ordered for technique in finding.attack)),
    )


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return (CONFIDENCES.index(finding.confidence), finding.pack, finding.indicator, finding.subject.name())
