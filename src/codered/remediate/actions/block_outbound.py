"""block_outbound: as isolate_host, with other rules: no new connections to these ports, and those that exist end."""

from codered.remediate.actions.isolate_host import back_up, change, outcome, says, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]
