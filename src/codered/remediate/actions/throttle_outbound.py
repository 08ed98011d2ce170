"""throttle_outbound: as isolate_host, with other rules: new connections only at a rate; those that exist go on."""

from codered.remediate.actions.isolate_host import back_up, change, outcome, says, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]
