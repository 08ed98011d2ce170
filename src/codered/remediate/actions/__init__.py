"""The kinds of action. To add one: a file here with the five verbs, a line in ACTIONS, its kind in model/plan.py.

An action knows how to do and undo one change; every guard is in `applying`, once for all of them.
"""

from typing import Protocol

from codered.model.plan import Action, ActionKind, State
from codered.model.target import Target
from codered.remediate.actions import (
    block_outbound,
    delete_file,
    delete_key,
    delete_value,
    disable_module,
    disable_service,
    freeze_process,
    isolate_host,
    kill_process,
    lock_account,
    quarantine_file,
    remove_key,
    remove_line,
    reset_setting,
    restore_file,
    set_value,
    stop_process,
    throttle_outbound,
    upgrade_package,
)
from codered.remediate.vault import Vault


class Verbs(Protocol):
    """What each file in this folder offers. All but `outcome` raise OSError and ChangeFailed."""

    says: str

    def state(self, action: Action, target: Target) -> State:
        """What is there now."""
        ...

    def outcome(self, action: Action) -> State:
        """What must be there after the change."""
        ...

    def back_up(self, action: Action, target: Target, vault: Vault) -> str:
        """Keep all that undoing needs; the backup's name. Touches nothing on the target."""
        ...

    def change(self, action: Action, target: Target, vault: Vault, backup: str) -> str | None:
        """Make the change: all of it or nothing. What is to be noted about it, if anything."""
        ...

    def undo(self, action: Action, target: Target, vault: Vault, backup: str) -> str:
        """Take it back; called again after a crash, it finishes. What could not come back, "" if nothing."""
        ...


ACTIONS: dict[ActionKind, Verbs] = {
    "stop_process": stop_process,
    "kill_process": kill_process,
    "quarantine_file": quarantine_file,
    "delete_file": delete_file,
    "restore_file": restore_file,
    "remove_line": remove_line,
    "remove_key": remove_key,
    "reset_setting": reset_setting,
    "disable_service": disable_service,
    "lock_account": lock_account,
    "disable_module": disable_module,
    "upgrade_package": upgrade_package,
    "isolate_host": isolate_host,
    "block_outbound": block_outbound,
    "throttle_outbound": throttle_outbound,
    "freeze_process": freeze_process,
    "set_value": set_value,
    "delete_value": delete_value,
    "delete_key": delete_key,
}

CONTAINING: tuple[ActionKind, ...] = ("isolate_host", "block_outbound", "throttle_outbound", "freeze_process")
"""The kinds that take nothing away and can be done again without harm."""
