"""What is left of what a plan should have removed: its actions looked at once more, and the new findings."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.finding import CONFIDENCES, UNATTRIBUTED, Finding
from codered.model.heuristics import HEURISTICS
from codered.model.paths import FilePath
from codered.model.plan import Action, FileState, LinksState, Plan, ProcessState, State
from codered.model.registry import fold_name
from codered.model.response import Remnant, RemnantKind
from codered.model.target import ChangeableTarget
from codered.remediate.actions import ACTIONS
from codered.remediate.comparing import agree, tell_difference
from codered.remediate.file_state import ChangeFailed, TooLarge, escape_text
from codered.remediate.guards import look_at, name_place
from codered.remediate.journal import Progress
from codered.remediate.lines import hash_line, read_content, split_lines

_GONE_BEFORE = "it was gone, as the journal says, and is there again"
_NEVER_DONE = "the plan did not change it, and it is as it was"


def judge_actions(plan: Plan, progress: dict[str, Progress], target: ChangeableTarget) -> tuple[Remnant, ...]:
    """What the plan's own actions left behind, or what came back of it."""
    masks = _find_masks(plan, target)
    found = (
        _judge_action(action, progress.get(action.id), target)
        for action in plan.actions
        if not (action.kind == "quarantine_file" and action.path in masks)
    )
    return tuple(remnant for remnant in found if remnant is not None)


def _find_masks(plan: Plan, target: ChangeableTarget) -> frozenset[FilePath]:
    """Links of the plan's own that are as it made them: a unit was taken away, and a mask lies where it was."""
    made = [(action, action.becomes) for action in plan.actions if isinstance(action.becomes, LinksState)]
    return frozenset(
        link.path
        for action, becomes in made
        if agree(becomes, look_at(action, target)[0])
        for link in becomes.links
        if link.target is not None
    )


def judge_findings(
    plan: Plan, progress: dict[str, Progress], findings: Iterable[Finding], *, interrupted: bool = False
) -> tuple[Remnant, ...]:
    """What the new findings mean for the plan. Log lines tell of the past and do not count. `interrupted`: not all of
    the plan was carried out, so that more of the same need not be new.
    """
    counted = [finding for finding in findings if finding.layer != "logs"]
    counted.sort(key=lambda each: CONFIDENCES.index(each.confidence))
    judged = [_judge_finding(plan, progress, finding, interrupted=interrupted) for finding in counted]
    return _join_holes(counted, judged)


def merge_remnants(actions: tuple[Remnant, ...], findings: tuple[Remnant, ...]) -> tuple[Remnant, ...]:
    """Each thing once, the worst first: a finding says more of it than the action's own state."""
    named = {remnant.action for remnant in findings if remnant.action}
    rest = [remnant for remnant in actions if remnant.action not in named]
    order = ("reinfected", "residual", "incomplete", "note")
    return tuple(sorted((*findings, *rest), key=lambda remnant: order.index(remnant.kind)))


def _judge_action(action: Action, done: Progress | None, target: ChangeableTarget) -> Remnant | None:
    now, why = look_at(action, target)
    what = name_place(action)
    if now is None:
        return Remnant(kind="incomplete", what=what, because=why, action=action.id)
    outcome = ACTIONS[action.kind].outcome(action)
    if agree(outcome, now):
        return None
    was_done = done is not None and done.event == "verified"
    if isinstance(now, ProcessState) and now.state == "held":
        return Remnant(kind="incomplete", what=what, because="it is still held frozen", action=action.id)
    if agree(action.expects, now):
        because = _GONE_BEFORE if was_done else _NEVER_DONE
        return Remnant(kind=_tell_kind(was_done), what=what, because=because, action=action.id)
    return _judge_other_state(action, now, outcome, target) if was_done else _tell_unfinished(action, now)


def _tell_kind(was_done: bool) -> RemnantKind:
    return "reinfected" if was_done else "residual"


def _judge_other_state(action: Action, now: State, outcome: State, target: ChangeableTarget) -> Remnant | None:
    """Something was there again after the change and is not what it was: of an edited file, only its lines count."""
    what = name_place(action)
    if action.edit is not None and action.edit.lines:
        return _judge_lines(action, target)
    if action.upgrade is not None:
        return Remnant(kind="note", what=what, because=tell_difference(outcome, now), action=action.id)
    if isinstance(now, FileState) and isinstance(outcome, FileState) and not outcome.exists:
        because = "another file has its name now: look at it"
        return Remnant(kind="incomplete", what=what, because=because, action=action.id)
    because = f"changed since the plan was applied: {tell_difference(outcome, now)}"
    return Remnant(kind="incomplete", what=what, because=because, action=action.id)


