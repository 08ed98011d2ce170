"""The verbs of set_value, delete_value and delete_key: on a hive, or on the running system."""

from codered.model.plan import Action, KeyState, ValueState
from codered.model.target import Target
from codered.remediate.registry import hive_verbs, live_verbs
from codered.remediate.registry.hive_verbs import outcome
from codered.remediate.vault import Vault

__all__ = ["back_up", "change", "outcome", "recover", "state", "undo"]


def state(action: Action, target: Target) -> ValueState | KeyState:
    """What is there now. Raises OSError, ChangeFailed."""
    return live_verbs.state(action, target) if _is_live(target) else hive_verbs.state(action, target)


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """Keep all that undoing needs; the backup's name. Raises OSError, ChangeFailed."""
    if _is_live(target):
        return live_verbs.back_up(action, target, vault)
    return hive_verbs.back_up(action, target, vault)


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """Make the change. Raises OSError, ChangeFailed."""
    if _is_live(target):
        live_verbs.change(action, target, vault, backup)
    else:
        hive_verbs.change(action, target, vault, backup)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Take it back; what could not come back. Raises OSError, ChangeFailed."""
    if _is_live(target):
        return live_verbs.undo(action, target, vault, backup)
    return hive_verbs.undo(action, target, vault, backup)


def recover(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """What a crash interrupted becomes what it was; anything else stays. Raises OSError, ChangeFailed."""
    if _is_live(target):
        live_verbs.recover(action, target, vault, backup)
    else:
        hive_verbs.recover(action, target, vault, backup)


def _is_live(target: Target) -> bool:
    return target.info.kind == "live_windows"
