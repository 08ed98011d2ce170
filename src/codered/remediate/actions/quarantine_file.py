"""quarantine_file: the file leaves its place; its content stays, inert, in the case's vault, and can be put back."""

from codered.model.plan import Action, FileState
from codered.model.target import Target
from codered.remediate.file_state import ABSENT, hold_file, open_spot, read_state
from codered.remediate.placing import remove_held
from codered.remediate.returning import lacks_short_name, return_file
from codered.remediate.vault import Vault

says = "move into the vault, inert; can be undone"


def state(action: Action, target: Target) -> FileState:
    """The file as it is now. One that is on its way back, all but its short name, is not back yet."""
    now = read_state(action.path, target)
    return ABSENT if lacks_short_name(now, action.file_state()) else now


def outcome(action: Action) -> FileState:  # noqa: ARG001 - one shape for all actions
    """What must be there afterwards: nothing."""
    return ABSENT


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """Content and record into the vault; the backup's name. Raises OSError, ChangeFailed."""
    with open_spot(action.path, target) as spot, hold_file(spot, action.file_state()) as held:
        return vault.keep_file(action, held)


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """Remove the name, if it still is the file that was backed up. Raises OSError, ChangeFailed."""
    vault.read_record(backup)
    with open_spot(action.path, target) as spot, hold_file(spot, action.file_state()) as held:
        remove_held(held)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Put it back, if nothing else came in its place; what could not come back. Raises OSError, ChangeFailed."""
    return return_file(action, target, vault, backup)
