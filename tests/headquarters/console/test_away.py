"""A database that may not be written: looking goes on, and what would be stored is said not to be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.client import RequestFactory

from codered_hq.console.away import Away, Sessions
from codered_hq.incidents.models import Person
from tests.fixtures.console_desk import sign_in

pytestmark = pytest.mark.django_db


@contextmanager
def read_only() -> Iterator[None]:
    """As a disk that is full or mounted read-only: SQLite itself refuses."""
    connection.ensure_connection()
    connection.connection.execute("PRAGMA query_only=ON")
    try:
        yield
    finally:
        connection.connection.execute("PRAGMA query_only=OFF")


def store(_request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        Person.objects.create(name="Nobody")
    return HttpResponse("stored")


def ask(view: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> HttpResponse:
    """As Django runs a view below this middleware."""
    away = Away(view)
    try:
        answer = away(request)
        assert isinstance(answer, HttpResponse)
        return answer
    except OperationalError as error:
        shown = away.process_exception(request, error)
        assert shown
        return shown


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_what_would_be_stored_is_said_not_to_be() -> None:
    request = RequestFactory().post("/tasks/")
    with read_only():
        answer = ask(store, request)
    assert answer.status_code == 503
    text = answer.content.decode()
    assert "attempt to write a readonly database" in text
    assert "nothing was stored" in text
    assert str(connection.settings_dict["NAME"]) not in text
    assert answer.headers["Retry-After"] == "10"
    assert ask(store, request).content == b"stored"


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_part_of_a_page_and_a_program_are_told_in_their_way() -> None:
    with read_only():
        part = ask(store, RequestFactory().post("/tasks/", headers={"hx-request": "true"}))
        told = ask(store, RequestFactory().post("/api/v1/hosts"))
    assert (part.status_code, told.status_code) == (503, 503)
    assert part.content.startswith(b'<p role="alert">')
    assert told.headers["Content-Type"] == "application/problem+json"


def test_another_error_is_not_hidden() -> None:
    assert Away(store).process_exception(RequestFactory().get("/"), ValueError("a bug")) is None


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_who_is_signed_in_stays_so(client: Client) -> None:
    sign_in(client, None)
    with read_only():
        assert client.get("/nothing").status_code == 404
        page = client.get("/roster/")
    assert page.status_code == 200


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 503)])
def test_a_session_that_cannot_be_stored(method: str, status: int) -> None:
    def choose(request: HttpRequest) -> HttpResponse:
        request.session["incident"] = "outbreak"
        return HttpResponse("shown")

    request = getattr(RequestFactory(), method)("/")
    with read_only():
        answer = Sessions(choose)(request)
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == status
    assert not Session.objects.exists()


def test_a_look_stores_no_session(client: Client) -> None:
    sign_in(client, None)
    with connection.execute_wrapper(refuse_writes):
        assert client.get("/roster/").status_code == 200


def refuse_writes(execute: Callable[..., object], sql: str, *given: object) -> object:
    assert not sql.startswith(("INSERT", "UPDATE", "DELETE")), sql
    return execute(sql, *given)
