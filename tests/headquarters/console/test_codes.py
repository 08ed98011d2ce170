"""A code of an authenticator app opens once."""

import base64
import hmac
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from codered_hq.console.codes import take_code
from tests.fixtures.console_desk import SECRET, make_account, make_person, sign_in

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


def make_code(at: float) -> str:
    digest = hmac.digest(base64.b32decode(SECRET), struct.pack(">Q", int(at) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def sign_in_by(code: str) -> str:
    client = Client()
    client.post("/account/login/", {"login": "cora", "password": PASSWORD})
    answer = client.post("/account/factors/authenticate/", {"code": code})
    return answer.headers.get("Location", "") or answer.content.decode()


def test_each_code_of_each_app_once() -> None:
    assert take_code("A", "123456")
    assert not take_code("A", "123-456 ")
    assert take_code("A", "123457")
    assert take_code("B", "123456")


@pytest.mark.django_db
def test_a_code_opens_once_as_long_as_it_is_valid(cora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    code = make_code(now + 30)  # of a phone whose clock is half a minute ahead
    assert sign_in_by(code) == "/"
    assert "Incorrect code" in sign_in_by(code)
    monkeypatch.setattr(time, "time", lambda: now + 31)  # what allauth remembers has ended, the code is valid yet
    assert "was used already" in sign_in_by(code)
    assert sign_in_by(make_code(now + 60)) == "/"


@pytest.mark.django_db
def test_the_code_that_signed_in_does_not_prove_again(cora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    code = make_code(now + 30)
    assert sign_in_by(code) == "/"
    client = sign_in(Client(), cora.console.person)
    monkeypatch.setattr(time, "time", lambda: now + 31)
    assert "was used already" in client.post("/account/factors/again/", {"code": code}).content.decode()
    assert client.post("/account/factors/again/", {"code": make_code(now + 60)}).status_code == 302


@pytest.mark.django_db
def test_the_code_that_set_the_app_up_does_not_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account(make_person("Nora", "network"))
    client = sign_in(Client(), account.person)
    Authenticator.objects.filter(user=account.user).delete()
    session = client.session
    session["mfa.totp.secret"] = SECRET
    session.save()
    code = make_code(time.time())
    assert client.post("/account/factors/app/", {"code": code}).headers["Location"] == "/account/factors/codes/"
    assert not take_code(SECRET, code)
