"""Findings to a plan: a value that a person reads and approves by its digest, refused when anything changed since.

A finding becomes an action only when its pack names a removal step for it that this version can do; everything else is
listed as left alone, with the reason.
"""

import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from codered import __version__
from codered.model.errors import Refused, WrongUse
from codered.model.finding import Finding
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath, path_from_bytes
from codered.model.plan import Action, ActionKind, FileState, LeftAlone, Plan, Source, seal_plan
from codered.model.report import Report
from codered.model.target import Target
from codered.remediate.advice import advise
from codered.remediate.file_state import (
    ChangeFailed,
    Spot,
    TooLarge,
    describe_difference,
    escape_text,
    find_below,
    open_regular,
    read_state,
    state_of_descriptor,
)
from codered.remediate.proposals import NoProposal, Proposal, propose

# Above this a file is not hashed nor kept: a sparse one costs nothing to make and hours to read. In bytes.
_MOST_SIZE = 4 << 30
_BY_CARE: tuple[ActionKind, ...] = ("restore_file", "quarantine_file", "delete_file")


def make_plan(
    report: Report,
    packs: tuple[LoadedPack, ...],
    target: Target,
    restore_from: Path | None = None,
    include_suspicious: bool = False,
) -> Plan:
    """The plan for a report, on the state the files are in now. `restore_from` is a known-good folder laid out like the
    target's root. Raises WrongUse if the report is of another target, or that folder is none.
    """
    if report.target.root != target.info.root:
        what = f"the report is of {escape_text(report.target.root)}, the target is {escape_text(target.info.root)}"
        raise WrongUse(what, where=report.id, advice="name the target that was scanned")
    if restore_from is not None and not restore_from.is_dir():
        raise WrongUse("no such folder", where=escape_text(str(restore_from)), advice="--restore-from takes a folder")
    planner = _Planner(packs, target, restore_from, include_suspicious)
    own = [finding for finding in report.findings if finding.layer != "logs"]
    for finding in own:
        planner.consider(finding)
    now = datetime.now(UTC)
    return seal_plan(
        Plan(
            id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
            tool=f"codered {__version__}",
            created=now,
            report_id=report.id,
            target=target.info,
            packs=tuple(f"{item.pack.name} {item.pack.version}" for item in packs),
            actions=planner.actions(),
            left_alone=(*planner.left_alone(), *_leave_attackers(report)),
            advice=advise(report, packs, planner.linked()),
        )
    )


