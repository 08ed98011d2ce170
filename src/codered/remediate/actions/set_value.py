"""set_value: a value of the registry becomes another, in a hive or in the running system."""

from codered.remediate.registry.verbs import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "set in place; can be undone"
