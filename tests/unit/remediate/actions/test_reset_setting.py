from codered.remediate import edits
from codered.remediate.actions import ACTIONS, reset_setting


def test_it_edits_and_can_be_undone() -> None:
    verbs = ACTIONS["reset_setting"]
    assert verbs is reset_setting
    assert "can be undone" in verbs.says
    assert (verbs.change, verbs.undo, verbs.back_up) == (edits.change, edits.undo, edits.back_up)
    assert (verbs.state, verbs.outcome) == (edits.state, edits.outcome)