class _Planner:
    """Collects actions by path, and what is left alone with the reason."""

    def __init__(
        self, packs: tuple[LoadedPack, ...], target: Target, restore_from: Path | None, include_suspicious: bool
    ) -> None:
        self._packs = packs
        self._target = target
        self._restore_from = restore_from
        self._include_suspicious = include_suspicious
        self._protected = find_protected(packs, target)
        self._found: dict[bytes, list[tuple[Proposal, Action]]] = {}
        self._left: list[tuple[bytes, LeftAlone]] = []
        self._linked: list[str] = []

    def consider(self, finding: Finding) -> None:
        """Make an action of the finding, or leave it alone."""
        because = self._find_reason(finding)
        if because:
            self._leave(finding, because)
            return
        proposal = propose(finding, self._packs)
        if isinstance(proposal, NoProposal):
            self._leave(finding, proposal.because)
            return
        try:
            action = self._make_action(finding, proposal)
        except TooLarge as error:
            self._leave(finding, str(error))
            return
        except (OSError, ChangeFailed) as error:
            why = (error.strerror or "") if isinstance(error, OSError) else str(error)
            self._leave(finding, f"it can't be read: {why}")
            return
        if isinstance(action, Action):
            self._found.setdefault(finding.subject.file_path().to_bytes(), []).append((proposal, action))
        else:
            self._leave(finding, action)

    def actions(self) -> tuple[Action, ...]:
        """One action a path, in the order the packs ask for, numbered."""
        merged = []
        for several in self._found.values():
            _, action = min(several, key=lambda pair: (_BY_CARE.index(pair[1].kind), pair[0].rank))
            ids = tuple(dict.fromkeys(each.finding.id for each, _ in several))
            rank = min(each.rank for each, _ in several)
            merged.append((rank, action.path.to_bytes(), msgspec.structs.replace(action, findings=ids)))
        merged.sort(key=lambda item: item[:2])
        width = max(2, len(str(len(merged))))
        return tuple(
            msgspec.structs.replace(action, id=f"a{number:0{width}}") for number, (_, _, action) in enumerate(merged, 1)
        )

    def left_alone(self) -> tuple[LeftAlone, ...]:
        """What is left, each once, without the files that an action deals with."""
        return tuple(dict.fromkeys(item for path, item in self._left if path not in self._found))

    def linked(self) -> tuple[str, ...]:
        """The files to be changed that have other names elsewhere."""
        return tuple(dict.fromkeys(self._linked))

    def _find_reason(self, finding: Finding) -> str:
        """Why the finding is left alone, whatever its pack says; "" if it is not."""
        subject = finding.subject
        if subject.kind != "file":
            return f"not in this version: nothing is changed about a {subject.kind}; do it by hand as the pack says"
        try:
            rel = find_below(subject.file_path(), self._target.info.root)
        except (Refused, ValueError):
            return "it does not lie beneath the target's root"
        if rel in self._protected:
            return f"must not be touched: {self._protected[rel]}"
        if finding.confidence == "suspicious" and not self._include_suspicious:
            return "only suspicious: review it, then --include-suspicious"
        return ""

    def _make_action(self, finding: Finding, proposal: Proposal) -> Action | str:
        """The action, or why there is none. Raises OSError, ChangeFailed."""
        path = finding.subject.file_path()
        now = read_state(path, self._target, _MOST_SIZE)
        if not now.sha256:
            return f"{describe_difference(FileState(exists=True, sha256='seen'), now)}, since the scan"
        seen = {evidence.sha256 for evidence in finding.evidence if evidence.sha256}
        if seen and now.sha256 not in seen:
            return "changed since the scan: scan again"
        source = self._find_source(path)
        if source is not None and source.sha256 == now.sha256:
            source = None  # the known-good copy is infected too, or nothing is wrong with the file
        wanted = "restore_file" if source else proposal.step.action
        if source is None and wanted in ("clean_file", "restore_file"):
            return f"not in this version: {wanted} without a known-good copy; give one with --restore-from"
        kind = next((known for known in _BY_CARE if known == wanted), None)
        if kind is None:
            return f"not in this version: {wanted}; do it by hand as the pack says"
        links = self._tell_links(finding)
        return Action(
            id="a",
            kind=kind,
            path=path,
            expects=now,
            because=f"{finding.because.rstrip('.')}: {proposal.step.because}{links}",
            pack=finding.pack,
            shown=finding.subject.shown,
            source=source,
        )

    def _find_source(self, path: FilePath) -> Source | None:
        """The file of the same place in the known-good folder, if there is one."""
        if self._restore_from is None:
            return None
        rel = find_below(path, self._target.info.root)
        return read_source(os.path.abspath(os.fsencode(self._restore_from)), rel)

    def _tell_links(self, finding: Finding) -> str:
        """What to add for the reviewer about a file with several names, and remember it for the advice."""
        rel = find_below(finding.subject.file_path(), self._target.info.root)
        fd = self._target.open_file(rel)
        try:
            links = os.fstat(fd).st_nlink
        finally:
            os.close(fd)
        if links < 2:
            return ""
        self._linked.append(finding.subject.name())
        return f" (it has {links} names on disk: only this one is changed, and undone it is a file of its own)"

    def _leave(self, finding: Finding, because: str) -> None:
        subject = finding.subject
        key = subject.file_path().to_bytes() if subject.path is not None else b""
        self._left.append((key, LeftAlone(what=subject.name(), because=because)))


def find_protected(packs: Iterable[LoadedPack], target: Target) -> dict[bytes, str]:
    """The files that any pack forbids to touch: path below the root -> why."""
    found: dict[bytes, str] = {}
    for item in packs:
        for rule in item.pack.removal.must_not_touch if item.pack.removal else ():
            if rule.path[1:3] == ":\\" or rule.path.startswith("/"):  # the others are settings
                found.update((rel, rule.because) for rel in target.find(rule.path))
    return found


def read_source(folder: bytes, rel: bytes) -> Source | None:
    """The known-good file at this place below the folder; None if there is none. Links are not followed below it."""
    *parts, name = rel.split(b"/")
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            there = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = there
        fd = open_regular(Spot(here, name))
    except (FileNotFoundError, NotADirectoryError):
        return None
    finally:
        os.close(here)
    try:
        state = state_of_descriptor(fd)
    finally:
        os.close(fd)
    return Source(
        path=path_from_bytes(os.path.join(folder, rel)),
        sha256=state.sha256,
        size=state.size,
        mode=state.mode,
        uid=state.uid,
        gid=state.gid,
        mtime_ns=state.mtime_ns,
    )


def _leave_attackers(report: Report) -> tuple[LeftAlone, ...]:
    """One line for all addresses seen attacking: they are elsewhere."""
    attackers = {item.address: item.internal for item in report.logs.attackers} if report.logs else {}
    for finding in report.findings:
        if finding.layer == "logs" and finding.subject.address:
            attackers.setdefault(finding.subject.address, bool(finding.internal))
    if not attackers:
        return ()
    inside = sum(attackers.values())
    own = f"; {inside} of them are your own: treat those hosts as infected" if inside else ""
    return (LeftAlone(what=f"{len(attackers)} attackers in the web logs", because=f"block them at the firewall{own}"),)
