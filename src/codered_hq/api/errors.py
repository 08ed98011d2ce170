"""What the API answers when it does not do what was asked: RFC 9457 problems with what, where and advice."""

from http import HTTPStatus

import msgspec
from django.http import HttpResponse

from codered.model.errors import AwaitingApproval, CodeRedError, Refused, WrongUse
from codered_hq.fleet.posts import NumberTaken
from codered_hq.incidents.current import SeveralOpen

MEDIA = "application/problem+json"


class ApiError(CodeRedError):
    """One with a status of its own."""

    status = HTTPStatus.CONFLICT

    def list_headers(self) -> dict[str, str]:
        """What stands in the answer's head."""
        return {}


class NotProved(ApiError):
    """Nobody knows who asks."""

    status = HTTPStatus.UNAUTHORIZED

    def list_headers(self) -> dict[str, str]:
        """How to prove it."""
        return {"WWW-Authenticate": 'Bearer realm="codered"'}


class NotThere(ApiError):
    """There is none."""

    status = HTTPStatus.NOT_FOUND


class WrongMethod(ApiError):
    """It can't be done to this."""

    status = HTTPStatus.METHOD_NOT_ALLOWED


class TooLarge(ApiError):
    """More than is read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class WrongMedia(ApiError):
    """Something else than JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooOften(ApiError):
    """One who asks too often; `seconds` to wait."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    seconds = 1

    def list_headers(self) -> dict[str, str]:
        """When to come again."""
        return {"Retry-After": str(self.seconds)}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The body. `detail` says what went wrong, `where` of what, `advice` what to do; `rule` which rule refused it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    where: str = ""
    advice: str = ""
    rule: str = ""


_STATUSES: dict[type[CodeRedError], HTTPStatus] = {
    NumberTaken: HTTPStatus.CONFLICT,
    SeveralOpen: HTTPStatus.CONFLICT,
    WrongUse: HTTPStatus.BAD_REQUEST,
    Refused: HTTPStatus.FORBIDDEN,
    AwaitingApproval: HTTPStatus.ACCEPTED,
}


def show_error(error: CodeRedError) -> HttpResponse:
    """The problem of an error."""
    own = isinstance(error, ApiError)
    status = next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), HTTPStatus.CONFLICT)
    response = show_problem(error.status if own else status, error)  # type: ignore[attr-defined]
    for name, value in error.list_headers().items() if isinstance(error, ApiError) else ():
        response[name] = value
    return response


def show_problem(status: HTTPStatus, error: CodeRedError, rule: str = "") -> HttpResponse:
    """The same with a status that is known."""
    problem = Problem(
        title=status.phrase, status=status.value, detail=error.what, where=error.where, advice=error.advice, rule=rule
    )
    return HttpResponse(msgspec.json.encode(problem), status=status, content_type=MEDIA)
