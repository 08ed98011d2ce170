"""Planning for processes: which are ended, and what of their programs must not be forgotten on the disk."""

from contextlib import suppress

from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.finding import Subject
from codered.model.paths import FilePath
from codered.model.plan import Action, ActionKind, ProcessState
from codered.remediate.drafts import (
    FILES,
    PROCESSES,
    Draft,
    Ground,
    LeftOut,
    Order,
    give_reason,
    hashes_of_file,
    is_shared_program,
)
from codered.remediate.file_state import read_state
from codered.remediate.never_stopped import explain_never_stopped
from codered.remediate.plan_blamed import plan_blamed_files
from codered.remediate.plan_files import MOST_SIZE, plan_taking_away
from codered.remediate.processes import explain_protected, read_process
from codered.remediate.proposals import Proposal

GONE = "it is gone, since the scan"
_ASK = "codered contain holds it, an entry under `scanners:` in the allow-list lets it"
_NO_FILE = ("/memfd:", "/dev/zero", "/proc/")


def plan_process(proposal: Proposal, ground: Ground) -> list[Draft]:
    """The end of the process, and a quarantine of its program if that is no package's. Raises LeftOut, OSError,
    ChangeFailed.
    """
    finding, subject = proposal.finding, proposal.finding.subject
    if ground.target.info.kind not in ("live_linux", "live_windows"):
        raise LeftOut("only on the running host itself can a process be ended")
    if subject.pid is None or subject.start is None:
        raise LeftOut("the report does not say which process it is: scan again with this version")
    if because := explain_protected(subject.pid):
        raise LeftOut(f"it is never ended: {because}")
    now = read_process(subject.pid, subject.start)
    if now.state == "gone":
        raise LeftOut(GONE)
    seen = {item.sha256 for item in finding.evidence if item.source == "program" and item.sha256}
    if seen and now.sha256 and now.sha256 not in seen:
        raise LeftOut("it runs another program than at the scan: scan again")
    if because := explain_never_stopped(subject.pid, ground):
        raise LeftOut(f"it is never ended: {because}")
    path = _name_program(subject)
    if finding.layer == "network" and (owner := _find_tool(ground, path)):
        raise LeftOut(f"its program is of the package {owner}, and may scan for somebody who is allowed to: {_ASK}")
    kind: ActionKind = "kill_process" if proposal.step.action == "kill_process" else "stop_process"
    action = Action(
        id="a",
        kind=kind,
        path=path,
        expects=replace(now, state="running"),
        because=give_reason(proposal, _tell_owner(ground, path)),
        pack=finding.pack,
        shown=_show_process(subject),
        undoable=False,
    )
    order = Order(PROCESSES, *proposal.rank)
    return [
        Draft(finding=finding, order=order, action=action),
        *_plan_program(proposal, ground, now, path),
        *plan_blamed_files(proposal, ground),
    ]


def _plan_program(proposal: Proposal, ground: Ground, now: ProcessState, path: FilePath) -> list[Draft]:
    """The file it runs, once more on the disk: only if it is that very content and no package's."""
    finding = proposal.finding
    if finding.subject.kind != "process" or finding.confidence == "suspicious" or not hashes_of_file(finding):
        return []
    if path.text.startswith(_NO_FILE) or ground.wishes.owner_of(path) != "":
        return []
    try:
        if is_shared_program(ground.find_below(path)):
            return []
        if read_state(path, ground.target, MOST_SIZE).sha256 != now.sha256 or not now.sha256:
            return []
        return plan_taking_away(proposal, ground, path, Order(FILES, *proposal.rank))
    except (OSError, Refused):
        return []  # deleted, or of another file system tree


def _find_tool(ground: Ground, path: FilePath) -> str:
    """The package whose program it is, "" for none. A shell or an interpreter does what a script tells it: that is not
    the package's doing.
    """
    with suppress(Refused):
        if is_shared_program(ground.find_below(path)):
            return ""
    return ground.wishes.owner_of(path) or ""


def _tell_owner(ground: Ground, path: FilePath) -> str:
    """What may be missed; a shell or an interpreter is no service that anybody would start again."""
    owner = ground.wishes.owner_of(path)
    with suppress(Refused):
        if is_shared_program(ground.find_below(path)):
            return ""
    return f" (its program is of the package {owner}: start it again if it is needed)" if owner else ""


def _name_program(subject: Subject) -> FilePath:
    return subject.file_path() if subject.path else FilePath(f"/proc/{subject.pid}/exe")


def _show_process(subject: Subject) -> str:
    name = f" ({subject.key})" if subject.key else ""
    return f"process {subject.pid}{name}"
