"""stop_process: the process, which the run froze before anything else was done, ends without another instruction. What
it was goes into the vault first. It can't be undone.
"""

from codered.model.plan import Action, ProcessState
from codered.model.target import Target
from codered.remediate.comparing import agree, tell_difference
from codered.remediate.file_state import ChangeFailed
from codered.remediate.process_evidence import keep_process
from codered.remediate.processes import end_process, end_state, look_again
from codered.remediate.vault import Vault

says = "freeze, then end; what it was is kept; can't be undone"


def state(action: Action, target: Target) -> ProcessState:  # noqa: ARG001 - one shape for all actions
    """The process as it is now. Raises OSError."""
    return look_again(action.process_state())


def outcome(action: Action) -> ProcessState:
    """What must be there afterwards: no such process."""
    return end_state(action.process_state())


def back_up(action: Action, target: Target, vault: Vault) -> str:  # noqa: ARG001 - one shape for all actions
    """What the process runs, was told and has open, into the vault; the backup's name. Raises OSError, ChangeFailed."""
    now = look_again(action.process_state())
    if not agree(action.expects, now):
        raise ChangeFailed(tell_difference(action.expects, now))
    return keep_process(action, vault)


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:  # noqa: ARG001 - one shape for all
    """End it. Raises OSError, ChangeFailed."""
    end_process(action.process_state())


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:  # noqa: ARG001 - one shape for all
    """Nothing brings a process back; the run lets a held one go on."""
    return "a process that was ended can't be brought back"
