"""Carrying a plan out in its own case, undoing it, and leaving the rest of it to the next start of the host."""

from contextlib import suppress

from codered.model.errors import Refused, WrongUse
from codered.model.plan import Action, Plan, ProcessState
from codered.model.target import ChangeableTarget
from codered.remediate.applying import (
    OnStep,
    Outcome,
    Step,
    apply_plan,
    arm_at_boot,
    finish_at_boot,
    is_in_effect,
    list_held,
    list_in_effect,
    roll_back,
)
from codered.remediate.at_boot import BootUnit, check_boots, make_unit
from codered.remediate.comparing import UNREADABLE, agree
from codered.remediate.guards import check_plan, check_sources, check_states, look_at
from codered.remediate.keeping.places import refuse_elsewhere
from codered.remediate.keeping.records import ContainmentFolder
from codered.remediate.keeping.starting import stop_keeper
from codered.respond.keeping import case_folder
from codered.respond.reboots import mark_boot
from codered.respond.system_log import failures_noted, note_outcome
from codered.system import leaving_files
from codered.system.state_folder import state_folder

__all__ = [
    "OnStep", "Outcome", "Step", "apply", "check", "finish", "is_outdated", "leave_to_boot", "list_frozen",
    "list_leaving", "list_undoable", "show_unit", "undo", "was_applied",
]  # fmt: skip


def check(plan: Plan, target: ChangeableTarget) -> None:
    """Everything that `apply` would refuse for, without touching anything. Raises Refused."""
    check_plan(plan, target)
    check_states(plan, target, frozenset())
    check_sources(plan.actions)


def apply(plan: Plan, target: ChangeableTarget, on_step: OnStep) -> Outcome:
    """Apply in the plan's own case. Raises Refused, RolledBack, NotRolledBack, WrongUse."""
    with failures_noted(plan):
        outcome = apply_plan(plan, target, case_folder(plan), on_step)
    _note_boot(plan, outcome)
    return note_outcome(plan, "applied", outcome)


def leave_to_boot(plan: Plan, target: ChangeableTarget) -> BootUnit:
    """Have the rest of a begun plan finished when the host starts. Raises Refused, WrongUse."""
    return arm_at_boot(plan, target, case_folder(plan))


def show_unit(plan: Plan, target: ChangeableTarget) -> BootUnit:
    """The unit that `leave_to_boot` would write. Raises Refused, WrongUse."""
    check_plan(plan, target)
    check_boots(target)
    return make_unit(plan, case_folder(plan))


def finish(plan: Plan, target: ChangeableTarget, on_step: OnStep) -> Outcome:
    """What that unit does. Raises Refused, RolledBack, NotRolledBack, WrongUse."""
    outcome = finish_at_boot(plan, target, case_folder(plan), on_step)
    _note_boot(plan, outcome)
    return outcome


def _note_boot(plan: Plan, outcome: Outcome) -> None:
    """Without the note a start of the host stays due, so a full disk is no failure of the change."""
    if outcome.done and not outcome.already:
        with suppress(OSError):
            mark_boot(case_folder(plan))


def list_leaving(plan: Plan) -> tuple[str, ...]:
    """The files that were in use, lost their names, and go when this Windows starts anew; none on another target."""
    if plan.target.kind != "live_windows":
        return ()
    with suppress(OSError):
        return leaving_files.list_leaving()
    return ()


def list_frozen(plan: Plan) -> tuple[ProcessState, ...]:
    """The processes that this plan holds frozen now and that a rollback lets go on; none where no case can be read."""
    try:
        return list_held(plan, case_folder(plan))
    except Refused:
        return ()


def list_undoable(plan: Plan) -> tuple[Action, ...]:
    """What `undo` would undo, the last change first; nothing where nothing was applied. Raises Refused, WrongUse."""
    case = case_folder(plan)
    return list_in_effect(plan, case) if case.is_dir() else ()


def was_applied(plan: Plan) -> bool:
    """Whether anything of the plan is done; True too where that can't be told. Raises WrongUse."""
    case = case_folder(plan)
    if not case.exists():
        return False
    try:
        return is_in_effect(plan, case)
    except Refused:
        return True


def is_outdated(plan: Plan, target: ChangeableTarget) -> bool:
    """Whether nothing of the plan is done and something that it touches is another by now: it can only be made anew.
    What can't be read by this user says nothing. Raises WrongUse.
    """
    if was_applied(plan):
        return False
    for action in plan.actions:
        now, why = look_at(action, target)
        if why != UNREADABLE and not agree(action.expects, now):
            return True
    return False


def undo(plan: Plan, target: ChangeableTarget, on_step: OnStep) -> Outcome:
    """Roll back what was applied, and end who keeps it. Raises Refused (also for a containment of another network
    namespace), NotRolledBack, WrongUse.
    """
    case = case_folder(plan)
    folder = ContainmentFolder(state_folder(), plan.id)
    record = None
    with suppress(WrongUse):  # a damaged record must not keep it from being undone
        record = folder.read()
    if record is not None:
        refuse_elsewhere(record)
    with failures_noted(plan):
        outcome = roll_back(plan, target, case, on_step)
    if folder.folder.exists():
        stop_keeper(folder)
        if record is None:
            folder.forget_record()
    return note_outcome(plan, "rolled back", outcome)
