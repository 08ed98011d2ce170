"""lock_account: nobody can log in to the account any more: its password is locked, its shell a program that says no."""

from codered.remediate.edits import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "lock the account; can be undone"
