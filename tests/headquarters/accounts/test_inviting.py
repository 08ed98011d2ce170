"""Whom the first link is for, and who may invite whom."""

from datetime import UTC, datetime, timedelta

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.inviting import find_invite, invite, make_first_invite
from codered_hq.accounts.models import Invite
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from tests.fixtures.console_desk import make_account, make_person

pytestmark = pytest.mark.django_db
SHELL = Speaker(None, "root", None)


def find_first() -> Invite:
    return find_invite(make_first_invite(SHELL, datetime.now(UTC)).split("/")[2], datetime.now(UTC))


def test_the_first_link_is_for_who_runs_the_server() -> None:
    now = datetime.now(UTC)
    assert (find_first().person, find_first().name) == (None, "")
    person = Person.objects.create(name="Ann", account="root")
    assert (find_first().person, find_first().name) == (None, "root")
    found = find_invite(make_first_invite(Speaker(person, "Ann", None), now).split("/")[2], now)
    assert (found.person, found.inviter, found.administrator) == (person, person, True)
    assert Invite.objects.count() == 1
    make_account(person)
    assert make_first_invite(SHELL, now) == ""


def test_a_server_that_starts_keeps_who_was_invited_before() -> None:
    now = datetime.now(UTC)
    cora = Speaker(make_person("Cora", "incident_commander"), "Cora", None)
    links = [invite(make_person("Nora"), False, cora, now), invite("Max", True, SHELL, now)]
    first = make_first_invite(SHELL, now)
    make_first_invite(SHELL, now)
    assert [find_invite(link.split("/")[2], now).administrator for link in links] == [False, True]
    with pytest.raises(Refused, match="opens nothing"):
        find_invite(first.split("/")[2], now)


def test_whoever_may_enter_a_key_may_invite() -> None:
    now = datetime.now(UTC)
    cora = Speaker(make_person("Cora", "incident_commander"), "Cora", None)
    edda = make_person("Edda", "executive")
    nora = make_person("Nora")
    with pytest.raises(Refused, match="only an executive"):
        invite(edda, False, cora, now)
    with pytest.raises(Refused, match="nobody gives himself"):
        invite(cora.person or nora, False, cora, now)
    with pytest.raises(Refused, match="neither incident_commander"):
        invite(nora, False, SHELL, now)
    first = invite(nora, False, cora, now).split("/")[2]
    second = invite(nora, False, cora, now).split("/")[2]
    with pytest.raises(Refused, match="opens nothing"):
        find_invite(first, now)
    assert find_invite(second, now + timedelta(hours=23)).inviter == cora.person
    with pytest.raises(Refused, match="older than 24 hours"):
        find_invite(second, now + timedelta(hours=24))
    Person.objects.filter(name="Nora").update(active=False)
    with pytest.raises(Refused, match="not in the team"):
        find_invite(second, now)
    with pytest.raises(WrongUse, match="is a person of the team"):
        invite("nora", False, cora, now)
