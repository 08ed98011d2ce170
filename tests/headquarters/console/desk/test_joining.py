"""From the first link to a session that proves who speaks; what a link does not open."""

import base64
import hmac
import re
import struct
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from codered_hq.accounts.inviting import make_first_invite
from codered_hq.accounts.models import Account, Invite
from codered_hq.incidents.appointing import find_appointers
from codered_hq.incidents.models import Duty, Person
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.console_desk import sign_in

pytestmark = pytest.mark.django_db
SHELL = Speaker(None, "root", None)
PASSWORD = "correct horse battery"
FIRST = {"name": "Cora", "username": "cora", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def make_code(secret: str, ahead: int = 0) -> str:
    counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def add_app(client: Client) -> str:
    page = client.get("/account/factors/app/").content.decode()
    found = re.search(r"Secret: <code[^>]*>([A-Z2-7]+)<", page)
    assert found, page
    done = client.post("/account/factors/app/", {"code": make_code(found[1])})
    assert done.headers["Location"] == "/account/factors/codes/"
    return found[1]


@pytest.mark.django_db(transaction=True)
def test_the_first_one_becomes_commander_and_is_proved_by_his_second_factor(client: Client) -> None:
    path = make_first_invite(SHELL, datetime.now(UTC))
    assert "you become incident commander" in client.get(path).content.decode()
    assert client.post(path, FIRST).headers["Location"] == "/account/factors/"
    for page in ("/account/", "/admin/", "/account/password/"):
        assert client.get(page).headers["Location"] == "/account/factors/", page
    assert not find_appointers(None, datetime.now(UTC))
    secret = add_app(client)
    assert "shown once" in client.get("/account/factors/codes/").content.decode()
    person = Person.objects.get()
    assert (person.name, person.console_since is not None) == ("Cora", True)
    assert Duty.objects.get().role == "incident_commander"
    assert list(find_appointers(None, datetime.now(UTC))) == [person.pk]
    own = client.get("/account/").content.decode()
    assert ("Cora" in own, '<a href="/account/sessions/">1</a>' in own) == (True, True)
    told = "\n".join(LedgerEntry.objects.values_list("what", flat=True))
    assert "took the invitation of root" in told
    assert "added a second factor: an authenticator app" in told
    assert "is proved by the console" in told
    assert path.split("/")[2] not in "".join(LedgerEntry.objects.values_list("body", flat=True))

    client.post("/account/logout/")
    other = Client()
    assert (
        other.post("/account/login/", {"login": "cora", "password": PASSWORD})
        .headers["Location"]
        .startswith("/account/factors/authenticate/")
    )
    assert other.get("/account/").status_code == 302
    wrong = other.post("/account/factors/authenticate/", {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode()
    right = other.post("/account/factors/authenticate/", {"code": make_code(secret, 1)})
    assert right.headers["Location"] == "/"
    assert other.get("/account/").status_code == 200


def test_a_link_opens_one_account_once_and_for_a_day(client: Client) -> None:
    path = make_first_invite(SHELL, datetime.now(UTC))
    client.post(path, FIRST)
    again = Client().get(path)
    assert (again.status_code, "used already" in again.content.decode()) == (403, True)
    assert Client().post(path, FIRST | {"username": "eve"}).status_code == 403
    assert Account.objects.count() == 1
    assert make_first_invite(SHELL, datetime.now(UTC)) == ""
    assert Client().get("/join/nothing/").status_code == 403
    assert (again.headers["Referrer-Policy"], again.headers["Cache-Control"]) == ("strict-origin", "no-store")


def test_an_old_link_opens_nothing(client: Client) -> None:
    path = make_first_invite(SHELL, datetime.now(UTC) - timedelta(hours=25))
    assert "older than 24 hours" in client.post(path, FIRST).content.decode()
    assert not Account.objects.exists()
    assert path.split("/")[2] not in str(Invite.objects.values().get())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"again": "another horse battery"}, "The two passwords are not the same."),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"username": "../etc"}, "be a user name"),
        ({"name": "\x07bell"}, "is no name"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_field(client: Client, said: dict[str, str], told: str) -> None:
    path = make_first_invite(SHELL, datetime.now(UTC))
    answer = client.post(path, FIRST | said)
    assert (answer.status_code, told in answer.content.decode()) == (200, True), answer.content.decode()
    assert not Account.objects.exists()
    assert Invite.objects.get().used_at is None


def test_who_guesses_links_is_slowed_down() -> None:
    codes = {Client().get(f"/join/guess-{number}/").status_code for number in range(22)}
    assert codes == {403, 429}


def test_an_administrator_who_is_not_in_the_team_is_called_so(client: Client) -> None:
    Person.objects.create(name="Ned")
    path = make_first_invite(SHELL, datetime.now(UTC))
    page = client.get(path).content.decode()
    assert ("administers the console; is not in the team" in page, "may only look" in page) == (True, False)
    own = sign_in(Client(), None, administrator=True).get("/account/").content.decode()
    assert ("administers the console; is not in the team" in own, "may only look" in own) == (True, False)
