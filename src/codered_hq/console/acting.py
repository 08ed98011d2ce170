"""How pages and actions begin: who looks, which methods, and what becomes of an error that a user may see."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from codered.model.errors import AwaitingApproval, CodeRedError, Refused, WrongUse
from codered_hq.accounts.models import Account
from codered_hq.console.costly import TooBusy
from codered_hq.console.viewing import Viewer, find_viewer

View = Callable[..., HttpResponse]
STATUSES: dict[type[CodeRedError], HTTPStatus] = {
    WrongUse: HTTPStatus.BAD_REQUEST,
    Refused: HTTPStatus.FORBIDDEN,
    AwaitingApproval: HTTPStatus.ACCEPTED,
    TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
}


def page(view: View) -> View:
    """A page that is looked at: view(request, viewer, …)."""
    return _wrap(view, ("GET", "HEAD"))


def action(view: View) -> View:
    """Something that is done: view(request, viewer, …) by POST only. It answers with a fragment for htmx, or sends the
    browser on (`is_fragment`).
    """
    return _wrap(view, ("POST",))


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def show_problem(request: HttpRequest, error: CodeRedError, viewer: Viewer | None = None) -> HttpResponse:
    """What went wrong, where and what to do: a fragment for htmx, else a page."""
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), HTTPStatus.CONFLICT)
    name = "console/problem_part.html" if is_fragment(request) else "console/problem.html"
    return render(request, name, {"problem": error, "status": status.value, "viewer": viewer}, status=status)


def _wrap(view: View, methods: tuple[str, ...]) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        viewer = None
        try:
            viewer = find_viewer(request)
            request.viewer = viewer  # type: ignore[attr-defined]  # the frame of the page shows it
            return view(request, viewer, *given, **named)
        except CodeRedError as error:
            if viewer is None and not Account.objects.filter(user_id=request.user.pk or 0, disabled_at=None).exists():
                logout(request)
                return redirect("account_login")
            return show_problem(request, error, viewer)

    return login_required(require_http_methods(methods)(wrapped))
