"""freeze_process: the process stands still and stays so until it is undone. The run froze it before anything else was
done, and its journal knows of it: that lets it go on again.
"""

import msgspec

from codered.model.plan import Action, ProcessState
from codered.model.target import Target
from codered.remediate.comparing import agree, tell_difference
from codered.remediate.file_state import ChangeFailed
from codered.remediate.freezing import is_frozen
from codered.remediate.processes import hold_process, is_gone, look_again, release_process
from codered.remediate.vault import Vault

says = "freeze; it goes on when this is undone"
BY_SIGNAL = "held by a signal alone, for no control group can be made here: another program can wake it"


def state(action: Action, target: Target) -> ProcessState:  # noqa: ARG001 - one shape for all actions
    """The process as it is now. Raises OSError."""
    return look_again(action.process_state())


def outcome(action: Action) -> ProcessState:
    """The same process, held."""
    return msgspec.structs.replace(action.process_state(), state="held")


def back_up(action: Action, target: Target, vault: Vault) -> str:  # noqa: ARG001 - one shape for all actions
    """Which process it is; what it ran stays in it while it stands still. Raises OSError, ChangeFailed."""
    now = look_again(action.process_state())
    if not agree(action.expects, now):
        raise ChangeFailed(tell_difference(action.expects, now))
    bare = msgspec.structs.replace(action.process_state(), command="")
    return vault.keep_record(action, msgspec.json.encode([action.id, bare], order="deterministic"))


def change(action: Action, target: Target, vault: Vault, backup: str) -> str:  # noqa: ARG001 - one shape for all
    """See that it stands still; what is to be noted. Raises OSError, ChangeFailed."""
    process = action.process_state()
    if not hold_process(process) and not is_gone(process):
        raise ChangeFailed("it does not stand still: it waits for something in the kernel (a disk, a driver)")
    return "" if is_frozen(process) or is_gone(process) else BY_SIGNAL


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:  # noqa: ARG001 - one shape for all
    """Let it go on, unless it stood still before. Raises ChangeFailed."""
    process = action.process_state()
    release_process(process, wake=process.state != "held")
    return ""
