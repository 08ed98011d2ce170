"""How pages and actions begin, and what becomes of errors."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from codered.model.errors import AwaitingApproval, CodeRedError, NotRolledBack, Refused, WrongUse
from codered_hq.accounts.models import Account
from codered_hq.console.acting import action, page
from codered_hq.console.viewing import Viewer
from tests.fixtures.console_desk import make_account, make_person

HOSTILE = "<script>alert(1)</script>"


@page
def look(_request: HttpRequest, viewer: Viewer) -> HttpResponse:
    return HttpResponse(viewer.name)


def make_request(method: str = "GET", *, account: Account | None = None, htmx: bool = False) -> HttpRequest:
    request = RequestFactory().generic(method, "/", headers={"HX-Request": "true"} if htmx else {})
    request.user = account.user if account else AnonymousUser()
    request.session = Client().session
    return request


@pytest.mark.django_db
def test_a_page_is_for_who_is_signed_in_and_only_looked_at() -> None:
    account = make_account(make_person("Nora"))
    assert look(make_request(account=account)).content == b"Nora"
    assert look(make_request("POST", account=account)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert action(look)(make_request(account=account)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert look(make_request()).status_code == HTTPStatus.FOUND
    Account.objects.update(disabled_at=datetime.now(UTC))
    request = make_request(account=account)
    assert look(request).status_code == HTTPStatus.FOUND
    assert not request.user.is_authenticated


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "status"), [(WrongUse, 400), (Refused, 403), (AwaitingApproval, 202), (NotRolledBack, 409)]
)
def test_an_error_is_told_where_it_is_asked_for_and_never_as_html(kind: type[CodeRedError], status: int) -> None:
    account = make_account(make_person("Nora"))

    @action
    def fail(_request: HttpRequest, _viewer: Viewer) -> HttpResponse:
        raise kind("does not work", where=HOSTILE, advice="do something else")

    part = fail(make_request("POST", account=account, htmx=True))
    whole = fail(make_request("POST", account=account))
    assert part.status_code == whole.status_code == status
    for answer in (part, whole):
        text = answer.content.decode()
        assert "does not work" in text
        assert "do something else" in text
        assert HOSTILE not in text
    assert b"<html" not in part.content
    assert b"<html" in whole.content
