"""The API as django-ninja runs it."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.api import asking, ingesting
from codered_hq.api.describing import PATH, build_components
from codered_hq.api.errors import NotProved, NotThere, WrongMethod, show_error, show_problem

View = Callable[..., HttpResponse]


class Api(NinjaAPI):
    """With the nouns that django-ninja does not know."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The whole description; the same wherever the console is."""
        schema = super().get_openapi_schema(path_prefix=path_prefix or PATH, path_params=path_params)
        schema["components"]["schemas"].update(build_components())
        return schema


def make_api() -> Api:
    """The API, once a process."""
    api = Api(
        title="CodeRed headquarters", version="1", docs_url=None, openapi_url="openapi.json", urls_namespace="api",
        description="Hosts, findings, the incident and actions of one headquarters; what agents post.",
    )  # fmt: skip
    api.add_router("", asking.router)  # and reading's: a path has one router, with all of its methods
    api.add_router("ingest", ingesting.router)
    api.add_exception_handler(CodeRedError, _show_error)
    api.add_exception_handler(ValidationError, _show_invalid)
    api.add_exception_handler(HttpError, _show_http)
    api.add_exception_handler(Http404, _show_missing)
    return api


def _show_error(_request: HttpRequest, error: CodeRedError | type[CodeRedError]) -> HttpResponse:
    assert isinstance(error, CodeRedError)
    return show_error(error)


def _show_invalid(_request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    first = error.errors[0] if isinstance(error, ValidationError) and error.errors else {}
    where = ".".join(str(each) for each in first.get("loc", ())[-1:])
    wrong = WrongUse(ascii(str(first.get("msg", "is not valid")))[1:-1][:200], where=where, advice="see openapi.json")
    return show_problem(HTTPStatus.BAD_REQUEST, wrong)


def _show_http(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    assert isinstance(error, HttpError)
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return show_error(NotProved("nobody is proved", where=request.path, advice="show a token"))
    return show_problem(HTTPStatus(error.status_code), WrongUse(str(error), where=request.path))


def _show_missing(request: HttpRequest, _error: Http404 | type[Http404]) -> HttpResponse:
    return show_error(NotThere("nothing is here", where=request.path, advice="see /api/v1/openapi.json"))


def list_patterns() -> list[URLResolver]:
    """Where the API is, with a problem for a method that an operation does not have."""
    patterns, app, namespace = API.urls
    for each in patterns:
        if isinstance(each, URLPattern):
            each.callback = _explain_methods(each.callback)
    return [path("", (patterns, app, namespace))]


def _explain_methods(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        response = view(request, *given, **named)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = response["Allow"]
        told = show_error(WrongMethod("this can't be done here", where=request.path, advice=f"send {allowed}"))
        told["Allow"] = allowed
        return told

    return answer


API = make_api()
