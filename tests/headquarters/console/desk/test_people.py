"""The administrator's desk: who may see it, inviting, disabling, programs' tokens and keys, the outbox."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from codered_hq.accounts.models import Account, Invite
from codered_hq.console.desk.people import describe_state
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker, remove_person
from tests.fixtures.console_desk import make_account, make_person, make_viewer_client, sign_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def cora() -> Client:
    return make_viewer_client("Cora", "incident_commander", administrator=True)


def test_a_person_is_invited_and_speaks(cora: Client) -> None:
    Person.objects.create(name="Ned <b>")
    shown = cora.post("/admin/accounts/invite/", {"person": "Ned <b>"}).content.decode()
    link = re.search(r"http://testserver(/join/[^/]+/)", shown)
    assert link
    assert "Ned &lt;b&gt;" in shown
    assert link[1] not in cora.get("/admin/accounts/").content.decode()
    ned = Client()
    assert "You are <strong>Ned &lt;b&gt;</strong>" in ned.get(link[1]).content.decode()
    said = {"username": "ned", "password": "a long walk home", "again": "a long walk home"}
    assert ned.post(link[1], said).status_code == 302
    assert Account.objects.get(user__username="ned").person == Person.objects.get(name="Ned <b>")


def do(client: Client, what: str, account: Account) -> "_MonkeyPatchedWSGIResponse":
    """What somebody does who looks at the page now."""
    return client.post(f"/admin/accounts/{account.pk}/{what}/", {"seen": describe_state(account)})


def test_what_was_typed_stays_with_the_problem_beside_it(cora: Client) -> None:
    answer = cora.post("/admin/accounts/invite/", {"name": "\x07 <b>", "administrator": "on"})
    page = answer.content.decode()
    assert (answer.status_code, 'id="name-error"' in page, "is no name" in page) == (400, True, True)
    assert 'value="\x07 &lt;b&gt;"' in page
    assert 'name="administrator" checked' in page
    Person.objects.create(name="Ned")
    answer = cora.post("/admin/accounts/invite/", {"name": "Ned", "person": "Ned"})
    assert (answer.status_code, "choose a person of the team" in answer.content.decode()) == (400, True)
    assert '<option value="Ned" selected>' in answer.content.decode()
    assert not Invite.objects.exists()


def test_a_new_link_is_made_once_and_after_a_question(cora: Client) -> None:
    account = Account.objects.get(person=make_account(make_person("Nora", "network")).person)
    page = cora.get("/admin/accounts/").content.decode()
    seen = describe_state(account)
    assert re.search(rf"<details><summary>New link</summary><form[^>]*{account.pk}/reset/", page)
    assert re.search(rf"<details><summary>Disable</summary><form[^>]*{account.pk}/disable/", page)
    assert f'name="seen" value="{seen}"' in page
    first = cora.post(f"/admin/accounts/{account.pk}/reset/", {"seen": seen})
    assert (first.status_code, "/join/" in first.content.decode()) == (200, True)
    for what in ("reset", "disable"):
        again = cora.post(f"/admin/accounts/{account.pk}/{what}/", {"seen": seen})
        assert (again.status_code, "changed since you looked" in again.content.decode()) == (409, True)
    assert Invite.objects.filter(account=account).count() == 1
    assert cora.post("/admin/sessions/4711/end/").status_code == 409


def test_only_appointers_invite_people_and_nobody_himself() -> None:
    make_person("Cora", "incident_commander")
    nora = make_viewer_client("Nora", "network", administrator=True)
    Person.objects.create(name="Ned")
    refused = nora.post("/admin/accounts/invite/", {"person": "Ned"})
    assert (refused.status_code, "neither incident_commander nor executive" in refused.content.decode()) == (403, True)
    assert nora.post("/admin/accounts/invite/", {"name": "Auditor"}).status_code == 200
    assert nora.post("/admin/accounts/invite/", {"name": "Auditor", "person": "Ned"}).status_code == 400
    account = Account.objects.get(person__name="Nora")
    assert do(nora, "reset", account).status_code == 403
    assert Authenticator.objects.filter(user=account.user).exists()


def test_a_disabled_account_loses_its_sessions_at_once(cora: Client) -> None:
    nora = make_viewer_client("Nora", "network")
    assert nora.get("/account/").status_code == 200
    account = Account.objects.get(person__name="Nora")
    UserSession.objects.create(user=account.user, ip="10.0.0.1", session_key=nora.session.session_key, user_agent="x")
    assert do(cora, "disable", account).status_code == 303
    assert nora.get("/account/").headers["Location"].startswith("/account/login/")
    assert not UserSession.objects.filter(user=account.user).exists()
    assert Person.objects.get(name="Nora").console_since is None
    again = cora.post(f"/admin/accounts/{account.pk}/disable/", {"seen": "in use 0"})
    assert (again.status_code, "it is disabled" in again.content.decode()) == (409, True)


def test_who_leaves_the_team_is_signed_out(cora: Client) -> None:
    nora = make_viewer_client("Nora", "network")
    commander = Person.objects.get(name="Cora")
    remove_person("Nora", datetime.now(UTC), Speaker(commander, "Cora", None))
    for page in ("/account/", "/"):
        assert nora.get(page).headers["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in nora.session
    assert cora.get("/account/").status_code == 200


def test_the_last_who_administers_or_appoints_stays(cora: Client) -> None:
    account = Account.objects.get()
    refused = do(cora, "disable", account)
    assert "is the last who administers" in refused.content.decode()
    sign_in(Client(), None, administrator=True)
    refused = do(cora, "disable", account)
    assert "is the last who can prove himself" in refused.content.decode()
    assert Account.objects.get(pk=account.pk).disabled_at is None
    assert cora.get("/account/").status_code == 200


def test_without_a_second_factor_there_is_nothing_else(cora: Client) -> None:
    account = make_account(make_person("Nora", "network"))
    Authenticator.objects.filter(user=account.user).delete()
    Authenticator.objects.create(user=account.user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    nora = sign_in(Client(), account.person)
    for page in ("/", "/account/", "/account/password/", "/admin/", "/nosuch/"):
        assert nora.get(page).headers["Location"] == "/account/factors/", page
    assert nora.get("/account/factors/").status_code == 200
    assert nora.post("/account/logout/").status_code == 302


def test_the_last_second_factor_stays(cora: Client) -> None:
    answer = cora.post("/account/factors/app/remove/")
    assert "You cannot deactivate" in answer.content.decode()
    assert Authenticator.objects.count() == 1
