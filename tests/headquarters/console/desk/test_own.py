"""One's own account, and the last second factor."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from codered_hq.console.desk.own import find_providers
from tests.fixtures.console_desk import make_viewer_client, sign_in


@pytest.mark.django_db
def test_the_last_passkey_stays() -> None:
    cora = make_viewer_client("Cora", "incident_commander")
    shown = cora.get("/account/").content.decode()
    assert ("incident commander" in shown, "1 in use" in shown) == (True, True)
    Authenticator.objects.update(type=Authenticator.Type.WEBAUTHN)
    key = Authenticator.objects.get()
    refused = cora.post(f"/account/factors/keys/{key.pk}/remove/")
    assert (refused.status_code, "last second factor" in refused.content.decode()) == (403, True)
    assert Authenticator.objects.count() == 1
    nora = make_viewer_client("Nora", "network")
    assert nora.post(f"/account/factors/keys/{key.pk}/remove/").status_code == 404
    assert find_providers() == []


@pytest.mark.django_db
def test_an_account_without_a_password_is_told_how_to_get_one() -> None:
    cora = make_viewer_client("Cora", "incident_commander")
    assert not User.objects.get().has_usable_password()
    pages = ("/account/", "/account/sessions/")
    assert not any("/account/password/" in cora.get(page).content.decode() for page in pages)
    for answer in (cora.get("/account/password/"), cora.post("/account/password/", {"oldpassword": "x"})):
        assert (answer.status_code, "has no password" in answer.content.decode()) == (403, True)
        assert "for a new link" in answer.content.decode()
    assert Client().get("/account/password/").headers["Location"].startswith("/account/login/")
    user = User.objects.get()
    user.set_password("correct horse battery")
    user.save()
    cora = sign_in(Client(), user.console.person)
    assert all("/account/password/" in cora.get(page).content.decode() for page in pages)
    assert cora.get("/account/password/").status_code == 200


@pytest.mark.django_db
def test_signing_out_ends_the_session_and_empties_the_browser() -> None:
    cora = make_viewer_client("Cora", "incident_commander")
    before = cora.cookies[settings.SESSION_COOKIE_NAME].value
    assert "Clear-Site-Data" not in cora.get("/account/logout/").headers
    assert cora.get("/account/").status_code == 200
    answer = cora.post("/account/logout/")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (302, '"cache", "storage"')
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/account/").headers["Location"].startswith("/account/login/")
