"""Applying a plan and rolling it back. The guards are held here, once for all kinds of action:

refuse the whole plan if anything is not as it expects · the journal first · verified only if state = outcome ·
a failure undoes everything · undo only what nobody touched since · every step can be resumed after a crash
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

from codered.model.errors import CodeRedError, NotRolledBack, Refused
from codered.model.plan import Action, FileState, Plan, ProcessState, State
from codered.model.target import ChangeableTarget
from codered.remediate.at_boot import BootUnit, arm, disarm
from codered.remediate.case_folder import CaseFolder, check_place, open_case
from codered.remediate.guards import check_plan, check_sources, check_states
from codered.remediate.holding import Held
from codered.remediate.journal import Progress
from codered.remediate.process_evidence import measure_process
from codered.remediate.processes import is_gone
from codered.remediate.recovering import recover
from codered.remediate.running import Left, OnStep, Run, Step, describe_left
from codered.remediate.target_space import check_target_space
from codered.remediate.vault import Vault

__all__ = [
    "BootUnit", "Held", "Left", "OnStep", "Outcome", "Step", "apply_plan", "arm_at_boot", "finish_at_boot",
    "is_in_effect", "list_held", "list_in_effect", "roll_back",
]  # fmt: skip


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended, by action ids. `resumed`: an earlier run had been interrupted; `already`: all was done before, and
    `left` then names files that are no longer as this plan left them. A plan that holds no changes is neither: `done`
    is empty and `already` false. `held` are processes that come back each time they are ended and stay frozen;
    `not_undoable` is what a rollback can't take back, because it is no more; `unlogged` why the system's own log has no
    entry about it.
    """

    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    resumed: bool = False
    already: bool = False
    held: tuple[Held, ...] = ()
    not_undoable: tuple[Left, ...] = ()
    unlogged: str = ""


def _ignore(_: Step) -> None:
    pass


def apply_plan(plan: Plan, target: ChangeableTarget, case: Path, on_step: OnStep = _ignore) -> Outcome:
    """Carry out the plan, or finish what an earlier run began. `case` is the plan's own folder, made if it is missing.
    Raises Refused (nothing touched), RolledBack, NotRolledBack.
    """
    check_plan(plan, target)
    check_place(case, target.info.root)
    everything = tuple(action.id for action in plan.actions)
    with _opened(case, plan, create=True) as folder:
        recover(plan, target, folder)
        run = Run(plan, target, folder, on_step)
        known = folder.journal.progress()
        todo = tuple(action for action in plan.actions if not _is_verified(known.get(action.id)))
        if not todo:
            held = run.end_again()
            if folder.journal.armed():
                run.take_away_again()
            _stand_down(target, folder, held)
            return Outcome(done=everything, left=run.changed_since(), already=bool(everything), held=held)
        in_effect = frozenset(name for name, progress in known.items() if progress.in_effect)
        check_states(plan, target, in_effect)
        fresh = tuple(action for action in todo if action.id not in in_effect)
        check_sources(fresh)
        check_target_space(fresh, target)
        folder.check_space(_measure(tuple(action.expects for action in fresh), folder.vault))
        held = run.apply(todo, known)
        _stand_down(target, folder, held)
        left = run.changed_since() if held else ()
        return Outcome(done=everything, resumed=bool(in_effect), held=held, left=left)


def roll_back(plan: Plan, target: ChangeableTarget, case: Path, on_step: OnStep = _ignore) -> Outcome:
    """Undo what was applied, last first; what somebody touched since is left alone. Raises Refused (nothing touched),
    NotRolledBack (what could be undone was).
    """
    check_plan(plan, target)
    check_place(case, target.info.root)
    with _opened(case, plan, create=False) as folder:
        if not folder.journal.entries:
            raise Refused("nothing was applied from this plan", where=folder.shown, advice="there is nothing to undo")
        recover(plan, target, folder)
        run = Run(plan, target, folder, on_step)
        before = folder.journal.progress()
        try:
            disarm(target, folder)
            left = run.undo_all()
        except OSError as error:
            raise run.tell_stuck(error) from None
        if left:
            raise NotRolledBack(describe_left(left), where=folder.shown, advice="look at each, then roll back again")
        stays = {item.action for item in run.stays}
        in_effect = (action.id for action in plan.actions if action.id in before and before[action.id].in_effect)
        undone = tuple(name for name in in_effect if name not in stays)
        resumed = any(progress.in_effect and progress.event != "verified" for progress in before.values())
        not_undoable = tuple(run.stays)
        return Outcome(undone=undone, resumed=resumed, already=not (undone or stays), not_undoable=not_undoable)


