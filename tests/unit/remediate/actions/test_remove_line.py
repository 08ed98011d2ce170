from codered.remediate import edits
from codered.remediate.actions import ACTIONS, remove_line


def test_it_edits_and_can_be_undone() -> None:
    verbs = ACTIONS["remove_line"]
    assert verbs is remove_line
    assert "can be undone" in verbs.says
    assert (verbs.change, verbs.undo, verbs.back_up) == (edits.change, edits.undo, edits.back_up)
    assert (verbs.state, verbs.outcome) == (edits.state, edits.outcome)
