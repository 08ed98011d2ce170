"""How the actions of this room answer: sent on with a line that says what happened, or stopped by what is so now."""

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from codered.export.writing.escaping import legible
from codered.model.errors import CodeRedError, WrongUse
from codered_hq.console.acting import STATUSES
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Incident

A_PAGE = 50
MOST_SAID = 400  # characters of a line that tells what happened
SEEN = "seen"


class Changed(CodeRedError):
    """It is not as the page showed it any more."""


def send_on(request: HttpRequest, said: str, to: str, *given: object) -> HttpResponse:
    """Say what happened on the page that the browser is sent to."""
    messages.success(request, legible(said, MOST_SAID))
    answer = redirect(to, *given)
    answer.status_code = HTTPStatus.SEE_OTHER
    return answer


def find_status(error: CodeRedError) -> int:
    """The status of a page that shows this error."""
    return next((code for kind, code in STATUSES.items() if isinstance(error, kind)), HTTPStatus.CONFLICT).value


def mark(*values: object) -> str:
    """A short mark of what a page shows: another one if any of it is another."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def check_seen(request: HttpRequest, present: str, what: str) -> None:
    """Raises Changed if what the form was made from is not so any more."""
    if request.POST.get(SEEN, "") != present:
        raise Changed("somebody changed it since you saw it", where=what, advice="look at it as it is now, then decide")


def need_incident(viewer: Viewer) -> Incident:
    """The incident that is looked at, to write about. Raises WrongUse if there is none, or it is closed."""
    if viewer.incident is None:
        raise WrongUse("no incident is chosen", advice="choose one, or declare one")
    if viewer.incident.closed_at is not None:
        raise WrongUse("it is closed", where=viewer.incident.name, advice="choose an open one, or declare one")
    return viewer.incident


def cut_page(request: HttpRequest, rows: Sequence[Any] | QuerySet[Any]) -> Page[Any]:
    """50 of a list or a query; a page that there is not is the nearest one."""
    return Paginator(rows, A_PAGE).get_page(request.GET.get("page", "1")[:9])
