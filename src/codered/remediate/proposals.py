"""What the packs say about a finding: which removal step is for it, in which order, or why there is none for us."""

from typing import NamedTuple

import msgspec

from codered.model.countermeasures import RemovalStep
from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.indicators import ContentIndicator, FileIndicator
from codered.model.pack import LoadedPack, ThreatPack

_TAKES_AWAY = ("quarantine_file", "delete_file")


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A step for a finding; `rank` orders it: by pack, then by the pack's steps."""

    finding: Finding
    step: RemovalStep
    pack: str
    rank: tuple[int, int]


class NoProposal(msgspec.Struct, frozen=True, kw_only=True):
    """Why the packs give no step for a finding."""

    finding: Finding
    because: str


class _Found(NamedTuple):
    number: int
    step: RemovalStep


def propose(finding: Finding, packs: tuple[LoadedPack, ...]) -> Proposal | NoProposal:
    """The step for this finding. What several threats share gets one only if each of them takes the file away."""
    loaded = {item.pack.name: item.pack for item in packs}
    names = finding.shared_by if finding.pack == UNATTRIBUTED else (finding.pack,)
    missing = [name for name in names if name not in loaded]
    if missing:
        return NoProposal(
            finding=finding, because=f"the pack {missing[0]} is not loaded: plan with the packs of the scan"
        )
    found = [(name, _find_step(loaded[name], finding)) for name in names]
    silent = [name for name, step in found if step is None]
    if silent or not found:
        who = silent[0] if silent else "no pack"
        return NoProposal(finding=finding, because=f"{who} names no removal for this sign: decide yourself")
    steps = [(name, step) for name, step in found if step is not None]
    if len(steps) > 1 and any(step.step.action not in _TAKES_AWAY for _, step in steps):
        return NoProposal(finding=finding, because=f"{', '.join(names)} would treat it differently: decide yourself")
    # Of two ways to take a file away, the one that keeps it.
    name, best = min(steps, key=lambda pair: (*_TAKES_AWAY, pair[1].step.action).index(pair[1].step.action))
    return Proposal(finding=finding, step=best.step, pack=name, rank=(list(loaded).index(name), best.number))


def _find_step(pack: ThreatPack, finding: Finding) -> _Found | None:
    """The first step for the finding's sign, under this pack's own name for it."""
    ids = _names_of_sign(pack, finding)
    for number, step in enumerate(pack.removal.steps if pack.removal else ()):
        if any(indicator in ids for indicator in step.indicators):
            return _Found(number, step)
    return None


def _names_of_sign(pack: ThreatPack, finding: Finding) -> set[str]:
    """The finding's indicator; in a pack that has no such id, its file signs shared with the others of the finding."""
    if any(indicator.id == finding.indicator for indicator in pack.indicators()):
        return {finding.indicator}
    others = set(finding.shared_by) - {pack.name}
    signs: tuple[FileIndicator | ContentIndicator, ...] = (*pack.files, *pack.content)
    return {sign.id for sign in signs if others & set(sign.shared_by)}
