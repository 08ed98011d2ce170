"""kill_process: as stop_process, without freezing first: for what has no friends that would answer."""

from codered.remediate.actions.stop_process import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "end at once; what it was is kept; can't be undone"
