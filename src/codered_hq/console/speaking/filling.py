"""Forms of these rooms: what a service refuses stands beside the field that it is about, and what was typed is kept."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse

from codered.model.errors import Refused, WrongUse
from codered_hq.console.acting import STATUSES

_Result = TypeVar("_Result")
View = Callable[..., HttpResponse]


class Filled(NamedTuple):
    """What the service made of a form (None: the form says what is wrong), and the status of the page that tells it."""

    result: Any
    status: HTTPStatus


def fill(form: forms.Form, work: Callable[[dict[str, Any]], _Result], places: Mapping[str, str]) -> Filled:
    """Give the service what the form says. `places` are the fields by what the service calls them in its errors; what
    is about none of them stands above the form.
    """
    if not form.is_valid():
        return Filled(None, HTTPStatus.BAD_REQUEST)
    try:
        return Filled(work(form.cleaned_data), HTTPStatus.SEE_OTHER)
    except (WrongUse, Refused) as error:
        field = places.get(error.where.partition(" ")[0])
        advice = f" ({error.advice})" if error.advice else ""
        form.add_error(field if field in form.fields else None, f"{error.what}{advice}")
        return Filled(None, next(code for kind, code in STATUSES.items() if isinstance(error, kind)))


def by_method(looking: View, doing: View) -> View:
    """One address for a page and for its form: what was wrong with the form is shown where it was filled in."""

    def choose(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        return (doing if request.method == "POST" else looking)(request, *given, **named)

    return choose
