"""What a crash left half-written in place is made the old file again, before anything else is done or undone."""

from collections.abc import Callable

from codered.model.plan import Action, ActionKind, Plan
from codered.model.target import Target
from codered.remediate import edits
from codered.remediate.case_folder import CaseFolder
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import verbs as registry_verbs
from codered.remediate.vault import Vault

# Each brings a half-written file back to what its backup remembers, and leaves any other file alone. Raises OSError,
# ChangeFailed.
_RECOVER: dict[ActionKind, Callable[[Action, Target, Vault, str], None]] = {
    "remove_line": edits.recover,
    "remove_key": edits.recover,
    "reset_setting": edits.recover,
    "lock_account": edits.recover,
    "set_value": registry_verbs.recover,
    "delete_value": registry_verbs.recover,
    "delete_key": registry_verbs.recover,
}


def recover(plan: Plan, target: Target, case: CaseFolder) -> None:
    """Only what was begun, and neither verified nor undone, can be half-written. What can't be recovered is told by its
    state later on.
    """
    known = case.journal.progress()
    for action in plan.actions:
        progress = known.get(action.id)
        if action.kind not in _RECOVER or progress is None or not progress.in_effect or progress.event == "verified":
            continue
        try:
            _RECOVER[action.kind](action, target, case.vault, progress.backup)
        except (OSError, ChangeFailed):
            continue
