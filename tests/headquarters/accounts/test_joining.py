"""What an account proves, since when, and by whose word."""

from datetime import UTC, datetime, timedelta

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.inviting import invite, make_first_invite
from codered_hq.accounts.joining import Joining, join, prove_person
from codered_hq.accounts.models import Account
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from tests.fixtures.console_desk import make_person

pytestmark = pytest.mark.django_db
SAID = Joining("nora", "a long walk home")


def test_the_console_proves_from_the_second_factor_on() -> None:
    now = datetime.now(UTC)
    cora = Speaker(make_person("Cora", "incident_commander"), "Cora", None)
    Person.objects.create(name="Nora")
    account = join(invite(Person.objects.get(name="Nora"), False, cora, now).split("/")[2], SAID, now)
    assert Person.objects.get(name="Nora").console_since is None
    later = now + timedelta(minutes=1)
    assert prove_person(account, later)
    nora = Person.objects.get(name="Nora")
    assert (nora.console_since, nora.proof_since) == (later, later)
    account.refresh_from_db()
    assert not prove_person(Account.objects.get(), later + timedelta(minutes=1))
    assert Person.objects.get(name="Nora").proof_since == later


def test_an_inviter_who_may_not_appoint_any_more_proves_nothing() -> None:
    now = datetime.now(UTC)
    person = make_person("Cora", "incident_commander")
    make_person("Edda", "executive")
    Person.objects.create(name="Nora")
    path = invite(Person.objects.get(name="Nora"), False, Speaker(person, "Cora", None), now)
    account = join(path.split("/")[2], SAID, now)
    person.duties.update(until=now)
    with pytest.raises(Refused, match="neither incident_commander nor executive"):
        prove_person(account, now + timedelta(seconds=1))
    assert Person.objects.get(name="Nora").console_since is None


def test_nobody_signs_in_under_the_name_of_a_person_who_is_another() -> None:
    now, shell = datetime.now(UTC), Speaker(None, "root", None)
    Person.objects.create(name="Anna Berg")
    for name in ("anna.berg", "Anna-Berg", "annaberg"):
        path = invite("visitor", False, shell, now)
        with pytest.raises(WrongUse, match="name of a person of the team"):
            join(path.split("/")[2], Joining(name, "a long walk home"), now)
    own = invite(Person.objects.get(), False, shell, now)
    assert str(join(own.split("/")[2], Joining("anna.berg", "a long walk home"), now)) == "anna.berg"


def test_the_first_link_is_void_once_somebody_is_in_the_team() -> None:
    now = datetime.now(UTC)
    path = make_first_invite(Speaker(None, "root", None), now)
    Person.objects.create(name="Ned")
    with pytest.raises(Refused, match="somebody was entered"):
        join(path.split("/")[2], Joining("eve", "a long walk home", "Eve"), now)
    assert not Account.objects.exists()


def test_who_invited_himself_is_proved_unless_his_key_was_changed_since() -> None:
    now = datetime.now(UTC)
    for name, changed in (("Edda", False), ("Emil", True)):
        person = make_person(name, "executive")
        Person.objects.filter(pk=person.pk).update(console_since=None, public_key=name)
        person.refresh_from_db()
        path = invite(person, False, Speaker(person, name, None), now)
        account = join(path.split("/")[2], SAID._replace(username=name.lower()), now)
        if changed:
            assert account.person is not None
            account.person.proof_since = now + timedelta(seconds=1)
            with pytest.raises(Refused, match="changed since the link was made"):
                prove_person(account, now + timedelta(seconds=2))
        else:
            assert prove_person(account, now + timedelta(seconds=2))


def test_the_first_account_ends_the_links_of_other_servers() -> None:
    now, shell = datetime.now(UTC), Speaker(None, "root", None)
    first, second = (make_first_invite(shell, now).split("/")[2] for _ in range(2))
    join(second, SAID._replace(name="Nora"), now)
    with pytest.raises(Refused, match="opens nothing"):
        join(first, SAID._replace(username="eve", name="Eve"), now)
