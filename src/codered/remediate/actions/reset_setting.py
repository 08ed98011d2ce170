"""reset_setting: a line, the permission bits or the capabilities of a file become what they are by default."""

from codered.remediate.edits import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "set back to the default; can be undone"
