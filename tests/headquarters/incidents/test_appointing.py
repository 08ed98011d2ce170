"""Who may change who decides."""

from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.signing.keys import make_key
from codered_hq.incidents.appointing import can_anybody_prove, check_appointer, find_appointers
from codered_hq.incidents.declaring import Left, close_incident
from codered_hq.incidents.models import Incident, Person
from codered_hq.incidents.people import PersonCard, Speaker, add_person, remove_person
from codered_hq.incidents.roster import Assignment, assign, commandeer, release
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, join

pytestmark = pytest.mark.django_db


def give(person: Person | None, role: str, speaker: Speaker, incident: Incident | None = None) -> None:
    """A role, at once."""
    assert person is not None
    assign(incident, person, Assignment(role), speaker, NOW)


def test_the_first_is_believed_and_nobody_else(tmp_path: Path) -> None:
    make_key(tmp_path / "k")
    cora = add_person(PersonCard("Cora", account="cora"), NOW, ASKER)
    give(cora, "scribe", ASKER)
    assert (find_appointers(None, NOW), can_anybody_prove()) == ({}, True)
    check_appointer(None, "root", "x", NOW)  # nobody could be asked for a proof
    give(cora, "incident_commander", ASKER)
    assert find_appointers(None, NOW) == {cora.pk: {"incident_commander"}}
    last = LedgerEntry.objects.latest("seq")
    assert last.what.startswith("Cora is the first who may change the roster: entered by asker")
    mallory, me = join("mallory", "legal"), Speaker(cora, "Cora", None)
    assert mallory.person is not None
    for stranger in (ASKER, mallory):
        for change in (
            lambda who: add_person(PersonCard("Eve", public_key_file=f"{tmp_path / 'k'}.pub"), NOW, who),
            lambda who: add_person(PersonCard("Cora", account="eve"), NOW, who),
            lambda who: add_person(PersonCard("Cora", mail="eve@example.org"), NOW, who),
            lambda who: remove_person("Cora", NOW, who),
            lambda who: give(mallory.person, "executive", who),
            lambda who: release(None, cora, "", who, NOW),
            lambda who: check_appointer(who.person, who.name, "codered rules use", NOW),
        ):
            with pytest.raises(Refused, match="neither incident_commander nor executive"):
                change(stranger)
    assert not Person.objects.filter(name="Eve").exists()
    for own in (
        lambda: give(cora, "business", me),
        lambda: add_person(PersonCard("Cora", public_key_file=f"{tmp_path / 'k'}.pub"), NOW, me),
    ):
        with pytest.raises(Refused, match="nobody gives himself"):
            own()
    with pytest.raises(Refused, match="the last who can prove himself"):
        remove_person("Cora", NOW, me)
    assert add_person(PersonCard("Cora", phone="+49 30 1"), NOW, me).phone
    give(mallory.person, "business", me)
    check_appointer(cora, "Cora", "x", NOW)


def test_an_executive_is_appointed_changed_and_removed_by_executives_only(tmp_path: Path) -> None:
    make_key(tmp_path / "k")
    cora, legal = join("Cora", "incident_commander"), join("Lea", "legal")
    edda, emil = join("Edda").person, join("Emil").person
    assert edda is not None
    give(edda, "executive", cora)  # there was none
    boss = Speaker(edda, "Edda", None)
    for change in (
        lambda: give(emil, "executive", cora),
        lambda: add_person(PersonCard("Edda", public_key_file=f"{tmp_path / 'k'}.pub"), NOW, cora),
        lambda: remove_person("Edda", NOW, cora),
        lambda: release(None, edda, "executive", cora, NOW),
    ):
        with pytest.raises(Refused, match="only an executive"):
            change()
    give(emil, "executive", boss)
    give(legal.person, "incident_commander", boss)
    new = add_person(PersonCard("Emil", public_key_file=f"{tmp_path / 'k'}.pub"), NOW + HOUR, boss)
    assert new.proof_since == NOW + HOUR
    assert not remove_person("Edda", NOW + HOUR, boss).active  # he may go
    with pytest.raises(Refused, match="neither"):
        give(cora.person, "executive", boss)


def test_roles_of_a_closed_incident_hold_the_roster_and_those_of_a_drill_only_that_drill() -> None:
    one, drill = declare("one"), declare("drill", drill=True)
    leader, player = join("Lia", "incident_commander", incident=one), join("Di", "executive", incident=drill)
    with pytest.raises(Refused, match="neither"):
        give(player.person, "network", player)
    give(leader.person, "scribe", player, drill)
    close_incident(one, Left((), ""), leader, NOW + MINUTE)
    assert leader.person is not None
    assert list(find_appointers(None, NOW + HOUR)) == [leader.person.pk]
    with pytest.raises(Refused, match="neither"):
        add_person(PersonCard("Eve"), NOW + HOUR, ASKER)
    manager = join("Pam", "project_manager", incident=drill)
    with pytest.raises(Refused, match="neither"):
        commandeer(drill, add_person(PersonCard("Bo"), NOW, leader), Assignment("business"), manager, NOW)
