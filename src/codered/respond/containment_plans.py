"""The plans of a containment as they were kept: its own, and those of what was done besides (frozen processes)."""

from contextlib import suppress

from codered.model.containment import ContainmentRecord
from codered.model.errors import CodeRedError, NotRolledBack, WrongUse
from codered.model.plan import Plan
from codered.model.target import ChangeableTarget
from codered.remediate.keeping.records import ContainmentFolder
from codered.respond.changing import OnStep, list_frozen, undo, was_applied
from codered.respond.keeping import plan_file, read_plan
from codered.system.state_folder import state_folder


def read_kept(name: str) -> Plan:
    """The plan as it was kept; where that file is gone or damaged, its copy in its case. Raises WrongUse."""
    kept = plan_file(name)
    try:
        return read_plan(kept)
    except WrongUse as error:
        with suppress(WrongUse):
            plan = read_plan(ContainmentFolder(state_folder(), name).case / "plan.json")
            if plan.id == name:
                return plan
        raise error from None


def list_frozen_with(record: ContainmentRecord) -> tuple[int, ...]:
    """The processes that stand still with it."""
    found: list[int] = []
    for name in (record.plan, *record.besides):
        with suppress(CodeRedError):
            found += [process.pid for process in list_frozen(read_kept(name))]
    return tuple(found)


def undo_besides(record: ContainmentRecord, target: ChangeableTarget, on_step: OnStep) -> None:
    """Undo what was done besides, each for itself. Raises NotRolledBack with what is left."""
    left = []
    for name in record.besides:
        try:
            plan = read_kept(name)
            if was_applied(plan):
                undo(plan, target, on_step)
        except CodeRedError as error:
            left.append(f"{name} ({error.what})")
    if left:
        what = f"{record.plan} itself is off, but not what was done besides: {', '.join(left)}"
        raise NotRolledBack(what, advice="`codered rollback` each of them, or let the processes go: kill -CONT PID")
