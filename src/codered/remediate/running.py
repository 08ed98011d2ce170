"""One run over a plan's actions in an open case: doing, undoing, and telling how it ended. The order of the journal's
lines against the changes on the disk is decided here and nowhere else.
"""

import errno
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, NoReturn

import msgspec

from codered.model.errors import CodeRedError, NotRolledBack, RolledBack
from codered.model.firewall import FirewallState
from codered.model.paths import FilePath
from codered.model.plan import Action, PackageState, Plan, ProcessState
from codered.model.target import ChangeableTarget
from codered.remediate.actions import ACTIONS, CONTAINING
from codered.remediate.case_folder import CaseFolder
from codered.remediate.comparing import agree, tell_difference
from codered.remediate.file_state import ABSENT, NO_REGULAR_FILE, ChangeFailed, Spot, hold_file, open_spot, read_state
from codered.remediate.guards import look_at, name_place
from codered.remediate.holding import Held, Hold
from codered.remediate.journal import Progress
from codered.remediate.package_commands import StillAtWork
from codered.remediate.placing import remove_held, remove_temporary
from codered.remediate.processes import is_gone
from codered.remediate.recovering import recover

CAME_BACK = "it was written again meanwhile, and taken away again"
StepEvent = Literal["begun", "verified", "failed", "undo_begun", "undone", "left", "held", "released", "ended", "stays"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that just happened: to the action `number` of `total`; `note` says why, for "failed", "left" and
    "stays", for "undone" what could not come back with the file, and which process for "held", "released" and "ended".
    """

    number: int
    total: int
    action: Action
    event: StepEvent
    note: str = ""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """An action that was not undone, or whose file is not as it was left; and why."""

    action: str
    where: str
    because: str


OnStep = Callable[[Step], None]


class Run:
    """One go at a plan in its case."""

    def __init__(self, plan: Plan, target: ChangeableTarget, case: CaseFolder, on_step: OnStep) -> None:
        self._plan = plan
        self._target = target
        self._case = case
        self._on_step = on_step
        self._hold = Hold(plan, case.journal, self._tell)
        self.stays: list[Left] = []

    def apply(self, todo: tuple[Action, ...], known: dict[str, Progress]) -> tuple[Held, ...]:
        """Freeze what runs, do these actions in order, end what came back meanwhile; what of it stays held. If an
        action fails, everything is undone. Raises RolledBack, NotRolledBack.
        """
        try:
            self._case.journal.append("opened", plan_digest=self._plan.digest)
            self._hold.hold_plan(todo)
            for action in todo:
                try:
                    self._do(action, known.get(action.id))
                    self._hold.glance()
                except StillAtWork as error:
                    self._stop_at(action, str(error))
                except (OSError, ChangeFailed) as error:
                    self._fail(action, _explain(error))
            held = self._hold.end_returned()
            if any(isinstance(action.expects, ProcessState) for action in todo):
                self.take_away_again()
            self._finish()
        except OSError as error:
            raise self.tell_stuck(error) from None
        return held

    def take_away_again(self) -> None:
        """What was taken away, and was written again with the very same content by something that ran on, goes once
        more: the vault has it already. What is another file now is for `changed_since` to tell. Raises OSError if the
        journal can't be written.
        """
        for action in self._plan.actions:
            if action.kind not in ("quarantine_file", "delete_file"):
                continue
            try:
                now = read_state(action.path, self._target)
                if not now.exists or now.sha256 != action.file_state().sha256:
                    continue
                with open_spot(action.path, self._target) as spot, hold_file(spot, now) as held:
                    remove_held(held)
            except (OSError, ChangeFailed):
                continue
            self._record("verified", action, note=CAME_BACK)

    def end_again(self) -> tuple[Held, ...]:
        """What came back since the plan was applied, or was left held then, is ended; what stays held. Raises
        NotRolledBack if the journal can't be written.
        """
        try:
            self._hold.hold_plan(())
            return self._hold.end_returned()
        except OSError as error:
            raise self.tell_stuck(error) from None

    def undo_all(self) -> tuple[Left, ...]:
        """Undo whatever is in effect, last first; what could not be undone. Raises OSError if the journal is stuck."""
        known = self._case.journal.progress()
        in_effect = [a for a in reversed(self._plan.actions) if a.id in known and known[a.id].in_effect]
        left = []
        for action in in_effect:
            because = self._undo(action, known[action.id].backup)
            if because:
                self._record("left", action, note=because)
                left.append(Left(action=action.id, where=name_place(action), because=because))
        if self._hold.release_all() or in_effect:
            self._finish()
        return tuple(left)

    def changed_since(self) -> tuple[Left, ...]:
        """The files that are no longer as this plan, fully applied, left them."""
        found = []
        masks = _list_masks(self._plan)
        for action in self._plan.actions:
            now, why = look_at(action, self._target)
            outcome = ACTIONS[action.kind].outcome(action)
            if outcome == ABSENT and now == NO_REGULAR_FILE and action.path in masks:
                continue  # the action that put a link in its place tells whether it is still that one
            if not agree(outcome, now):
                because = why if now is None else tell_difference(outcome, now)
                found.append(Left(action=action.id, where=name_place(action), because=because))
        return tuple(found)

    def tell_stuck(self, error: OSError) -> CodeRedError:
        """The story of a journal that can't be written."""
        in_effect = sum(progress.in_effect for progress in self._case.journal.progress().values())
        what = f"the journal can't be written: {error.strerror}"
        if not in_effect:
            self._hold.release_unjournaled()
            return RolledBack(
                f"{what}; nothing is changed", where=self._case.shown, advice="free space and apply again"
            )
        story = f"{what}; {in_effect} changes are still in place"
        return NotRolledBack(story, where=self._case.shown, advice="free space there, then roll back")

    def _do(self, action: Action, progress: Progress | None) -> None:
        verbs = ACTIONS[action.kind]
        if progress is None or not progress.in_effect:
            if self._is_gone(action):
                self._record("verified", action, note="it had ended before")
                return
            backup = verbs.back_up(action, self._target, self._case.vault)
            self._record("begun", action, backup=backup)
        else:  # an earlier run got this far; its backup is of the state before anything was touched
            backup = progress.backup
            self._clear_temporary(action)
            now = verbs.state(action, self._target)
            done = agree(verbs.outcome(action), now)
            if done and action.kind not in CONTAINING:  # which sees itself what is left to do
                self._record("verified", action)
                return
            if not (done or agree(action.expects, now)):
                raise ChangeFailed(f"{tell_difference(action.expects, now)}, since an earlier run was interrupted")
        note = verbs.change(action, self._target, self._case.vault, backup) or ""
        self._check_outcome(action)
        self._record("verified", action, note=note)

    def _is_gone(self, action: Action) -> bool:
        return isinstance(action.expects, ProcessState) and is_gone(action.expects)

    def _check_outcome(self, action: Action) -> None:
        verbs = ACTIONS[action.kind]
        now, outcome = verbs.state(action, self._target), verbs.outcome(action)
        if not agree(outcome, now):
            raise ChangeFailed(f"the change did not hold: {tell_difference(outcome, now)}")

    def _fail(self, action: Action, why: str) -> NoReturn:
        self._record("failed", action, note=why)
        recover(self._plan, self._target, self._case)  # what a full disk left half-written
        left, where = self.undo_all(), name_place(action)
        if left:
            raise NotRolledBack(f"{why}; {describe_left(left)}", where=where, advice="look at each, then roll back")
        ended = f", but for {len(self.stays)} that had been ended" if self.stays else ""
        raise RolledBack(
            f"{why}; everything done before was undone{ended}", where=where, advice="remove the cause and apply again"
        )

    def _stop_at(self, action: Action, why: str) -> NoReturn:
        """A package manager is still at work: undoing under it would spoil what it does."""
        self._record("failed", action, note=why)
        story = f"{why}; nothing is undone under it"
        raise NotRolledBack(story, where=name_place(action), advice="wait for its end, then roll back")

    def _undo(self, action: Action, backup: str) -> str:
        """Why it could not be undone; "" when it was."""
        if isinstance(action.expects, ProcessState):
            return self._undo_process(action, action.expects)
        if not action.undoable:
            return "this kind of change can't be undone"
        verbs = ACTIONS[action.kind]
        outcome = verbs.outcome(action)
        now, why = look_at(action, self._target)
        if now is None:
            return why
        # Tables of our own go whoever wrote in them: nobody is to stay cut off for that.
        if not (agree(outcome, now) or agree(action.expects, now) or isinstance(now, FirewallState)):
            return f"{tell_difference(outcome, now)}: somebody touched it since, so it is left alone"
        self._record("undo_begun", action)
        try:
            note = self._bring_back(action, backup, untouched=agree(action.expects, now))
            now = verbs.state(action, self._target)
        except (OSError, ChangeFailed) as error:
            return _explain(error)
        if not agree(action.expects, now):
            return f"it did not come back as it was: {tell_difference(action.expects, now)}"
        self._record("undone", action, note=note)
        return ""

    def _undo_process(self, action: Action, process: ProcessState) -> str:
        """A process that still is there goes on with all that is held; one that was ended stays ended, and is said."""
        if not is_gone(process) or action.kind == "freeze_process":
            self._record("undone", action)
            return ""
        because = f"process {process.pid} was ended, and nothing brings it back"
        self._record("stays", action, note=because)
        self.stays.append(Left(action=action.id, where=name_place(action), because=because))
        return ""

    def _bring_back(self, action: Action, backup: str, *, untouched: bool) -> str:
        """What could not come back. A file that is as it was needs nothing from the vault, so that may be damaged."""
        try:
            return self._undo_with_room(action, backup)
        except (OSError, ChangeFailed):
            if not untouched or isinstance(action.expects, PackageState):  # which passes for untouched when half-way
                raise
            with suppress(OSError):  # on a read-only mount there is nothing of ours
                self._clear_temporary(action)
            return ""

    def _undo_with_room(self, action: Action, backup: str) -> str:
        verbs = ACTIONS[action.kind]
        try:
            return verbs.undo(action, self._target, self._case.vault, backup)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            self._case.release_ballast()  # the target may share the vault's disk
            return verbs.undo(action, self._target, self._case.vault, backup)

    def _finish(self) -> None:
        with suppress(OSError):  # it only closes the story: every action's own last line is there already
            self._case.journal.append("finished")

    def _clear_temporary(self, action: Action) -> None:
        if isinstance(action.expects, ProcessState | FirewallState):
            return
        try:
            with open_spot(action.path, self._target) as spot:
                remove_temporary(Spot(spot.dir_fd, self._case.vault.temporary_name(action)))
        except FileNotFoundError:
            return  # the whole folder is gone; the state will say so

    def _record(self, event: StepEvent, action: Action, *, backup: str = "", note: str = "") -> None:
        self._case.journal.append(event, action=action.id, backup=backup, note=note)
        self._tell(event, action, note)

    def _tell(self, event: StepEvent, action: Action, note: str) -> None:
        number = self._plan.actions.index(action) + 1
        self._on_step(Step(number=number, total=len(self._plan.actions), action=action, event=event, note=note))


def _list_masks(plan: Plan) -> frozenset[FilePath]:
    """Where the plan puts links: in the place of a unit that it takes away."""
    links = [link for action in plan.actions if action.becomes is not None for link in action.becomes.links]
    return frozenset(link.path for link in links if link.target is not None)


def describe_left(left: tuple[Left, ...]) -> str:
    """What is still in place, in one line."""
    return "still changed: " + "; ".join(f"{item.where} ({item.because})" for item in left)


def _explain(error: OSError | ChangeFailed) -> str:
    if isinstance(error, FileExistsError):
        return "something came back in its place, so it is left alone"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
