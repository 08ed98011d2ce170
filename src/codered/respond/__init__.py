"""The work on a host: look, plan, apply, verify, roll back; where plans and cases are kept.

What other floors use of it stands here; each name has its own file.
"""

from codered.respond.changing import (
    OnStep,
    Outcome,
    Step,
    apply,
    check,
    finish,
    is_outdated,
    leave_to_boot,
    list_frozen,
    list_leaving,
    list_undoable,
    show_unit,
    undo,
    was_applied,
)
from codered.respond.keeping import case_folder, keep_plan, plan_file, read_plan, read_report, write_plan
from codered.respond.known_sources import PlanWishes
from codered.respond.opening import (
    check_there,
    opened_for_plan,
    opened_for_planning,
    overlay_file,
    refuse_cleaned_disk,
)
from codered.respond.planning import make_plan
from codered.respond.verifying import places_touched, verify
from codered.system.state_folder import state_folder

__all__ = [
    "OnStep", "Outcome", "PlanWishes", "Step", "apply", "case_folder", "check", "check_there", "finish",
    "is_outdated", "keep_plan", "leave_to_boot", "list_frozen", "list_leaving", "list_undoable", "make_plan",
    "opened_for_plan", "opened_for_planning", "overlay_file", "places_touched", "plan_file", "read_plan", "read_report",
    "refuse_cleaned_disk", "show_unit", "state_folder", "undo", "verify", "was_applied", "write_plan",
]  # fmt: skip
