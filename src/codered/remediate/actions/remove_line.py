"""remove_line: lines leave a file that stays (a crontab, a profile, ld.so.preload); all else in it is kept."""

from codered.remediate.edits import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "take the lines out of the file; can be undone"
