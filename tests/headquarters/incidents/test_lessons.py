"""A lesson closes with an owner, a control, its proof, and a day to come."""

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.lessons import Said, add_lesson, change_lesson, close_lesson, find_overdue, look_again
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare

pytestmark = pytest.mark.django_db
WHOLE = Said("ann", NOW + HOUR, "port security on every switch", "config of sw1, 2026-11-25", NOW + 48 * HOUR)


def test_it_closes_only_with_proof() -> None:
    incident = declare("one")
    made = add_lesson(incident, "Ports were open", Said(), ASKER, NOW)
    assert add_lesson(incident, "Ports were open", Said(), ASKER, NOW + HOUR) == made  # said twice, it is one
    with pytest.raises(Refused, match="an owner, the control that was changed, a proof, a day to come"):
        close_lesson(incident, made.pk, Said(), ASKER, NOW)
    for lacking, what in (
        (WHOLE._replace(owner=""), "an owner"), (WHOLE._replace(control=" "), "the control that was changed"),
        (WHOLE._replace(proof=""), "a proof"), (WHOLE._replace(recheck_at=NOW), "a day to come"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=f"it needs {what}"):
            close_lesson(incident, made.pk, lacking, ASKER, NOW)
    made.refresh_from_db()
    assert (made.state, made.owner) == ("open", "")  # what was refused is not kept
    change_lesson(incident, made.pk, Said(owner="ann", due_at=NOW), ASKER, NOW)
    assert find_overdue(NOW) == [made]
    closed = close_lesson(incident, made.pk, WHOLE._replace(owner=""), ASKER, NOW)
    assert (closed.state, closed.owner, find_overdue(NOW)) == ("closed", "ann", [])
    assert find_overdue(NOW + 48 * HOUR) == [closed]  # it is looked at again
    with pytest.raises(Refused, match="it is closed"):
        change_lesson(incident, made.pk, WHOLE, ASKER, NOW)
    with pytest.raises(WrongUse, match="no such lesson"):
        close_lesson(declare("two"), made.pk, WHOLE, ASKER, NOW)
    with pytest.raises(WrongUse, match="says nothing"):
        add_lesson(incident, "", WHOLE, ASKER, NOW)


def test_a_closed_one_is_looked_at_again() -> None:
    incident = declare("one")
    made = add_lesson(incident, "Ports were open", WHOLE, ASKER, NOW)
    with pytest.raises(Refused, match="it is open"):
        look_again(made, True, WHOLE, ASKER, NOW)
    close_lesson(incident, made.pk, WHOLE, ASKER, NOW)
    late = NOW + 72 * HOUR
    assert find_overdue(late) == [made]
    bare, past = Said(recheck_at=late + HOUR), Said(proof="x", recheck_at=late)
    for said, what in ((bare, "what shows it"), (past, "a day to come")):
        with pytest.raises(Refused, match=what):
            look_again(made, True, said, ASKER, late)
    held = look_again(made, True, Said(proof="scan", recheck_at=late + HOUR), ASKER, late)
    assert (held.state, held.proof, find_overdue(late)) == ("closed", "scan", [])
    assert look_again(made, False, Said(proof="open again"), ASKER, late).state == "open"
