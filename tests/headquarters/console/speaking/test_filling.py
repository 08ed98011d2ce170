"""Forms and what services refuse."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django import forms
from django.http import HttpRequest, HttpResponse

from codered.model.errors import AwaitingApproval, CodeRedError, Refused, WrongUse
from codered_hq.console.speaking.filling import by_method, fill


class _Form(forms.Form):
    subject = forms.CharField()


def _raise(error: CodeRedError) -> Callable[[dict[str, Any]], str]:
    def work(_said: dict[str, Any]) -> str:
        raise error

    return work


def test_what_is_refused_stands_beside_its_field_or_above_the_form() -> None:
    assert fill(_Form({"subject": "x"}), lambda said: said["subject"], {}) == ("x", HTTPStatus.SEE_OTHER)
    empty = _Form({})
    assert fill(empty, lambda said: said, {}) == (None, HTTPStatus.BAD_REQUEST)
    wrong = _Form({"subject": "x"})
    error = WrongUse("is no subject", where="--subject here", advice="one line")
    assert fill(wrong, _raise(error), {"--subject": "subject"}).status == HTTPStatus.BAD_REQUEST
    assert wrong.errors["subject"] == ["is no subject (one line)"]
    refused = _Form({"subject": "x"})
    assert fill(refused, _raise(Refused("no")), {"--subject": "subject"}).status == HTTPStatus.FORBIDDEN
    assert refused.non_field_errors() == ["no"]
    with pytest.raises(AwaitingApproval):
        fill(_Form({"subject": "x"}), _raise(AwaitingApproval("wait")), {})


def test_one_address_is_looked_at_and_filled_in() -> None:
    view = by_method(lambda _request, number: HttpResponse(f"page {number}"), lambda _r, number: HttpResponse("done"))
    request = HttpRequest()
    request.method = "GET"
    assert view(request, 3).content == b"page 3"
    request.method = "POST"
    assert view(request, 3).content == b"done"
