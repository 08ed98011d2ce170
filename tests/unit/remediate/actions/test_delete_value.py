"""delete_value is one of the kinds, and does what the registry's verbs do."""

from codered.remediate.actions import ACTIONS, delete_value
from codered.remediate.registry import verbs


def test_its_verbs() -> None:
    kind = ACTIONS["delete_value"]
    assert kind is delete_value
    assert (kind.state, kind.outcome, kind.back_up) == (verbs.state, verbs.outcome, verbs.back_up)
    assert (kind.change, kind.undo) == (verbs.change, verbs.undo)