def _judge_lines(action: Action, target: ChangeableTarget) -> Remnant | None:
    assert action.edit is not None
    what = name_place(action)
    try:
        there = {hash_line(line) for line in split_lines(read_content(action.path, target).data)}
    except (OSError, ChangeFailed, TooLarge, Refused) as error:
        story = error.strerror or "" if isinstance(error, OSError) else str(error)
        return Remnant(kind="incomplete", what=what, because=f"it can't be read: {story}", action=action.id)
    back = [line for line in action.edit.lines if line.sha256 in there]
    if not back:
        return None
    because = f"its line was gone and is there again: {escape_text(back[0].shown[:200])}"
    return Remnant(kind="reinfected", what=what, because=because, action=action.id)


def _tell_unfinished(action: Action, now: State) -> Remnant:
    because = f"the plan was not carried out here, and it changed since: {tell_difference(action.expects, now)}"
    return Remnant(kind="residual", what=name_place(action), because=because, action=action.id)


def _judge_finding(plan: Plan, progress: dict[str, Progress], finding: Finding, *, interrupted: bool) -> Remnant:
    subject, told = escape_text(finding.subject.name()), escape_text(finding.because)
    done = {name for name, each in progress.items() if each.event == "verified"}
    # One that was never done says why it is there; only where all of them were did it come back.
    action = min(_find_actions(plan, finding), key=lambda each: each.id in done, default=None)
    if action is not None:
        was_done = action.id in done
        because = f"{_GONE_BEFORE if was_done else _NEVER_DONE}: {told}"
        worse = _tell_kind(was_done)
        return Remnant(kind=worse, what=subject, because=because, finding=finding.id, action=action.id)
    if finding.layer == "patches":
        return Remnant(kind="note", what=subject, because=f"the hole is still open: {told}", finding=finding.id)
    left = next((each.because for each in plan.left_alone if each.what.startswith(subject)), "")
    # What is only suspicious was never to be removed; yet nobody knows it for clean before a person has looked.
    kind: RemnantKind = "incomplete" if finding.confidence == "suspicious" else "residual"
    if left:
        return Remnant(kind=kind, what=subject, because=f"the plan left it alone: {left}", finding=finding.id)
    if (
        progress
        and not interrupted
        and _names_threats(finding) & _threats_of(plan)
        and finding.confidence != "suspicious"
    ):
        because = f"a new finding of the same threat: {told}"
        return Remnant(kind="reinfected", what=subject, because=because, finding=finding.id)
    return Remnant(kind=kind, what=subject, because=f"not dealt with by this plan: {told}", finding=finding.id)


def _find_actions(plan: Plan, finding: Finding) -> Iterator[Action]:
    """The plan's actions about the same thing: the finding they were made for, the same process, the same place of the
    registry, or the same file.
    """
    subject = finding.subject
    for action in plan.actions:
        process = action.expects if isinstance(action.expects, ProcessState) else None
        if process is not None:
            if (process.pid, process.start) == (subject.pid, subject.start):
                yield action
        elif finding.id in action.findings or _is_same_setting(action, finding) or _is_same_file(action, finding):
            yield action


def _is_same_setting(action: Action, finding: Finding) -> bool:
    """All of a hive lies in one file: there only the key and the value's name say what is the same."""
    subject = finding.subject
    if action.registry is None or subject.registry is None:
        return False
    value = "" if subject.value is None else f": {subject.value or '(default)'}"
    return fold_name(action.shown or "") == fold_name(subject.registry + value)


def _is_same_file(action: Action, finding: Finding) -> bool:
    """Of a file that is edited, only the lines of the plan are the same thing."""
    subject = finding.subject
    if subject.pid is not None or subject.path is None or subject.file_path() != action.path:
        return False
    if action.registry is not None or subject.registry is not None:
        return False
    if action.edit is None or not action.edit.lines:
        return True
    hashes = {evidence.sha256 for evidence in finding.evidence[:1] if evidence.sha256}
    return any(line.sha256 in hashes for line in action.edit.lines)


def _join_holes(findings: Iterable[Finding], remnants: Iterable[Remnant]) -> tuple[Remnant, ...]:
    """A hole that several threats come in by is told once, with their names."""
    packs: dict[tuple[str, str], list[str]] = {}
    first: dict[tuple[str, str], Remnant] = {}
    joined: list[Remnant] = []
    for finding, remnant in zip(findings, remnants, strict=True):
        key = (remnant.what, remnant.because)
        if remnant.kind != "note":
            joined.append(remnant)
            continue
        packs.setdefault(key, []).append(finding.pack)
        first.setdefault(key, remnant)
    for key, remnant in first.items():
        names = list(dict.fromkeys(filter(None, packs[key])))
        more = f" (of {' and '.join(names)})" if len(names) > 1 else ""
        joined.append(replace(remnant, because=remnant.because.replace("the hole", f"the hole{more}", 1)))
    return tuple(joined)


def _threats_of(plan: Plan) -> set[str]:
    """The threats by name: of what only the heuristics know, nobody can say that it is the same again."""
    return {action.pack for action in plan.actions if action.pack} - {HEURISTICS}


def _names_threats(finding: Finding) -> set[str]:
    return set(finding.shared_by) if finding.pack == UNATTRIBUTED else {finding.pack}
