"""Signing in by password: how many tries, what it says, how passwords are kept and changed."""

import re
import time

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from codered_hq.console.signing_in import Factors
from tests.fixtures.console_desk import SECRET, make_account, make_person, sign_in
from tests.fixtures.new_accounts import make_code

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def cora() -> User:
    account = make_account(make_person("Cora", "incident_commander"))
    account.user.set_password(PASSWORD)
    account.user.save()
    return account.user


def test_guessing_ends_after_five_tries_and_names_nobody(cora: User) -> None:
    said = [Client().post("/account/login/", {"login": "cora", "password": f"guess {n}"}) for n in range(6)]
    assert "is not right" in said[0].content.decode()
    assert "Too many failed login attempts" in said[5].content.decode()
    right = Client().post("/account/login/", {"login": "cora", "password": PASSWORD})
    assert "Too many" in right.content.decode()
    unknown = Client().post("/account/login/", {"login": "nobody", "password": PASSWORD}).content.decode()
    assert "is not right" in unknown


def test_passwords_are_kept_by_scrypt(cora: User) -> None:
    assert User.objects.get().password.startswith("scrypt$")


def test_a_session_gets_a_new_key_when_somebody_signs_in(cora: User) -> None:
    client = Client()
    client.get("/account/login/")
    before = client.session.session_key
    sign_in(client, cora.console.person)
    assert client.session.session_key != before


def test_a_new_password_ends_the_other_sessions(cora: User) -> None:
    here, there = sign_in(Client(), cora.console.person), sign_in(Client(), cora.console.person)
    weak = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert "too short" in here.post("/account/password/", weak).content.decode()
    new = {"oldpassword": PASSWORD, "password1": "another horse here", "password2": "another horse here"}
    assert here.post("/account/password/", new | {"oldpassword": "wrong"}).status_code == 200
    assert here.post("/account/password/", new).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_changing_factors_asks_who_it_is_again(cora: User) -> None:
    client = sign_in(Client(), cora.console.person)
    session = client.session
    del session["account_authentication_methods"]
    session.save()
    for page in ("app/remove/", "codes/make/", "keys/add/"):
        answer = client.post(f"/account/factors/{page}")
        assert answer.headers["Location"].startswith("/account/again/"), page


def test_no_page_of_the_door_has_a_script_of_its_own(cora: User) -> None:
    client = sign_in(Client(), cora.console.person)
    shown = [Client().get("/account/login/")]
    shown += [
        client.get(f"/account/{page}")
        for page in (
            "",
            "factors/",
            "factors/keys/",
            "factors/keys/add/",
            "sessions/",
            "password/",
            "again/",
            "logout/",
            "factors/again/",
            "factors/codes/make/",
        )
    ]
    for each in shown:
        page = each.content.decode()
        assert each.status_code == 200, each.request["PATH_INFO"]
        scripts = re.findall(r"<script(?![^>]*src=)(?![^>]*application/json)[^>]*>", page)
        assert (scripts, " style=" in page, "onclick" in page, page.count("<h1")) == ([], False, False, 1)


def test_the_qr_code_is_a_path() -> None:
    drawn = Factors().build_totp_svg("otpauth://totp/cora?secret=ABC&issuer=x")
    assert re.fullmatch(r"[Mhvz0-9. -]+", drawn)
    assert drawn.count("M") > 200


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("e" * 129, "longer than 128 signs"),
        ("password1234", "too common"),
        ("a  \N{GREEK SMALL LETTER OMEGA}\N{SNOWMAN}  b   c d", ""),
        ("correct horse " * 9, ""),
    ],
)
def test_a_password_is_12_to_128_signs_of_any_kind(cora: User, new: str, told: str) -> None:
    client = sign_in(Client(), cora.console.person)
    said = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    answer = client.post("/account/password/", said)
    if told:
        assert told in answer.content.decode()
    assert User.objects.get().check_password(new) is (told == "")


def test_signing_in_leads_to_no_other_place(cora: User) -> None:
    for place in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        client = Client()
        client.post(f"/account/login/?next={place}", {"login": "cora", "password": PASSWORD, "next": place})
        answer = client.post("/account/factors/authenticate/", {"code": make_code(SECRET, time.time())})
        assert answer.headers["Location"] == "/", place
        cache.clear()


def test_the_password_is_in_no_address(cora: User) -> None:
    for page in ("/account/login/", "/account/again/", "/account/password/"):
        client = sign_in(Client(), cora.console.person) if page != "/account/login/" else Client()
        forms = re.findall(r"<form[^>]*>(?:(?!</form>).)*type=\"password\"", client.get(page).content.decode(), re.S)
        assert forms
        assert all('method="post"' in form for form in forms)
        assert client.get(f"{page}?login=cora&password={PASSWORD}").status_code == 200
    assert Client().get("/").headers["Location"].startswith("/account/login/")
