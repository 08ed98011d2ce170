"""Containing this host: a plan of its own in a case of its own, with a record of its times and somebody who keeps it.

Never part of a removal: rolling that back must not let the worm out again.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, cast

import msgspec

from codered.model.containment import ContainmentRecord
from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.firewall import ContainKind, ContainmentStatus, FirewallState
from codered.model.plan import Action, Plan
from codered.model.target import ChangeableTarget
from codered.remediate.keeping.deadlines import count_left, may_have_opened, read_now, read_since_boot
from codered.remediate.keeping.own_tables import OwnTables, TablesSeen
from codered.remediate.keeping.places import read_network, refuse_elsewhere
from codered.remediate.keeping.records import ContainmentFolder, list_containments, read_boot
from codered.remediate.keeping.starting import start_keeper, stop_keeper
from codered.respond.changing import OnStep, Outcome, apply, undo, was_applied
from codered.respond.containment_plans import list_frozen_with, read_kept, undo_besides
from codered.respond.keeping import keep_plan
from codered.system.state_folder import state_folder

KERNEL_GRACE = 5.0
"""Seconds that the kernel leaves to the keeper, which undoes all of it; the kernel only opens."""

_PATIENCE = 10.0  # seconds for the keeper to let go of the case
_GLANCE = 0.01

State = Literal["holding", "armed", "opened", "flushed", "off"]


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long a containment lasts, in seconds: without a confirmation, and at all (0 = without end)."""

    confirm_within: float = 0.0
    undo_after: float = 0.0

    def first_end(self) -> float:
        """When the kernel is to open by itself at first, in seconds from the beginning; 0 = never."""
        undo_after = self.undo_after + KERNEL_GRACE if self.undo_after else 0.0
        return float(min((each for each in (self.confirm_within, undo_after) if each), default=0.0))


def find_folder(name: str) -> ContainmentFolder:
    """Where a containment is kept. Raises WrongUse if the name is none."""
    return ContainmentFolder(state_folder(), name)


def find_firewall_action(plan: Plan) -> Action | None:
    """The action of a plan that sets the firewall, None if it has none."""
    return next((action for action in plan.actions if action.firewall is not None), None)


def make_record(plan: Plan, times: Times, *, survives_reboot: bool = False) -> ContainmentRecord:
    """The record of a containment that is begun now. Raises WrongUse if the plan is none."""
    action = find_firewall_action(plan)
    if action is None or action.firewall is None or not isinstance(action.expects, FirewallState):
        raise WrongUse("is no plan of a containment", where=plan.id, advice="`codered contain on` makes one")
    now = datetime.now(UTC)
    confirm_within, undo_after = times.confirm_within, times.undo_after
    is_armed = confirm_within and not 0 < undo_after <= confirm_within
    return ContainmentRecord(
        plan=plan.id,
        action=action.id,
        name=action.expects.name,
        kind=cast(ContainKind, action.kind),
        order=action.firewall,
        because=action.because,
        since=now,
        boot=read_boot(),
        opens=now + timedelta(seconds=confirm_within) if is_armed else None,
        undo_at=now + timedelta(seconds=undo_after) if undo_after else None,
        survives_reboot=survives_reboot,
        began=read_since_boot(),
    )


class Begun(NamedTuple):
    """A containment that stands: what was done, and why nobody keeps it ("" = somebody does)."""

    outcome: Outcome
    unkept: str


def begin(plan: Plan, record: ContainmentRecord, target: ChangeableTarget, on_step: OnStep) -> Begun:
    """Carry a containment out, note it, and have it kept. Raises Refused, RolledBack, NotRolledBack, WrongUse."""
    keep_plan(plan)
    folder = find_folder(plan.id)
    folder.make()
    write_record(folder, record)
    outcome = apply(plan, target, on_step)
    folder.note("begun", record.because)
    return Begun(outcome, keep(plan.id))


def keep(name: str) -> str:
    """Have it kept, unless somebody does; why nobody does, "" if all is well. Raises WrongUse."""
    folder = find_folder(name)
    try:
        if (record := folder.read()) is not None:
            refuse_elsewhere(record)  # a keeper would put it up here
        return "" if start_keeper(folder) else "there is nothing to keep any more"
    except Refused as error:
        return str(error)


def read_record(name: str) -> ContainmentRecord:
    """The record of a containment. Raises WrongUse if there is none."""
    record = find_folder(name).read()
    if record is None:
        raise WrongUse("no containment has this name", where=name, advice="see `codered contain status`")
    return record


def confirm(name: str) -> ContainmentRecord:
    """Have it stay until its time is over, or for good. Raises WrongUse, Refused."""
    folder, record = find_folder(name), read_record(name)
    try:
        with folder.locked_case():
            record = read_record(name)  # again: it may have been changed meanwhile
            state, _ = look(record)
            if state not in ("armed", "holding"):
                raise Refused(f"is {state}: there is nothing to confirm", where=name, advice="begin it anew")
            left = count_left(record.undo_at, read_now(record)) or 0.0
            if record.confirmed is None:
                OwnTables(record).confirm(max(left, 0.0) + KERNEL_GRACE if record.undo_at is not None else 0.0)
                record = msgspec.structs.replace(record, confirmed=datetime.now(UTC))
                write_record(folder, record)
                folder.note("confirmed")
    except BlockingIOError:
        raise Refused("an apply or rollback of it is at work", where=name, advice="wait for it to end") from None
    except OSError as error:
        raise Refused(f"can't be confirmed: {error.strerror or error}", where=name, advice="run it as root") from None
    return record


