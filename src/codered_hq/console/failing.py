"""Errors that no view made: pages in our words, that need neither a database nor somebody signed in."""

from http import HTTPStatus
from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from codered.model.errors import CodeRedError, Refused, WrongUse

_FORGED: Final = Refused(
    "this form was not sent from a page of ours, or from one that is too old",
    advice="go back, load the page again, and send it once more",
)


def show_plainly(request: HttpRequest, status: HTTPStatus, problem: CodeRedError) -> HttpResponse:
    """One line and its advice: a fragment for htmx, JSON for a program, else a page."""
    headers = {"Retry-After": "10"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if request.path_info.startswith("/api/"):
        return HttpResponse(_make_json(status, problem), "application/problem+json", status, headers=headers)
    part = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    name = "console/plain/part.html" if part else "console/plain/page.html"
    text = render_to_string(name, {"problem": problem, "status": status.value, "title": status.phrase})
    return HttpResponse(text, status=status, headers=headers)


def show_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """400: too many fields, a host name that is not ours, a body that can't be read."""
    problem = WrongUse(
        "this request can't be read, or is for a name that this console does not have",
        advice="codered serve --name NAME tells it another name",
    )
    return show_plainly(request, HTTPStatus.BAD_REQUEST, problem)


def show_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """403 that a view did not explain."""
    return show_plainly(request, HTTPStatus.FORBIDDEN, Refused("you may not do this"))


def show_forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django names it
    """403 for a post without our token."""
    return show_plainly(request, HTTPStatus.FORBIDDEN, _FORGED)


def show_missing(request: HttpRequest, exception: Http404) -> HttpResponse:  # noqa: ARG001 - Django names it
    """404."""
    if request.path_info.startswith("/api/"):
        nothing = WrongUse("nothing is here", where=request.path_info[:200], advice="see /api/v1/openapi.json")
        return show_plainly(request, HTTPStatus.NOT_FOUND, nothing)
    problem = WrongUse("there is no such page, or what it showed is gone", advice="the war room leads to everything")
    return show_plainly(request, HTTPStatus.NOT_FOUND, problem)


def show_bug(request: HttpRequest) -> HttpResponse:
    """500, without anything of what happened: that stands in the server's own lines."""
    problem = WrongUse("a bug in the console: this did not work", advice="the server's lines say where; please tell us")
    return show_plainly(request, HTTPStatus.INTERNAL_SERVER_ERROR, problem)


def _make_json(status: HTTPStatus, problem: CodeRedError) -> bytes:
    """As the API says its own problems (RFC 9457)."""
    told = {"detail": problem.what, "where": problem.where, "advice": problem.advice, "rule": ""}
    return msgspec.json.encode({"type": "about:blank", "title": status.phrase, "status": status.value} | told)
