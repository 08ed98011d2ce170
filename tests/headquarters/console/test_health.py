"""Whether the console answers, for whatever watches over it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_it_answers_without_an_account(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"health": "ok"})
    assert client.post("/healthz").status_code == 405


def test_a_database_that_is_away(client: Client) -> None:
    def refuse(_execute: Callable[..., Any], *_given: Any) -> None:
        raise OperationalError("could not connect to 10.0.0.9 as secret_user")

    with connection.execute_wrapper(refuse):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"health": "database away"})


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_database_that_can_only_be_read(client: Client) -> None:
    connection.ensure_connection()
    connection.connection.execute("PRAGMA query_only=ON")
    try:
        answer = client.get("/healthz")
    finally:
        connection.connection.execute("PRAGMA query_only=OFF")
    assert (answer.status_code, answer.json()) == (503, {"health": "database can't be written"})
    assert client.get("/healthz").status_code == 200