def lift(name: str, target: ChangeableTarget, on_step: OnStep) -> Outcome | None:
    """Undo it, and end its keeper; None if there was nothing to undo. What was done besides (frozen processes) is let
    go of afterwards, each for itself. Raises WrongUse, Refused, NotRolledBack (also for what of that is left).
    """
    folder, record = find_folder(name), read_sound(name)
    if record is not None:
        refuse_elsewhere(record)
    plan = read_kept(name)
    outcome: Outcome | None = None
    if was_applied(plan):
        stop_keeper(folder)
        try:
            outcome = undo(plan, target, on_step)
        except CodeRedError:
            keep(name)
            raise
        folder.note("undone", f"{plan.actions[0].kind} taken back")
    stop_keeper(folder)
    if record is None:
        folder.forget_record()
    else:
        undo_besides(record, target, on_step)
    return outcome


def read_sound(name: str) -> ContainmentRecord | None:
    """The record, None if it is damaged: what it tells of is undone by its plan. Raises WrongUse if there is none."""
    try:
        return read_record(name)
    except WrongUse:
        if not is_damaged(name):
            raise
        return None


def note_besides(name: str, plan: str) -> None:
    """Have another plan (of a process that is frozen) undone with this containment. Raises WrongUse, Refused."""
    change_record(name, lambda record: msgspec.structs.replace(record, besides=(*record.besides, plan)))


def change_record(name: str, change: Callable[[ContainmentRecord], ContainmentRecord]) -> None:
    """Change the record while nobody else does, and no apply or rollback of it is at work. Raises WrongUse, Refused."""
    folder, until = find_folder(name), time.monotonic() + _PATIENCE
    while True:
        try:
            with folder.locked_case():
                return write_record(folder, change(read_record(name)))
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Refused("an apply or rollback of it is at work", where=name, advice="try again") from None
        except OSError as error:
            raise Refused(f"can't be noted: {error.strerror}", where=name, advice="run it as root") from None
        time.sleep(_GLANCE)


def describe(name: str) -> ContainmentStatus:
    """A containment for its user. Raises WrongUse, Refused (no rights, no firewall)."""
    record = read_record(name)
    state, seen = look(record)
    return ContainmentStatus(
        plan=record.plan,
        kind=record.kind,
        state=state,
        since=record.since,
        because=record.because,
        opens=_tell_time(record, record.opens) if state == "armed" else None,
        undo_at=_tell_time(record, record.undo_at) if state in ("holding", "armed", "flushed") else None,
        kept_by=max(0, find_folder(name).find_keeper()) if state != "off" else 0,
        packets=seen.packets if seen is not None else 0,
        survives_reboot=record.survives_reboot,
        order=record.order,
        frozen=list_frozen_with(record),
    )


def _tell_time(record: ContainmentRecord, at: datetime | None) -> datetime | None:
    """A time of the record on the wall's clock, which may have been set since."""
    was_set = datetime.now(UTC) - read_now(record)
    return at + was_set if at is not None and abs(was_set) > timedelta(seconds=1) else at


def look(record: ContainmentRecord) -> tuple[State, TablesSeen | None]:
    """What is true of it now, and what is seen of its tables. Raises Refused."""
    if not find_folder(record.plan).is_begun(record):
        return "off", None
    refuse_elsewhere(record)
    seen = OwnTables(record).look()
    now = read_now(record)
    left = count_left(record.ends(), now)
    is_over = left is not None and left <= 0 and seen.opens_in is None  # the kernel may still count
    if is_over or (seen.opened and may_have_opened(record, now)):
        return "opened", seen
    if seen.opened or not seen.as_ordered:
        return "flushed", seen
    return ("armed" if record.opens is not None and record.confirmed is None else "holding"), seen


def list_in_force() -> tuple[str, ...]:
    """The names of the containments that were begun and not undone, also where the record is damaged, the newest
    first. Raises Refused if that can't be read.
    """
    return tuple(name for name in list_containments(state_folder()) if _may_stand(find_folder(name)))


def _may_stand(folder: ContainmentFolder) -> bool:
    try:
        record = folder.read()
        return record is not None and folder.is_begun(record)
    except WrongUse:  # its plan and its journal know
        if not folder.case.exists():
            return False
    try:
        return was_applied(read_kept(folder.name))
    except WrongUse:
        return True


def is_damaged(name: str) -> bool:
    """Whether there is a record of this name that nobody can read. Raises Refused (no rights)."""
    try:
        find_folder(name).read()
    except WrongUse:
        return True
    return False


def write_record(folder: ContainmentFolder, record: ContainmentRecord) -> None:
    """Keep the record, which is of this network namespace if it does not say. Raises Refused."""
    try:
        folder.write(record if record.network else msgspec.structs.replace(record, network=read_network()))
    except OSError as error:
        what, advice = f"can't be written: {error.strerror}", "make room, or set CODERED_STATE"
        raise Refused(what, where=str(folder.folder), advice=advice) from None
