"""disable_module: the links that load a module of Apache or PHP go. A mitigation, not a patch: the hole stays. A server
that runs keeps the module until it is started again, which the plan says and the tool does not do.
"""

from codered.model.plan import Action
from codered.model.target import Target
from codered.remediate.actions.disable_service import back_up, outcome, state
from codered.remediate.service_links import return_links, set_links
from codered.remediate.vault import Vault

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "switch the module off; its links can be put back; a mitigation, not a patch"


def change(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Take the links away; what is left to do. Raises OSError, ChangeFailed."""
    vault.read_links(backup)
    set_links(action, target)
    return "start the server again: until then it keeps the module"


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Put every link back. Raises OSError, ChangeFailed."""
    return_links(action, vault.read_links(backup), target)
    return ""
