"""What people see of a database that is away, full, or may not be written: one line, and what still works."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from codered.model.errors import WrongUse
from codered_hq.console.failing import show_plainly
from codered_hq.opening import explain_database

FAILURES: Final = (OperationalError, InterfaceError, InternalError)
READING: Final = ("GET", "HEAD", "OPTIONS")


class Away:
    """Turns such a failure of a view into a page with 503. Nothing was stored: each service stores all or nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, as it is."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page, None for any other error."""
        return show_away(request, error) if isinstance(error, FAILURES) else None


class Sessions(SessionMiddleware):
    """Django's sessions. Looking goes on where the session can't be stored: then the incident that was chosen holds for
    that one page.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The answer with its cookie; 503 for something that was to be done."""
        try:
            return super().process_response(request, response)
        except FAILURES as error:
            return response if request.method in READING else show_away(request, error)


def show_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """503: what the database said, and what to do."""
    found = explain_database(error)
    doing = request.method not in READING
    advice = "nothing was stored; looking goes on where it can" if doing else found.advice
    return show_plainly(request, HTTPStatus.SERVICE_UNAVAILABLE, WrongUse(str(found.what), advice=advice))
