"""The crew is carried into a drill's own headquarters, with its proofs and the rules."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User

from codered_hq.accounts.models import Account
from codered_hq.config import APPROVERS_FOLDER
from codered_hq.drills.copying import CREW_NAME, Crew, carry, enter_crew, read_crew
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.incidents.models import Duty, Person
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.console_desk import LOOKER, SECRET, make_account, make_person
from tests.fixtures.gate_crew import join
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.usefixtures("drill")
def test_people_roles_keys_and_rules_are_the_same_there(headquarters: Path, tmp_path: Path) -> None:
    put_sample_in_force(headquarters)
    key = join("Mara", "incident_commander").person.public_key  # type: ignore[union-attr]
    crew = read_crew()
    there = tmp_path / "there"
    there.mkdir()
    carry(crew, headquarters, there)
    assert (there / CREW_NAME).stat().st_mode & 0o077 == 0
    assert [each.name for each in (there / APPROVERS_FOLDER).iterdir()] == ["test-approver.pub"]
    Duty.objects.all().delete()
    Person.objects.all().delete()
    RulesInForce.objects.all().delete()
    assert enter_crew(there, datetime.now(UTC)) == 1
    assert Person.objects.get().public_key == key
    assert read_crew() == crew
    assert not (there / CREW_NAME).exists(), "it holds what signs people in"
    assert enter_crew(there, datetime.now(UTC)) == 0
    assert find_rules(datetime.now(UTC)) is not None
    assert LedgerEntry.objects.filter(what="1 people and 1 roles were copied into this drill").exists()


@pytest.mark.usefixtures("drill")
def test_nobody_is_carried_where_nobody_was(headquarters: Path) -> None:
    assert enter_crew(headquarters, datetime.now(UTC)) == 0
    assert read_crew() == Crew()


@pytest.mark.usefixtures("drill")
def test_people_sign_in_there_with_their_own_password_and_factor(headquarters: Path, tmp_path: Path) -> None:
    mara = make_account(make_person("Mara", "incident_commander"), administrator=True)
    mara.user.set_password("a long one for Mara")
    mara.user.save()
    make_account(None)
    gone = make_account(make_person("Gone"))
    Account.objects.filter(pk=gone.pk).update(disabled_at=datetime.now(UTC))
    proved = Person.objects.get(name="Mara").console_since
    there = tmp_path / "there"
    there.mkdir()
    carry(read_crew(), headquarters, there)
    for each in (User.objects, Duty.objects, Person.objects):
        each.all().delete()
    assert enter_crew(there, datetime.now(UTC)) == 2
    copied = Account.objects.get(person__name="Mara")
    assert (copied.administrator, copied.user.check_password("a long one for Mara")) == (True, True)
    assert Authenticator.objects.get(user=copied.user).data == {"secret": SECRET}
    assert Person.objects.get(name="Mara").console_since == proved
    assert sorted(User.objects.values_list("username", flat=True)) == [LOOKER, "mara"]
