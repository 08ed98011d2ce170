"""Errors that no view made are told in our words, without anything of what happened inside."""

import json
from http import HTTPStatus

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.client import RequestFactory
from django.urls import path

from codered.model.errors import WrongUse
from codered_hq.console import failing, urls
from tests.fixtures.console_desk import make_viewer_client, sign_in

pytestmark = pytest.mark.django_db
SECRET = "10.9.8.7 <script>"
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


def crash(_request: HttpRequest) -> HttpResponse:
    raise ValueError(SECRET)


urlpatterns = [path("crash/", crash), *urls.urlpatterns]


def test_a_bug_tells_nothing_of_itself() -> None:
    client = Client(raise_request_exception=False)
    with override_settings(ROOT_URLCONF=__name__):
        answer = client.get("/crash/")
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "a bug in the console" in text
    assert "ValueError" not in text
    assert SECRET not in text


def test_a_page_that_is_not_there(client: Client) -> None:
    answer = client.get("/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "there is no such page" in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_a_name_that_is_not_ours(client: Client) -> None:
    answer = client.get("/healthz", headers={"host": "evil.example"})
    assert answer.status_code == 200  # it shows nothing, and asks for no name
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code in (302, 400)
    assert "evil.example" not in answer.headers.get("Location", "") + answer.content.decode()


def test_a_post_from_elsewhere_is_refused() -> None:
    client = sign_in(Client(enforce_csrf_checks=True), None)
    answer = client.post("/incident/declare/", {"name": "x"})
    assert answer.status_code == 403
    assert "was not sent from a page of ours" in answer.content.decode()


def test_too_many_fields() -> None:
    client = make_viewer_client("Cora", "incident_commander")
    answer = client.post("/incident/declare/", {f"f{number}": "x" for number in range(2001)})
    assert answer.status_code == 400


def test_a_program_reads_json() -> None:
    problem = WrongUse("is full", where="<b>", advice="make room")
    answer = failing.show_plainly(RequestFactory().get("/api/v1/hosts"), HTTPStatus.BAD_REQUEST, problem)
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content) == {
        "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "is full", "where": "<b>",
        "advice": "make room", "rule": "",
    }  # fmt: skip
    page = failing.show_forbidden(RequestFactory().get("/hosts/"), PermissionError())
    assert (page.status_code, "you may not do this" in page.content.decode()) == (403, True)
