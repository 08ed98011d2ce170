"""The door: what is between signing in and the first page."""

import pytest
from django.test import Client

from codered_hq.incidents.models import Person
from tests.fixtures.console_desk import make_viewer_client


@pytest.mark.django_db
def test_nobody_speaks_as_a_person_whom_the_console_does_not_prove() -> None:
    cora = make_viewer_client("Cora", "incident_commander")
    assert cora.get("/account/").status_code == 200
    Person.objects.update(console_since=None)
    refused = cora.get("/account/")
    assert (refused.status_code, "does not prove you" in refused.content.decode()) == (403, True)
    assert cora.post("/account/logout/").status_code == 302


@pytest.mark.django_db
def test_nobody_signs_up_and_nobody_unknown_gets_in() -> None:
    assert Client().post("/account/signup/", {"username": "eve"}).headers["Location"] == "/account/login/"
    for page in ("/", "/account/", "/account/factors/", "/admin/"):
        assert Client().get(page).headers["Location"].startswith("/account/login/"), page