def list_held(plan: Plan, case: Path) -> tuple[ProcessState, ...]:
    """The processes that the case holds frozen now, and that go on when it is undone. Raises Refused."""
    with _opened(case, plan, create=False) as folder:
        held = (entry.process for entry in folder.journal.held())
        # One that stood still before stays so.
        return tuple(one for one in held if one is not None and one.state != "held" and not is_gone(one))


def is_in_effect(plan: Plan, case: Path) -> bool:
    """Whether anything of the plan was done and not undone since. Raises Refused."""
    with _opened(case, plan, create=False) as folder:
        return any(
            progress.in_effect or progress.event in ("verified", "stays")
            for progress in folder.journal.progress().values()
        )


def list_in_effect(plan: Plan, case: Path) -> tuple[Action, ...]:
    """The actions that a rollback would undo, in its order. Raises Refused."""
    with _opened(case, plan, create=False) as folder:
        progress = folder.journal.progress()
    return tuple(each for each in reversed(plan.actions) if each.id in progress and progress[each.id].in_effect)


def arm_at_boot(plan: Plan, target: ChangeableTarget, case: Path) -> BootUnit:
    """Leave the rest of a plan that was begun to the next start of the host. Raises Refused (nothing touched)."""
    check_plan(plan, target)
    check_place(case, target.info.root)
    with _opened(case, plan, create=False) as folder:
        try:
            return arm(plan, target, folder)
        except OSError as error:
            with suppress(OSError):
                disarm(target, folder)
            what = f"the unit can't be written: {error.strerror}"
            raise Refused(what, where=target.info.root, advice="remove the cause and try again") from None


def finish_at_boot(plan: Plan, target: ChangeableTarget, case: Path, on_step: OnStep = _ignore) -> Outcome:
    """What the unit does when the host starts: apply what is left, then take the unit away, however that ended. Raises
    Refused, RolledBack, NotRolledBack.
    """
    check_plan(plan, target)
    with _opened(case, plan, create=False) as folder:
        if not folder.journal.armed():
            what = "nothing of this plan was left to the start of the host"
            raise Refused(what, where=folder.shown, advice="codered apply PLAN --at-boot does that")
    try:
        outcome = apply_plan(plan, target, case, on_step)
    except CodeRedError:
        _take_unit_away(plan, target, case)
        raise
    _take_unit_away(plan, target, case)
    return outcome


def _take_unit_away(plan: Plan, target: ChangeableTarget, case: Path) -> None:
    with _opened(case, plan, create=False) as folder, suppress(OSError):
        disarm(target, folder)


def _stand_down(target: ChangeableTarget, folder: CaseFolder, held: tuple[Held, ...]) -> None:
    """When nothing is held any more, nothing is left to do when the host starts."""
    if not held:
        with suppress(OSError):  # the unit finds nothing to do then, and takes itself away
            disarm(target, folder)


def _measure(states: tuple[State, ...], vault: Vault) -> int:
    """How many bytes the vault will need for what it does not hold yet."""
    contents = {state.sha256: state for state in states if isinstance(state, FileState) and state.exists}
    files = sum(state.size for state in contents.values() if not vault.holds(state))
    return files + sum(measure_process(state) for state in states if isinstance(state, ProcessState))


def _is_verified(progress: Progress | None) -> bool:
    return progress is not None and progress.event == "verified"


@contextmanager
def _opened(case: Path, plan: Plan, *, create: bool) -> Iterator[CaseFolder]:
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(open_case(case, plan, create=create))
        except OSError as error:
            what = f"the case can't be opened: {error.strerror}; nothing was touched"
            raise Refused(what, where=str(case), advice="see that this folder can be written") from None
        yield folder
