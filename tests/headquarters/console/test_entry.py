"""The door: what is between signing in and the first page."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from codered_hq.console.entry import OPEN
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


def list_addresses(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[tuple[str, str]]:
    """Name and address of each page and action of the console; where one names a thing, of one that is not there."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            if each.app_name != "ninja":
                yield from list_addresses(each.url_patterns)
        elif each.name:
            yield each.name, fill(each)


def fill(pattern: URLPattern) -> str:
    values = {name: 1 if "Int" in type(kind).__name__ else "x" for name, kind in pattern.pattern.converters.items()}
    return reverse(str(pattern.name), kwargs=values)


@pytest.mark.django_db
def test_no_address_answers_a_stranger() -> None:
    cache.clear()
    found = dict(list_addresses())
    assert len(found) > 100
    for name, address in found.items():
        if name in OPEN or name == "account_inactive":  # a sentence
            continue
        for answer in (Client().get(address), Client().post(address, {"seen": "x"})):
            assert answer.status_code in (302, 401, 403, 404, 405), address
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith(("/account/login/", "/account/again/")), address


@pytest.mark.django_db
def test_nothing_is_done_by_a_form_from_elsewhere() -> None:
    cora = make_viewer_client("Cora", "incident_commander", administrator=True)
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.cookies = cora.cookies
    for name, address in list_addresses():
        assert elsewhere.post(address, {"seen": "x"}).status_code in (403, 405), name


@pytest.mark.django_db
def test_the_desk_does_nothing_for_others() -> None:
    nora = make_viewer_client("Nora", "network")
    found = {name: address for name, address in list_addresses() if address.startswith("/admin/")}
    assert len(found) > 10
    for name, address in found.items():
        assert {nora.get(address).status_code, nora.post(address).status_code} <= {403, 405}, name
