"""Whom the first link is for, and who may invite whom."""

from datetime import UTC, datetime, timedelta

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.inviting import end_first_invites, find_invite, invite, make_first_invite
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
    make_account(person)
    assert make_first_invite(SHELL, now) == ""


def test_a_server_that_starts_keeps_who_was_invited_before() -> None:
    now = datetime.now(UTC)
    cora = Speaker(make_person("Cora", "incident_commander"), "Cora", None)
    links = [invite(make_person("Nora"), False, cora, now), invite("Max", True, SHELL, now)]
    first = make_first_invite(SHELL, now)
    second = make_first_invite(SHELL, now)
    assert [find_invite(link.split("/")[2], now).name for link in (first, second)] == ["root", "root"]
    end_first_invites()
    assert [find_invite(link.split("/")[2], now).administrator for link in links] == [False, True]
    for link in (first, second):
        with pytest.raises(Refused, match="opens nothing"):
            find_invite(link.split("/")[2], now)


def test_whoever_may_enter_a_key_may_invite() -> None:
    now = datetime.now(UTC)
    cora = Speaker(make_person("Cora", "incident_commander"), "Cora", None)
    edda = make_person("Edda", "executive")
    nora = make_person("Nora")
    with pytest.raises(Refused, match=r"only an executive.* — a first account: codered account invite, by the person"):
        invite(edda, False, cora, now)
    with pytest.raises(Refused, match=r"nobody gives himself.* — ask Edda; a first account: codered account invite"):
        invite(cora.person or nora, False, cora._replace(session="of the console"), now)
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


def test_a_lone_executive_invites_herself_by_her_key_and_nobody_else_does() -> None:
    now = datetime.now(UTC)
    edda, nora = make_person("Edda", "executive"), make_person("Nora", "scribe")
    path = invite(edda, False, Speaker(edda, "Edda", None), now)
    assert find_invite(path.split("/")[2], now).inviter == edda
    with pytest.raises(Refused, match="nobody gives himself"):
        invite(edda, False, Speaker(edda, "Edda", None, "of the console"), now)
    account = make_account(edda)
    account.disabled_at = now
    account.save()
    with pytest.raises(Refused, match="nobody gives himself"):
        invite(edda, False, Speaker(edda, "Edda", None), now)
    with pytest.raises(Refused, match="neither incident_commander"):
        invite(nora, False, Speaker(nora, "Nora", None), now)
