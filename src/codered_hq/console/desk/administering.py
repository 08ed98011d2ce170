"""How pages and actions of the administrator's desk begin."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from codered.model.errors import CodeRedError
from codered_hq.console.acting import View, action, page
from codered_hq.console.viewing import Viewer

SEE_OTHER = 303


class Changed(CodeRedError):
    """It is not any more what it was on the page: nothing was done (409)."""


def desk_page(view: View) -> View:
    """A page that only administrators see: view(request, viewer, …)."""
    return page(_demand(view))


def desk_action(view: View) -> View:
    """Something that only administrators do: view(request, viewer, …) by POST."""
    return action(_demand(view))


def go_on(request: HttpRequest, name: str, said: str) -> HttpResponse:
    """Back to the page of this name, which says what happened."""
    messages.success(request, said)
    return HttpResponse(status=SEE_OTHER, headers={"Location": reverse(name)})


def _demand(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, viewer: Viewer, *given: Any, **named: Any) -> HttpResponse:
        viewer.demand_administrator()
        return view(request, viewer, *given, **named)

    return wrapped
