"""What is seen, and what is so now."""

from http import HTTPStatus

import pytest
from django.test import RequestFactory

from codered.model.errors import AwaitingApproval, Refused, RolledBack, WrongUse
from codered_hq.console.crisis.answering import Changed, check_seen, cut_page, find_status, mark


def test_statuses() -> None:
    errors = (WrongUse("x"), Refused("x"), AwaitingApproval("x"), Changed("x"), RolledBack("x"))
    assert [find_status(each) for each in errors] == [400, 403, 202, HTTPStatus.CONFLICT, 409]


def test_seen() -> None:
    request = RequestFactory().post("/", {"seen": mark("open", 1)})
    check_seen(request, mark("open", 1), "task 1")
    with pytest.raises(Changed, match="somebody changed it"):
        check_seen(request, mark("open", 2), "task 1")


def test_pages() -> None:
    numbers = range(120)
    assert list(cut_page(RequestFactory().get("/?page=3"), numbers)) == list(range(100, 120))
    assert cut_page(RequestFactory().get("/?page=x"), numbers).number == 1
    assert cut_page(RequestFactory().get("/?page=99"), numbers).number == 3
