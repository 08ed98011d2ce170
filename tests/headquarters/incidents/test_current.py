"""Which incident is meant."""

from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.current import (
    find_incident,
    find_incident_if_any,
    find_open_drills,
    find_open_incident,
    is_beside,
)
from tests.fixtures.gate_crew import NOW, declare

pytestmark = pytest.mark.django_db


def test_who_looks_at_another_headquarters_than_he_thinks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUse) as told:
        find_incident()
    assert "CODERED_HQ" not in str(told.value)
    monkeypatch.delenv("CODERED_HQ")
    with pytest.raises(WrongUse, match=r"this headquarters is /.*codered-hq: CODERED_HQ, which is not set"):
        find_incident()


def test_the_only_open_one_is_meant_and_nothing_is_guessed() -> None:
    with pytest.raises(WrongUse, match="no incident is open"):
        find_incident()
    assert find_incident_if_any() is None
    real = declare("real")
    assert (find_incident(), find_open_incident(), find_open_drills()) == (real, real, ())
    drill = declare("try", drill=True)
    with pytest.raises(WrongUse, match=r"several incidents are open: real, try \(DRILL\)"):
        find_incident_if_any()
    assert (find_incident("try"), find_open_drills()) == (drill, ("try",))
    drill.closed_at = NOW
    drill.save()
    assert (find_incident(), find_incident("try"), find_open_drills()) == (real, drill, ())
    with pytest.raises(Refused, match="closed on 2026-11-24 10:00 UTC"):
        find_open_incident("try")
    with pytest.raises(WrongUse, match="no incident has this name"):
        find_incident("nothing")


def test_a_drill_is_beside_the_real_thing_but_not_in_a_headquarters_of_its_own(headquarters: Path) -> None:
    real, drill = declare("real"), declare("drill", drill=True)
    assert (is_beside(real), is_beside(drill)) == (False, True)
    headquarters.mkdir(exist_ok=True)
    (headquarters / "headquarters.toml").write_text('exercise = "simulated"\n')
    assert (is_beside(real), is_beside(drill)) == (False, False)
