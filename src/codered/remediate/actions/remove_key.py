"""remove_key: a key that opens an account leaves its authorized_keys; the other keys stay."""

from codered.remediate.edits import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "take the key out of the file; can be undone"
