"""What the packs say about a finding: which removal step is for it, in which order, or why there is none for us."""

from typing import NamedTuple, get_args

import msgspec
from msgspec.structs import replace

from codered.model.countermeasures import RemovalKind, RemovalStep
from codered.model.finding import UNATTRIBUTED, Finding, SubjectKind
from codered.model.heuristics import HEURISTICS
from codered.model.indicators import ContentIndicator, FileIndicator
from codered.model.pack import LoadedPack, ThreatPack

_TAKES_AWAY = ("quarantine_file", "delete_file")
_ENDS: tuple[RemovalKind, ...] = ("stop_process", "kill_process")
_STARTS: tuple[RemovalKind, ...] = (
    "remove_line", "reset_setting", "remove_service", "disable_service", "quarantine_file", "delete_file",
    "restore_file", "clean_file",
)  # fmt: skip
# What can be done about a subject. Where a pack names only others, the first of them stands, for the reason why not.
_FITS: dict[SubjectKind, tuple[RemovalKind, ...]] = {
    "file": _STARTS,
    "process": _ENDS,
    "memory": _ENDS,
    "autostart": _STARTS,
    "setting": (*_STARTS, "remove_virtual_directory", "set_value"),
    "account": ("remove_line", "lock_account"),
    "key": ("remove_key", "remove_line"),
}
_IN_REGISTRY: tuple[RemovalKind, ...] = (
    "delete_value", "set_value", "delete_key", "remove_service", "disable_service", "remove_virtual_directory",
)  # fmt: skip
_OF_A_FILE: tuple[RemovalKind, ...] = ("remove_service", "disable_service", "quarantine_file", "delete_file")
_KINDS: tuple[RemovalKind, ...] = get_args(RemovalKind)


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
    if finding.pack == HEURISTICS:
        return _propose_remedy(finding, len(packs))
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
    ways = {step.step.action for _, step in steps}
    if len(ways) > 1 and not ways.issubset(_TAKES_AWAY):
        return NoProposal(finding=finding, because=f"{', '.join(names)} would treat it differently: decide yourself")
    # Of two ways to take a file away, the one that keeps it.
    name, best = min(steps, key=lambda pair: (*_TAKES_AWAY, pair[1].step.action).index(pair[1].step.action))
    return Proposal(finding=finding, step=best.step, pack=name, rank=(list(loaded).index(name), best.number))


def _find_step(pack: ThreatPack, finding: Finding) -> _Found | None:
    """The first step for the finding's sign that suits its subject, under this pack's own name for it."""
    ids = _names_of_sign(pack, finding)
    steps = pack.removal.steps if pack.removal else ()
    found = [_Found(number, step) for number, step in enumerate(steps) if any(each in ids for each in step.indicators)]
    for each in found:
        if each.step.action in _fits(finding):
            return each
    return _suit(found[0], finding) if found else None


def _suit(found: _Found, finding: Finding) -> _Found:
    """The step in the way that suits the subject, if the finding names one: a whole file where lines were meant."""
    remedy = next((kind for kind in _fits(finding) if kind == finding.remedy), None)
    return found if remedy is None else _Found(found.number, replace(found.step, action=remedy))


def _fits(finding: Finding) -> tuple[RemovalKind, ...]:
    """What suits the subject: of a single line neither its file nor a service, of a whole file no line."""
    if finding.subject.registry is not None:
        return _IN_REGISTRY
    fits = _FITS.get(finding.subject.kind, _KINDS)
    if finding.subject.kind not in ("file", "autostart", "setting"):
        return fits
    unfit = _OF_A_FILE if finding.subject.line else ("remove_line",)
    return tuple(kind for kind in fits if kind not in unfit)


def _propose_remedy(finding: Finding, rank: int) -> Proposal | NoProposal:
    """What the heuristics name. Their own reason is the finding's."""
    action = next((kind for kind in _fits(finding) if kind == finding.remedy), None)
    if action is None and finding.layer == "integrity":
        return NoProposal(finding=finding, because="it is not as it was, and nothing undoes that safely: look at it")
    if action is None:
        return NoProposal(finding=finding, because="no removal is known for this sign: decide yourself")
    step = RemovalStep(action=action, indicators=(finding.indicator,), because="")
    return Proposal(finding=finding, step=step, pack=HEURISTICS, rank=(rank, _KINDS.index(action)))


def _names_of_sign(pack: ThreatPack, finding: Finding) -> set[str]:
    """The finding's indicator; in a pack that has no such id, its file signs shared with the others of the finding."""
    if any(indicator.id == finding.indicator for indicator in pack.indicators()):
        return {finding.indicator}
    others = set(finding.shared_by) - {pack.name}
    signs: tuple[FileIndicator | ContentIndicator, ...] = (*pack.files, *pack.content)
    return {sign.id for sign in signs if others & set(sign.shared_by)}
