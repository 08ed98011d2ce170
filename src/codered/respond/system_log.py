"""What was done to a running Windows stands in its event log too; that it does not is said, and stops nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from msgspec.structs import replace

from codered.model.errors import NotRolledBack, RolledBack
from codered.model.plan import Plan
from codered.remediate.applying import Outcome
from codered.system import event_log

Deed = Literal["applied", "rolled back"]
_NUMBERS: dict[Deed, int] = {"applied": 1, "rolled back": 2}
_FAILED = 3


def note_outcome(plan: Plan, deed: Deed, outcome: Outcome) -> Outcome:
    """Write an entry about what was done; the outcome says if that can't be."""
    changes = len(outcome.done or outcome.undone)
    if plan.target.kind != "live_windows" or outcome.already or not changes:
        return outcome
    kind: event_log.Kind = "warning" if outcome.left or outcome.held else "information"
    try:
        event_log.report_event(_NUMBERS[deed], kind, f"plan {plan.id} ({plan.digest}) {deed}: {changes} changes")
    except OSError as error:
        return replace(outcome, unlogged=error.strerror or str(error))
    return outcome


@contextmanager
def failures_noted(plan: Plan) -> Iterator[None]:
    """An entry about a run that failed, if one can be written."""
    try:
        yield
    except (RolledBack, NotRolledBack) as error:
        if plan.target.kind == "live_windows":
            with suppress(OSError):
                event_log.report_event(_FAILED, "error", f"plan {plan.id} ({plan.digest}) failed: {error}")
        raise
