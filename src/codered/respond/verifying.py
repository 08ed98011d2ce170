"""Looking again at what a plan touched and at what could bring it back: is it gone, is it back, can that be said?"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from codered import __version__
from codered.model.errors import Refused
from codered.model.finding import Finding
from codered.model.firewall import FirewallState
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import LinksState, PackageState, Plan, ProcessState
from codered.model.report import Report
from codered.model.response import Answer, Remnant, Verification
from codered.model.target import ChangeableTarget, Place, Target
from codered.remediate.case_folder import open_case
from codered.remediate.file_state import escape_text, find_below
from codered.remediate.journal import Journal, Progress
from codered.respond.changing import list_frozen, list_leaving
from codered.respond.keeping import case_folder
from codered.respond.reboots import list_reboot_reasons
from codered.respond.remnants import judge_actions, judge_findings, merge_remnants
from codered.system.folders import look_in

# Scans these places of the target with these packs.
Scan = Callable[[Target, tuple[LoadedPack, ...], tuple[Place, ...]], Report]
_MOST_PLACES = 500
_FIRST_LINES: dict[Answer, str] = {
    "clean": "what the plan removed is gone, and nothing was found that could bring it back",
    "residual": "something is still there",
    "reinfected": "it was gone and is back",
    "incomplete": "nothing was found, but that is not certain yet",
}


def verify(
    plan: Plan, target: ChangeableTarget, packs: tuple[LoadedPack, ...], scan: Scan, before: tuple[Finding, ...] = ()
) -> Verification:
    """Scan the places the plan touched once more, with those that the findings `before` pointed to, and judge what is
    left. The folders, not the files: it may be back beside. Raises WrongUse.
    """
    report = scan(target, packs, (*places_touched(plan), *_list_pointed(before, plan, target)))
    progress, trouble, broken_off = _read_progress(plan)
    leaving = list_leaving(plan)
    findings = tuple(one for one in report.findings if not _is_leaving(one, leaving))
    remnants = merge_remnants(
        (*trouble, *judge_actions(plan, progress, target), *_tell_gaps(report), *_tell_frozen(plan)),
        judge_findings(plan, progress, findings, interrupted=bool(broken_off)),
    )
    if broken_off:
        remnants = tuple(_excuse(remnant) for remnant in remnants)
    reboot = (
        *(f"{escape_text(path)} was in use and goes then" for path in leaving),
        *list_reboot_reasons(plan, packs, target, progress, case_folder(plan)),
    )
    answer = _answer(remnants, reboot, broken_off)
    return Verification(
        plan_id=plan.id,
        tool=f"codered {__version__}",
        checked=datetime.now(UTC),
        answer=answer,
        because=broken_off if broken_off and answer == "incomplete" else _explain(answer, remnants, reboot),
        report=report,
        remnants=remnants,
        reboot=reboot,
    )


def _is_leaving(finding: Finding, leaving: tuple[str, ...]) -> bool:
    """Whether it is about the content of a file that lost its name and goes when the host starts."""
    path = finding.subject.path
    return finding.subject.pid is None and path is not None and path.lower() in {each.lower() for each in leaving}


def _excuse(remnant: Remnant) -> Remnant:
    """What the plan was to remove is still to be removed: its run was broken off."""
    return replace(remnant, kind="incomplete") if remnant.action and remnant.kind == "residual" else remnant


def _answer(remnants: tuple[Remnant, ...], reboot: tuple[str, ...], broken_off: str) -> Answer:
    kinds = {remnant.kind for remnant in remnants}
    if "reinfected" in kinds:
        return "reinfected"
    if broken_off:
        return "incomplete"
    if "residual" in kinds:
        return "residual"
    return "incomplete" if "incomplete" in kinds or reboot else "clean"


def _explain(answer: Answer, remnants: tuple[Remnant, ...], reboot: tuple[str, ...]) -> str:
    first = [remnant for remnant in remnants if remnant.kind == answer]
    if first:
        more = f", and {len(first) - 1} more" if len(first) > 1 else ""
        return f"{_FIRST_LINES[answer]}: {first[0].what}: {first[0].because}{more}"
    if answer == "incomplete":
        return f"a start of the host is due: {reboot[0]}"
    return _FIRST_LINES[answer]


def _tell_gaps(report: Report) -> tuple[Remnant, ...]:
    gaps = [
        Remnant(kind="incomplete", what=escape_text(gap.where), because=f"not looked at: {escape_text(gap.why)}")
        for gap in report.gaps()
    ]
    if report.interrupted and not gaps:
        gaps.append(Remnant(kind="incomplete", what="the new look", because="stopped before the end"))
    if report.verdict == "incomplete" and not gaps:
        gaps.append(Remnant(kind="incomplete", what="the new look", because="nothing was looked at"))
    return tuple(gaps)


def _tell_frozen(plan: Plan) -> tuple[Remnant, ...]:
    because = "it is held frozen, and what starts it again is still there"
    return tuple(
        Remnant(kind="incomplete", what=f"process {process.pid}", because=because) for process in list_frozen(plan)
    )


def _read_progress(plan: Plan) -> tuple[dict[str, Progress], tuple[Remnant, ...], str]:
    """How far each action is by the journal, what keeps us from knowing, and how a run was broken off ("" = it was
    not); nothing where nothing was applied.
    """
    case = case_folder(plan)
    if not case.is_dir():
        return {}, (), ""
    try:
        with open_case(case, plan, create=False) as folder:
            return folder.journal.progress(), (), _tell_broken_off(plan, folder.journal)
    except Refused as error:
        why = str(error)
    except OSError as error:
        why = f"it can't be read: {error.strerror}"
    because = f"whether it was gone before can't be told: {why}"
    return {}, (Remnant(kind="incomplete", what="the case of the plan", because=because),), ""


def _tell_broken_off(plan: Plan, journal: Journal) -> str:
    """That the last run was killed, or the machine with it; "" if it came to its end, or all is done anyway."""
    progress = journal.progress()
    states = [progress[action.id] for action in plan.actions if action.id in progress]
    in_effect = sum(state.in_effect for state in states)
    done = sum(state.event == "verified" for state in states)
    events = {entry.event for entry in journal.entries[-1:]} | {state.event for state in states}
    if not in_effect or done == len(plan.actions) or events & {"finished", "failed"}:
        return ""
    if events & {"undo_begun", "undone", "left", "stays"}:
        return f"a rollback was interrupted, {in_effect} of {len(plan.actions)} changes are left: roll back again"
    return f"this apply was interrupted after {done} of {len(plan.actions)} changes: apply again (or roll back)"


def _list_pointed(before: tuple[Finding, ...], plan: Plan, target: Target) -> tuple[Place, ...]:
    """The files of the first findings that the plan left alone, and their neighbours."""
    touched = {action.path for action in plan.actions}
    paths: dict[str, None] = {}
    for finding in before:
        subject = finding.subject
        if subject.path is None or subject.kind in ("process", "memory") or subject.file_path() in touched:
            continue
        path = subject.file_path()
        try:
            parent, _, name = find_below(path, target.info.root).rpartition(b"/")
            folder = target.open_dir(parent)
        except (Refused, OSError):
            continue
        try:
            look_in(folder, name)
        except OSError:
            continue
        finally:
            os.close(folder)
        paths[path.text if path.raw is None else os.fsdecode(path.raw)] = None
    named = tuple(paths)[:_MOST_PLACES]
    return (Place("what the first look pointed to", named),) if named else ()


def find_first_report(plan_path: Path) -> Path:
    """Where the report of a plan lies that `respond` made: beside it."""
    return plan_path.with_suffix(".report.json")


def places_touched(plan: Plan) -> tuple[Place, ...]:
    """The folders of the plan's files and links, without those that lie in another one of them. A process has none:
    what runs is looked at anew in any case, and its program is a file of the plan if it is to go.
    """
    paths: set[FilePath] = set()
    for action in plan.actions:
        if isinstance(action.expects, LinksState):
            paths.update(link.path for link in action.expects.links)
        is_live_registry = action.registry is not None and plan.target.kind == "live_windows"  # it lies in no folder
        if not (is_live_registry or isinstance(action.expects, ProcessState | PackageState | FirewallState)):
            paths.add(action.path)
    folders = sorted({os.path.dirname(path.to_bytes()) for path in paths})
    outer: list[bytes] = []
    for folder in folders:
        if not any(folder.startswith(known.rstrip(b"/") + b"/") or folder == known for known in outer):
            outer.append(folder)
    return (Place("places touched", tuple(os.fsdecode(folder) for folder in outer)),) if outer else ()
