"""delete_file: as quarantine_file, for what nobody will want to look at again: its copy in the vault only serves the
undoing and goes when the case is purged.
"""

from codered.remediate.actions.quarantine_file import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "delete; can be undone until the case is purged, then it is gone for good"
