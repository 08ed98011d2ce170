"""Planning for lines of files: of crontabs, profiles, ld.so.preload, authorized_keys and the account files."""

from collections.abc import Sequence

from msgspec.structs import replace

from codered.model.plan import Action, ActionKind, Edit, FileState, LineChange
from codered.model.target import Target
from codered.remediate.account_lock import ACCOUNT_FILES
from codered.remediate.drafts import KEYS, LINES, Draft, Ground, LeftOut, Order, find_line_evidence, give_reason
from codered.remediate.file_state import ChangeFailed
from codered.remediate.lines import find_line, foresee, make_change, read_content
from codered.remediate.proposals import Proposal

_PASSWD = ACCOUNT_FILES[0]
_MOST_REASONS = 8


def plan_line(proposal: Proposal, ground: Ground, becomes: bytes | None = None) -> list[Draft]:
    """The line that the finding is about goes, or becomes another. Raises LeftOut, OSError, ChangeFailed, Refused."""
    finding = proposal.finding
    content, lines = ground.read_lines(finding.subject.file_path())
    number = locate_line(proposal, lines)
    is_key = proposal.step.action == "remove_key"
    kind: ActionKind = "remove_key" if is_key else "remove_line" if becomes is None else "reset_setting"
    if becomes is not None and lines[number - 1].endswith(b"\r\n"):
        becomes += b"\r"
    if becomes is not None and lines[number - 1].removesuffix(b"\n") == becomes:
        raise LeftOut("the line is as it should be already")
    change = make_change(lines, number, becomes)
    order = Order(KEYS if is_key else LINES, *proposal.rank)
    return [draft_edit(proposal, ground, replace(_start_action(proposal, content.state), kind=kind), (change,), order)]


def locate_line(proposal: Proposal, lines: Sequence[bytes]) -> int:
    """The number of the line that the finding means, in the file as it is now. Raises LeftOut, ChangeFailed."""
    seen = find_line_evidence(proposal.finding)
    return find_line(lines, seen.line or 0, seen.sha256 or "")


def draft_edit(
    proposal: Proposal, ground: Ground, action: Action, changes: tuple[LineChange, ...], order: Order
) -> Draft:
    """A draft of these changes in the action's file. Raises LeftOut if they would touch the account root, Refused."""
    rel = ground.find_below(action.path)
    _, lines = ground.read_lines(action.path)
    if rel in ACCOUNT_FILES and any(lines[change.line - 1].startswith(b"root:") for change in changes):
        raise LeftOut("the account root itself is never changed: decide yourself")
    edit = Edit(outcome=action.file_state(), lines=changes)
    action = replace(action, edit=edit, because=give_reason(proposal))
    return Draft(finding=proposal.finding, order=order, action=action)


def _start_action(proposal: Proposal, now: FileState) -> Action:
    subject = proposal.finding.subject
    return Action(
        id="a", kind="remove_line", path=subject.file_path(), expects=now, because="", pack=proposal.finding.pack,
        shown=subject.shown,
    )  # fmt: skip


def start_edit(proposal: Proposal, ground: Ground, rel: bytes, kind: ActionKind) -> Action:
    """An action on another file than the finding's own, still without its changes. Raises OSError, ChangeFailed."""
    path = ground.at(rel)
    content, _ = ground.read_lines(path)
    return Action(
        id="a", kind=kind, path=path, expects=content.state, because="", pack=proposal.finding.pack,
        shown=ground.shown(rel),
    )  # fmt: skip


def merge_edits(drafts: Sequence[Draft], target: Target, rel: bytes) -> Action:
    """One action that makes all the changes of one file. Raises OSError, ChangeFailed."""
    first = drafts[0].action
    if any(draft.action.expects != first.expects for draft in drafts):
        raise ChangeFailed("it changed while the plan was made: plan again")
    changes: dict[int, LineChange] = {}
    edits = [draft.action.edit for draft in drafts if draft.action.edit is not None]
    for edit in edits:
        for change in edit.lines:
            if change.line not in changes or change.becomes is None:  # a line that goes, goes
                changes[change.line] = change
    mode = next((edit.mode for edit in edits if edit.mode is not None), None)
    drop = any(edit.drop_capabilities for edit in edits)
    lines = tuple(changes[number] for number in sorted(changes))
    outcome = first.file_state()
    if lines:
        outcome = _foresee_lines(first, lines, target, rel)
    if mode is not None:
        outcome = replace(outcome, mode=mode)
    if drop:
        outcome = replace(outcome, capabilities="")
    edit = Edit(outcome=outcome, lines=lines, mode=mode, drop_capabilities=drop)
    return replace(first, edit=edit, because=_join_reasons(drafts))


def _foresee_lines(action: Action, lines: tuple[LineChange, ...], target: Target, rel: bytes) -> FileState:
    content = read_content(action.path, target)
    if content.state != action.expects:
        raise ChangeFailed("it changed while the plan was made: plan again")
    gone = {change.line for change in lines if change.becomes is None}
    if rel == _PASSWD and not _keeps_root(content.data.split(b"\n"), gone):
        raise ChangeFailed("no account with uid 0 would be left: decide yourself")
    return foresee(content, lines)


def _keeps_root(lines: Sequence[bytes], gone: set[int]) -> bool:
    kept = (line.split(b":") for number, line in enumerate(lines, 1) if number not in gone)
    return any(len(fields) == 7 and fields[2] == b"0" for fields in kept)


def _join_reasons(drafts: Sequence[Draft]) -> str:
    reasons = list(dict.fromkeys(draft.action.because for draft in drafts))
    more = f"; and {len(reasons) - _MOST_REASONS} more reasons" if len(reasons) > _MOST_REASONS else ""
    return "; ".join(reasons[:_MOST_REASONS]) + more
