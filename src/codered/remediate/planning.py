"""Findings to a plan: a value that a person reads and approves by its digest, refused when anything changed since.

A finding becomes an action only when its pack (or, where no pack knows it, the heuristics) names a removal that this
version can do; everything else is listed as left alone, with the reason. Each subject has its own file: plan_*.py.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from codered import __version__
from codered.model.errors import Refused, WrongUse
from codered.model.finding import Finding
from codered.model.pack import LoadedPack
from codered.model.plan import LeftAlone, Plan, seal_plan
from codered.model.report import Report
from codered.model.target import Target
from codered.remediate.advice import advise
from codered.remediate.drafts import Draft, Ground, LeftOut, Wishes
from codered.remediate.file_state import Blocked, ChangeFailed, TooLarge, escape_text
from codered.remediate.last_keys import spare_last_keys
from codered.remediate.merging import Merged, merge_drafts
from codered.remediate.plan_accounts import plan_account
from codered.remediate.plan_blamed import plan_blamed_files
from codered.remediate.plan_files import plan_file
from codered.remediate.plan_iis import is_about_iis, plan_iis
from codered.remediate.plan_lines import plan_line
from codered.remediate.plan_patches import plan_patch
from codered.remediate.plan_processes import GONE, plan_process
from codered.remediate.plan_resets import plan_reset
from codered.remediate.plan_restores import is_restore, plan_restore
from codered.remediate.plan_services import plan_service
from codered.remediate.plan_settings import plan_setting
from codered.remediate.proposals import NoProposal, Proposal, propose

_NO_WISHES = Wishes()


def make_plan(report: Report, packs: tuple[LoadedPack, ...], target: Target, wishes: Wishes = _NO_WISHES) -> Plan:
    """The plan for a report, on the state the machine is in now. Raises WrongUse if the report is of another target, or
    the known-good folder is none.
    """
    if report.target.root != target.info.root:
        what = f"the report is of {escape_text(report.target.root)}, the target is {escape_text(target.info.root)}"
        raise WrongUse(what, where=report.id, advice="name the target that was scanned")
    good = wishes.restore_from
    if good is not None and not good.is_dir():
        raise WrongUse("no such folder", where=escape_text(str(good)), advice="--restore-from takes a folder")
    planner = _Planner(packs, target, wishes)
    for finding in report.findings:
        if finding.layer == "patches":
            planner.consider_patch(finding, report)
        elif finding.layer != "logs":
            planner.consider(finding)
    merged = planner.merge()
    now = datetime.now(UTC)
    return seal_plan(
        Plan(
            id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
            tool=f"codered {__version__}",
            created=now,
            report_id=report.id,
            target=target.info,
            packs=tuple(f"{item.pack.name} {item.pack.version}" for item in packs),
            actions=merged.actions,
            left_alone=(*planner.left_alone(merged), *_leave_attackers(report)),
            advice=advise(report, packs, planner.linked(), merged.actions),
        )
    )


class _Planner:
    """Collects drafts, and what is left alone with the reason."""

    def __init__(self, packs: tuple[LoadedPack, ...], target: Target, wishes: Wishes) -> None:
        self._packs = packs
        self._ground = Ground(target, wishes, find_protected(packs, target))
        self._drafts: list[Draft] = []
        self._left: list[tuple[Finding, str]] = []
        self._blocked: set[str] = set()

    def consider(self, finding: Finding) -> None:
        """Make drafts of the finding, or leave it alone."""
        try:
            self._check(finding)
            proposal = propose(finding, self._packs)
            if isinstance(proposal, NoProposal):
                raise LeftOut(proposal.because)
            self._drafts += self._plan(proposal)
            if finding.subject.kind == "autostart":  # a process has its files planned with its end
                self._drafts += plan_blamed_files(proposal, self._ground)
        except (LeftOut, TooLarge, Refused) as error:
            self._left.append((finding, error.what if isinstance(error, Refused) else str(error)))
        except ChangeFailed as error:
            self._leave(finding, error)
        except OSError as error:
            because = f"it can't be read: {error.strerror or error}"
            self._left.append((finding, because))
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                self._blocked.add(because)  # a mount whose server died, a broken disk: it is there still

    def _leave(self, finding: Finding, error: ChangeFailed) -> None:
        self._left.append((finding, str(error)))
        if isinstance(error, Blocked):
            self._blocked.add(str(error))

    def consider_patch(self, finding: Finding, report: Report) -> None:
        """Make drafts against a hole, or leave it to its owner."""
        try:
            self._drafts += plan_patch(finding, report, self._ground)
        except (LeftOut, ChangeFailed, Refused) as error:
            self._left.append((finding, str(error)))
        except OSError as error:
            self._left.append((finding, f"it can't be read: {error.strerror or ''}"))

    def merge(self) -> Merged:
        """One action for each thing, in the order of the plan."""
        spared = spare_last_keys(self._drafts, self._ground)
        merged = merge_drafts(spared.drafts, self._ground)
        self._left += spared.left
        for finding, error in merged.failed:
            self._leave(finding, error)
        return merged

    def left_alone(self, merged: Merged) -> tuple[LeftAlone, ...]:
        """What is left, each once, without what an action deals with anyway; and the files that what is to be removed
        runs, if they stay.
        """
        left = [(finding, because) for finding, because in self._left if not merged.deals_with(finding.subject)]
        gone = {_name(finding) for finding, because in left if because == GONE}  # nothing else counts then
        findings = (
            LeftAlone(what=_name(finding), because=because, blocked=because in self._blocked)
            for finding, because in left
            if because == GONE or _name(finding) not in gone
        )
        beside = (
            LeftAlone(what=escape_text(path.text), because=because)
            for path, because in self._ground.beside.items()
            if not merged.takes_away(path)
        )
        return tuple(dict.fromkeys((*findings, *beside)))

    def linked(self) -> tuple[str, ...]:
        """The files to be changed that have other names elsewhere."""
        return tuple(dict.fromkeys(self._ground.linked))

    def _check(self, finding: Finding) -> None:
        """Raises LeftOut or Refused if the finding is left alone whatever its pack says."""
        subject = finding.subject
        if subject.kind not in ("file", "process", "memory", "autostart", "setting", "account", "key"):
            raise LeftOut(f"the tool changes nothing about {_name_kind(subject.kind)}: do it by hand")
        if subject.path is None and subject.pid is None and subject.registry is None:
            raise LeftOut(f"the tool changes nothing about {_name_kind(subject.kind)} that is no file")
        if subject.path is not None:
            self._check_path(finding)
        if finding.confidence == "suspicious" and not self._ground.wishes.include_suspicious:
            raise LeftOut("only suspicious: review it, then --include-suspicious")

    def _check_path(self, finding: Finding) -> None:
        try:
            rel = self._ground.find_below(finding.subject.file_path())
        except Refused:
            if finding.subject.pid is not None:
                return  # what it runs may lie nowhere, or in a container
            raise LeftOut("it does not lie beneath the target's root") from None
        if rel in self._ground.protected:
            raise LeftOut(f"must not be touched: {self._ground.protected[rel]}")

    def _plan(self, proposal: Proposal) -> list[Draft]:
        """Raises LeftOut, OSError, ChangeFailed, Refused."""
        action = proposal.step.action
        if is_restore(proposal):
            return plan_restore(proposal, self._ground)
        if proposal.finding.subject.registry is not None:
            return plan_setting(proposal, self._ground, self._packs)
        if is_about_iis(proposal.finding):
            return plan_iis(proposal, self._ground, self._packs)
        match proposal.finding.subject.kind, action:
            case (("process" | "memory"), ("stop_process" | "kill_process")):
                return plan_process(proposal, self._ground)
            case "account", ("remove_line" | "lock_account"):
                return plan_account(proposal, self._ground)
            case (("key" | "autostart" | "setting"), ("remove_line" | "remove_key")):
                return plan_line(proposal, self._ground)
            case (("autostart" | "file"), ("remove_service" | "disable_service")):
                return plan_service(proposal, self._ground)
            case (("autostart" | "setting" | "file"), "reset_setting"):
                return plan_reset(proposal, self._ground, self._packs)
            case (("autostart" | "setting" | "file"), _):
                return plan_file(proposal, self._ground)
        raise LeftOut(f"the tool does not {action}: do it by hand as the pack says")


def find_protected(packs: Iterable[LoadedPack], target: Target) -> dict[bytes, str]:
    """The files that any pack forbids to touch: path below the root -> why."""
    found: dict[bytes, str] = {}
    for item in packs:
        for rule in item.pack.removal.must_not_touch if item.pack.removal else ():
            if rule.path[1:3] == ":\\" or rule.path.startswith("/"):  # the others are settings
                found.update((rel, rule.because) for rel in target.find(rule.path))
    return found


def _leave_attackers(report: Report) -> tuple[LeftAlone, ...]:
    """One line for all addresses seen attacking: they are elsewhere; and one for those that look like our sweep."""
    listed = report.logs.attackers if report.logs else ()
    attackers = {item.address: item.internal for item in listed}
    for finding in report.findings:
        if finding.layer == "logs" and finding.subject.address:
            attackers.setdefault(finding.subject.address, bool(finding.internal))
    sweeping = sorted({item.address for item in listed if item.like_sweep})
    for address in sweeping:
        attackers.pop(address, None)
    left = []
    if attackers:
        inside = sum(attackers.values())
        own = f"; {inside} of them are your own: treat those hosts as infected" if inside else ""
        left.append(
            LeftAlone(what=f"{len(attackers)} attackers in the web logs", because=f"block them at the firewall{own}")
        )
    if sweeping:
        more = f" and {len(sweeping) - 1} more addresses" if len(sweeping) > 1 else ""
        because = "looks like a sweep by this tool: see that it was yours"
        left.append(LeftAlone(what=f"{sweeping[0]}{more} in the web logs", because=because))
    return tuple(left)


def _name(finding: Finding) -> str:
    """The subject in a few words, with the line if it is one."""
    subject = finding.subject
    if subject.pid is not None:
        return f"process {subject.pid}{f' ({subject.key})' if subject.key else ''}"
    return subject.name() + (f", line {subject.line}" if subject.line else "")


def _name_kind(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
