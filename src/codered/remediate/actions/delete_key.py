"""delete_key: a key of the registry goes with all below it, in a hive or in the running system."""

from codered.remediate.registry.verbs import back_up, change, outcome, state, undo

__all__ = ["back_up", "change", "outcome", "says", "state", "undo"]

says = "deleted with all below it, kept in the vault; can be undone"
