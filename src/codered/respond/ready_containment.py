"""A containment made ready before anything is decided, with its record: what a kill leaves can be seen and undone."""

from contextlib import suppress

import msgspec

from codered.model.errors import CodeRedError
from codered.model.plan import Plan
from codered.model.target import ChangeableTarget
from codered.remediate.ready import Contained, ReadyContainment
from codered.respond.containing import Times, change_record, find_folder, keep, make_record, write_record
from codered.respond.keeping import case_folder, keep_plan, plan_file


def make_ready(plan: Plan, target: ChangeableTarget, seconds: float) -> ReadyContainment:
    """A containment ready to be held, with its plan and its record kept: whoever kills us right after the rules stand
    leaves one that can be seen and taken back. Raises Refused, WrongUse.
    """
    ready = ReadyContainment(plan, target, case_folder(plan))
    try:
        keep_plan(plan)
        folder = find_folder(plan.id)
        folder.make()
        record = make_record(plan, Times(confirm_within=seconds))
        write_record(folder, msgspec.structs.replace(record, undo_unconfirmed=True))
    except CodeRedError:
        forget_ready(ready, plan)
        raise
    return ready


def forget_ready(ready: ReadyContainment, plan: Plan) -> None:
    """Let go of one that was made ready and never held; nothing of it is left."""
    ready.close()
    folder = find_folder(plan.id).folder
    for path in (plan_file(plan.id), folder / "record.json.part", folder / "record.json"):
        with suppress(OSError):
            path.unlink()
    with suppress(OSError):
        folder.rmdir()


def begin_ready(ready: ReadyContainment, plan: Plan, seconds: float, because: str) -> tuple[Contained, str]:
    """Hold a containment of `make_ready`, then note when that was and have it kept: it is undone in `seconds` unless
    somebody confirms it. What came of it, and why nobody keeps it ("" = somebody does). Raises RolledBack,
    NotRolledBack, Refused.
    """
    held = ready.hold(because)
    record = make_record(plan, Times(confirm_within=seconds))
    untold = ""
    try:
        change_record(plan.id, lambda _: msgspec.structs.replace(record, because=because, undo_unconfirmed=True))
    except CodeRedError as error:  # it stands all the same
        untold = f"when it began is not noted: {error}"
    find_folder(plan.id).note("begun", because)
    return held, keep(plan.id) or untold
